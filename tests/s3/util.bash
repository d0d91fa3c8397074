# util - what the bats files about S3 load, after ../util.
#
# A file is run against Ceph, and through a link named *-swift.bats against Swift. Under
# tests/run the servers are there already, for all files; else a file starts its own.
# Variables: server, ceph or swift; bucket, an empty one of each test's own.

S3=$ROOT/tests/s3
export LC_ALL=C.UTF-8

# The first thing a file's setup_file does.
s3_begin() {
	local name

	case $BATS_TEST_FILENAME in
	*-swift.bats) server=swift ;;
	*) server=ceph ;;
	esac
	export server
	if [ -z "${PZ_S3:-}" ]; then
		PZ_S3=$(mktemp -d /tmp/pz.XXXXXX) # short: sockets will be in it
		export PZ_S3
		"$S3/servers" $$ "$PZ_S3" "$server" >/dev/null 2>&1 3>&- &
	fi
	for _ in $(seq 600); do
		for name in env failed; do
			if [ -e "$PZ_S3/$server.$name" ]; then return; fi
		done
		sleep 0.1
	done
}

client() {
	"$S3/client" "$@"
}

# Where there is no server a person goes on without, and a machine of ours does not.
need_server() {
	if [ -e "$PZ_S3/$server.env" ]; then return; fi
	cat "$PZ_S3/$server.failed" >&2 || true
	echo "the S3 server $server does not run; ./bootstrap check installs it" >&2
	if [ "${CI:-}" = true ]; then return 1; fi
	skip "the S3 server $server does not run here"
}

# Nothing of the person who runs the tests is to be seen by them.
setup_s3() {
	local name

	need_server
	cd_temp
	for name in "${!AWS_@}" http_proxy https_proxy all_proxy no_proxy; do
		unset "$name"
	done
	mkdir home
	export HOME=$PWD/home AWS_EC2_METADATA_DISABLED=true PZ_RETRY_BASE_MS=1
	# shellcheck disable=SC1090 # made by the server
	. "$PZ_S3/$server.env"
	DIRECT=$AWS_ENDPOINT_URL
	name=${BATS_TEST_FILENAME##*/}
	name=${name//[!a-z0-9]/}
	bucket=${name%bats}-$BATS_TEST_NUMBER-$$ # new even where a server goes on
	# What a test left would fill the server's memory.
	client mb "$bucket" "$(cat "$BATS_FILE_TMPDIR/bucket" 2>/dev/null)"
	echo "$bucket" >"$BATS_FILE_TMPDIR/bucket"
}

# skip_on SERVER WHY
skip_on() {
	[ "$server" != "$1" ] || skip "$1: $2"
}

# noise BYTES - which no compression shrinks, the same ones every time.
noise() {
	openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
		-iv 00000000000000000000000000000000 -in /dev/zero 2>/dev/null | head -c "$1"
}

# lines N - of 64 bytes each, all different.
lines() {
	seq -f '%063.0f' "$1"
}

keys() {
	client ls "$bucket" | jq -r .key
}

# There is no object beyond those named, and no upload that someone began and left.
nothing_but() {
	diff <(keys) <([ $# = 0 ] || printf '%s\n' "$@")
	no_uploads
}

no_uploads() {
	diff <(client uploads "$bucket") /dev/null
}

# until_true COMMAND... - ten seconds at most.
until_true() {
	for _ in $(seq 200); do
		if "$@"; then return; fi
		sleep 0.05
	done
	echo "never true: $*" >&2
	return 1
}

# The fault proxy, for the file's setup_file; its folder is $PROXY.
start_proxy() {
	export PROXY=$BATS_FILE_TMPDIR/proxy
	mkdir "$PROXY"
	[ -e "$PZ_S3/$server.env" ] || return 0
	(
		# shellcheck disable=SC1090
		. "$PZ_S3/$server.env"
		exec "$S3/proxy" $$ "$PROXY" "${AWS_ENDPOINT_URL#*//}" "$@"
	) >"$PROXY/out" 2>&1 3>&- &
	until_true test -e "$PROXY/port" -a -e "$PROXY/trap.port"
}

# fault RULE... - from here on requests of $bucket go through the proxy, with these.
fault() {
	AWS_ENDPOINT_URL=http://127.0.0.1:$(cat "$PROXY/port")
	[ $# = 0 ] || printf '%s\n' "$@" >"$PROXY/faults.new"
	[ $# != 0 ] || : >"$PROXY/faults.new"
	: >"$PROXY/log"
	: >"$PROXY/begun"
	rm -f "$PROXY/trap"
	mv "$PROXY/faults.new" "$PROXY/faults"
}

# asked [FILTER] - how many requests there were, of those that jq's FILTER selects.
asked() {
	jq -s --arg bucket "/$bucket" \
		"[.[] | select(.path | startswith(\$bucket)) | select(${1:-true})] | length" \
		"$PROXY/log"
}

# Straight to the server again, for looking at what was left there.
direct() {
	AWS_ENDPOINT_URL=$DIRECT
}

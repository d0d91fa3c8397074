#!/bin/bash
# s3.sh - time pz-fetch and pz-put against other clients of S3, in the same run and
# against the same gateway; rows go to bench/speed.csv.
#
# The gateway is tests/s3/ceph, in memory. In each turn every client that is installed
# (aws, rclone, s5cmd) does the same once, RUNS turns after one unmeasured; the medians
# of seconds and the largest peaks of memory are written, and the ratio ours / theirs.
# A peer's way is its fastest that comes to the same. CASES says which, all by default.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$root/build}
runs=${RUNS:-5}
bytes=${BYTES:-1073741824}
count=${COUNT:-1000}
cases=${CASES:-fetch-pipe fetch-file put-pipe put-file fetch-many put-many}
work=$(mktemp -d /dev/shm/pz.XXXXXX)
PATH=$build:$PATH

finish() {
	"$root/tests/s3/ceph" stop "$work/ceph" || true
	rm -rf "$work"
}
trap finish EXIT

commit=$(git -C "$root" rev-parse --short HEAD)
cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
table=${TABLE:-$root/bench/speed.csv}
[ -e "$table" ] || head -n 1 "$root/bench/speed.csv" >"$table"

for name in "${!AWS_@}"; do unset "$name"; done
mkdir "$work/home"
export HOME=$work/home AWS_EC2_METADATA_DISABLED=true AWS_DEFAULT_REGION=us-east-1
eval "$(CEPH_MEMORY=$((bytes * 6 + 2147483648)) "$root/tests/s3/ceph" start "$work/ceph")"
url=$AWS_ENDPOINT_URL
# Newer versions send checksums that this server does not know.
export AWS_REQUEST_CHECKSUM_CALCULATION=when_required
export AWS_RESPONSE_CHECKSUM_VALIDATION=when_required
export RCLONE_CONFIG=$work/rclone RCLONE_CONFIG_IT_TYPE=s3 RCLONE_CONFIG_IT_PROVIDER=Ceph
export RCLONE_CONFIG_IT_ENV_AUTH=true RCLONE_CONFIG_IT_ENDPOINT=$url S3_ENDPOINT_URL=$url
: >"$RCLONE_CONFIG"

cd "$work"
"$root/tests/s3/client" mb bench
seq -f '%0127.0f' $((bytes / 128)) >big
mkdir many
seq -f '%063.0f' $((count * 1600)) | split -l 1600 -a 4 -d - many/ # 100 KiB each
pz-put s3://bench/big big
pz-put s3://bench/many/ many/*

clients=(pz)
for name in aws rclone s5cmd; do
	if command -v "$name" >/dev/null; then
		clients+=("$name")
	else
		echo "$name: skipped: it is not installed"
	fi
done

# way CASE CLIENT - the command; none: it cannot.
way() {
	local aws="aws --endpoint-url $url s3 cp --quiet"

	case $1-$2 in
	fetch-pipe-pz) echo 'pz-fetch s3://bench/big | cat >/dev/null' ;;
	fetch-pipe-aws) echo "$aws s3://bench/big - | cat >/dev/null" ;;
	fetch-pipe-rclone) echo 'rclone cat it:bench/big | cat >/dev/null' ;;
	fetch-pipe-s5cmd) echo 's5cmd cat s3://bench/big | cat >/dev/null' ;;
	fetch-file-pz) echo 'pz-fetch --split-dir out s3://bench/big' ;;
	fetch-file-aws) echo "$aws s3://bench/big out/big" ;;
	fetch-file-rclone) echo 'rclone copy it:bench/big out' ;;
	fetch-file-s5cmd) echo 's5cmd --log error cp s3://bench/big out/big' ;;
	put-pipe-pz) echo 'cat big | pz-put s3://bench/new' ;;
	put-pipe-aws) echo "cat big | $aws - s3://bench/new" ;;
	put-pipe-rclone) echo 'cat big | rclone rcat it:bench/new' ;;
	put-pipe-s5cmd) echo 'cat big | s5cmd --log error pipe s3://bench/new' ;;
	put-file-pz) echo 'pz-put s3://bench/new big' ;;
	put-file-aws) echo "$aws big s3://bench/new" ;;
	put-file-rclone) echo 'rclone copyto big it:bench/new' ;;
	put-file-s5cmd) echo 's5cmd --log error cp big s3://bench/new' ;;
	fetch-many-pz) echo 'pz-fetch --split-dir out s3://bench/many/' ;;
	fetch-many-aws) echo "$aws --recursive s3://bench/many/ out" ;;
	fetch-many-rclone) echo 'rclone copy --transfers 16 it:bench/many out' ;;
	fetch-many-s5cmd) echo 's5cmd --log error cp "s3://bench/many/*" out/' ;;
	put-many-pz) echo 'pz-put s3://bench/new/ many/*' ;;
	put-many-aws) echo "$aws --recursive many s3://bench/new/" ;;
	put-many-rclone) echo 'rclone copy --transfers 16 many it:bench/new' ;;
	put-many-s5cmd) echo 's5cmd --log error cp many/ s3://bench/new/' ;;
	esac
}

# So that nobody overwrites, skips what is there, or pays for what another left.
clean() {
	rm -rf out
	mkdir out
	case $1 in
	put-*)
		"$root/tests/s3/client" ls bench new | jq -r .key |
			xargs -r "$root/tests/s3/client" rm bench
		timeout 60 radosgw-admin -c ceph/ceph.conf -n client.admin gc process \
			--include-all >/dev/null 2>&1
		;;
	esac
}

# What came is what was sent, whoever did it.
check() {
	case $1 in
	fetch-file) cmp big out/big ;;
	fetch-many) diff -r many out ;;
	put-pipe | put-file) "$root/tests/s3/client" get bench new | cmp - big ;;
	put-many) [ "$("$root/tests/s3/client" ls bench new/ | wc -l)" -eq "$count" ] ;;
	esac
}

turn() {
	local client

	for client in "${clients[@]}"; do
		clean "$1"
		"$root/bench/measure" "$(way "$1" "$client")" >>"$1.$client" 2>err ||
			{ cat err >&2 && exit 1; }
		[ "$2" != first ] || check "$1"
	done
}

median() {
	sort -n | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'
}

# figures CASE CLIENT - seconds and MiB.
figures() {
	printf '%s %s' "$(cut -d ' ' -f 1 "$1.$2" | median)" \
		"$(awk '$2 > x { x = $2 } END { printf "%.0f", x / 1024 }' "$1.$2")"
}

for name in $cases; do
	case $name in
	*many) what="$count x 100 KiB" ;;
	*) what="$((bytes >> 20)) MiB" ;;
	esac
	turn "$name" first
	rm -f "$name".*
	for ((i = 0; i < runs; i++)); do turn "$name" again; done
	read -r ours our_peak <<<"$(figures "$name" pz)"
	for client in "${clients[@]:1}"; do
		read -r theirs their_peak <<<"$(figures "$name" "$client")"
		awk -v name="s3 $name $what" -v a="$ours" -v m="$our_peak" -v peer="$client" \
			-v b="$theirs" -v p="$their_peak" -v table="$table" \
			-v head="$(date -u +%F),$commit,$cpu" 'BEGIN {
			printf "%-34s %7.3f s %4d MiB  %-6s %7.3f s %4d MiB  ratio %.3f\n",
				name, a, m, peer, b, p, a / b
			printf "%s,%s,%.3f,%s,%.3f,%.3f,%d,%d\n", head, name, a, peer, b,
				a / b, m, p >>table
		}'
	done
done

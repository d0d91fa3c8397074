# Nothing is lost, nothing doubled, nothing cut short, whatever the network does.
#
# Each test is a fault or a few of a kind, made by the proxy of tests/s3 in front of a
# real server. What a test does not say it expects in get and gets_none, or in puts and
# puts_none below.
# shellcheck disable=SC2016 # single quotes are meant: inner shells expand
load util
load s3/util

setup_file() {
	s3_begin
	start_proxy
	[ -e "$PZ_S3/$server.env" ] || return 0
	# What is read: objects of three ranges and of a few lines, and a folder.
	export SHARED=faults-of-$server-$$ FIXTURE=$BATS_FILE_TMPDIR
	# shellcheck disable=SC1090
	(. "$PZ_S3/$server.env"
	client mb "$SHARED"
	lines 320000 >"$FIXTURE/big"
	lines 100 >"$FIXTURE/small"
	client put "$SHARED" big "$FIXTURE/big"
	client put "$SHARED" small "$FIXTURE/small"
	seq -f '%05.0f' 0 11 | client puts "$SHARED" p/)
}

setup() {
	setup_s3
	OWN=$bucket
	RANGE=8388608
}

# A test that failed leaves no process behind that waits for it.
teardown() {
	local pid

	for pid in $(jobs -p); do kill -KILL "$pid" 2>/dev/null || true; done
}

# get big|small [OPTION...] - it comes whole, and nothing is said.
get() {
	local key=$1

	shift
	bucket=$SHARED
	timeout 30 pz-fetch "$@" "s3://$SHARED/$key" >out 2>err || { cat err; return 1; }
	cmp out "$FIXTURE/$key"
	[ ! -s err ]
}

# gets_none STATUS big|small - it fails, with one line, and what came is right so far.
gets_none() {
	bucket=$SHARED
	run "-$1" --separate-stderr timeout 30 sh -c 'pz-fetch "$1" >out' sh "s3://$SHARED/$2"
	cmp -n "$(stat -c %s out)" out "$FIXTURE/$2"
	[ "$(stat -c %s out)" -lt "$(stat -c %s "$FIXTURE/$2")" ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "pz-fetch: s3://$SHARED/$2: "* ]]
	no_file_of "$2"
}

# The same failure leaves no file behind.
no_file_of() {
	rm -rf split
	cp "$PROXY/faults" again
	touch again && mv again "$PROXY/faults"
	run timeout 30 pz-fetch --split-dir split "s3://$SHARED/$1"
	[ "$status" -ne 0 ]
	run -1 sh -c 'find split -type f 2>/dev/null | grep .'
}

# puts SIZE [OPTION...] - it is stored as it is, once, and nothing is said or left.
puts() {
	local size=$1

	shift
	bucket=$OWN
	noise "$size" >in
	timeout 60 pz-put --part-size 5242880 "$@" "s3://$bucket/out" <in 2>err || { cat err; return 1; }
	[ ! -s err ]
	direct
	client get "$bucket" out | cmp - in
	nothing_but out
}

# puts_none STATUS SIZE - it fails, with one line, and leaves nothing.
puts_none() {
	bucket=$OWN
	noise "$2" >in
	run "-$1" timeout 60 sh -c 'pz-put --part-size 5242880 "$1" <in' sh "s3://$bucket/out"
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == "pz-put: s3://$bucket/out: "* ]]
	direct
	nothing_but
}

# xml CODE [MORE] - the body of an error, for a rule.
xml() {
	printf '<Error><Code>%s</Code><Message>Made up</Message>%s</Error>' "$1" "${2:-}"
}

# answer STATUS CODE [FIELD...] - a rule's answer of an error.
answer() {
	printf '"answer":{"status":%s,"body":"%s"}' "$1" "$(xml "$2")"
}

LARGE=12000000 # bytes: three parts
BIG='"method":"GET","path":"/big$"'
SMALL='"method":"GET","path":"/small$"'
LIST='"method":"GET","query":"list-type"'
PUT='"method":"PUT","path":"/out$"'
PART='"method":"PUT","query":"partNumber=2"'
CREATE='"method":"POST","query":"uploads"'
COMPLETE='"method":"POST","query":"uploadId"'
ABORT='"method":"DELETE"'

@test "without a fault nothing is asked twice" {
	fault
	get big
	[ "$(asked '.headers.range')" -eq 3 ]
	[ "$(jq -s 'map(select(.method == "GET" and .headers.range) | .sent) | add' "$PROXY/log")" -eq \
		"$(stat -c %s "$FIXTURE/big")" ]
	fault
	puts "$LARGE"
	[ "$(asked '.method == "PUT"')" -eq 3 ]
	[ "$(asked '.method == "POST"')" -eq 2 ]
}

@test "a body that ends early is resumed at the byte where it stopped (aws-cli 3977, 9345; s5cmd 528)" {
	fault "{$BIG,\"range\":\"^bytes=0-\",\"end\":1000000}" \
		"{$BIG,\"range\":\"^bytes=$RANGE-\",\"end\":2000000}"
	get big
	[ "$(asked '.headers.range // "" | test("^bytes=1000000-")')" -eq 1 ]
	[ "$(asked ".headers.range // \"\" | test(\"^bytes=$((RANGE + 2000000))-\")")" -eq 1 ]
	[ "$(jq -s 'map(select(.method == "GET" and .headers.range) | .sent) | add' "$PROXY/log")" -eq \
		"$(stat -c %s "$FIXTURE/big")" ]
}

@test "a body cut by a reset is resumed" {
	fault "{$BIG,\"cut\":1234567}" "{$BIG,\"cut\":1}" "{$BIG,\"cut\":8000000}"
	get big
}

@test "a body cut nine times is still whole" {
	fault "{$BIG,\"cut\":700001,\"times\":9}"
	get big -j 1
	fault "{$BIG,\"cut\":0,\"times\":5}"
	get big
	fault "{$SMALL,\"end\":77,\"times\":5}"
	get small
}

@test "a body that is always cut before the first byte is a failure (s5cmd 379, 869; s3cmd 1432)" {
	fault "{$BIG,\"cut\":0,\"times\":0}"
	AWS_MAX_ATTEMPTS=3 gets_none 75 big
	fault "{$BIG,\"range\":\"^bytes=$RANGE-\",\"end\":0,\"times\":0}"
	AWS_MAX_ATTEMPTS=3 gets_none 75 big
}

@test "a short body with a right Content-Length is noticed" {
	fault "{$BIG,\"shorten\":1000000}"
	get big
	fault "{$BIG,\"range\":\"$RANGE\",\"shorten\":0}"
	get big
	fault "{$SMALL,\"shorten\":640}"
	get small
}

@test "a body that is always short with a right Content-Length is a failure" {
	fault "{$SMALL,\"shorten\":0,\"times\":0}"
	AWS_MAX_ATTEMPTS=3 run timeout 20 pz-fetch "s3://$SHARED/small"
	[ "$status" -ne 0 ]
	fault "{$BIG,\"range\":\"=$((2 * RANGE))-\",\"shorten\":0,\"times\":0}"
	AWS_MAX_ATTEMPTS=3 run timeout 20 sh -c 'pz-fetch "$1" >out' sh "s3://$SHARED/big"
	[ "$status" -ne 0 ]
}

@test "503, then 200" {
	fault "{$BIG,\"answer\":{\"status\":503}}" "{$BIG,\"skip\":1,\"answer\":{\"status\":503,\"body\":\"<html>busy\"}}"
	get big
	fault "{$SMALL,\"answer\":{\"status\":503},\"times\":9}"
	get small
	fault "{$LIST,\"answer\":{\"status\":503},\"times\":3}"
	run -0 pz-fetch "s3://$SHARED/p/"
	assert_output "$(seq 0 11)"
}

@test "SlowDown, InternalError and the like, then 200" {
	fault "{$BIG,$(answer 503 SlowDown)}" "{$BIG,$(answer 500 InternalError)}" \
		"{$BIG,$(answer 400 RequestTimeout)}" "{$BIG,$(answer 502 '')}" \
		"{$BIG,\"answer\":{\"status\":504,\"body\":\"<html><hr></html>\"}}"
	get big
	[ "$(asked '.status >= 400')" -eq 5 ]
}

@test "429 and 503 with Retry-After are waited for" {
	fault "{$SMALL,\"answer\":{\"status\":429,\"headers\":{\"Retry-After\":\"1\"}}}"
	get small
	jq -se 'map(select(.method == "GET") | .time) | .[1] - .[0] >= 1' "$PROXY/log"
	fault "{$SMALL,\"answer\":{\"status\":503,\"headers\":{\"Retry-After\":\"3600\"}}}"
	PZ_TRACE=1 run -124 timeout 1 pz-fetch "s3://$SHARED/small"
	assert_output --partial 'in 60'
}

@test "an error that lasts ends after as many attempts as were allowed" {
	fault "{$SMALL,\"answer\":{\"status\":503},\"times\":0}"
	gets_none 75 small
	fault "{$SMALL,\"answer\":{\"status\":503},\"times\":0}"
	bucket=$SHARED
	run -75 pz-fetch "s3://$SHARED/small"
	[ "$(asked 'path("/small")? // true')" -ge 10 ]
	fault "{$SMALL,\"answer\":{\"status\":503},\"times\":0}"
	AWS_MAX_ATTEMPTS=2 run -75 pz-fetch "s3://$SHARED/small"
	[ "$(asked '.status == 503')" -eq 2 ]
}

@test "an error that time does not cure is not tried again" {
	local code

	bucket=$SHARED
	for code in 400 403 404 405 501; do
		fault "{$SMALL,\"answer\":{\"status\":$code},\"times\":0}"
		run -1 pz-fetch "s3://$SHARED/small"
		[ "$(asked ".status == $code")" -eq 1 ]
		assert_output --partial "s3://$SHARED/small: $code"
		[ "${#lines[@]}" -eq 1 ]
	done
}

@test "each retry is a line of the trace" {
	fault "{$BIG,\"range\":\"=$RANGE\",$(answer 503 SlowDown)}"
	PZ_TRACE=1 run -0 --separate-stderr sh -c 'pz-fetch "$1" >out' sh "s3://$SHARED/big"
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr =~ ^pz-fetch:\ retry\ 2/10\ in\ [0-9.]+\ s:\ GET\ s3://$SHARED/big\ bytes[\ =]8388608-16777215:\ 503\ SlowDown$ ]]
	cmp out "$FIXTURE/big"
}

@test "a server that stalls is asked again" {
	export PZ_STALL_MS=700
	fault "{$SMALL,\"stall\":4}"
	get small
	fault "{$BIG,\"range\":\"^bytes=0-\",\"hang\":1000000}"
	get big
	# Nothing that came before the stall is asked for again.
	[ "$(asked '.headers.range // "" | test("^bytes=1000000-")')" -ge 1 ]
	fault "{$SMALL,\"hang\":0,\"times\":0}"
	AWS_MAX_ATTEMPTS=2 gets_none 75 small
}

@test "a slow server is no stalled one" {
	export PZ_STALL_MS=1000
	fault "{$SMALL,\"slow\":[640,0.15]}"
	get small
	[ "$(asked '.headers.range')" -le 1 ]
}

@test "a reset or an end instead of an answer" {
	fault "{$BIG,\"reset\":true,\"times\":3}" "{$BIG,\"close\":true,\"times\":3}"
	get big
	fault "{$LIST,\"reset\":true}" "{$LIST,\"close\":true}"
	run -0 pz-fetch "s3://$SHARED/p/"
	assert_output "$(seq 0 11)"
}

@test "a connection that ends silently between requests" {
	fault '{"hangup":true,"times":0}'
	get big -j 1
	bucket=$SHARED
	run -0 pz-fetch "s3://$SHARED/p/"
	assert_output "$(seq 0 11)"
}

@test "a server that is down for a while" {
	export PZ_RETRY_BASE_MS=40
	fault "{$BIG,\"skip\":1,\"down\":0.5}"
	get big
}

@test "a flipped bit is noticed where there is a checksum" {
	sum='"set":{"x-amz-checksum-sha256":"'$(openssl dgst -sha256 -binary "$FIXTURE/small" | base64)'"}'
	fault "{$SMALL,$sum,\"times\":0}"
	get small
	fault "{$SMALL,$sum,\"flip\":100,\"times\":0}"
	AWS_MAX_ATTEMPTS=3 run timeout 20 pz-fetch "s3://$SHARED/small"
	[ "$status" -ne 0 ]
	assert_output --partial "pz-fetch: s3://$SHARED/small: "
	rm -rf split
	fault "{$SMALL,$sum,\"flip\":100,\"times\":0}"
	AWS_MAX_ATTEMPTS=3 run timeout 20 pz-fetch --split-dir split "s3://$SHARED/small"
	[ "$status" -ne 0 ]
	run -1 sh -c 'find split -type f 2>/dev/null | grep .'
}

@test "another body altogether is not taken for the object" {
	# As of a captive portal: 200, with no tag of content.
	fault "{$SMALL,\"answer\":{\"status\":200,\"headers\":{\"Content-Type\":\"text/html\"},\"body\":\"<html>Log in\"},\"times\":0}"
	AWS_MAX_ATTEMPTS=3 run timeout 20 pz-fetch "s3://$SHARED/small"
	[ "$status" -ne 0 ]
	fault "{$BIG,\"skip\":1,\"answer\":{\"status\":200,\"body\":\"<html>Log in\"},\"times\":0}"
	AWS_MAX_ATTEMPTS=3 gets_none '[0-9]*' big || AWS_MAX_ATTEMPTS=3 gets_none 1 big || gets_none 75 big
}

@test "an object that changes while it is read is an error" {
	bucket=$SHARED
	fault "{$BIG,\"range\":\"=$((2 * RANGE))\",\"set\":{\"ETag\":\"\\\"0123456789abcdef0123456789abcdef\\\"\"},\"times\":0}"
	gets_none 1 big
	[[ $stderr == *'changed while it was read'* ]]
}

@test "an object that is really replaced while it is read is an error" {
	local status=0

	lines 320000 >a
	tac a >b
	client put "$bucket" x a
	fault '{"method":"GET","path":"/x$","skip":1,"stall":1.2,"times":0}'
	pz-fetch -j 2 "s3://$bucket/x" >out 2>err 3>&- &
	until_true grep -q fault "$PROXY/begun"
	direct
	client put "$bucket" x b
	wait $! || status=$?
	[ "$status" -eq 1 ]
	grep -q "pz-fetch: s3://$bucket/x: .*changed while it was read" err
	cmp -n "$(stat -c %s out)" out a
}

@test "an object that is removed while it is read is an error" {
	local status=0

	cp "$FIXTURE/big" a
	client put "$bucket" x a
	fault '{"method":"GET","path":"/x$","skip":1,"stall":1.2,"times":0}'
	pz-fetch -j 2 "s3://$bucket/x" >out 2>err 3>&- &
	until_true grep -q fault "$PROXY/begun"
	direct
	client rm "$bucket" x
	wait $! || status=$?
	[ "$status" -eq 1 ]
	grep -q "pz-fetch: s3://$bucket/x: " err
	cmp -n "$(stat -c %s out)" out a
}

# right_or_fails - the object comes whole, or what came is right so far and it fails.
right_or_fails() {
	bucket=$SHARED
	AWS_MAX_ATTEMPTS=3 run timeout 20 sh -c 'pz-fetch "$1" >out' sh "s3://$SHARED/big"
	[ "$status" -ne 124 ]
	if [ "$status" -eq 0 ]; then
		cmp out "$FIXTURE/big"
	else
		cmp -n "$(stat -c %s out)" out "$FIXTURE/big"
		[ "${#lines[@]}" -eq 1 ]
	fi
}

@test "another range than was asked for is not taken" {
	local range

	for range in 'bytes 0-8388607/20480000' 'bytes 8388608-16777215/99999999' \
		'bytes 8388609-16777216/20480000' nonsense '' 'bytes 8388608-16777215/*'; do
		for times in 1 0; do
			fault "{$BIG,\"range\":\"=$RANGE\",\"set\":{\"Content-Range\":\"$range\"},\"times\":$times}"
			right_or_fails
		done
	done
}

@test "the whole object as the answer to a range is not taken for the range" {
	local tag

	tag=$(client head "$SHARED" big | jq .etag)
	whole="\"answer\":{\"status\":200,\"headers\":{\"ETag\":$tag},\"file\":\"$FIXTURE/big\"}"
	fault "{$BIG,$whole,\"times\":0}"
	right_or_fails
	fault "{$BIG,\"range\":\"=$RANGE\",$whole,\"times\":0}"
	right_or_fails
}

@test "a body in chunks, without a length" {
	fault "{$BIG,\"chunked\":true,\"times\":0}"
	get big
	fault "{$BIG,\"chunked\":true,\"cut\":1000000,\"times\":3}" "{$BIG,\"chunked\":true,\"end\":500000}"
	get big
	fault '{"chunked":true,"times":0}'
	run -0 pz-fetch "s3://$SHARED/p/"
	assert_output "$(seq 0 11)"
}

@test "a connection that breaks behind the last byte takes nothing away" {
	local size

	size=$(stat -c %s "$FIXTURE/big")
	fault "{$BIG,\"chunked\":true,\"end\":$size,\"times\":0}"
	get big
	fault "{$SMALL,\"chunked\":true,\"cut\":$size,\"times\":0}"
	get small
}

@test "a body that only the end of the connection ends is known to be whole or not" {
	fault "{$BIG,\"unframed\":true,\"times\":0}"
	get big
	fault "{$BIG,\"unframed\":true,\"end\":1000000,\"times\":3}"
	get big
	fault "{$SMALL,\"unframed\":true,\"end\":64,\"times\":2}"
	get small
}

@test "headers that come twice, and answers before the answer" {
	fault "{$BIG,\"duplicate\":\"ETag\"}" "{$BIG,\"duplicate\":\"Content-Range\"}" \
		"{$BIG,\"preamble\":\"HTTP/1.1 102 Processing\\r\\nX: y\\r\\n\\r\\n\"}"
	get big
}

@test "no answer of HTTP" {
	fault "{$BIG,\"raw\":\"SSH-2.0-OpenSSH_9.2\\r\\n\"}" "{$SMALL,\"raw\":\"SSH-2.0-OpenSSH_9.2\\r\\n\",\"times\":0}"
	right_or_fails
	AWS_MAX_ATTEMPTS=3 run timeout 20 pz-fetch "s3://$SHARED/small"
	[ "$status" -ne 0 ]
	assert_output --partial "pz-fetch: s3://$SHARED/small: "
}

@test "missing headers are no reason to believe anything" {
	for header in Content-Range ETag Content-Length Date Last-Modified; do
		fault "{$BIG,\"set\":{\"$header\":null},\"times\":0}"
		[ "$header" != Content-Length ] ||
			fault "{$BIG,\"set\":{\"$header\":null},\"hangup\":true,\"times\":0}"
		right_or_fails
	done
}

@test "a range that may not be read any more is an error" {
	fault "{$BIG,\"range\":\"=$RANGE\",$(answer 403 AccessDenied),\"times\":0}"
	gets_none 1 big
	[[ $stderr == *'403 AccessDenied'*s3:GetObject* ]]
}

@test "a garbled listing is never half a listing" {
	local body

	bucket=$SHARED
	for body in '"body":"garbage"' '"body":""' '"shorten":300' \
		'"body":"<?xml version=\"1.0\"?><html></html>"' '"replace":["</Key>","</Kay>"]' \
		'"replace":["<IsTruncated>false","<IsTruncated>true"]'; do
		fault "{$LIST,$body}"
		run timeout 20 pz-fetch "s3://$SHARED/p/"
		[ "$status" -ne 0 ] || assert_output "$(seq 0 11)"
		fault "{$LIST,$body,\"times\":0}"
		AWS_MAX_ATTEMPTS=3 run timeout 20 pz-fetch "s3://$SHARED/p/"
		[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
		assert_output --partial "pz-fetch: s3://$SHARED/p/: "
		[ "${#lines[@]}" -eq 1 ]
	done
}

@test "a listing that goes round in circles ends" {
	fault "{$LIST,\"replace\":[\"<IsTruncated>false</IsTruncated>\",\"<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>\"],\"times\":0}"
	AWS_MAX_ATTEMPTS=3 run timeout 20 sh -c 'pz-fetch --list "$1" >out' sh "s3://$SHARED/p/"
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
}

@test "a listing with entities of its own is refused" {
	fault "{$LIST,\"replace\":[\"<ListBucketResult\",\"<!DOCTYPE x [<!ENTITY a \\\"aaaaaaaaaa\\\"><!ENTITY b \\\"&a;&a;&a;&a;\\\">]><ListBucketResult\"],\"times\":0}"
	AWS_MAX_ATTEMPTS=2 run timeout 20 pz-fetch "s3://$SHARED/p/"
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
}

@test "no signature and no token goes to another host" {
	local code lure

	bucket=$SHARED
	lure=127.0.0.1:$(cat "$PROXY/trap.port")
	for code in 301 302 307 308; do
		fault "{$SMALL,\"answer\":{\"status\":$code,\"headers\":{\"Location\":\"http://$lure/$SHARED/small\"},\"body\":\"$(xml TemporaryRedirect "<Endpoint>$lure</Endpoint>")\"},\"times\":0}"
		AWS_SESSION_TOKEN=token AWS_MAX_ATTEMPTS=2 run timeout 20 pz-fetch "s3://$SHARED/small"
		[ "$status" -ne 0 ]
		[ ! -e "$PROXY/trap" ] || jq -se 'all(.signed or .token | not)' "$PROXY/trap"
		fault "{\"method\":\"PUT\",\"answer\":{\"status\":$code,\"headers\":{\"Location\":\"http://$lure/$SHARED/new\"}},\"times\":0}"
		AWS_MAX_ATTEMPTS=2 run -1 timeout 20 sh -c 'echo a | pz-put "$1"' sh "s3://$SHARED/new"
		[ ! -e "$PROXY/trap" ] || jq -se 'all(.signed or .token | not)' "$PROXY/trap"
	done
}

@test "a wrong region is signed anew for the right one, at the same host" {
	skip_on swift 'takes one region only: see the next test'
	fault "{$SMALL,\"answer\":{\"status\":400,\"body\":\"$(xml AuthorizationHeaderMalformed '<Region>eu-west-9</Region>')\"}}"
	get small
	[ "$(asked '.region == "us-east-1"')" -ge 1 ]
	[ "$(asked '.region == "eu-west-9" and .status < 300')" -ge 1 ]
	fault "{$SMALL,\"answer\":{\"status\":301,\"headers\":{\"x-amz-bucket-region\":\"eu-west-9\"},\"body\":\"$(xml PermanentRedirect)\"}}"
	get small
	[ "$(asked '.region == "eu-west-9" and .status < 300')" -ge 1 ]
	fault "{\"method\":\"PUT\",\"answer\":{\"status\":400,\"body\":\"$(xml AuthorizationHeaderMalformed '<Region>eu-west-9</Region>')\"}}"
	bucket=${bucket%/}
	echo a | pz-put "s3://$SHARED/q"
	[ "$(asked '.region == "eu-west-9" and .status < 300')" -eq 1 ]
	direct
	client rm "$SHARED" q
}

@test "the right region is learned from a server that takes no other" {
	skip_on ceph 'takes any region'
	fault
	AWS_REGION=eu-west-9 get small
	[ "$(asked '.region == "us-east-1" and .status < 300')" -ge 1 ]
	bucket=$OWN
	echo a | AWS_REGION=eu-west-9 pz-put "s3://$bucket/a"
	[ "$(client get "$bucket" a)" = a ]
}

@test "a wrong region that leads nowhere ends" {
	fault "{$SMALL,\"answer\":{\"status\":400,\"body\":\"$(xml AuthorizationHeaderMalformed '<Region>eu-west-9</Region>')\"},\"times\":0}"
	gets_none 1 small
	[[ $stderr == *region* ]]
	bucket=$SHARED
	[ "$(asked '.status == 400')" -le 6 ]
}

@test "a wrong clock is set right once, by the server's" {
	later=$(LC_ALL=C date -u -d '2 hours' '+%a, %d %b %Y %H:%M:%S GMT')
	fault "{$SMALL,\"answer\":{\"status\":403,\"headers\":{\"Date\":\"$later\"},\"body\":\"$(xml RequestTimeTooSkewed)\"},\"times\":0}"
	bucket=$SHARED
	run -1 pz-fetch "s3://$SHARED/small"
	assert_output --partial '403 RequestTimeTooSkewed'
	[ "$(asked '.status == 403')" -eq 2 ]
	hour=$(date -u -d '2 hours' +%Y%m%dT%H)
	[ "$(asked ".headers[\"x-amz-date\"] | startswith(\"$hour\")")" -eq 1 ]
}

@test "a clock that is hours off is no obstacle" {
	local off

	[ -e /usr/bin/faketime ] || skip "needs faketime"
	[ "$BUILD" = "${BUILD%asan}" ] || skip "faketime and sanitizers do not mix"
	fault
	for off in -3h +5h; do
		run -0 faketime -f "$off" pz-fetch "s3://$SHARED/small"
		[ "$output" = "$(cat "$FIXTURE/small")" ]
		echo "$off" | faketime -f "$off" pz-put "s3://$bucket/clock"
		[ "$(client get "$bucket" clock)" = "$off" ]
	done
}

@test "a small object: 503, a reset, an end, a lost answer" {
	local what

	for what in "$(answer 503 SlowDown)" '"reset":true' '"close":true' '"lost":true' \
		"$(answer 500 InternalError)" "$(answer 400 RequestTimeout)" \
		"$(answer 409 OperationAborted)"; do
		fault "{$PUT,$what}"
		puts 100000
		[ "$(jq -s 'map(select(.method == "PUT")) | length' "$PROXY/log")" -eq 2 ]
		client rm "$bucket" out
	done
}

@test "a small object that is never taken" {
	fault "{$PUT,\"answer\":{\"status\":503},\"times\":0}"
	AWS_MAX_ATTEMPTS=3 puts_none 75 100000
	fault "{$PUT,$(answer 501 NotImplemented),\"times\":0}"
	puts_none 1 100000
	[ "$(jq -s 'map(select(.method == "PUT")) | length' "$PROXY/log")" -eq 1 ]
	fault "{$PUT,\"reset\":true,\"times\":0}"
	AWS_MAX_ATTEMPTS=2 puts_none 75 100000
}

@test "a no while the body is still on its way" {
	fault "{$PUT,\"early\":0,$(answer 403 AccessDenied),\"times\":0}"
	puts_none 1 4000000
	assert_output --partial '403 AccessDenied'
	fault "{$PUT,\"early\":1000000,$(answer 403 AccessDenied),\"times\":0}"
	noise 4000000 >in
	AWS_MAX_ATTEMPTS=3 run timeout 20 sh -c 'pz-put "$1" <in' sh "s3://$bucket/out"
	[ "$status" -eq 1 ] || [ "$status" -eq 75 ]
	direct
	nothing_but
	fault "{$PUT,\"early\":0,\"answer\":{\"status\":503}}"
	puts 4000000
}

@test "a server that takes the body and stalls" {
	export PZ_STALL_MS=700
	fault "{$PUT,\"stall\":2}"
	puts 100000
	sleep 2 # the first one is still on its way, and would come behind the next
	direct
	client rm "$bucket" out
	fault "{$PART,\"stall\":4}"
	puts "$LARGE"
}

@test "another tag of content than that of the bytes is a failure or stored anew" {
	fault "{$PUT,\"set\":{\"ETag\":\"\\\"0123456789abcdef0123456789abcdef\\\"\"}}"
	puts 100000
	direct
	client rm "$bucket" out
	for tag in '"\"0123456789abcdef0123456789abcdef\""' '"nonsense"' null; do
		fault "{$PART,\"set\":{\"ETag\":$tag}}"
		noise "$LARGE" >in
		run timeout 20 pz-put --part-size 5242880 "s3://$bucket/out" in
		direct
		if [ "$status" -eq 0 ]; then
			client get "$bucket" out | cmp - in
			nothing_but out
			client rm "$bucket" out
		else
			nothing_but
		fi
	done
}

@test "a part: 503, a reset, an end, a lost answer" {
	local what

	for what in "$(answer 503 SlowDown)" '"reset":true' '"close":true' '"lost":true' \
		"$(answer 400 RequestTimeout)"; do
		fault "{$PART,$what}"
		puts "$LARGE"
		[ "$(jq -s 'map(select(.method == "PUT")) | length' "$PROXY/log")" -ge 4 ]
		direct
		client rm "$bucket" out
	done
}

@test "every part is refused at first" {
	fault '{"method":"PUT","query":"partNumber","answer":{"status":503},"times":5}'
	puts "$LARGE"
}

@test "a part that is never taken leaves nothing" {
	fault "{$PART,\"answer\":{\"status\":503},\"times\":0}"
	AWS_MAX_ATTEMPTS=3 puts_none 75 "$LARGE"
	fault "{$PART,$(answer 403 AccessDenied),\"times\":0}"
	puts_none 1 "$LARGE"
	assert_output --partial s3:PutObject
	fault "{$PART,\"reset\":true,\"times\":0}"
	AWS_MAX_ATTEMPTS=2 puts_none 75 "$LARGE"
}

@test "an upload that is not begun at first, or never" {
	fault "{$CREATE,\"answer\":{\"status\":503}}" "{$CREATE,\"reset\":true}"
	puts "$LARGE"
	direct
	client rm "$bucket" out
	fault "{$CREATE,$(answer 403 AccessDenied),\"times\":0}"
	puts_none 1 "$LARGE"
	fault "{$CREATE,\"answer\":{\"status\":200,\"body\":\"<html>\"},\"times\":0}"
	AWS_MAX_ATTEMPTS=2 run timeout 20 sh -c 'noise() { head -c 12000000 /dev/zero; }; noise | pz-put --part-size 5242880 "$1"' \
		sh "s3://$bucket/out"
	[ "$status" -ne 0 ]
	direct
	nothing_but
}

@test "the answer that an upload has begun is lost" {
	fault "{$CREATE,\"lost\":true,\"times\":2}"
	puts "$LARGE"
	direct
	client rm "$bucket" out
	fault "{$CREATE,\"lost\":true,\"times\":0}"
	AWS_MAX_ATTEMPTS=3 puts_none 75 "$LARGE"
	fault "{$CREATE,\"body\":\"garbled\",\"times\":0}"
	puts_none 1 "$LARGE"
}

@test "an upload is not ended at first" {
	local what

	for what in "$(answer 503 SlowDown)" '"reset":true' '"close":true' \
		"\"answer\":{\"status\":200,\"body\":\"$(xml InternalError)\"}"; do
		fault "{$COMPLETE,$what}"
		puts "$LARGE"
		direct
		client rm "$bucket" out
	done
}

@test "the answer that an upload has ended is lost" {
	fault "{$COMPLETE,\"lost\":true}"
	puts "$LARGE"
}

@test "an upload has ended, and the answer is nonsense" {
	local status=0 body

	for body in '' '<html>' '<?xml version=\"1.0\"?>'; do
		fault "{$COMPLETE,\"body\":\"$body\"}"
		noise "$LARGE" >in
		timeout 20 pz-put --part-size 5242880 "s3://$bucket/out" <in 2>err || status=$?
		direct
		client get "$bucket" out | cmp - in
		no_uploads
		[ "$status" -eq 0 ] || [ -s err ]
		client rm "$bucket" out
	done
}

@test "200 with an error in it is an error" {
	fault "{$COMPLETE,\"answer\":{\"status\":200,\"body\":\"$(xml AccessDenied)\"},\"times\":0}"
	puts_none 1 "$LARGE"
	assert_output --partial AccessDenied
	fault "{$COMPLETE,\"answer\":{\"status\":200,\"body\":\"$(xml InternalError)\"},\"times\":0}"
	AWS_MAX_ATTEMPTS=3 puts_none 75 "$LARGE"
	fault "{$PUT,\"answer\":{\"status\":200,\"body\":\"$(xml InternalError)\"},\"times\":0}"
	AWS_MAX_ATTEMPTS=3 run timeout 20 sh -c 'echo a | pz-put "$1"' sh "s3://$bucket/out"
	[ "$status" -ne 0 ]
}

@test "an answer that is kept alive by blanks" {
	fault "{$COMPLETE,\"replace\":[\"\\\\?>\",\"?>\\n    \\n  \"],\"slow\":[20,0.1]}"
	puts "$LARGE"
}

@test "an abort that does not succeed at first still leaves nothing" {
	fault "{$ABORT,\"answer\":{\"status\":503}}" "{$ABORT,\"reset\":true}" \
		"{$PART,$(answer 403 AccessDenied),\"times\":0}"
	puts_none 1 "$LARGE"
}

@test "an abort that never succeeds is said" {
	fault "{$ABORT,$(answer 403 AccessDenied),\"times\":0}" \
		"{$PART,$(answer 403 AccessDenied),\"times\":0}"
	noise "$LARGE" >in
	AWS_MAX_ATTEMPTS=2 run -1 timeout 20 sh -c 'pz-put --part-size 5242880 "$1" <in' sh "s3://$bucket/out"
	assert_output --partial 's3:AbortMultipartUpload'
	direct
	[ -z "$(keys)" ]
	[ -n "$(client uploads "$bucket")" ]
}

@test "a server that is down for a while in the middle of an upload" {
	export PZ_RETRY_BASE_MS=40
	fault "{$PART,\"down\":0.5}"
	puts 30000000
}

@test "many faults at once" {
	fault "{$BIG,\"cut\":300000,\"times\":3}" "{$BIG,\"answer\":{\"status\":503},\"times\":3}" \
		"{$BIG,\"shorten\":1000}" "{$BIG,\"hangup\":true,\"times\":2}" \
		"{$BIG,\"chunked\":true,\"end\":4000000}" "{$BIG,\"reset\":true}"
	get big
	fault '{"method":"PUT","answer":{"status":503},"times":2}' '{"method":"PUT","lost":true,"times":2}' \
		'{"method":"PUT","reset":true,"times":2}' "{$COMPLETE,\"lost\":true}"
	puts 40000000
}

@test "TLS: a certificate is trusted if its authority is, and the host is its own" {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out ca.pem \
		-subj /CN=test -addext subjectAltName=IP:127.0.0.1 2>/dev/null
	cat key.pem ca.pem >both.pem
	mkdir tls
	"$S3/proxy" $$ "$PWD/tls" "${DIRECT#*//}" "$PWD/both.pem" >proxy.out 2>&1 3>&- &
	disown
	until_true test -e tls/port
	export AWS_ENDPOINT_URL=https://127.0.0.1:$(cat tls/port)
	AWS_CA_BUNDLE=$PWD/ca.pem run -0 pz-fetch "s3://$SHARED/small"
	[ "$output" = "$(cat "$FIXTURE/small")" ]
	run -1 timeout 20 pz-fetch "s3://$SHARED/small"
	assert_output --partial "pz-fetch: s3://$SHARED/small: "
	AWS_ENDPOINT_URL=https://localhost:$(cat tls/port) AWS_CA_BUNDLE=$PWD/ca.pem \
		run -1 timeout 20 pz-fetch "s3://$SHARED/small"
	[ "$(grep -c GET tls/begun)" -ge 1 ]
}

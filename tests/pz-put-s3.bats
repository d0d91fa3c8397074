# What pz-put does with objects of S3, against a real server.
# shellcheck disable=SC2016 # single quotes are meant: inner shells expand
load util
load s3/util

setup_file() {
	s3_begin
	start_proxy
}

setup() {
	setup_s3
}

# A test that failed leaves no process behind that waits for it.
teardown() {
	local pid

	for pid in $(jobs -p); do kill -KILL "$pid" 2>/dev/null || true; done
}

# head_of KEY HEADER
head_of() {
	client head "$bucket" "$1" | jq -r --arg name "$2" '.[$name]'
}

# same KEY FILE - the object holds what the file holds.
same() {
	client get "$bucket" "$1" | cmp - "$2"
}

parts_came() {
	[ "$(asked '.method == "PUT" and (.query | test("partNumber")) and .status == 200')" -ge "$1" ]
}

# begin_put OPTION... - pz-put reads a pipe that stays open at descriptor 7.
begin_put() {
	mkfifo pipe
	env --default-signal=INT,TERM,HUP pz-put "$@" "s3://$bucket/out" <pipe >said 2>&1 3>&- &
	pid=$!
	exec 7>pipe
	rm pipe
}

@test "stdin or a file becomes the object, byte for byte" {
	printf 'a\r\nb\0\377' >in
	pz-put "s3://$bucket/1" <in
	same 1 in
	pz-put "s3://$bucket/2" in
	same 2 in
	pz-put "s3://$bucket/3" "file://$PWD/in"
	same 3 in
	pz-put "s3://$bucket/empty" </dev/null
	[ "$(head_of empty content-length)" = 0 ]
	nothing_but 1 2 3 empty
}

@test "an address that ends with / takes the file under its own name" {
	echo a >in
	pz-put "s3://$bucket/d/" in
	same d/in in
	run -2 sh -c 'pz-put "$1" <in' sh "s3://$bucket/d/"
	run -2 sh -c 'pz-put "$1" <in' sh "s3://$bucket"
	nothing_but d/in
}

@test "several files become objects under their own names, many at once" {
	local n

	mkdir in
	for n in $(seq 100 299); do echo "$n" >"in/$n"; done
	noise 6000000 >in/big
	: >in/empty
	pz-put --part-size 5242880 "s3://$bucket/d/" in/*
	same d/big in/big
	pz-fetch "s3://$bucket/d/1" "s3://$bucket/d/2" | cmp - <(seq 100 299)
	[ "$(keys | wc -l)" -eq 202 ]
	pz-put --zstd "s3://$bucket" in/100 in/big
	client get "$bucket" big | zstd -dq | cmp - in/big
	no_uploads
}

@test "the first of several files that fails ends it, with one line" {
	mkdir in
	for n in $(seq 100 199); do noise 6000000 >"in/$n"; done
	rm in/150
	ln -s nowhere in/150
	run -1 pz-put --part-size 5242880 "s3://$bucket/d/" in/*
	assert_output "pz-put: in/150: No such file or directory"
	no_uploads
	run -2 pz-put "s3://$bucket/d/" in/100 "$PWD/in/100"
	run -2 pz-put "s3://$bucket/d" in/100 in/101
}

@test "a signal while several files are sent leaves no upload" {
	local n status=0

	mkdir in
	for n in $(seq 10 49); do noise 6000000 >"in/$n"; done
	fault
	env --default-signal=INT pz-put -j 4 --part-size 5242880 "s3://$bucket/d/" in/* 3>&- &
	pid=$!
	until_true parts_came 2
	kill -INT "$pid"
	wait "$pid" || status=$?
	[ "$status" -eq 130 ]
	direct
	no_uploads
}

@test "200 MiB in parts of 5 MiB read back identical" {
	lines 3276800 >big
	pz-put --part-size 5242880 "s3://$bucket/big" <big
	[[ $(head_of big etag) == *-40\" ]]
	same big big
	pz-fetch "s3://$bucket/big" | cmp - big
	nothing_but big
}

@test "sizes around the part size read back identical" {
	local n

	noise 15728641 >noise
	for n in 5242879 5242880 5242881 10485759 10485760 10485761 15728640; do
		head -c "$n" noise >in
		pz-put --part-size 5242880 "s3://$bucket/$n" <in
		same "$n" in
		[ "$(head_of "$n" content-length)" -eq "$n" ]
	done
	[[ $(head_of 10485760 etag) == *-2\" ]]
	[[ $(head_of 5242880 etag) != *-*\" ]]
	no_uploads
}

@test "a part size below 5 MiB is refused" {
	run -2 sh -c 'echo a | pz-put --part-size 5242879 "$1"' sh "s3://$bucket/a"
	run -2 sh -c 'echo a | pz-put --part-size 6000000000 "$1"' sh "s3://$bucket/a"
	nothing_but
}

@test "parts are on their way while stdin is still read" {
	fault
	begin_put --part-size 5242880
	noise 15728640 | tee in >&7
	until_true parts_came 2
	exec 7>&-
	wait "$pid"
	direct
	same out in
}

@test "what a pipe brings in small pieces is one object" {
	(for i in 1 2 3 4 5; do echo "$i"; sleep 0.1; done) | pz-put "s3://$bucket/out"
	seq 5 >in
	same out in
}

@test "pz-fetch and pz-put make a pipeline" {
	lines 300000 >in
	client put "$bucket" in in
	pz-fetch "s3://$bucket/in" | pz-put --part-size 5242880 "s3://$bucket/out"
	same out in
	nothing_but in out
}

@test "with --lines any other number of lines makes no object" {
	echo old | client put "$bucket" old
	run -1 sh -c 'printf "1\n2\n3\n" | pz-put --lines 4 "$1"' sh "s3://$bucket/new"
	assert_output --partial "pz-put: s3://$bucket/new: lines: 3 came, 4 expected"
	run -1 sh -c 'printf "1\n2\n3\n" | pz-put --lines 2 "$1"' sh "s3://$bucket/old"
	[ "$(client get "$bucket" old)" = old ]
	lines 200000 >in
	run -1 pz-put --lines 200001 --part-size 5242880 "s3://$bucket/new" in
	run -1 pz-put --lines 199999 --part-size 5242880 "s3://$bucket/new" in
	run -1 pz-put --lines 199999 --part-size 5242880 --zstd "s3://$bucket/new" in
	nothing_but old
	pz-put --lines 200000 --part-size 5242880 "s3://$bucket/new" in
	same new in
}

@test "a producer that died makes no object" {
	lines 200000 >in
	run -1 bash -c 'set -o pipefail
		(head -n 150000 in; kill -KILL $BASHPID) |
		pz-put --part-size 5242880 --lines "$(wc -l <in)" "$1"' bash "s3://$bucket/out"
	nothing_but
	run -1 sh -c 'pz-put "$1" <.' sh "s3://$bucket/out"
	assert_output 'pz-put: <stdin>: Is a directory'
	run -1 pz-put "s3://$bucket/out" none
	assert_output 'pz-put: none: No such file or directory'
	nothing_but
}

@test "a signal leaves no object and no upload (rclone 4300, aws-cli 1428)" {
	local signal size status

	for signal in INT TERM HUP; do
		for size in 10 5300000 16000000; do
			fault
			begin_put --part-size 5242880
			noise "$size" >&7
			[ "$size" -lt 6000000 ] || until_true parts_came 2
			sleep 0.2
			kill "-$signal" "$pid"
			status=0
			wait "$pid" || status=$?
			exec 7>&-
			[ "$status" -eq $((128 + $(kill -l "$signal"))) ]
			direct
			nothing_but
		done
	done
}

@test "a signal while an upload is being begun, ended or a part stored leaves nothing" {
	local step

	for step in '"method":"POST","query":"uploads"' '"method":"PUT","query":"partNumber"' \
		'"method":"POST","query":"uploadId"'; do
		fault "{$step,\"stall\":1}"
		begin_put --part-size 5242880
		noise 11000000 >&7
		exec 7>&-
		until_true grep -q fault "$PROXY/begun"
		kill -INT "$pid"
		status=0
		SECONDS=0
		wait "$pid" || status=$?
		[ "$SECONDS" -le 5 ]
		until_true grep -q '"stall"' "$PROXY/log"
		direct
		no_uploads
		# An end that was asked for before the signal may yet have been made.
		[ "$status" -ne 0 ] && [ -z "$(keys)" ] || [ "$(keys)" = out ]
	done
}

@test "kill -KILL makes no object; the upload it leaves is aborted by its name" {
	fault
	begin_put --part-size 5242880
	noise 16000000 >&7
	until_true parts_came 1
	kill -KILL "$pid"
	wait "$pid" || [ $? -eq 137 ]
	exec 7>&-
	direct
	sleep 0.5
	[ -z "$(keys)" ]
	client uploads "$bucket" | while read -r line; do
		client ask DELETE "$bucket" out "uploadId=$(jq -r .id <<<"$line")" </dev/null
	done
	nothing_but
}

@test "the old object stays until the new one is whole" {
	echo old | client put "$bucket" out
	fault
	begin_put --part-size 5242880
	noise 16000000 | tee in >&7
	until_true parts_came 2
	direct
	[ "$(client get "$bucket" out)" = old ]
	exec 7>&-
	wait "$pid"
	same out in
}

@test "--if-none-match keeps what is there" {
	skip_on swift 'knows no conditional writes'
	fault
	echo new | pz-put --if-none-match "s3://$bucket/out"
	[ "$(asked '.method == "PUT" and .headers["if-none-match"] == "*"')" -eq 1 ]
	run -1 sh -c 'echo newer | pz-put --if-none-match "$1"' sh "s3://$bucket/out"
	assert_output --partial "pz-put: s3://$bucket/out: 412 PreconditionFailed"
	direct
	[ "$(client get "$bucket" out)" = new ]
	fault
	noise 6000000 >in
	run pz-put --part-size 5242880 --if-none-match "s3://$bucket/big" in
	[ "$(asked '.method == "POST" and .headers["if-none-match"] == "*"')" -eq 1 ]
}

@test "the server encrypts by KMS if asked to" {
	skip_on swift 'has no KMS'
	noise 6000000 >in
	echo a | pz-put --sse aws:kms --sse-kms-key-id testkey-1 "s3://$bucket/small"
	pz-put --part-size 5242880 --sse aws:kms --sse-kms-key-id testkey-1 "s3://$bucket/big" in
	for key in small big; do
		[ "$(head_of "$key" x-amz-server-side-encryption)" = aws:kms ]
		[ "$(head_of "$key" x-amz-server-side-encryption-aws-kms-key-id)" = testkey-1 ]
	done
	same big in
	run -0 pz-fetch "s3://$bucket/small"
	assert_output a
	pz-fetch "s3://$bucket/big" | cmp - <(cat in; echo)
	run -1 sh -c 'echo a | pz-put --sse aws:kms --sse-kms-key-id none "$1"' sh "s3://$bucket/x"
	assert_output --partial "s3://$bucket/x: 4"
	nothing_but big small
}

@test "what an object is to be is said once, when it is begun" {
	local header

	noise 6000000 >in
	for size in 1000 6000000; do
		# The answers are made up: no server here knows all of these.
		fault '{"method":"PUT","query":"^$","answer":{"status":403}}' \
			'{"method":"POST","answer":{"status":403}}'
		run -1 sh -c 'head -c "$2" in | pz-put --part-size 5242880 --sse AES256 \
			--storage-class GLACIER_IR --acl bucket-owner-full-control \
			--tag "a b=c&d" --tag e= --content-type "text/plain; charset=utf-8" "$1"' \
			sh "s3://$bucket/x" "$size"
		for header in 'x-amz-server-side-encryption: AES256' \
			'x-amz-storage-class: GLACIER_IR' 'x-amz-acl: bucket-owner-full-control' \
			'x-amz-tagging: a%20b=c%26d&e=' 'content-type: text/plain; charset=utf-8'; do
			jq -se --arg name "${header%%: *}" --arg value "${header#*: }" \
				'any(.headers[$name] == $value)' "$PROXY/log"
			jq -se --arg name "${header%%: *}" \
				'any(.signed | index($name))' "$PROXY/log"
		done
	done
	run -2 sh -c 'echo | pz-put --sse-kms-key-id k "$1"' sh "s3://$bucket/x"
	run -2 sh -c 'echo | pz-put --sse none "$1"' sh "s3://$bucket/x"
	run -2 sh -c 'echo | pz-put --tag a "$1"' sh "s3://$bucket/x"
}

@test "content type, class, tags and grants are kept by the server" {
	skip_on swift 'knows neither tags nor grants'
	noise 6000000 >in
	pz-put --content-type application/x-ndjson --storage-class STANDARD --acl public-read \
		--tag 'team=a b' --tag n=1 --part-size 5242880 "s3://$bucket/big" in
	echo a | pz-put --content-type application/x-ndjson --acl public-read \
		--tag 'team=a b' --tag n=1 "s3://$bucket/small"
	for key in small big; do
		[ "$(head_of "$key" content-type)" = application/x-ndjson ]
		pz-fetch --no-sign-request "s3://$bucket/$key" >got
	done
	# Ceph forgets tags of what comes in parts.
	client ask GET "$bucket" small tagging= </dev/null >tags
	grep -q '<Key>team</Key><Value>a b</Value>' tags
	grep -q '<Key>n</Key><Value>1</Value>' tags
	run -1 sh -c 'echo a | pz-put --storage-class NONE "$1"' sh "s3://$bucket/x"
	assert_output --partial "s3://$bucket/x: 4"
}

@test "content types are kept" {
	echo a | pz-put --content-type application/x-ndjson "s3://$bucket/small"
	[ "$(head_of small content-type)" = application/x-ndjson ]
}

@test "compressed as asked for" {
	lines 100000 >in
	pz-put --zstd "s3://$bucket/z" <in
	client get "$bucket" z | zstd -dq | cmp - in
	pz-put --gzip --level 9 "s3://$bucket/g" <in
	client get "$bucket" g | gzip -d | cmp - in
	noise 12000000 >in
	pz-put --zstd --part-size 5242880 "s3://$bucket/big" <in
	client get "$bucket" big | zstd -dq | cmp - in
	pz-fetch "s3://$bucket/z" "s3://$bucket/g" | wc -l | grep -qx 200000
}

@test "checksums that are asked for are those of the bytes" {
	noise 6000000 >in
	fault
	printf 123456789 | pz-put --checksum crc32c "s3://$bucket/small"
	[ "$(asked '.headers["x-amz-checksum-crc32c"] == "4waSgw=="')" -eq 1 ]
	fault
	pz-put --checksum sha256 "s3://$bucket/small" <<<'123456789'
	sum=$(openssl dgst -sha256 -binary <<<'123456789' | base64)
	[ "$(asked ".headers[\"x-amz-checksum-sha256\"] == \"$sum\"")" -eq 1 ]
	run -2 sh -c 'echo | pz-put --checksum md5 "$1"' sh "s3://$bucket/x"
	skip_on swift 'takes no checksums of parts'
	fault
	pz-put --checksum sha256 --part-size 5242880 "s3://$bucket/big" in
	sum=$(head -c 5242880 in | openssl dgst -sha256 -binary | base64)
	[ "$(asked ".headers[\"x-amz-checksum-sha256\"] == \"$sum\"")" -eq 1 ]
	direct
	same big in
}

@test "no checksum that other servers stumble over is sent unasked (aws-cli 9214)" {
	noise 6000000 >in
	fault
	pz-put "s3://$bucket/small" <<<a
	pz-put --part-size 5242880 "s3://$bucket/big" in
	pz-fetch "s3://$bucket/" >got
	[ "$(asked '.headers | keys | any(test("x-amz-(checksum-(crc|sha)|sdk|trailer)"))')" -eq 0 ]
	[ "$(asked '.headers["x-amz-content-sha256"] | test("^[0-9a-f]{64}$") | not')" -eq 0 ]
	[ "$(asked '.headers["transfer-encoding"] or .headers["content-encoding"]')" -eq 0 ]
	[ "$(asked '.method == "PUT"')" -ge 3 ]
}

@test "an output inside the input is refused when told to" {
	run -1 sh -c 'echo a | pz-put --not-under "$1/in" "$1/in/out"' sh "s3://$bucket"
	assert_output --partial "s3://$bucket/in"
	# A prefix is what the input is: in2 is read too.
	run -1 sh -c 'echo a | pz-put --not-under "$1/in" "$1/in2"' sh "s3://$bucket"
	run -1 sh -c 'echo a | pz-put --not-under "$1/x" --not-under "$1/" "$1/y"' sh "s3://$bucket"
	nothing_but
	echo a | pz-put --not-under "s3://$bucket/in/" "s3://$bucket/in2"
	echo a | pz-put --not-under "s3://other-bucket" "s3://$bucket/in3"
	nothing_but in2 in3
	mkdir in
	run -1 sh -c 'echo a | pz-put --not-under in in/out'
	[ ! -e in/out ]
	run -1 sh -c 'echo a | pz-put --not-under in "file://$PWD/in/out"'
	[ ! -e in/out ]
	echo a | pz-put --not-under in out
}

@test "--dry-run writes nothing" {
	run -0 sh -c 'echo a | pz-put --dry-run "$1"' sh "s3://$bucket/out"
	assert_output --partial "s3://$bucket/out"
	run -0 sh -c 'echo a | pz-put --dry-run out'
	[ ! -e out ]
	nothing_but
}

@test "a missing bucket is one clear line, before all of stdin was read" {
	SECONDS=0
	run -1 --separate-stderr env --default-signal=PIPE timeout 20 sh -c \
		'yes | pz-put --part-size 5242880 s3://no-such-bucket-here/key'
	[[ $stderr == *'pz-put: s3://no-such-bucket-here/key: 404 NoSuchBucket'* ]]
	[ "$SECONDS" -le 5 ]
	run -1 sh -c 'echo a | pz-put s3://no-such-bucket-here/key'
	[ "${#lines[@]}" -eq 1 ]
}

@test "a wrong secret is one clear line, and no secret in it" {
	AWS_SECRET_ACCESS_KEY=WRONGwrongWRONG run -1 sh -c 'echo a | pz-put "$1"' sh "s3://$bucket/a"
	assert_output --partial "pz-put: s3://$bucket/a: 403 SignatureDoesNotMatch"
	refute_output --partial WRONG
	[ "${#lines[@]}" -eq 1 ]
	nothing_but
}

@test "who may not write is told which permission to check" {
	skip_on swift 'has one user'
	AWS_ACCESS_KEY_ID=$OTHER_KEY_ID AWS_SECRET_ACCESS_KEY=$OTHER_SECRET \
		run -1 sh -c 'echo a | pz-put "$1"' sh "s3://$bucket/a"
	assert_output --partial "pz-put: s3://$bucket/a: 403 AccessDenied"
	assert_output --partial s3:PutObject
	nothing_but
}

@test "the right to write is enough" {
	skip_on swift 'has no bucket policies'
	printf '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":
		{"AWS":["arn:aws:iam:::user/other"]},"Action":["s3:PutObject"],"Resource":
		["arn:aws:s3:::%s/*"]}]}' "$bucket" | client ask PUT "$bucket" '' policy=
	noise 6000000 >in
	export AWS_ACCESS_KEY_ID=$OTHER_KEY_ID AWS_SECRET_ACCESS_KEY=$OTHER_SECRET
	echo a | pz-put "s3://$bucket/small"
	pz-put --part-size 5242880 "s3://$bucket/big" in
	setup_keys
	nothing_but big small
}

setup_keys() {
	# shellcheck disable=SC1090
	. "$PZ_S3/$server.env"
}

@test "memory stays below 128 MiB" {
	skip_on swift 'the same there'
	[ "$BUILD" = "${BUILD%asan}" ] || skip "sanitizers take more"
	lines 3276800 >big # 200 MiB
	for options in '' '-j 16' '--part-size 5242880' '--zstd'; do
		# shellcheck disable=SC2086 # words
		run -0 --separate-stderr "$S3/peak" pz-put $options "s3://$bucket/big" big
		[ "$(tail -n 1 <<<"$stderr")" -lt $((128 * 1024)) ]
	done
}

# What pz-batch does with inputs and outputs in S3, against a real server.
load util
load s3/util

setup_file() {
	s3_begin
	start_proxy
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
}

setup() {
	setup_s3
	cp "$BATS_FILE_TMPDIR"/{users.jsonl,shop.pzm} .
	export BUILD=${BUILD:-$ROOT/build} PZ_RETRY_BASE_MS=1
}

teardown() {
	local pid

	for pid in $(jobs -p); do kill -KILL "$pid" 2>/dev/null || true; done
}

# same KEY FILE - the object holds what the file holds.
same() {
	client get "$bucket" "$1" | cmp - "$2"
}

# create NAME [OPTION...] - a job from in/ to out/ of the bucket.
create() {
	pz-batch create --name "$1" -m shop.pzm --input "s3://$bucket/in/" --output "s3://$bucket/out/" "${@:2}"
}

@test "every object that begins so becomes one, cut by ranges" {
	head -n 20 users.jsonl >a
	tail -n 40 users.jsonl | zstd -q >b
	client put "$bucket" in/a.json a
	client put "$bucket" in/sub/b.json b
	client put "$bucket" in/empty /dev/null
	client put "$bucket" in_too/c.json users.jsonl
	fault
	create one --part-size 100 -n 3
	pz-score -m shop.pzm -n 3 a >a.out
	pz-score -m shop.pzm -n 3 b >b.out
	same out/a.json.out a.out
	same out/sub/b.json.out b.out
	same out/empty.out /dev/null
	[ "$(asked '.method == "GET" and .headers.range != null and (.path | test("in/a.json"))')" -ge 4 ]
	# The probe came before anything was written or read of a part.
	[ "$(jq -r 'select(.method == "PUT") | .path' "$PROXY/log" | head -n 1)" = "/$bucket/out/_CHECK" ]
	direct
	nothing_but in/a.json in/empty in/sub/b.json in_too/c.json \
		out/_CHECK out/a.json.out out/empty.out out/sub/b.json.out
	# The service's prefix is no folder: both are meant.
	pz-batch create --name two -m shop.pzm --input "s3://$bucket/in" --output "s3://$bucket/second" -n 3
	same second/in/a.json.out a.out
	same second/in_too/c.json.out <(pz-score -m shop.pzm -n 3 users.jsonl)
}

@test "an output in the input, or a bucket that cannot be written, is told" {
	client put "$bucket" in/a.json users.jsonl
	run -1 pz-batch create --name x -m shop.pzm --input "s3://$bucket/" --output "s3://$bucket/out"
	assert_output "pz-batch: Invalid S3 output path: s3://$bucket/out/in/a.json.out lies in the input s3://$bucket/"
	run -1 pz-batch create --name x -m shop.pzm --input "s3://$bucket/none/" --output "s3://$bucket/out"
	assert_output --partial 'no object has such a name'
	run -1 pz-batch create --name y -m shop.pzm --input "s3://$bucket/in/" --output "s3://$bucket-none/out"
	assert_output --partial 'NoSuchBucket'
	pz-batch describe y | jq -e '.batchInferenceJob
		| .status == "CREATE FAILED" and (.failureReason | test("_CHECK.*NoSuchBucket"))'
	run ls pz-jobs/y/parts
	assert_output ''
}

@test "outputs are encrypted with the job's key" {
	skip_on swift "it has no KMS"
	client put "$bucket" in/a.json users.jsonl
	fault
	create k --output-kms-key testkey-1 -n 2
	direct
	for key in out/_CHECK out/a.json.out; do
		client head "$bucket" "$key" >head
		jq -e '.["x-amz-server-side-encryption"] == "aws:kms"
			and .["x-amz-server-side-encryption-aws-kms-key-id"] == "testkey-1"' head
	done
	same out/a.json.out <(pz-score -m shop.pzm -n 2 users.jsonl)
	# What is printed does the same.
	client rm "$bucket" out/_CHECK out/a.json.out
	create k2 --output-kms-key testkey-1 -n 2 --print | sh -e
	client head "$bucket" out/a.json.out | jq -e '.["x-amz-server-side-encryption"] == "aws:kms"'
}

@test "S3 that is gone for a while is waited for" {
	client put "$bucket" in/a.json users.jsonl
	create w --engine none --part-size 300
	fault '{"path":"in/a.json","down":1}'
	export PZ_RETRY_BASE_MS=50
	pz-batch resume w --engine local
	[ "$(jq -s 'length' "$PROXY/log")" -gt 0 ]
	direct
	same out/a.json.out <(pz-score -m shop.pzm users.jsonl)
	nothing_but in/a.json out/_CHECK out/a.json.out
}

@test "an object that changed is not taken for the one that was cut" {
	client put "$bucket" in/a.json users.jsonl
	create c --engine none --parts 2
	sed 's/u0/u1/' users.jsonl >other
	client put "$bucket" in/a.json other
	run -1 pz-batch part c 1
	assert_output --partial "s3://$bucket/in/a.json"
	run -1 pz-batch resume c --engine local
	assert_output --partial '2 of 2 parts are not done'
	nothing_but in/a.json out/_CHECK
}

@test "killed while it writes an object, a job leaves no upload and no other bytes" {
	client put "$bucket" in/a.json users.jsonl
	cp "$(command -v pz-batch)" .
	# Output that needs several parts of an upload.
	cat >pz-score <<-'END'
		#!/bin/sh
		while read -r line; do head -c 600000 /dev/zero | tr '\0' x; echo; done
	END
	chmod +x pz-score
	./pz-batch create --name k -m shop.pzm --input "s3://$bucket/in/" --output "s3://$bucket/out/" --engine none --parts 2
	for part in 0 1; do ./pz-batch part k $part -q || true; done
	cat pz-jobs/k/parts/*.out >expected
	fault '{"method":"PUT","query":"partNumber=3","stall":600}'
	./pz-batch merge k 3>&- &
	pid=$!
	until_true grep -q partNumber=3 "$PROXY/begun"
	kill -KILL $pid
	direct
	[ "$(client uploads "$bucket" | wc -l)" -eq 1 ]
	# Another one's upload to a key that begins so is none of ours.
	other=$(client ask POST "$bucket" out/a.json.out2 uploads </dev/null | sed 's/.*<UploadId>//;s/<.*//')
	run ./pz-batch merge k
	same out/a.json.out expected
	[ "$(client uploads "$bucket" | jq -r .key)" = out/a.json.out2 ]
	client ask DELETE "$bucket" out/a.json.out2 "uploadId=$other" </dev/null
	nothing_but in/a.json out/_CHECK out/a.json.out
}

# big_job - a scorer in this folder, whose output of each part is more than 5 MiB, and
# an input of 3 parts.
big_job() {
	client put "$bucket" in/a.json users.jsonl
	cp "$(command -v pz-batch)" .
	cat >pz-score <<-'END'
		#!/bin/sh
		while read -r line; do echo "$line" | tr -d '\n'; head -c 500000 /dev/zero | tr '\0' x; echo; done
	END
	chmod +x pz-score
	while read -r line; do printf %s "$line"; head -c 500000 /dev/zero | tr '\0' x; echo; done <users.jsonl >expected
}

@test "with a scratch place S3 puts the parts together itself, and it is empty then" {
	skip_on swift "it copies no parts"
	big_job
	fault
	./pz-batch create --name s -m shop.pzm --input "s3://$bucket/in/" --output "s3://$bucket/out/" \
		--parts 3 -P 2 --scratch "s3://$bucket/tmp" --output-kms-key testkey-1 >arn || [ $? -eq 3 ]
	direct
	same out/a.json.out expected
	[ "$(jq -s '[.[] | select(.headers["x-amz-copy-source"])] | length' "$PROXY/log")" -eq 3 ]
	client head "$bucket" out/a.json.out | jq -e '.["x-amz-server-side-encryption"] == "aws:kms"'
	nothing_but in/a.json out/_CHECK out/a.json.out
	# Small ones, which S3 does not put together, go through here.
	pz-batch create --name t -m shop.pzm --input "s3://$bucket/in/" --output "s3://$bucket/out/" \
		--parts 3 -P 2 --scratch "s3://$bucket/tmp" --engine none
	pz-batch resume t --engine local
	same out/a.json.out <(pz-score -m shop.pzm users.jsonl)
	nothing_but in/a.json out/_CHECK out/a.json.out
	run -2 pz-batch create --name u -m shop.pzm --input users.jsonl --output out --scratch "s3://$bucket/tmp"
	assert_output --partial '--scratch is in S3'
}

@test "killed with a scratch place, a job leaves nothing there" {
	skip_on swift "it copies no parts"
	big_job
	./pz-batch create --name k -m shop.pzm --input "s3://$bucket/in/" --output "s3://$bucket/out/" \
		--parts 3 --scratch "s3://$bucket/tmp/" --engine none
	fault '{"method":"PUT","query":"partNumber=1","path":"000001.out","stall":600}'
	./pz-batch part k 1 -q 3>&- &
	pid=$!
	until_true grep -q 000001.out.*partNumber=1 "$PROXY/begun"
	kill -KILL $pid
	fault '{"method":"PUT","query":"partNumber=2","path":"a.json.out","stall":600}'
	printf '0\n1\n2\n' | ./pz-batch part k - -q || [ $? -eq 3 ]
	./pz-batch merge k 3>&- &
	pid=$!
	until_true grep -q a.json.out.*partNumber=2 "$PROXY/begun"
	kill -KILL $pid
	direct
	[ "$(client uploads "$bucket" | wc -l)" -ge 1 ]
	# An object of a part that is gone is made again.
	client rm "$bucket" "$(keys | grep 000002.out)"
	run ./pz-batch merge k
	assert_failure
	run ./pz-batch resume k --engine local
	same out/a.json.out expected
	nothing_but in/a.json out/_CHECK out/a.json.out
}

# KILLS=200 tests/run tests/pz-batch-s3.bats is the long run of this.
@test "random kills of random processes: the same bytes, and nothing left" {
	# The output of the long run is more than 8 MiB: an upload of several parts.
	for _ in $(seq $((${KILLS:-3} > 20 ? 400 : 20))); do cat users.jsonl; done >in.json
	client put "$bucket" in/a.json in.json
	pz-score -m shop.pzm in.json >expected
	RANDOM=${SEED:-1} kills=0 jobs=0
	while [ "$kills" -lt "${KILLS:-3}" ]; do
		run_killed "k$((++jobs))" $((${KILLS:-3} > 20 ? 600 : 250)) --input "s3://$bucket/in/" \
			--output "s3://$bucket/out/" --parts 5 -P 2
		same out/a.json.out expected
		nothing_but in/a.json out/_CHECK out/a.json.out
		run find pz-jobs -name '.*' -o -path '*/parts/*.out' -o -name '*.new-*'
		assert_output ''
		client rm "$bucket" out/_CHECK out/a.json.out
		rm -r "pz-jobs/k$jobs"
	done
	echo "# $kills kills in $jobs jobs" >&3
}

# The commands together, as they are meant to be used.
load util

setup() {
	cd_temp
}

records() {
	jq -nc --argjson n "$1" 'range($n) | {input: {userId: tostring},
		output: {recommendedItems: [range(50) | tostring], scores: [range(50) | 1 / (. + 1)]},
		error: null}'
}

@test "folders of compressed records to one compressed file, cut" {
	mkdir in
	records 50 >all
	head -n 20 all | zstd -q >in/1
	tail -n +21 all | head -n 20 | gzip >in/2
	tail -n 10 all >in/3
	pz-fetch in | pz-topk -k 5 | pz-put --zstd --lines 50 out.zst
	pz-fetch out.zst >got
	[ "$(wc -l <got)" -eq 50 ]
	jq -c '.output |= map_values(.[:5])' all >expected
	jq -c . got | cmp - expected
}

@test "a stage may be repeated, and any stage's output is a final one" {
	records 20 >all
	pz-topk -k 9 all >once
	pz-topk -k 9 once | cmp - once
	pz-topk -k 50 all | cmp - all
	pz-topk -k 20 all | pz-topk -k 9 | cmp - once
}

@test "an error record reaches the end and the rest is served" {
	{ records 1; echo '{"input":{"userId":"?"},"output":null,"error":"bad"}'; echo '{'; records 1; } >all
	run -0 bash -c 'pz-fetch all | pz-topk -k 1 | pz-put --lines 4 out; echo "${PIPESTATUS[@]}"'
	assert_output '0 3 0'
	[ "$(jq -s 'map(.error != null) | tostring' out)" = '"[false,true,true,false]"' ]
}

@test "a damaged source fails the pipe with pipefail and keeps the old result" {
	records 100 | zstd -q | head -c 500 >damaged
	echo old >out
	run -1 bash -c 'set -o pipefail
		pz-fetch damaged | pz-topk -k 1 | pz-put --lines 100 out'
	[ "$(cat out)" = old ]
}

@test "many megabytes through all stages keep every line" {
	records 200 >some
	for _ in $(seq 100); do cat some; done >all
	pz-fetch all | pz-topk -k 50 | pz-put out
	cmp out all
}

# What the pz-topk(1) page promises.
# shellcheck disable=SC2016 # single quotes are meant: inner shells expand
load util

setup() {
	cd_temp
}

item='{"input":{"userId":"1"},"output":{"recommendedItems":["a","b","c"],"scores":[0.5,0.25,1.0E-4]},"error":null}'
segment='{"input": {"itemId": "1"}, "output": {"usersList": ["61","22","5"]}, "error": null}'
broken='{"input":{"userId":"9"},"output":null,"error":"no such user"}'

topk() {
	printf '%s\n' "$input" | pz-topk "$@"
}

@test "parallel lists of an item record are cut, its other bytes stay" {
	input=$item run -0 topk -k 2
	assert_output '{"input":{"userId":"1"},"output":{"recommendedItems":["a","b"],"scores":[0.5,0.25]},"error":null}'
}

@test "a segment record keeps its spaces" {
	input=$segment run -0 topk -k 1
	assert_output '{"input": {"itemId": "1"}, "output": {"usersList": ["61"]}, "error": null}'
}

@test "every array as long as the items is cut, others are not" {
	input='{"input":{"itemId":"1"},"output":{"theme":"t","recommendedItems":["a","b","c"],"itemsThemeRelevanceScores":[0.1,-0.188913,0],"reason":[["x","y"],[],[]],"two":["p","q"]},"n":[1,2,3]}'
	run -0 topk -k 1
	assert_output '{"input":{"itemId":"1"},"output":{"theme":"t","recommendedItems":["a"],"itemsThemeRelevanceScores":[0.1],"reason":[["x","y"]],"two":["p","q"]},"n":[1,2,3]}'
}

@test "a record with fewer entries passes as its own bytes" {
	input='{ "input":{"userId":"1\u0031"} ,"output":{"recommendedItems":[ "a" ],"scores":[ 1.10 ]} }'
	run -0 topk -k 1
	assert_output "$input"
}

@test "25 entries are kept unless told otherwise" {
	input=$(jq -nc '{input:{}, output:{recommendedItems:[range(40)]}}')
	run -0 sh -c 'printf "%s\n" "$1" | pz-topk | jq ".output.recommendedItems | length"' - "$input"
	assert_output 25
}

@test "error records pass untouched and make the status 3" {
	input="$broken"$'\n'"$item" run -3 topk -k 3
	assert_output "$broken"$'\n'"$item"
}

@test "a segment's error record passes although it has a list" {
	input='{"input": {"itemId": "x"}, "output": {"usersList": []}, "error": "no such item"}'
	run -3 topk -k 3
	assert_output "$input"
}

@test "a record without output is an error record that says what to do" {
	input='{"userId": "1"}'$'\n'$item run -3 topk -k 9
	assert_line -n 0 '{"input":{"userId":"1"},"output":null,"error":"no output here: pz-topk reads output records, or any JSON lines with --by"}'
	assert_line -n 1 "$item"
}

@test "a broken line is an error record with the position, the rest goes on" {
	input='{"a":tru}'$'\n'$'{"\xff":1}'$'\n'$item run -3 topk
	assert_line -n 0 '{"input":"{\"a\":tru}","output":null,"error":"not a JSON value at byte 6"}'
	assert_line -n 1 --partial '"error":"invalid UTF-8 at byte 3"'
	assert_line -n 2 "$item"
}

@test "blank lines, CRLF, a mark and a missing end are taken" {
	printf '\xef\xbb\xbf%s\r\n\r\n  \n%s' "$item" "$segment" >in
	run -0 pz-topk -k 3 in
	assert_output "$item"$'\n'"$segment"
	printf '\0\n' >in
	run -3 pz-topk in
	: >empty
	run -0 pz-topk empty empty
	assert_output ''
}

@test "the lines with the greatest keys, best first, earlier before later" {
	input=$(printf '%s\n' '{"p":1}' '{"p":3,"n":1}' '{"p":2}' '{"p":3,"n":2}' '{}')
	run -0 topk -k 3 --by .p
	assert_output '{"p":3,"n":1}
{"p":3,"n":2}
{"p":2}'
	input=$input run -0 topk -k 3 --by .p --reverse
	assert_output '{}
{"p":1}
{"p":2}'
}

@test "lines chosen by key pass as their own bytes" {
	input='{ "p": 12345678901234567890, "q": 1.10 }' run -0 topk --by .p
	assert_output '{ "p": 12345678901234567890, "q": 1.10 }'
	input='{ "p": 12345678901234567890, "q": 1.10 }' run -0 topk --by '.p + 1'
	assert_output '{ "p": 12345678901234567890, "q": 1.10 }'
}

@test "the best of each group, groups in order of appearance" {
	input='{"shop":"b","price":1}
{"shop":"a","price":5}
{"shop":"b","price":3}
{"shop":"b","price":2}
{"shop":null,"price":9}
{"price":8}'
	run -0 topk -k 2 --by .price --group-by .shop
	assert_output '{"shop":"b","price":3}
{"shop":"b","price":2}
{"shop":"a","price":5}
{"shop":null,"price":9}
{"price":8}'
}

@test "the first of each group come out while the input goes on" {
	mkfifo fifo
	pz-topk -k 1 --group-by .g <fifo >out &
	exec 7>fifo
	yes '{"g":1}' | head -n 1000 >&7
	seq 2 10002 | sed 's/.*/{"g":&}/;p' >&7
	for _ in $(seq 100); do [ -s out ] && break; sleep 0.05; done
	[ -s out ]
	exec 7>&-
	wait
	[ "$(wc -l <out)" -eq 10002 ]
}

@test "choosing agrees with jq's sort_by on random lines" {
	jq -nc 'range(3000) | {id: ., a: {p: ((. * 7919) % 101 | if . % 7 == 0 then null elif . % 5 == 0 then tostring elif . % 3 == 0 then [.] else . end)}, g: (. % 4)}' >in
	for key in .a.p '.a["p"]' '.a.p, -.id' '(.a.p | tostring)'; do
		pz-topk -k 50 --by "$key" --reverse in >got
		jq -sc "sort_by($key) | .[:50][]" in >expected
		cmp got expected
		pz-topk -k 10 --by "$key" --group-by .g --reverse in >got
		jq -sc "reduce .[] as \$x ({}; .[\$x.g | tostring] += [\$x])
			| .[] | sort_by($key) | .[:10][]" in >expected
		cmp got expected
	done
}

@test "a key that fails makes that line an error record" {
	input='{"a":"x"}'$'\n''{"a":'$'\n''{"a":[2]}'$'\n''{"a":{"b":7}}' run -3 topk --by .a.b
	assert_line -n 0 --partial '{"input":{"a":"x"},"output":null,"error":"--by: Cannot index string with'
	assert_line -n 1 --partial '{"input":"{\"a\":","output":null,"error":"'
	assert_line -n 2 --partial '{"input":{"a":[2]},"output":null,"error":"--by: Cannot index array with'
	assert_line -n 3 '{"a":{"b":7}}'
	input='{"a":1}' run -3 topk --group-by 'error("no group")'
	assert_output '{"input":{"a":1},"output":null,"error":"--group-by: no group"}'
}

@test "error records pass in front of the chosen lines" {
	input="$item"$'\n'"$broken" run -3 topk --by .output.scores[0]
	assert_output "$broken"$'\n'"$item"
}

@test "wrong usage says so and exits 2" {
	run -2 pz-topk -k 0
	assert_output --partial '-k: keep at least 1'
	run -2 pz-topk --reverse
	assert_output --partial '--reverse needs --by'
	run -2 pz-topk --by '.a['
	assert_output --partial 'pz-topk: --by: syntax error'
	[ "${#lines[@]}" -eq 1 ]
	run -2 pz-topk --top 3
}

@test "a missing file is one clear error" {
	run -1 pz-topk none
	assert_output 'pz-topk: none: No such file or directory'
}

@test "a line of 10 MB is cut" {
	jq -nc '{ input: {}, output: { recommendedItems: [range(100000) | "x" * 97],
		scores: [range(100000) | 0.5] } }' >in
	pz-topk -k 1 in >out
	[ "$(wc -c <out)" -lt 200 ]
	pz-topk -k 1 --by .input in | cmp - in
}

@test "lost output is a failure" {
	run -1 sh -c 'printf "%s\n" "$1" | pz-topk >/dev/full' - "$item"
	assert_output --partial '<stdout>'
}

@test "a reader that goes away ends it at once" {
	yes "$item" | head -n 100000 >in
	run env --default-signal=PIPE timeout 20 bash -c 'pz-topk in | head -n 1 >one; echo ${PIPESTATUS[0]}'
	assert_output 141
	[ "$(cat one)" = "$item" ]
}

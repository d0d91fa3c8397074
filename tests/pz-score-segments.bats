# pz-score - segments: the users for items and for attributes.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
	pz-train -r item-affinity --hyper hidden_dimension=8 -o item.pzm shop 2>warnings
	pz-train -r aws-item-attribute-affinity --hyper hidden_dimension=8 -o attribute.pzm shop 2>warnings
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "a segment has the bytes of the service's files" {
	run -0 pz-score -m item.pzm -n 2 <<<'{"itemId":"i03", "note" : [1, {"a":2}]}'
	assert_output --regexp '^\{"input": \{"itemId": "i03", "note": \[1,\{"a": 2\}\]\}, "output": \{"usersList": \["u[0-9]+","u[0-9]+"\]\}, "error": null\}$'
	run -0 pz-score -m item.pzm -n 1 --docs-format <<<'{"itemId":"i03"}'
	assert_output --regexp '"output": \{"recommendedUsers": \["u[0-9]+"\]\}'
}

@test "users of the item's third come first, with falling probabilities" {
	run -0 jq -c '[.output.usersList[:4][] | .[1:] | tonumber % 3] | unique' \
		<(pz-score -m item.pzm -n 60 --scores <<<'{"itemId":"i04"}')
	assert_output '[1]'
	run -0 jq -c '.output | [(.usersList | length), (.scores | . == (sort | reverse)),
		(.scores | all(. >= 0 and . <= 1))]' \
		<(pz-score -m item.pzm -n 60 --scores <<<'{"itemId":"i04"}')
	assert_output '[60,true,true]'
}

@test "attributes select items; any of them makes a user likely" {
	local comedy='{"itemAttributes":"ITEMS.GENRE = \"Comedy\""}'
	local one='{"itemAttributes":"ITEMS.GENRE = \"Crime\" AND items.genre=\"Drama\" AND Items.PRICE = 7"}'

	# the probability for a set is not below that for a part of it
	run -0 jq -s -c 'map(.output | [.usersList, .scores] | transpose | map({(.[0]): .[1]}) | add)
		| . as [$all, $some] | [$some | keys[] | $all[.] >= $some[.]] | all' <(
		printf '%s\n' '{"itemAttributes":"ITEMS.GENRE = \"Crime\""}' "$one" |
			pz-score -m attribute.pzm -n 60 --scores)
	assert_output true
	# a set of one item is that item
	cmp <(pz-score -m attribute.pzm -n 60 --scores <<<"$one" | jq -c .output) \
		<(pz-score -m item.pzm -n 60 --scores <<<'{"itemId":"i07"}' | jq -c .output)
	run -0 jq -c '.output.usersList | length' <(pz-score -m attribute.pzm -n 7 <<<"$comedy")
	assert_output 7
}

@test "what cannot be answered is an error record, and the rest goes on" {
	printf '%s\n' '{"itemAttributes":"ITEMS.GENRE = \"Comedy\" OR ITEMS.GENRE = \"Drama\""}' \
		'{"itemAttributes":"ITEMS.GENRE = \"Nothing\""}' \
		'{"itemAttributes":"ITEMS.SHAPE = \"x\""}' '{"itemId":"i03"}' 'garbage' \
		'{"itemAttributes":"EXTENDED Items.GENRE IN (\"Comedy\") OR Items.PRICE > 30"}' >in
	run -3 pz-score -m attribute.pzm -n 1 in
	assert_line -n 0 --partial '"output": {"usersList": []}, "error": "itemAttributes joins tests with AND only'
	assert_line -n 1 --partial '"output": {"usersList": []}, "error": "no item that was there at training matches"'
	assert_line -n 2 --partial 'there is no column'
	assert_line -n 3 --partial '"error": "expected a member itemAttributes"'
	assert_line -n 4 --partial '{"input": "garbage", "output": {"usersList": []}, "error": "byte 1'
	assert_line -n 5 --partial '"error": null'
	run -3 pz-score -m item.pzm <<<'{"itemId":"nothing"}'
	assert_output --partial '"error": "the item was not there at training"'
}

# same_as_reference MODEL RECORD ITEM... - all users, in falling order, with probabilities
# that a slow reference finds too, to 1e-6.
same_as_reference() {
	pz-score -m "$1" -n 1000 --scores <<<"$2" |
		jq -r '.output | [.usersList, .scores] | transpose[] | @tsv' >ours
	"$BUILD"/tests/segment_reference "$1" "${@:3}" >reference
	[ "$(wc -l <ours)" -eq "$(wc -l <reference)" ]
	cut -f 2 ours | sort -c -g -r
	join -t $'\t' <(sort ours) <(sort reference) | awk '
		{ d = $2 - $3; if (d > 1e-6 || d < -1e-6) { print; bad = 1 } }
		END { exit bad || NR != '"$(wc -l <ours)"' }'
}

@test "printed probabilities are those of a slow reference" {
	for item in i00 i04 i39; do
		same_as_reference item.pzm "{\"itemId\":\"$item\"}" $item
	done
	# shellcheck disable=SC2046 # IDs without blanks
	same_as_reference attribute.pzm '{"itemAttributes":"ITEMS.GENRE = \"Crime\""}' \
		$(zstdcat shop/items/* | jq -r 'select(.GENRE | tostring | test("Crime")) | .ITEM_ID' | sort -u)
}

@test "more users than there are: all of them, once, and more than the service gives warn" {
	run -0 --separate-stderr pz-score -m item.pzm -n 5000001 <<<'{"itemId":"i03"}'
	[ "$stderr" = "pz-score: -n 5000001: the service gives 5000000 users at most" ]
	run -0 jq -c '.output.usersList | [length, (unique | length)]' <<<"$output"
	assert_output '[60,60]'
	run -1 pz-score -m item.pzm -n 5000001 --service-limits <<<'{"itemId":"i03"}'
	run -0 --separate-stderr pz-score -m item.pzm -n 5000000 --service-limits <<<'{"itemId":"i03"}'
	[ -z "$stderr" ]
}

@test "items that nobody met are found through metadata, and those without it not at all" {
	cd_temp
	{ cat "$BATS_FILE_TMPDIR"/items.csv; printf '%s\n' 'cold,New|Drama,7' bare,,; } >items.csv
	pz-import -t interactions shop "$BATS_FILE_TMPDIR"/events.csv >schema
	pz-import -t items shop items.csv >schema
	pz-train -r item-affinity --hyper hidden_dimension=8 -o item.pzm shop 2>warnings
	pz-train -r item-attribute-affinity --hyper hidden_dimension=8 -o set.pzm shop 2>warnings
	run -0 jq -c '.output.usersList | length' <(pz-score -m item.pzm -n 99 <<<'{"itemId":"cold"}')
	assert_output 60
	run -3 pz-score -m item.pzm <<<'{"itemId":"bare"}'
	assert_output --partial '"error": "the item was not there at training"'
	# a set of which nobody met anything
	run -0 jq -c '.output.usersList | length' \
		<(pz-score -m set.pzm -n 99 <<<'{"itemAttributes":"ITEMS.GENRE = \"New\""}')
	assert_output 60
}

@test "a model of attributes needs items with attributes" {
	cd_temp
	pz-import -t interactions bare "$BATS_FILE_TMPDIR"/events.csv >schema
	run -1 pz-train -r item-attribute-affinity -o x bare
	assert_output --partial "item-attribute-affinity needs items with attributes"
	assert_not_exists x
}

@test "filters for attributes test no interactions, unless they are extended" {
	local filter='INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("buy")'
	local comedy='{"itemAttributes":"ITEMS.GENRE = \"Comedy\""}'

	run -3 pz-score -m attribute.pzm <(pz-filter "$filter" <<<"$comedy")
	assert_output --partial '"usersList": []}, "error": "filters for item-attribute-affinity may not test Interactions'
	run -0 pz-score -m attribute.pzm <(pz-filter "EXTENDED $filter" <<<"$comedy")
	assert_output --partial '"error": null'
}

@test "with -d filters see the dataset, and users are those of the training" {
	cd_temp
	cp -r "$BATS_FILE_TMPDIR"/shop .
	echo '{"trackingId":"t","userId":"u01","sessionId":"s","eventList":[
		{"eventType":"gift","sentAt":2000000,"itemId":"i03"}]}' | tr -d '\n' | pz-event shop
	echo '{"trackingId":"t","userId":"new","sessionId":"s","eventList":[
		{"eventType":"gift","sentAt":2000000,"itemId":"i03"}]}' | tr -d '\n' | pz-event shop
	echo '{"itemId":"i03"}' >ask
	pz-score -m "$BATS_FILE_TMPDIR"/item.pzm -n 99 --scores ask >before
	pz-score -m "$BATS_FILE_TMPDIR"/item.pzm -n 99 --scores -d shop ask | cmp - before
	pz-filter 'INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("gift")' ask >bound
	run -0 jq -c .output.usersList <(pz-score -m "$BATS_FILE_TMPDIR"/item.pzm -d shop bound)
	assert_output '["u01"]'
	run -0 jq -c .output.usersList <(pz-score -m "$BATS_FILE_TMPDIR"/item.pzm bound)
	assert_output '[]'
}

@test "UserID filters choose users" {
	pz-filter 'INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("buy")' <<<'{"itemId":"i04"}' |
		pz-score -m item.pzm -n 60 | jq -r '.output.usersList[]' | sort >ours
	zstdcat shop/interactions/* | jq -r 'select(.EVENT_TYPE == "buy") | .USER_ID' | sort -u | cmp - ours
}

@test "the output has the same bytes for any number of threads" {
	for ((i = 0; i < 40; i++)); do printf '{"itemId":"i%02d"}\n' $i; done >in
	pz-score -m item.pzm -j 1 -n 20 --scores in >one || true
	for j in 2 3 5; do
		pz-score -m item.pzm -j $j -n 20 --scores in | cmp - one
	done
}

@test "the service's limits on lines warn, or refuse when asked" {
	for ((i = 0; i < 11; i++)); do echo '{"itemAttributes":"ITEMS.GENRE = \"Comedy\""}'; done >eleven
	run -0 --separate-stderr pz-score -m attribute.pzm -n 1 eleven
	[ "${#lines[@]}" -eq 11 ]
	[ "$stderr" = "pz-score: 11 lines in a file: the service takes 10 for item-attribute-affinity" ]
	run -1 pz-score -m attribute.pzm -n 1 --service-limits eleven
	assert_line --partial "more than 10 lines"
	for ((i = 0; i < 501; i++)); do echo '{"itemId":"i03"}'; done >many
	run -1 pz-score -m item.pzm -n 1 --service-limits many
	assert_line --partial "many: more than 500 lines"
	run -0 --separate-stderr pz-score -m item.pzm -n 1 many
	[ "${#lines[@]}" -eq 501 ]
	[ "$stderr" = "pz-score: 501 lines in a file: the service takes 500 for item-affinity" ]
	# the limit is that of a file
	head -n 300 many >some
	run -0 --separate-stderr pz-score -m item.pzm -n 1 --service-limits some some
	[ "${#lines[@]}" -eq 600 ]
	[ -z "$stderr" ]
}

@test "segments learn from bulk FULL and individual records, not from increments" {
	cd_temp
	cp -r "$BATS_FILE_TMPDIR"/shop .
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE new,i00,2000000,view new,i03,2000001,view >more.csv
	pz-import -t interactions --mode INCREMENTAL shop more.csv
	pz-train -r item-affinity --hyper hidden_dimension=8 -o new.pzm shop 2>warnings
	run -0 jq -c .rowsLeftOut <(pz-show model new.pzm)
	assert_output 2
	run -0 jq -c '.output.usersList | index("new")' <(pz-score -m new.pzm -n 99 <<<'{"itemId":"i03"}')
	assert_output null
	run -2 pz-train -r item-affinity --streamed-events sometimes -o x shop
	# individual records count, unless the newer reading of the service is asked for
	echo '{"trackingId":"t","userId":"one","sessionId":"s","eventList":[
		{"eventType":"view","sentAt":2000002,"itemId":"i03"}]}' | tr -d '\n' | pz-event shop
	pz-train -r item-affinity --hyper hidden_dimension=8 -o with.pzm shop 2>warnings
	pz-train -r item-affinity --hyper hidden_dimension=8 --streamed-events exclude -o without.pzm shop 2>warnings
	run -0 jq -c '[.interactions, .rowsLeftOut]' <(pz-show model with.pzm; pz-show model without.pzm)
	assert_output $'[541,2]\n[540,3]'
	run -0 jq -c '.output.usersList | index("one") != null' \
		<(pz-score -m with.pzm -n 99 <<<'{"itemId":"i03"}'; pz-score -m without.pzm -n 99 <<<'{"itemId":"i03"}')
	assert_output $'true\nfalse'
}

@test "interactions of one time are refused" {
	cd_temp
	awk 'BEGIN { print "USER_ID,ITEM_ID,TIMESTAMP"; for (i = 0; i < 2000; i++) print "u" i % 60 ",i" i % 37 ",5" }' >same.csv
	pz-import -t interactions same same.csv >schema
	run -1 pz-train -r item-affinity -o x same
	assert_output --partial "the times of the interactions do not differ enough"
	assert_not_exists x
}

# pz-score - lists of items put in the order of users' interest: personalized-ranking.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
	echo 'i99,Comedy,5' >>items.csv # nobody met it
	pz-import -t items shop items.csv >/dev/null
	pz-train -r personalized-ranking --hyper hidden_dimension=8 -o rank.pzm shop 2>>warnings
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# rank RECORD [FIELD] - the ranked items, or another jq path of the output.
rank() {
	pz-score -m rank.pzm <<<"$1" | jq -c ".output | ${2:-.recommendedItems}"
}

@test "the whole list comes back, best first, and scores add up to one" {
	jq -c '. + {itemList: [range(40) | "i\(. / 10 | floor)\(. % 10)"]}' users.jsonl >lists
	pz-score -m rank.pzm -n 3 lists >out
	run jq -s -c '[length, all(.error == null
		and (.input.itemList - .output.recommendedItems == [])
		and (.output.recommendedItems | length == 40)
		and (.output.scores | . == (sort | reverse) and length == 40)
		and (.output.scores | add | . > 0.99999 and . < 1.00001))]' out
	assert_output '[60,true]'
}

# With the same user the order of two items does not depend on the others.
@test "a list's order is that of the recommendations, without exploration" {
	pz-train -r user-personalization --hyper hidden_dimension=8 \
		--hyper exploration_weight=0 -o all.pzm shop 2>/dev/null
	while read -r user; do
		list=$(pz-score -m all.pzm -n 40 <<<"$user" | jq -c .output.recommendedItems)
		run rank "$(jq -c --argjson l "$list" '. + {itemList: ($l | sort | reverse)}' <<<"$user")"
		assert_output "$list"
	done < <(head -n 5 users.jsonl)
}

@test "unknown items and those nobody met stand last with 0.0, in the order given" {
	run rank '{"userId":"u01","itemList":["z","i99","i01","a","i02","z"]}' '[.recommendedItems[2:], .scores[2:]]'
	assert_output '[["z","i99","a","z"],[0,0,0,0]]'
	run -0 pz-score -m rank.pzm <<<'{"userId":"u01","itemList":["z","i99"]}'
	assert_output '{"input":{"userId":"u01","itemList":["z","i99"]},"output":{"recommendedItems":["z","i99"],"scores":[0.0,0.0]},"error":null}'
}

@test "an item that is there twice comes back twice, with the same score" {
	run rank '{"userId":"u01","itemList":["i01","i02","i01"]}' '[(.recommendedItems | sort), (.scores | unique | length)]'
	assert_output '[["i01","i01","i02"],2]'
	run rank '{"userId":"u01","itemList":["i01","i01"]}' .scores
	assert_output '[0.5,0.5]'
}

@test "an empty list is answered by one" {
	run -0 pz-score -m rank.pzm <<<'{"userId":"u01","itemList":[]}'
	assert_output '{"input":{"userId":"u01","itemList":[]},"output":{"recommendedItems":[],"scores":[]},"error":null}'
}

@test "a list of 100,000 items is answered" {
	jq -nc '{userId: "u01", itemList: [range(100000) | "i\(. % 50)"]}' >long
	pz-score -m rank.pzm long >out
	run jq -c '[(.output.recommendedItems | length), (.output.scores[99999])]' out
	assert_output '[100000,0]'
}

@test "an unknown user gets the items in the order of their users" {
	pz-train -r popularity-count -o popular.pzm shop 2>/dev/null
	list=$(pz-score -m popular.pzm -n 9 <<<'{"userId":"nobody"}' | jq -c .output.recommendedItems)
	run rank "{\"userId\":\"nobody\",\"itemList\":$(jq -c reverse <<<"$list")}"
	assert_output "$list"
	run rank "{\"userId\":\"nobody\",\"itemList\":$list}" '.scores | add * 1000 | round'
	assert_output 1000
}

@test "IDs come back as they were written, whatever needs an escape" {
	run -0 pz-score -m rank.pzm <<<'{"userId":"u01","itemList":["\u0069\u0030\u0031","\u00e9\n\"x\\"]}'
	assert_output --partial '"recommendedItems":["\u0069\u0030\u0031","\u00e9\n\"x\\"],"scores":[1.0,0.0]'
}

@test "a filter takes items out, but not out of the sum" {
	record='{"userId":"u01","itemList":["i01","i02","i03","nowhere"]'
	run rank "$record}" '[.recommendedItems, .scores] | transpose | map(select(.[0] != "i02")) | transpose'
	all=$output
	run rank "$record,\"filter\":\"EXCLUDE ItemID WHERE Items.PRICE = 2\"}" '[.recommendedItems, .scores]'
	assert_output "$all"
	run rank "$record,\"filter\":\"INCLUDE ItemID WHERE Items.PRICE = 2\"}"
	assert_output '["i02"]'
	run rank "$record,\"filter\":\"INCLUDE ItemID WHERE Items.PRICE > 99\"}" .
	assert_output '{"recommendedItems":[],"scores":[]}'
}

@test "wrong records are error records, the rest goes on, exit 3" {
	cat >mixed <<-'E'
	{"userId":"u01","itemList":["i01"]}
	{"userId":"u01"}
	{"userId":"u01","itemList":"i01"}
	{"userId":"u01","itemList":["i01",2]}
	{"itemList":["i01"]}
	{"userId":"u01","itemList":["i01"],"filter":"x"}
	{"userId":"u02","itemList":["i01"]}
	E
	run -3 pz-score -m rank.pzm mixed
	[ "${#lines[@]}" = 7 ]
	[ "$(jq -r .error <<<"${lines[1]}")" = "expected a member itemList" ]
	[ "$(jq -r .error <<<"${lines[2]}")" = "itemList is not an array of strings" ]
	[ "$(jq -r .error <<<"${lines[3]}")" = "itemList is not an array of strings" ]
	[ "$(jq -r .error <<<"${lines[4]}")" = "expected a member userId" ]
	[ "$(jq -c .output <<<"${lines[5]}")" = null ]
	[ "${lines[6]}" = '{"input":{"userId":"u02","itemList":["i01"]},"output":{"recommendedItems":["i01"],"scores":[1.0]},"error":null}' ]
}

@test "the bytes are the same for any number of threads and any kernel" {
	jq -c '. + {itemList: [range(0; 40; 3) | "i\(. / 10 | floor)\(. % 10)"]}' users.jsonl >lists
	pz-score -m rank.pzm -j 1 lists >one
	pz-score -m rank.pzm -j 3 lists | cmp - one
	PZ_SIMD=scalar pz-score -m rank.pzm lists | cmp - one
}

# The shares of user-personalization's scores within the list, which jq can add up;
# they have 7 decimals, so that only great ones are compared.
@test "on retailrocket scores are shares of the recommendations' scores" {
	need_data retailrocket
	cd_temp
	zstdcat "$DATA/retailrocket/view.tsv.zst" |
		awk 'BEGIN { print "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE" }
			{ print "u" $1 ",i" $2 "," $3 ",view" }' >events.csv
	pz-import shop events.csv >/dev/null
	for recipe in user-personalization personalized-ranking; do
		pz-train -r $recipe --hyper hidden_dimension=32 --hyper epochs=4 -o $recipe.pzm shop
	done
	for u in 0 1 2 77 1500; do echo "{\"userId\":\"u$u\"}"; done >users
	pz-score -m user-personalization.pzm --exploration-weight 0 -n 10 users >recommended
	jq -c '.input + {itemList: (.output.recommendedItems | reverse + ["new"])}' recommended |
		pz-score -m personalized-ranking.pzm >ranked
	run jq -s -c '.[:5] as $r | [range(5) as $i | $r[$i].output as $a | .[5 + $i].output as $b |
		($b.recommendedItems == $a.recommendedItems + ["new"]) and ($b.scores[10] == 0) and
		([range(10) | ($a.scores[.] / ($a.scores | add) - $b.scores[.]) | fabs] | max < 1e-3)] | all' recommended ranked
	assert_output true
}

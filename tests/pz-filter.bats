# shellcheck disable=SC2016,SC2154 # $ of placeholders; stderr is of bats
# pz-filter - expressions bound to records, lists cut, and what must be refused.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	cat >items.csv <<-'END'
		ITEM_ID,GENRE,PRICE
		i1,Action|Crime,10
		i2,Comedy,20
		i3,Drama|Comedy,30
		i4,,
	END
	cat >users.csv <<-'END'
		USER_ID,AGE
		ann,17
		bob,30
	END
	cat >events.csv <<-'END'
		USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE
		ann,i1,1,click
		ann,i2,2,watch
		bob,i3,3,CLICK
		ann,i1,4,buy
		ann,i2,5,Buy
	END
	cat >schema.json <<-'END'
		{"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema",
		"fields":[{"name":"ITEM_ID","type":"string"},
		{"name":"GENRE","type":["null","string"],"categorical":true},
		{"name":"PRICE","type":["null","float"]}],"version":"1.0"}
	END
	"$BUILD"/pz-import -t items --schema schema.json shop items.csv
	"$BUILD"/pz-import -t users shop users.csv >/dev/null
	"$BUILD"/pz-import shop events.csv >/dev/null
	cat >output.jsonl <<-'END'
		{"input":{"userId":"ann"},"output":{"recommendedItems":["i1","i2","i3","i4"],"scores":[0.4,0.3,3.0E-4,1.0E-5]},"error":null}
		{"input": {"userId": "bob"}, "output": {"scores": [ 0.4, 0.3 , 0.2 ], "recommendedItems": [ "i1", "i3" , "i4" ]}, "error": null}
	END
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "a constant expression is added behind the record's own bytes" {
	printf '%s\n' '{"userId": "1", "n": 12345678901234567890, "x": 1.10 }' '{}' ' { } ' >some
	run -0 pz-filter "exclude itemid where items.GENRE in ('Comedy')" some
	assert_line -n 0 '{"userId": "1", "n": 12345678901234567890, "x": 1.10 ,"filter":"EXCLUDE ItemID WHERE Items.GENRE IN (\"Comedy\")"}'
	assert_line -n 1 '{"filter":"EXCLUDE ItemID WHERE Items.GENRE IN (\"Comedy\")"}'
	assert_line -n 2 ' { "filter":"EXCLUDE ItemID WHERE Items.GENRE IN (\"Comedy\")"} '
}

@test "values are bound for each record, and what cannot be bound is an error record" {
	run -3 pz-filter 'INCLUDE ItemID WHERE Items.PRICE < $P' <<'END'
{"userId":"1","filterValues":{"P":"\"20\""}}
{"userId":"2","filterValues":{"p":"20"}}

{"userId":"3","filterValues":{"P":"20\""}}
{"userId":"4","filterValues":{"P":20}}
END
	assert_equal "${#lines[@]}" 4
	assert_equal "$(jq -r .filter <<<"${lines[0]}")" 'INCLUDE ItemID WHERE Items.PRICE < "20"'
	assert_equal "$(jq -c '[.input.userId, .output, .error]' <<<"${lines[1]}")" \
		'["2",null,"filterValues: P: missing, and an INCLUDE needs it; \"p\" is another name"]'
	assert_equal "$(jq -r '.error[:16]' <<<"${lines[2]}")" 'filterValues: P:'
	assert_equal "$(jq -r .filter <<<"${lines[3]}")" 'INCLUDE ItemID WHERE Items.PRICE < 20'
}

@test "an EXCLUDE without its value leaves the record as it is" {
	run -0 pz-filter 'EXCLUDE ItemID WHERE Items.GENRE IN ($G)' <<<'{"userId": "1"}'
	assert_output '{"userId": "1"}'
}

@test "a second pz-filter makes an array of both" {
	a='INCLUDE ItemID WHERE Items.PRICE < 20' b='EXCLUDE ItemID WHERE Items.PRICE < 5'
	run -0 sh -c 'echo "{\"userId\":\"1\"}" | pz-filter "$1" | pz-filter "$2" |
		pz-filter "$1" | jq -c .filter' sh "$a" "$b"
	assert_output "[\"$a\",\"$b\",\"$a\"]"
	run -3 pz-filter "$a" <<<'{"filter":5}'
	assert_equal "$(jq -r .error <<<"$output")" \
		'the member filter must be a string or an array of strings'
	run -0 pz-filter "$a" <<<'{"filter":null,"userId":"1"}'
	assert_output "{\"filter\":\"$a\",\"userId\":\"1\"}"
	run -0 pz-filter "$a" <<<'{"filter": [ ] ,"userId":"1"}'
	assert_output "{\"filter\": [ \"$a\"] ,\"userId\":\"1\"}"
}

@test "a wrong expression exits 2 with a caret under the place" {
	run -2 --separate-stderr pz-filter 'INCLUDE ItemID WHERE Items.A = 1 AND Interactions.EVENT_TYPE IN ("x")' /dev/null
	assert_equal "$output" ''
	assert_equal "$stderr" "$(printf '%s\n' \
		'pz-filter: one expression tests one dataset, and the first test is on Items; join two expressions with |, or begin the filter with EXTENDED' \
		'  INCLUDE ItemID WHERE Items.A = 1 AND Interactions.EVENT_TYPE IN ("x")' \
		'                                       ^')"
	run -2 --separate-stderr pz-filter 'INCLUDE ItemID WHERE Items.GENRE NOT IN ($G)' /dev/null
	assert_regex "$stderr" 'Placeholders are not allowed with NOT_IN operator'
	run -2 pz-filter
	run -2 pz-filter --unknown x
}

@test "with -d columns and values are checked" {
	run -2 pz-filter -d shop 'INCLUDE ItemID WHERE Items.GENRES IN ("Drama")' /dev/null
	assert_line -p 'did you mean GENRE?'
	run -2 pz-filter -d shop 'INCLUDE ItemID WHERE Items.GENRE < 5' /dev/null
	assert_line -p 'GENRE holds text'
	run -3 pz-filter -d shop 'INCLUDE ItemID WHERE Items.PRICE IN ($P)' <<'END'
{"userId":"ann","filterValues":{"P":"\"cheap\""}}
{"userId":"ann","filterValues":{"P":"\"10\""}}
END
	assert_equal "$(jq -r .error <<<"${lines[0]}")" 'PRICE holds numbers, and "cheap" is none'
	assert_equal "$(jq -r .error <<<"${lines[1]}")" null
	run -1 pz-filter -d nowhere 'INCLUDE ItemID WHERE Items.A = 1' /dev/null
	assert_line -p nowhere
}

@test "output loses what the expression rejects, with its scores" {
	run -0 pz-filter -d shop 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click")' output.jsonl
	assert_line -n 0 '{"input":{"userId":"ann"},"output":{"recommendedItems":["i2","i3","i4"],"scores":[0.3,3.0E-4,1.0E-5]},"error":null}'
	assert_line -n 1 '{"input": {"userId": "bob"}, "output": {"scores": [ 0.4, 0.2 ], "recommendedItems": [ "i1", "i4" ]}, "error": null}'
	run -0 sh -c 'pz-filter -d shop "EXCLUDE ItemID WHERE Items.PRICE > 99" output.jsonl | cmp - output.jsonl'
}

@test "all of a list can go, and lists beside it follow" {
	run -0 pz-filter -d shop 'INCLUDE ItemID WHERE Items.GENRE IN ("none")' <<'END'
{"input":{"itemId":"i1"},"output":{"theme":"x","recommendedItems":["i1","i2"],"itemsThemeRelevanceScores":[0.1,0.2],"reason":[[],["Popular item"]]},"error":null}
{"input":{"itemId":"i1"},"output":{"recommendedItems":[],"scores":[]},"error":null}
END
	assert_line -n 0 '{"input":{"itemId":"i1"},"output":{"theme":"x","recommendedItems":[],"itemsThemeRelevanceScores":[],"reason":[]},"error":null}'
	assert_line -n 1 '{"input":{"itemId":"i1"},"output":{"recommendedItems":[],"scores":[]},"error":null}'
}

@test "the current item and the current user are the record's" {
	run -0 pz-filter -d shop 'INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE AND Items.GENRE IN CurrentItem.GENRE' <<'END'
{"input":{"itemId":"i3"},"output":{"recommendedItems":["i1","i2","i4"]},"error":null}
END
	assert_output -p '"recommendedItems":["i2"]'
	run -0 pz-filter -d shop 'INCLUDE ItemID WHERE Items.PRICE > 10 IF CurrentUser.AGE > 18' output.jsonl
	assert_line -n 0 -p '["i1","i2","i3","i4"]'
	assert_line -n 1 -p '[ "i3" ]'
}

@test "output is filtered by the values of its input" {
	run -3 pz-filter -d shop 'INCLUDE ItemID WHERE Items.GENRE IN ($G)' <<'END'
{"input":{"userId":"ann","filterValues":{"G":"\"Crime\",\"Drama\""}},"output":{"recommendedItems":["i1","i2","i3"]},"error":null}
{"input":{"userId":"ann"},"output":{"recommendedItems":["i1","i2","i3"]},"error":null}
END
	assert_line -n 0 -p '"recommendedItems":["i1","i3"]'
	assert_line -n 1 -p '"error":"filterValues: G: missing'
}

@test "items that the catalog does not know have only nulls" {
	line='{"input":{"userId":"ann"},"output":{"recommendedItems":["new","i1"]},"error":null}'
	run -0 pz-filter -d shop 'INCLUDE ItemID WHERE Items.PRICE < 99' <<<"$line"
	assert_output -p '["i1"]'
	run -0 pz-filter -d shop 'EXCLUDE ItemID WHERE Items.PRICE < 99' <<<"$line"
	assert_output -p '["new"]'
}

@test "segments are cut by UserID expressions" {
	line='{"input": {"itemId": "i1"}, "output": {"usersList": ["ann","bob","new"]}, "error": null}'
	run -0 pz-filter -d shop 'EXCLUDE UserID WHERE Users.AGE < $A' <<<"$line"
	assert_output "$line"
	run -0 pz-filter -d shop 'EXCLUDE UserID WHERE Users.AGE < 18' <<<"$line"
	assert_output '{"input": {"itemId": "i1"}, "output": {"usersList": ["bob","new"]}, "error": null}'
	run -3 pz-filter -d shop 'EXCLUDE ItemID WHERE Items.PRICE < 18' <<<"$line"
	assert_output -p 'an ItemID filter needs the list recommendedItems'
}

@test "without a catalog output is an error record; errors pass untouched" {
	run -3 pz-filter 'INCLUDE ItemID WHERE Items.PRICE < 99' <<'END'
{"input":{"userId":"ann"},"output":{"recommendedItems":["i1"]},"error":null}
{"input": "x", "output": null, "error": "was wrong before"}
not json
END
	assert_line -n 0 '{"input":{"userId":"ann"},"output":null,"error":"pz-filter needs -m or -d to filter output"}'
	assert_line -n 1 '{"input": "x", "output": null, "error": "was wrong before"}'
	assert_line -n 2 -p '{"input":"not json","output":null,"error":"byte 1: '
}

@test "lists beside the list go with it by place, or stay whole" {
	run -0 pz-filter -d shop 'EXCLUDE ItemID WHERE Items.PRICE < 15' <<'END'
{"input":{},"output":{"recommendedItems":["i1","i2","i3"],"scores":[0.4,0.3],"notes":["a"],"ranks":[1,2,3],"more":[[1],[2],[3],[4]]},"error":null}
END
	assert_output '{"input":{},"output":{"recommendedItems":["i2","i3"],"scores":[0.3],"notes":["a"],"ranks":[2,3],"more":[[1],[2],[3],[4]]},"error":null}'
	run -3 pz-filter -d shop 'EXCLUDE ItemID WHERE Items.PRICE < 15' <<'END'
{"input":{},"output":{"recommendedItems":["i1",1]},"error":null}
{"input":{},"output":{},"error":null}
{"input":{},"output":{"recommendedItems":{}},"error":null}
END
	assert_equal "$(jq -s 'map(select(.error == null)) | length' <<<"$output")" 0
	assert_line -n 0 -p 'must hold strings'
	assert_line -n 1 -p 'needs the list recommendedItems'
}

@test "--filter-history forgets all but the newest interactions of each type" {
	run -0 pz-filter -d shop --filter-history 1 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")' output.jsonl
	assert_line -n 0 -p '["i1","i3","i4"]'
	run -0 pz-filter -d shop 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")' output.jsonl
	assert_line -n 0 -p '["i3","i4"]'
}

@test "--check says what the expression means and how many pass" {
	run -0 pz-filter --check -d shop "exclude itemid where items.genre in ('Comedy')|include ItemID where Items.PRICE>5"
	assert_output '{"expression":"EXCLUDE ItemID WHERE Items.genre IN (\"Comedy\") | INCLUDE ItemID WHERE Items.PRICE > 5","fields":["Items.genre","Items.PRICE"],"placeholders":[],"items":4,"pass":1,"needs":[],"parts":[{"part":"EXCLUDE ItemID WHERE Items.genre IN (\"Comedy\")","tests":[{"test":"Items.genre IN (\"Comedy\")","holds":2}]},{"part":"INCLUDE ItemID WHERE Items.PRICE > 5","tests":[{"test":"Items.PRICE > 5","holds":3}]}]}'
	run -0 pz-filter --check 'EXCLUDE UserID WHERE Users.AGE < $A'
	assert_output '{"expression":"EXCLUDE UserID WHERE Users.AGE < $A","fields":["Users.AGE"],"placeholders":["A"],"parts":[{"part":"EXCLUDE UserID WHERE Users.AGE < $A","tests":[{"test":"Users.AGE < $A"}]}]}'
	run -0 pz-filter --check -d shop 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*) | INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE'
	assert_output -p '"items":4,"pass":0,"needs":["userId","itemId"],'
}

@test "--check names values that nothing has" {
	run -0 pz-filter --check -d shop 'INCLUDE ItemID WHERE Items.GENRE IN ("Dramma", "Comedy") OR Items.ITEM_ID IN ("i9")|EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("WATCH", "see")'
	assert_equal "$(jq -c '[.parts[].tests[].unknown]' <<<"$output")" '[["Dramma"],["i9"],["see"]]'
}

@test "--explain says for each item which part lets it in or out" {
	run -0 pz-filter -d shop --explain '{"userId":"ann"}' 'INCLUDE ItemID WHERE Items.PRICE >= 20 | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy") IF CurrentUser.AGE < 18'
	assert_equal "${#lines[@]}" 4
	assert_line -n 0 '{"itemId":"i1","allowed":false,"why":"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"buy\") IF CurrentUser.AGE < 18","parts":[{"part":"INCLUDE ItemID WHERE Items.PRICE >= 20","selects":false,"tests":[{"test":"Items.PRICE >= 20","value":10,"holds":false}]},{"part":"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"buy\") IF CurrentUser.AGE < 18","applies":true,"if":[{"test":"CurrentUser.AGE < 18","value":17,"holds":true}],"selects":true,"tests":[{"test":"Interactions.EVENT_TYPE IN (\"buy\")","value":["buy","click"],"holds":true}]}]}'
	assert_equal "$(jq -c '[.itemId, .allowed, .why[:10]]' <<<"$output" | tr -d '\n')" \
		'["i1",false,"EXCLUDE It"]["i2",false,"EXCLUDE It"]["i3",true,"INCLUDE It"]["i4",false,"no INCLUDE"]'
	run -0 pz-filter -d shop --explain '{"userId":"bob"}' 'EXTENDED EXCLUDE ItemID WHERE COUNT(Interactions.EVENT_TYPE = "click") >= 1'
	assert_line -n 2 -p '"value":1,"holds":true'
	assert_line -n 3 -p '"why":"no INCLUDE applies, no EXCLUDE selects it"'
}

@test "--explain looks at the record's own list, and at users" {
	run -0 pz-filter -d shop --explain "$(head -n 1 output.jsonl)" 'INCLUDE ItemID WHERE Items.PRICE < 5'
	assert_equal "${#lines[@]}" 4
	run -0 pz-filter -d shop --explain '{"itemList":["i2","new"],"filterValues":{"P":"25"}}' 'INCLUDE ItemID WHERE Items.PRICE < $P'
	assert_equal "$(jq -c '[.itemId, .allowed]' <<<"$output" | tr -d '\n')" '["i2",true]["new",false]'
	run -0 pz-filter -d shop --explain '{"itemId":"i1"}' 'INCLUDE UserID WHERE Users.AGE > 18'
	assert_equal "$(jq -c '[.userId, .allowed]' <<<"$output" | tr -d '\n')" '["ann",false]["bob",true]'
	run -2 pz-filter -d shop --explain '{"userId"' 'INCLUDE ItemID WHERE Items.PRICE < 5'
	assert_line -p 'the record: byte 10'
	run -2 pz-filter --explain '{}' 'INCLUDE ItemID WHERE Items.PRICE < 5'
	assert_line -p -- '--explain needs -m or -d'
}

@test "typical mistakes are explained as in tests/golden/filter-errors.txt" {
	mkdir mistakes
	cd mistakes
	printf '%s\n' ITEM_ID,GENRE,PRICE,NEW,TITLE 'i1,Action|Crime,10,true,The War' i2,Drama,20,,Peace >items.csv
	printf '%s\n' USER_ID,AGE ann,17 >users.csv
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE ann,i1,1000,buy >events.csv
	jq '.fields += [{"name":"NEW","type":["null","boolean"]},{"name":"TITLE","type":["null","string"],"textual":true}]' ../schema.json >schema.json
	pz-import -t items --schema schema.json shop items.csv
	pz-import -t users shop users.csv >/dev/null
	pz-import shop events.csv >/dev/null
	"$ROOT/tests/transcript" "$ROOT/tests/golden/filter-errors.txt" >said
	run diff -u "$ROOT/tests/golden/filter-errors.txt" said
	assert_output ''
}

@test "an extended filter is marked in the record, with its times bound" {
	run -0 pz-filter --now 2001-09-09T01:46:40Z 'extended exclude ItemID where (Items.A > NOW() - 1h or not Items.B = $B)' <<<'{"filterValues":{"B":true}}'
	assert_equal "$(jq -r .filter <<<"$output")" \
		'EXTENDED EXCLUDE ItemID WHERE Items.A > 999996400 OR NOT Items.B = "true"'
	run -0 pz-filter --now 5 'EXTENDED EXCLUDE ItemID WHERE Items.A > NOW() - 1h' <<<'{}'
	assert_output '{"filter":"EXTENDED EXCLUDE ItemID WHERE Items.A > -3595"}'
	run -0 sh -c 'date +%s; echo "{}" | pz-filter "EXTENDED EXCLUDE ItemID WHERE Items.A > NOW()" | jq -r .filter | grep -o "[0-9]*$"; date +%s'
	assert [ "${lines[0]}" -le "${lines[1]}" ]
	assert [ "${lines[1]}" -le "${lines[2]}" ]
	run -2 pz-filter --now yesterday 'INCLUDE ItemID WHERE Items.A = 1'
	assert_line -p -- '--now: expected seconds since 1970 or a date'
}

@test "--service-limits forgets old events and idle users" {
	mkdir limits
	cd limits
	awk 'BEGIN {
		print "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"
		for (i = 1; i <= 101; i++)
			print "ann,i" i "," 1000000 + i ",view"
		print "ann,old,5,buy"
	}' >events.csv
	pz-import many events.csv >/dev/null
	echo '{"input":{"userId":"ann"},"output":{"recommendedItems":["i1","i2","old"]},"error":null}' >out
	x='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
	run -0 pz-filter -d many "$x" out
	assert_output -p '"recommendedItems":[]'
	run -0 pz-filter -d many --service-limits --now 1000200 "$x" out
	assert_output -p '"recommendedItems":["i1"]'
	run -0 pz-filter -d many --service-limits --filter-history 50 --now 1000200 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")' out
	assert_output -p '"recommendedItems":["i1","i2"]'
	# Three months are 90 days.
	run -0 pz-filter -d many --service-limits --now $((1000101 + 90 * 86400)) "$x" out
	assert_output -p '"recommendedItems":["i1"]'
	run -0 pz-filter -d many --service-limits --now $((1000102 + 90 * 86400)) "$x" out
	assert_output -p '"recommendedItems":["i1","i2","old"]'
}

@test "pz-score obeys extended filters, jq and all, whatever the threads" {
	mkdir score
	cd score
	make_shop
	pz-filter --now 1000600 'EXTENDED INCLUDE ItemID WHERE (Items.PRICE > 30 OR jq(.PRICE % 7 == 3)) AND NOT COUNT(Interactions.TIMESTAMP > NOW() - 5min) >= 1' users.jsonl >bound
	pz-score -m shop.pzm -n 40 -j 1 bound >one
	pz-score -m shop.pzm -n 40 -j 3 bound | cmp one
	pz-filter -m shop.pzm --now 1000600 "$(head -n 1 bound | jq -r .filter)" one | cmp one
	run -0 jq -s 'map(.output.recommendedItems | length) | min > 3 and max < 15' one
	assert_output true
	echo '{"userId":"u01","filter":"EXTENDED INCLUDE ItemID WHERE jq(error)"}
{"userId":"u01","filter":"EXTENDED INCLUDE ItemID WHERE jq(nothing)"}
{"userId":"u01","filter":"EXTENDED INCLUDE ItemID WHERE Items.PRICE < NOW()"}' >mine
	run -3 pz-score -m shop.pzm --now 7 mine
	assert_line -n 0 -p '"recommendedItems":[]'
	assert_line -n 1 -p '"error":"jq: nothing/0 is not defined"'
	assert_equal "$(jq '.output.recommendedItems | length' <<<"${lines[2]}")" 7
}

@test "a jq program that crashes or hoards is the record's error, not the job's end" {
	run -3 pz-filter -d shop 'EXTENDED INCLUDE ItemID WHERE jq(reduce range(29) as $i ("x"; . + .) | length > 0)' output.jsonl
	assert_line -n 0 -p '"error":"jq: the jq program'
	assert_line -n 1 -p '"error":"jq: the jq program'
}

@test "a model serves as well as a dataset, and both together" {
	seq 60 | awk 'BEGIN { print "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE" }
		{ for (k = 0; k < 5; k++) printf "u%d,i%d,%d,click\n", $1, ($1 + k) % 7, k }' >more.csv
	pz-import more more.csv >/dev/null
	pz-import -t items --schema schema.json more items.csv
	pz-train -r popularity-count -o more.pzm more 2>/dev/null
	run -0 pz-filter -m more.pzm 'INCLUDE ItemID WHERE Items.GENRE IN ("Comedy")' output.jsonl
	assert_line -n 0 -p '["i2","i3"]'
	run -0 pz-filter -m more.pzm -d shop 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")' output.jsonl
	assert_line -n 0 -p '["i1","i3","i4"]'
}

@test "lost output is a failure" {
	run -1 sh -c 'echo "{}" | pz-filter "INCLUDE ItemID WHERE Items.A = 1" >/dev/full'
}

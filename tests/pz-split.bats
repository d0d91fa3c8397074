# What the pz-split(1) page promises.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	awk 'BEGIN {
		print "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE"
		for (u = 0; u < 50; u++)
			for (k = 0; k < 3 + u % 9; k++) {
				row = sprintf("u%02d,i%02d,%d", u, (u * 7 + k * 5) % 20, 1000 + 10 * k + u % 3)
				print row ",watch," k
				if (k % 2)
					print row ",click," k
			}
	}' >events.csv
	awk 'BEGIN {
		print "ITEM_ID,GENRE,YEAR,TITLE"
		for (i = 0; i < 20; i++)
			printf "i%02d,%s,%d,%s\n", i, i % 2 ? "Crime|Say \\\"hi\\\"" : "Comedy", 1990 + i % 3,
				"a long title of five words or more that is all of item number " i
	}' >items.csv
	pz-import shop events.csv >schema.json
	pz-import shop items.csv >>schema.json
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# events DATASET - its interactions, sorted.
events() {
	pz-show history "$1" | sort
}

# pairs TRUTH - "user item" for every entry.
pairs() {
	jq -r '.input.userId as $u | .items[] | "\($u) \(.)"' "$1"
}

@test "train and truth are the dataset, parted" {
	for protocol in service last-out time random; do
		pz-split --protocol $protocol -o "parts-$protocol" shop >totals
		events shop >all
		events "parts-$protocol/train" >left
		# Nothing new in train, and what lacks there is what the truth holds.
		run -0 comm -13 all left
		assert_output ''
		comm -23 all left | jq -r '"\(.USER_ID) \(.ITEM_ID) \(.TIMESTAMP)"' | sort -u |
			cut -d ' ' -f 1,2 >held
		pairs "parts-$protocol/truth.jsonl" | sort >truth
		diff held truth
		run -0 jq '.train + .truth' totals
		assert_output "$(wc -l <all)"
	done
}

@test "the last interaction of a user goes with its click and its watch" {
	pz-split --protocol last-out -o last shop >totals
	pz-show history shop | jq -sc 'group_by(.USER_ID) | map(max_by(.TIMESTAMP)
		| {input: {userId: .USER_ID}, items: [.ITEM_ID]})[]' >expected
	diff expected last/truth.jsonl
	run -0 pz-show history last/train u01
	assert_output "$(pz-show history shop u01 | jq -c 'select(.TIMESTAMP < 1031)')"
}

@test "a validation is a split of what is left" {
	pz-split --protocol last-out --validation -o both shop >totals
	pz-split --protocol last-out -o once shop >totals
	pz-split --protocol last-out -o twice once/train >totals
	cmp both/truth.jsonl once/truth.jsonl
	cmp both/validation.jsonl twice/truth.jsonl
	diff <(events both/history) <(events once/train)
	diff <(events both/train) <(events twice/train)
}

@test "the input is what the truth lines ask for" {
	for protocol in service segment-time; do
		pz-split --protocol $protocol -o "input-$protocol" shop >totals
		diff <(jq -c .input "input-$protocol/truth.jsonl") "input-$protocol/input.jsonl"
	done
	pz-train -r popularity-count -o popular.pzm input-service/train 2>warnings
	run -0 pz-score -m popular.pzm input-service/input.jsonl
}

@test "the same seed gives the same split, another one another" {
	pz-split --protocol random --seed 3 -o a shop >totals
	pz-split --protocol random --seed 3 -o b shop >totals
	pz-split --protocol random --seed 4 -o c shop >totals
	cmp a/truth.jsonl b/truth.jsonl
	diff <(events a/train) <(events b/train)
	run -1 cmp -s a/truth.jsonl c/truth.jsonl
}

@test "a user's place in the sample does not depend on the order of the rows" {
	{ head -n 1 events.csv && tail -n +2 events.csv | sort -t, -k 3,3 -k 2,2 -s; } >moved.csv
	pz-import moved moved.csv >schema.json
	pz-split --protocol service --users 0.3 -o s1 shop >totals
	pz-split --protocol service --users 0.3 -o s2 moved >totals
	cmp s1/input.jsonl s2/input.jsonl
}

@test "items, users and schemas go to train as they are" {
	pz-split --protocol time -o meta shop >totals
	diff <(pz-show items shop) <(pz-show items meta/train)
	diff <(jq .schemas shop/dataset.json) <(jq .schemas meta/train/dataset.json)
}

@test "only interactions of a type are held out, and later others are nowhere" {
	pz-split --protocol last-out --event-type CLICK -o clicks shop >totals
	run -0 jq -c 'select(.input.userId == "u01").items' clicks/truth.jsonl
	assert_output '["i02"]'
	run -0 pz-show history clicks/train u01
	assert_output "$(pz-show history shop u01 | jq -c 'select(.TIMESTAMP < 1031)')"
	run -0 jq '.train + .truth + .nowhere' totals
	assert_output "$(events shop | wc -l)"
}

@test "only values of at least the threshold are held out" {
	pz-split --protocol random --event-value-threshold 2 -o values shop >totals
	low='select(.EVENT_VALUE < 2)'
	diff <(events shop | jq -c "$low") <(events values/train | jq -c "$low")
	run -1 cmp -s <(events shop) <(events values/train)
}

@test "given is another dataset's interactions, and train stays whole" {
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP u01,i01,2 u01,i00,1 new,i02,3 >theirs.csv
	pz-import theirs theirs.csv >schema.json
	pz-split --protocol given --test theirs -o given shop >totals
	diff <(events shop) <(events given/train)
	run -0 cat given/truth.jsonl
	assert_output '{"input":{"userId":"new"},"items":["i02"]}
{"input":{"userId":"u01"},"items":["i00","i01"]}'
	run -0 sh -c 'pz-split --protocol given --test theirs --known -o known shop >totals && cat known/truth.jsonl'
	assert_output '{"input":{"userId":"u01"},"items":["i00","i01"]}'
}

@test "--new leaves out of the truth what the user has met" {
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP a,x,1 a,y,2 a,x,3 b,x,1 b,y,2 >again.csv
	pz-import again again.csv >schema.json
	run -0 pz-split --protocol last-out --new -o again-new again
	assert_output '{"protocol":"last-out","seed":1,"inputs":1,"train":3,"validation":0,"truth":1,"nowhere":1}'
	run -0 cat again-new/truth.jsonl
	assert_output '{"input":{"userId":"b"},"items":["y"]}'
}

@test "segments ask for items, and the truth is their users" {
	pz-split --protocol segment-service -o items shop >totals
	pz-split --protocol service --users 1 --fraction 0.2 -o people shop >totals
	diff <(jq -r '.input.itemId as $i | .users[] | "\(.) \($i)"' items/truth.jsonl | sort) \
		<(pairs people/truth.jsonl | sort -u)
}

@test "segments ask for values of columns" {
	pz-split --protocol segment-time --attribute GENRE --attribute YEAR -o values2 shop >totals
	run -0 cat values2/input.jsonl
	assert_output '{"itemAttributes":"ITEMS.GENRE = \"Comedy\""}
{"itemAttributes":"ITEMS.GENRE = \"Crime\""}
{"itemAttributes":"ITEMS.GENRE = \"Say \\\"hi\\\"\""}
{"itemAttributes":"ITEMS.YEAR = 1990"}
{"itemAttributes":"ITEMS.YEAR = 1991"}
{"itemAttributes":"ITEMS.YEAR = 1992"}'
	# Of the items held out, the odd ones are Crime.
	pz-split --protocol segment-time -o single shop >totals
	diff <(jq -r 'select(.input.itemAttributes | test("Crime")).users[]' values2/truth.jsonl) \
		<(jq -r 'select(.input.itemId[1:] | tonumber % 2 == 1).users[]' single/truth.jsonl | sort -u)
}

@test "an attribute that is none, or textual, is told" {
	run -1 pz-split --protocol segment-time --attribute COLOR -o none shop
	assert_output "pz-split: shop: COLOR: the items have no such column"
	run -1 pz-split --protocol segment-time --attribute TITLE -o none shop
	assert_output --partial "not textual"
	assert_not_exists none
}

@test "nothing that is there is replaced" {
	pz-split --protocol last-out -o there shop >totals
	cp there/truth.jsonl kept
	run -1 pz-split --protocol random -o there shop
	assert_output "pz-split: there/train: there already; a split goes to a folder of its own"
	cmp there/truth.jsonl kept
}

@test "too little to split is an error, and nothing is written" {
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP a,x,1 b,y,1 >few.csv
	pz-import few few.csv >schema.json
	for protocol in last-out time service; do
		run -1 pz-split --protocol $protocol -o nothing few
		assert_output "pz-split: few: nothing to hold out"
		assert_not_exists nothing
	done
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP a,x,1 a,y,2 >two.csv
	pz-import two two.csv >schema.json
	run -1 pz-split --protocol last-out --validation -o nothing two
	assert_output "pz-split: two: nothing to hold out for the validation"
}

@test "a missing dataset and a folder that cannot be made are errors" {
	run -1 pz-split --protocol time -o x nowhere
	assert_output "pz-split: nowhere: No such file or directory"
	run -1 pz-split --protocol time -o nowhere/x shop
	assert_output "pz-split: nowhere/x: No such file or directory"
}

@test "wrong usage exits 2 and says why" {
	run -2 pz-split -o x shop
	run -2 pz-split --protocol time shop
	run -2 pz-split --protocol nonsense -o x shop
	assert_output --partial "'nonsense' is none; --list names them"
	run -2 pz-split --protocol time --fraction 1 -o x shop
	assert_output --partial "--fraction: expected a number above 0 and below 1"
	run -2 pz-split --protocol last-out --fraction 0.5 -o x shop
	run -2 pz-split --protocol time --users 0.5 -o x shop
	run -2 pz-split --protocol service --users 0 -o x shop
	run -2 pz-split --protocol time --attribute GENRE -o x shop
	run -2 pz-split --protocol given -o x shop
	assert_output --partial "given needs --test DATASET"
	run -2 pz-split --protocol time --test shop -o x shop
	run -2 pz-split --protocol given --test shop --validation -o x shop
	run -2 pz-split --protocol time -o x shop shop
	assert_not_exists x
}

@test "--list names every protocol" {
	run -0 pz-split --list
	for protocol in service last-out time random given segment-time segment-service; do
		assert_line --regexp "^$protocol +"
	done
}

@test "lost output is a failure" {
	run -1 sh -c 'pz-split --protocol time -o lost shop >/dev/full'
}

@test "on real data, the strict protocol holds out the last two of each sequence" {
	need_data beauty
	zstdcat "$DATA/beauty/sequences.txt.zst" >sequences.txt
	awk 'BEGIN { print "USER_ID,ITEM_ID,TIMESTAMP" }
		{ for (i = 2; i <= NF; i++) print $1 "," $i "," i }' sequences.txt |
		pz-import beauty >schema.json
	pz-split --protocol last-out --validation -o strict beauty >totals
	diff <(awk '{ print $1, $NF }' sequences.txt | sort) <(pairs strict/truth.jsonl | sort)
	diff <(awk '{ print $1, $(NF - 1) }' sequences.txt | sort) <(pairs strict/validation.jsonl | sort)
	run -0 jq -c '[.inputs, .train, .validation, .truth, .nowhere]' totals
	assert_output "[22363,$((198502 - 2 * 22363)),22363,22363,0]"
}

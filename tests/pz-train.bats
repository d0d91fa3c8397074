# pz-train - what it makes of a dataset, and what it refuses.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "training gives the same bytes for any number of threads and any kernel" {
	export SOURCE_DATE_EPOCH=0
	pz-train -r user-personalization --algorithm ials -j 1 -o one.pzm shop
	pz-train -r user-personalization --algorithm ials -j 3 -o three.pzm shop
	PZ_SIMD=scalar pz-train -r user-personalization --algorithm ials -o scalar.pzm shop
	cmp one.pzm three.pzm
	cmp one.pzm scalar.pzm
}

@test "the seed is in the model and changes it" {
	pz-train -r user-personalization --hyper hidden_dimension=8 --seed 7 -o seven.pzm shop
	run -0 jq -c '[.seed, .hyperparameters.hidden_dimension]' <(pz-show model seven.pzm)
	assert_output '[7,8]'
	run -1 cmp -s <(pz-score -m shop.pzm users.jsonl) <(pz-score -m seven.pzm users.jsonl)
}

@test "names of the service are taken, with aws- and -v2" {
	pz-train -r aws-user-personalization-v2 --hyper hidden_dimension=8 -o named.pzm shop
	run -0 jq -r .recipe <(pz-show model named.pzm)
	assert_output user-personalization
}

@test "only interactions of the event type count, case ignored" {
	pz-train -r popularity-count --event-type BUY -o buys.pzm shop
	run -0 jq .interactions <(pz-show model buys.pzm)
	assert_output "$(grep -c buy events.csv)"
	run -1 pz-train -r popularity-count --event-type none -o none.pzm shop
	assert_output --partial "nothing to train on"
	assert_not_exists none.pzm
}

@test "only values of at least the threshold count, null is none" {
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE a,x,1,3 a,y,2,5 b,x,3,4 b,y,4, >rated.csv
	pz-import rated rated.csv >/dev/null
	pz-train -r popularity-count --event-value-threshold 4 -o rated.pzm rated 2>/dev/null
	run -0 jq .interactions <(pz-show model rated.pzm)
	assert_output 2
}

@test "little data is a warning, not an error" {
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP a,x,1 a,y,2 >few.csv
	pz-import few few.csv >/dev/null
	run -0 pz-train -r user-personalization --hyper hidden_dimension=4 -o few.pzm few
	assert_line --partial "only 2 interactions: the service asks for 1000"
	assert_line --partial "only 1 users with two or more interactions"
}

@test "wrong recipes, hyperparameters and usage exit 2 and say why" {
	run -2 pz-train -r nonsense -o x shop
	assert_output "pz-train: nonsense: no such recipe"
	run -2 pz-train -r next-best-action -o x shop
	assert_output --partial "no batch jobs"
	run -1 pz-train -r aws-semantic-similarity -o x shop
	assert_output --partial "the items have no textual column to learn from"
	run -2 pz-train -r user-personalization --event 'watch=2' -o x shop
	assert_output --partial "a weight is a number from 0 to 1"
	run -2 pz-train -r user-personalization --event 'watch>' -o x shop
	assert_output --partial "expected TYPE, TYPE>=VALUE"
	run -2 pz-train -r user-personalization --objective PRICE=MUCH -o x shop
	assert_output --partial "'MUCH' is not OFF, LOW, MEDIUM, HIGH or a number"
	run -1 pz-train -r user-personalization --objective GENRE -o x shop
	assert_output --partial "the objective GENRE is not a numeric column"
	run -1 pz-train -r user-personalization --exclude-column Items.NONE -o x shop
	assert_output --partial "there is no column Items.NONE to exclude"
	run -1 pz-train -r user-personalization --include-column Items.NONE -o x shop
	assert_output --partial "there is no column Items.NONE to include"
	run -1 pz-train -r user-personalization --exclude-column Interactions.NONE -o x shop
	assert_output --partial "there is no column Interactions.NONE to exclude"
	run -2 pz-train -r user-personalization --hyper epochs=0 -o x shop
	assert_output --partial "epochs: '0' is not a whole number from 1 to 1000"
	run -2 pz-train -r user-personalization --hyper nothing=1 -o x shop
	assert_output --partial "no hyperparameter 'nothing'"
	run -2 pz-train -r user-personalization --hyper recency_mask=maybe -o x shop
	assert_output --partial "recency_mask: 'maybe' is not a whole number from 0 to 1"
	run -2 pz-train -o x shop
	run -2 pz-train -r popularity-count -o x
	assert_not_exists x
}

@test "hyperparameters of the service are taken as its job files have them" {
	local few=(--hyper hidden_dimension=8 --hyper bptt=32)
	export SOURCE_DATE_EPOCH=0
	pz-train -r user-personalization "${few[@]}" --hyper recency_mask=true -o on.pzm shop
	cmp on.pzm <(pz-train -r user-personalization "${few[@]}" -o default.pzm shop && cat default.pzm)
	pz-train -r user-personalization-v2 "${few[@]}" --hyper apply_recency_bias=FALSE -o off.pzm shop
	run -0 jq -c '[.hyperparameters.recency_mask, .weights.recent]' <(pz-show model off.pzm)
	assert_output '[0,0]'
	run -0 jq '.weights.recent != 0' <(pz-show model on.pzm)
	assert_output true
}

@test "a missing dataset and a folder that cannot be written are errors" {
	run -1 pz-train -r popularity-count -o x nowhere
	assert_output --partial nowhere
	run -1 pz-train -r popularity-count -o nowhere/x shop
	assert_line "pz-train: nowhere/x: No such file or directory"
}

@test "a model that was there stays if training fails" {
	cp shop.pzm kept.pzm
	run -1 pz-train -r popularity-count --event-type none -o kept.pzm shop
	cmp kept.pzm shop.pzm
}

@test "--list names every recipe with its hyperparameters" {
	run -0 pz-train --list
	assert_line --regexp '^user-personalization '
	assert_line --regexp '^  hidden_dimension +149 '
	assert_line --regexp '^popularity-count '
}

@test "an event counts as its rule says, and the model remembers the rules" {
	pz-train -r user-personalization --hyper hidden_dimension=8 --event view=0.3 --event buy -o rules.pzm shop 2>warnings
	run -0 jq -c .eventsConfig <(pz-show model rules.pzm)
	assert_output '[{"weight":0.3,"eventType":"view"},{"weight":1,"eventType":"buy"}]'
	# one type alone is the same by either option
	pz-train -r popularity-count --event BUY -o one.pzm shop 2>warnings
	pz-train -r popularity-count --event-type buy -o other.pzm shop 2>warnings
	cmp <(pz-score -m one.pzm users.jsonl) <(pz-score -m other.pzm users.jsonl)
	# a weight of 0 is as if the events were not there
	pz-train -r popularity-count --event buy --event view=0 -o none.pzm shop 2>warnings
	cmp <(pz-score -m one.pzm users.jsonl) <(pz-score -m none.pzm users.jsonl)
}

@test "an update keeps what items are like and knows new users" {
	cd_temp
	cp -r "$BATS_FILE_TMPDIR"/shop "$BATS_FILE_TMPDIR"/shop.pzm .
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE new,i00,2000000,view \
		new,i06,2000000,view >more.csv
	pz-import -t interactions --mode INCREMENTAL shop more.csv
	pz-train -r user-personalization --update shop.pzm -o new.pzm shop 2>warnings
	run -0 jq -c '[.trainingMode, .hyperparameters.hidden_dimension]' <(pz-show model new.pzm)
	assert_output '["UPDATE",8]'
	echo '{"userId":"new"}' >new.jsonl
	run jq -c '.output.recommendedItems[0][1:] | tonumber % 3' <(
		pz-score -m new.pzm --exploration-weight 0 new.jsonl)
	assert_output 0
	echo '{"userId":"nobody"}' >nobody.jsonl
	run ! cmp <(pz-score -m new.pzm new.jsonl | jq -c .output) \
		<(pz-score -m new.pzm nobody.jsonl | jq -c .output)
	run -2 pz-train -r sims --update shop.pzm -o x.pzm shop
	assert_output --partial "only those of user-personalization"
}

@test "an objective moves items that have much of it up, an excluded column says nothing" {
	local plain high

	plain=$(pz-score -m shop.pzm --exploration-weight 0 -n 10 users.jsonl | jq '.output.recommendedItems[][1:] | tonumber' | jq -s add/length)
	pz-train -r user-personalization --hyper hidden_dimension=8 --objective PRICE=HIGH -o high.pzm shop 2>warnings
	high=$(pz-score -m high.pzm --exploration-weight 0 -n 10 users.jsonl | jq '.output.recommendedItems[][1:] | tonumber' | jq -s add/length)
	run jq -n "$high > $plain + 1"
	assert_output true
	# i39 has metadata alone; without columns nothing is known of it
	pz-train -r user-personalization --hyper hidden_dimension=8 --exclude-column Items.GENRE --exclude-column Items.PRICE -o bare.pzm shop 2>warnings
	head -n 1 users.jsonl >one
	run jq '[.output.recommendedItems[] | select(. == "i39")] | length' <(pz-score -m shop.pzm --exploration-weight 0.5 -n 40 one)
	assert_output 1
	run jq '[.output.recommendedItems[] | select(. == "i39")] | length' <(pz-score -m bare.pzm --exploration-weight 0.5 -n 40 one)
	assert_output 0
}

@test "trending items are those whose users grew most, by jq on real data" {
	need_data personalize-samples
	cd_temp
	pz-import shop "$DATA/personalize-samples/interactions.csv.zst" >schema.json
	pz-train -r trending-now --hyper trend_discovery_frequency=1440 -o trend.pzm shop
	echo '{"userId":"1"}' | pz-score -m trend.pzm -n 9999 | jq -r '.output.recommendedItems[]' >ours
	zstdcat shop/interactions/* | jq -s -r '(map(.TIMESTAMP) | max) as $last | 86400 as $w
		| [.[] | {i: .ITEM_ID, u: .USER_ID, a: ($last - .TIMESTAMP)}] | group_by(.i)
		| map({i: .[0].i, n: ([.[] | select(.a < $w) | .u] | unique | length),
			b: ([.[] | select(.a >= $w and .a < 2 * $w) | .u] | unique | length),
			all: ([.[].u] | unique | length)})
		| sort_by([(if .n + .b > 0 then (.b - .n) / ((.n + .b) | sqrt) else infinite end),
			-.n, -.all, .i]) | .[].i' >theirs
	cmp ours theirs
}

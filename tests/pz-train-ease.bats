# pz-train --algorithm ease - item-item weights, and all that is done with them.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
	pz-train -r user-personalization --algorithm ease --hyper lambda=5 -o ease.pzm shop
	pz-train -r personalized-ranking --algorithm ease --hyper lambda=5 -o rank.pzm shop
	pz-train -r similar-items --algorithm ease --hyper lambda=5 -o similar.pzm shop
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "ease: the same bytes for any number of threads and any kernel" {
	export SOURCE_DATE_EPOCH=0
	pz-train -r user-personalization --algorithm ease -j 1 -o one.pzm shop
	pz-train -r user-personalization --algorithm ease -j 3 -o three.pzm shop
	PZ_SIMD=scalar pz-train -r user-personalization --algorithm ease -o scalar.pzm shop
	cmp one.pzm three.pzm
	cmp one.pzm scalar.pzm
	pz-score -m one.pzm -j 1 users.jsonl >one
	pz-score -m one.pzm -j 3 users.jsonl | cmp - one
	PZ_SIMD=scalar pz-score -m one.pzm users.jsonl | cmp - one
}

@test "ease: the model says what it is, and how good" {
	run -0 jq -c '[.recipe, .algorithm, .hyperparameters.lambda]' <(pz-show model ease.pzm)
	assert_output '["user-personalization","ease",5]'
	run -0 jq '.normalized_discounted_cumulative_gain_at_25 > 0.3 and
		.negative_log_likelihood < .negative_log_likelihood_of_popularity' <(
		pz-show metrics ease.pzm)
	assert_output true
}

@test "ease: users get items of the third that they like, scores falling, summing to 1" {
	pz-score -m ease.pzm --exploration-weight 0 -n 40 users.jsonl >out
	run jq -s 'all(.error == null and
		(.input.userId[1:] | tonumber % 3) as $third |
		(.output.recommendedItems[:4] | all(.[1:] | tonumber % 3 == $third)) and
		(.output.scores | . == (sort | reverse) and (add | . > 0.9999 and . < 1.0001)))' <(
		jq -c . out)
	assert_output true
}

@test "ease: filters choose among all, and unknown users get popular items" {
	echo '{"userId":"u04","filter":"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"*\")"}' >new.jsonl
	pz-score -m ease.pzm -n 40 new.jsonl | jq -r '.output.recommendedItems[]' | sort >unseen
	pz-show history ease.pzm u04 | jq -r .ITEM_ID | sort -u >seen
	[ "$(comm -12 seen unseen | wc -l)" = 0 ]
	# i39, which nobody met, has weights by its metadata
	[ "$(cat seen unseen | wc -l)" = 40 ]
	cmp <(pz-score -m ease.pzm <<<'{"userId":"nobody"}' | jq -c .output.recommendedItems) \
		<(pz-score -m popular.pzm <<<'{"userId":"nobody"}' | jq -c .output.recommendedItems)
}

@test "ease: folding in is exact: a new user with a history that is known gets what it got" {
	cd_temp
	cp -r "$BATS_FILE_TMPDIR"/shop .
	local model=$BATS_FILE_TMPDIR/ease.pzm
	cp "$BATS_FILE_TMPDIR"/users.jsonl .
	cmp <(pz-score -m "$model" users.jsonl) <(pz-score -m "$model" -d shop users.jsonl)
	{ head -n 1 "$BATS_FILE_TMPDIR"/events.csv; sed -n 's/^u11,/twin,/p' "$BATS_FILE_TMPDIR"/events.csv; } >more.csv
	pz-import -t interactions --mode INCREMENTAL shop more.csv
	cmp <(pz-score -m "$model" <<<'{"userId":"u11"}' | jq -c .output) \
		<(pz-score -m "$model" -d shop <<<'{"userId":"twin"}' | jq -c .output)
	run ! cmp <(pz-score -m "$model" <<<'{"userId":"twin"}' | jq -c .output) \
		<(pz-score -m "$model" -d shop <<<'{"userId":"twin"}' | jq -c .output)
}

@test "ease: lists are ranked as recommendations are" {
	pz-score -m ease.pzm --exploration-weight 0 -n 12 <<<'{"userId":"u07"}' >best
	jq -c '{userId: "u07", itemList: (.output.recommendedItems | sort)}' best >list
	cmp <(jq -c .output.recommendedItems best) \
		<(pz-score -m rank.pzm list | jq -c .output.recommendedItems)
}

@test "ease: exploration lifts items with few users" {
	cd_temp
	cp -r "$BATS_FILE_TMPDIR"/shop .
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE u00,fresh,1003000,view >more.csv
	pz-import -t interactions --mode INCREMENTAL shop more.csv
	pz-train -r user-personalization --algorithm ease --hyper lambda=5 -o new.pzm shop
	# The sum of its places over all users.
	rank() {
		pz-score -m new.pzm -n 41 --exploration-weight "$1" "$BATS_FILE_TMPDIR/users.jsonl" |
			jq -s 'map(.output.recommendedItems - ["i39"] | index("fresh")) | add'
	}
	[ "$(rank 0.9)" -lt "$(rank 0)" ]
}

@test "ease: items like an item are of its third, and pz-show has the weights" {
	run jq -c '[.output.recommendedItems[][1:] | tonumber % 3] | unique' <(
		pz-score -m similar.pzm -n 9 <<<'{"itemId":"i04"}')
	assert_output '[1]'
	run jq '.output | has("scores") or (.recommendedItems | any(. == "i04"))' <(
		pz-score -m similar.pzm <<<'{"itemId":"i04"}')
	assert_output false
	pz-show neighbors -n 5 similar.pzm i04 >near
	run -0 jq -s -c 'map(.weight) | [length, . == (sort | reverse), .[4] > 0]' near
	assert_output '[5,true,true]'
	cmp <(jq -r .NEIGHBOR_ID near) <(pz-score -m similar.pzm -n 5 <<<'{"itemId":"i04"}' |
		jq -r '.output.recommendedItems[]')
}

@test "ease: an objective moves items that have much of it up" {
	mean() {
		pz-score -m "$1" --exploration-weight 0 -n 10 users.jsonl |
			jq '.output.recommendedItems[][1:] | tonumber' | jq -s add/length
	}
	pz-train -r user-personalization --algorithm ease --hyper lambda=5 --objective PRICE=HIGH -o high.pzm shop
	run jq -n "$(mean high.pzm) > $(mean ease.pzm) + 1"
	assert_output true
}

@test "ease: reasons tell popular items from those of the user" {
	run -0 jq -c '.output.reason[0]' <(pz-score --reasons --exploration-weight 0 -m ease.pzm users.jsonl)
	[ "$(sort -u <<<"$output")" = '[]' ]
	run -0 jq -c '.output.reason[0]' <(pz-score --reasons -m ease.pzm <<<'{"userId":"nobody"}')
	assert_output '["Popular item"]'
}

# Whoever meets a0 meets b0 next, c0 then, and so with 1 to 9; each starts anywhere.
make_chains() {
	awk 'BEGIN {
		print "USER_ID,ITEM_ID,TIMESTAMP"
		for (u = 0; u < 300; u++) {
			k = u % 10; t = 1
			for (i = 0; i < 3; i++) {
				printf "u%03d,a%d,%d\nu%03d,b%d,%d\nu%03d,c%d,%d\n", u, k, t, u, k, t + 1, u, k, t + 2
				k = (k * 7 + u + i) % 10; t += 3
			}
		}
	}' >chains.csv
	pz-import chains chains.csv >schema.json
}

@test "slist: what follows an item comes first, which ease cannot know" {
	cd_temp
	make_chains
	pz-train -r user-personalization --algorithm slist --hyper lambda=5 --hyper sequence_lambda=5 -o slist.pzm chains
	pz-train -r personalized-ranking --algorithm slist --hyper lambda=5 --hyper sequence_lambda=5 -o rank.pzm chains
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP x,a3,1 y,b3,1 z,a5,1 z,b5,2 >more.csv
	pz-import -t interactions --mode INCREMENTAL chains more.csv
	first() {
		pz-score -m slist.pzm -d chains --exploration-weight 0 -n 1 <<<"{\"userId\":\"$1\"}" |
			jq -r '.output.recommendedItems[]'
	}
	[ "$(first x)" = b3 ]
	[ "$(first y)" = c3 ]
	[ "$(first z)" = c5 ]
	run -0 jq -c '.output.recommendedItems[0]' <(
		pz-score -m rank.pzm -d chains <<<'{"userId":"z","itemList":["a1","a3","b3","c3","c5"]}')
	assert_output '"c5"'
}

@test "slist: the same bytes for any number of threads and any kernel" {
	export SOURCE_DATE_EPOCH=0
	pz-train -r user-personalization --algorithm slist -j 1 -o one.pzm shop
	pz-train -r user-personalization --algorithm slist -j 3 -o three.pzm shop
	PZ_SIMD=scalar pz-train -r user-personalization --algorithm slist -o scalar.pzm shop
	cmp one.pzm three.pzm
	cmp one.pzm scalar.pzm
	pz-score -m one.pzm -j 1 users.jsonl >one
	pz-score -m one.pzm -j 3 users.jsonl | cmp - one
	pz-score -m one.pzm -d shop users.jsonl | cmp - one
}

@test "ease: with decay what was met last counts most" {
	pz-train -r user-personalization --algorithm ease --hyper lambda=5 --hyper decay=1 -o decay.pzm shop
	run -0 jq .hyperparameters.decay <(pz-show model decay.pzm)
	assert_output 1
	run ! cmp <(pz-score -m decay.pzm users.jsonl) <(pz-score -m ease.pzm users.jsonl)
}

@test "ease: what it cannot do is refused" {
	run -2 pz-train -r user-personalization --algorithm nonsense -o x shop
	assert_output "pz-train: --algorithm nonsense: user-personalization has auto, ials, ease, slist, gfcf, popularity, given"
	run -2 pz-train -r sims --algorithm ease -o x shop
	assert_output "pz-train: --algorithm ease: sims has cointeraction"
	run -2 pz-train -r user-personalization --algorithm ease --hyper hidden_dimension=8 -o x shop
	assert_output --partial "no hyperparameter 'hidden_dimension'"
	run -2 pz-train -r user-personalization --algorithm ease --update ease.pzm -o x shop
	assert_output --partial "--update keeps the old model"
	assert_not_exists x
}

@test "slist: events that count for less than floats can tell are as if they were not there" {
	pz-train -r user-personalization --algorithm slist --event buy --event view=1e-60 -o tiny.pzm shop 2>errors
	run -0 jq -s 'all(.error == null)' <(pz-score -m tiny.pzm users.jsonl)
	assert_output true
}

@test "an item that nobody met goes to those who like items like it, if new ones are tried" {
	{
		echo ITEM_ID,GENRE,PRICE
		zstdcat shop/interactions/* | jq -r '.ITEM_ID' | sort -u |
			awk '{ print $1 "," substr($1, 2) % 3 ",1" }'
		echo fresh,1,1
	} >items.csv
	cp -r shop fresh
	pz-import -t items fresh items.csv
	pz-train -r user-personalization --algorithm slist -o fresh.pzm fresh
	pz-score -m fresh.pzm --exploration-weight 0.9 -n 41 users.jsonl >out
	jq -r '(.output.recommendedItems | index("fresh")) as $place |
		"\(.input.userId[1:] | tonumber % 3) \($place // 99)"' out |
		awk '{ sum[$1] += $2; n[$1]++ } END { print (sum[1] / n[1] < sum[0] / n[0] && sum[1] / n[1] < sum[2] / n[2]) }' >ahead
	assert_equal "$(cat ahead)" 1
	pz-score -m fresh.pzm --exploration-weight 0 -n 41 users.jsonl >out
	run ! grep fresh out
}

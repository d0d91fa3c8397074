# pz-train --algorithm auto - what it tries, what it takes, and what it may cost.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
	SOURCE_DATE_EPOCH=0 pz-train -r user-personalization -j 1 \
		--report trials -o auto.pzm shop 2>errors
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "every algorithm is tried, and the best trial is the model" {
	run -0 jq -r .algorithm trials
	for name in popularity ials gfcf ease slist; do
		assert_line "$name"
	done
	# The six beginnings by what they measure; a change by more than half its error.
	pz-show metrics auto.pzm >metrics
	jq -s -c --slurpfile metrics metrics '$metrics[0].test_users as $n |
		def ndcg: .normalized_discounted_cumulative_gain_at_25;
		reduce (to_entries[]) as $t (null; if . == null then $t.value
			elif ($t.value | ndcg) > ndcg + if $t.key < 6 then 0
				else (ndcg * (1 - ndcg) / $n | sqrt / 2) end
			then $t.value else . end)' trials >best
	cmp <(jq -c '[.algorithm, .hyperparameters]' best) \
		<(pz-show model auto.pzm | jq -c '[.algorithm, .hyperparameters]')
	run -0 jq --slurpfile metrics metrics '.normalized_discounted_cumulative_gain_at_25 -
		$metrics[0].normalized_discounted_cumulative_gain_at_25 | fabs < 0.05' best
	assert_output true
}

@test "the model says what was tried, without the time it took" {
	run -0 jq -c '.performHPO, .recipe' <(pz-show model auto.pzm)
	assert_output 'true
"user-personalization"'
	cmp <(pz-show model auto.pzm | jq -c '.tried[]') <(jq -c 'del(.seconds)' trials)
}

@test "the same bytes for any number of threads, and those of the algorithm that won" {
	export SOURCE_DATE_EPOCH=0
	pz-train -r user-personalization --algorithm auto -j 3 --report lines -o three.pzm shop 2>errors
	cmp auto.pzm three.pzm
	run -0 grep -c '^{"algorithm"' lines
	assert_output "$(wc -l <trials)"
	hypers=()
	while read -r line; do
		hypers+=(--hyper "$line")
	done < <(pz-show model auto.pzm | jq -r '.hyperparameters | to_entries[] | "\(.key)=\(.value)"')
	pz-train -r user-personalization --algorithm "$(pz-show model auto.pzm | jq -r .algorithm)" \
		"${hypers[@]}" -o alone.pzm shop 2>errors
	cmp <(pz-score -m auto.pzm users.jsonl) <(pz-score -m alone.pzm users.jsonl)
}

@test "what takes too long is not tried, nor what takes too much memory" {
	pz-train -r personalized-ranking --algorithm auto --time 0.05 --report short -o short.pzm shop 2>errors
	run -0 jq -r .algorithm short
	assert_output popularity
	pz-train -r personalized-ranking --algorithm auto --memory 0.0000001 --report small -o small.pzm shop 2>errors
	run -0 jq -r .algorithm small
	assert_output popularity
	run -1 pz-train -r personalized-ranking --algorithm auto --time 0.001 -o none.pzm shop
	assert_output --partial "no algorithm fits into the time and memory given"
	assert_not_exists none.pzm
}

@test "popularity knows what is popular, and what a user has met" {
	pz-train -r user-personalization --algorithm popularity -o habit.pzm shop 2>errors
	pz-score -m habit.pzm --exploration-weight 0 users.jsonl >lists
	run -0 jq -s 'all(.error == null and (.output.scores | . == (sort | reverse)))' lists
	assert_output true
	run -0 sh -c 'jq -c .output.recommendedItems lists | sort -u | wc -l'
	[ "$output" -gt 1 ]
}

@test "gfcf: users get items of the third that they like, the same bytes for any threads" {
	export SOURCE_DATE_EPOCH=0
	pz-train -r user-personalization --algorithm gfcf -j 1 -o one.pzm shop 2>errors
	pz-train -r user-personalization --algorithm gfcf -j 3 -o three.pzm shop 2>errors
	cmp one.pzm three.pzm
	run jq -s 'all((.input.userId[1:] | tonumber % 3) as $third |
		(.output.recommendedItems[:4] | all(.[1:] | tonumber % 3 == $third)))' <(
		pz-score -m one.pzm --exploration-weight 0 users.jsonl)
	assert_output true
}

@test "trials are shown as progress and nowhere else" {
	pz-train -r user-personalization --algorithm auto --progress -o shown.pzm shop 2>lines
	grep -q '  ials NDCG@25 0' lines
	run ! grep NDCG errors
}

@test "an update keeps the algorithm and the hyperparameters, and searches nothing" {
	cp -r shop grown
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE new,i00,2000000,view new,i06,2000000,view >more.csv
	pz-import -t interactions --mode INCREMENTAL grown more.csv
	pz-train -r user-personalization --algorithm gfcf --hyper alpha=0.55 -o old.pzm shop 2>errors
	pz-train -r user-personalization --update old.pzm -o new.pzm grown 2>errors
	run -0 jq -c '[.trainingMode, .algorithm, .hyperparameters.alpha]' <(pz-show model new.pzm)
	assert_output '["UPDATE","gfcf",0.55]'
	run -0 jq -c '.output.recommendedItems[0][1:] | tonumber % 3' <(
		pz-score -m new.pzm --exploration-weight 0 <<<'{"userId":"new"}')
	assert_output 0
	for option in "--algorithm slist" "--hyper alpha=1" "--time 5"; do
		# shellcheck disable=SC2086 # an option and its value
		run -2 pz-train -r user-personalization $option --update old.pzm -o x grown
		assert_output --partial "--update keeps the old model's"
	done
}

@test "options of auto are for auto" {
	run -2 pz-train -r sims --time 5 -o x shop
	assert_output --partial "are for --algorithm auto"
	run -2 pz-train -r user-personalization --algorithm ials --time 5 -o x shop
	assert_output --partial "are for --algorithm auto"
	run -2 pz-train -r user-personalization --algorithm auto --time -1 -o x shop
	assert_output --partial "--time and --memory: more than 0"
	run -2 pz-train -r user-personalization --algorithm auto --hyper lambda=1 -o x shop
	assert_output --partial "no hyperparameter 'lambda'"
	run -1 pz-train -r user-personalization --algorithm auto --report nowhere/x -o x shop
	assert_output --partial "nowhere/x: No such file or directory"
}

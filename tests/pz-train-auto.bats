# pz-train --algorithm auto - what it tries, what it takes, and what it may cost.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
	SOURCE_DATE_EPOCH=0 pz-train -r user-personalization --algorithm auto -j 1 \
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
	jq -s -c 'max_by(.normalized_discounted_cumulative_gain_at_25) |
		[.algorithm, .hyperparameters]' trials >best
	cmp best <(pz-show model auto.pzm | jq -c '[.algorithm, .hyperparameters]')
	run -0 jq -s '(max_by(.normalized_discounted_cumulative_gain_at_25) |
		.normalized_discounted_cumulative_gain_at_25) - $metrics[0].normalized_discounted_cumulative_gain_at_25 |
		fabs < 1e-4' --slurpfile metrics <(pz-show metrics auto.pzm) trials
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
	pz-train -r user-personalization --algorithm auto -j 3 -o three.pzm shop 2>lines
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
	pz-train -r personalized-ranking --algorithm auto --time 0.025 --report short -o short.pzm shop 2>errors
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

@test "options of auto are for auto" {
	run -2 pz-train -r user-personalization --time 5 -o x shop
	assert_output --partial "are for --algorithm auto"
	run -2 pz-train -r user-personalization --algorithm auto --time -1 -o x shop
	assert_output --partial "--time and --memory: more than 0"
	run -2 pz-train -r user-personalization --algorithm auto --hyper lambda=1 -o x shop
	assert_output --partial "no hyperparameter 'lambda'"
	run -1 pz-train -r user-personalization --algorithm auto --report nowhere/x -o x shop
	assert_output --partial "nowhere/x: No such file or directory"
}

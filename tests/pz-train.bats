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
	pz-train -r user-personalization -j 1 -o one.pzm shop
	pz-train -r user-personalization -j 3 -o three.pzm shop
	PZ_SIMD=scalar pz-train -r user-personalization -o scalar.pzm shop
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
	run -2 pz-train -r aws-trending-now -o x shop
	assert_output --partial "not in this version"
	run -2 pz-train -r user-personalization --hyper epochs=0 -o x shop
	assert_output --partial "epochs: '0' is not a whole number from 1 to 1000"
	run -2 pz-train -r user-personalization --hyper nothing=1 -o x shop
	assert_output --partial "no hyperparameter 'nothing'"
	run -2 pz-train -o x shop
	run -2 pz-train -r popularity-count -o x
	assert_not_exists x
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

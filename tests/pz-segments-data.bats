# Segments of real data, if the data sets are there.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	local samples=$DATA/personalize-samples
	[ -e "$samples" ] || return 0
	zstdcat "$samples/interactions.csv.zst" | pz-import -t interactions films - >schema
	zstdcat "$samples/items.csv.zst" | pz-import -t items films - >schema
	zstdcat "$samples/airline-interactions.csv.zst" | pz-import -t interactions flights - >schema
	zstdcat "$samples/airline-users.csv.zst" | pz-import -t users flights - >schema
}

setup() {
	need_data personalize-samples
	cd "$BATS_FILE_TMPDIR" || exit
}

# better_than_both NAME RECIPE - recall at the top 1 % of users of what is in NAME.split.
better_than_both() {
	local k=$(($(pz-show users "$1".split/train | wc -l) / 100 + 1))

	pz-train -r "$2" --hyper hidden_dimension=16 --hyper epochs=2 -o "$1".pzm "$1".split/train
	pz-score -m "$1".pzm -n $k "$1".split/input.jsonl >"$1".out || [ $? = 3 ]
	pz-eval -d "$1".split/train "$1".split/truth.jsonl "$1".out >metrics || [ $? = 3 ]
	run -0 jq '.recall_at_top_1_percent > .recall_at_top_1_percent_of_most_active and
		.recall_at_top_1_percent > .recall_at_top_1_percent_of_most_interested' metrics
	assert_output true
}

@test "users of airlines are found better than by activity or by interest" {
	pz-split --protocol segment-time -o flights.split flights
	better_than_both flights item-affinity
}

@test "users of genres are found better than by activity or by interest" {
	pz-split --protocol segment-time --attribute GENRE -o films.split films
	better_than_both films item-attribute-affinity
}

@test "a model of films answers for genres, years, both, and nobody's film" {
	pz-train -r item-attribute-affinity --hyper hidden_dimension=16 --hyper epochs=2 \
		-o genres.pzm films
	printf '%s\n' '{"itemAttributes":"ITEMS.GENRE = \"Comedy\" AND ITEMS.GENRE=\"Action\""}' \
		'{"itemAttributes":"items.year = \"1999\""}' '{"itemAttributes":"ITEMS.YEAR = 1999"}' \
		'{"itemAttributes":"ITEMS.GENRE = \"comedy\""}' >asked
	run -3 pz-score -m genres.pzm -n 5000000 asked
	assert_line -n 3 --partial '"error": "no item that was there at training matches"'
	printf '%s\n' "${lines[@]:0:3}" >answers
	run -0 jq -c '[(.output.usersList | length, (unique | length))]' answers
	assert_output $'[610,610]\n[610,610]\n[610,610]'
	# written as text or as a number, a year is the year
	run -0 jq -s -c '.[1].output == .[2].output' answers
	assert_output true
	for j in 1 3; do
		PZ_SIMD=scalar pz-score -j $j -m genres.pzm -n 5000000 asked | head -n 3 | cmp - answers
	done
}

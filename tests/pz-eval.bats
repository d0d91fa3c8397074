# What the pz-eval(1) page promises.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
	pz-split --protocol random -o split shop >totals
	pz-train -r user-personalization --hyper hidden_dimension=8 -o model.pzm split/train 2>warnings
	pz-score -m model.pzm -n 12 split/input.jsonl >out.jsonl
	pz-score -m popular.pzm -n 12 split/input.jsonl >popular.jsonl
	# Segments: everybody gets the same users.
	pz-split --protocol segment-service -o items shop >totals
	pz-split --protocol segment-service --attribute GENRE -o genres shop >totals
	jq -c '{input: ., output: {usersList: [range(60) | "u" + (if . < 10 then "0" else "" end) + tostring]},
		error: null}' items/input.jsonl genres/input.jsonl >users.out
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# metrics [OPTION...] - of out.jsonl without intervals.
metrics() {
	pz-eval --resamples 0 "$@" split/truth.jsonl out.jsonl
}

# slow K - metrics at K of a truth and output files, one value a line, by jq.
slow() {
	jq -n --argjson k "$1" --slurpfile truth split/truth.jsonl --slurpfile out out.jsonl '
		def log2p: (. + 1) | log2;
		($out | map({key: .input.userId, value: .output.recommendedItems}) | from_entries) as $lists
		| [$truth[]
			| (.items | unique) as $relevant
			| ($relevant | length) as $t
			| ([$t, $k] | min) as $most
			| $lists[.input.userId][:$k] as $list
			| [range($list | length) | select($list[.] as $i | $relevant | index([$i])) + 1] as $ranks
			| ($ranks | length) as $n
			| {
				ndcg: (([$ranks[] | 1 / log2p] | add // 0) / ([range($most) + 1 | 1 / log2p] | add)),
				precision: ($n / $k),
				recall: ($n / $t),
				capped: ($n / $most),
				hit: (if $n > 0 then 1 else 0 end),
				mrr: (if $n > 0 then 1 / $ranks[0] else 0 end),
				map: (([range($n) | (. + 1) / $ranks[.]] | add // 0) / $t)
			}]
		| (.[0] | keys_unsorted[]) as $name | map(.[$name]) | add / length'
}

@test "metrics equal those of jq from the definitions" {
	for k in 1 3 10; do
		slow $k >expected
		metrics -k $k | jq --arg k $k '.["normalized_discounted_cumulative_gain_at_" + $k,
			"precision_at_" + $k, "recall_at_" + $k, "capped_recall_at_" + $k,
			"hit_rate_at_" + $k, "mean_reciprocal_rank_at_" + $k,
			"mean_average_precision_at_" + $k]' >actual
		[ "$(wc -l <expected)" -eq 7 ]
		paste expected actual | awk '{ if (($1 - $2) ^ 2 > 1e-12) exit 1 }'
	done
}

@test "the service's metrics are there under its names, whatever -k says" {
	metrics -k 3 -d split/train >all
	for name in coverage mean_reciprocal_rank_at_25 \
		normalized_discounted_cumulative_gain_at_{5,10,25} precision_at_{5,10,25}; do
		run -0 jq "has(\"$name\")" all
		assert_output true
	done
	run -0 jq -c '[keys_unsorted[] | select(test("_at_3$"))] | length' all
	assert_output 11
}

@test "hits at ranks 2 and 5" {
	echo '{"input":{"userId":"1"},"items":["b","e"]}' >two
	echo '{"input":{"userId":"1"},"output":{"recommendedItems":["a","b","c","d","e"]},"error":null}' >list
	run -0 sh -c 'pz-eval --table --resamples 0 -k 5 two list | grep -E "gain_at_5 |^precision_at_5 "'
	assert_output 'normalized_discounted_cumulative_gain_at_5       0.6241
precision_at_5                                   0.4000'
}

@test "what is missing, broken, repeated or not asked for is counted" {
	cat >t.jsonl <<-'END'
		{"input":{"userId":"1"},"items":["a"]}
		{"input":{"userId":"2"},"items":["a"]}
		{"input":{"userId":"3"},"items":["a"]}
		{"input":{"userId":"4"},"items":["a"]}
		{"input":{"userId":"5"},"items":[]}
	END
	cat >o.jsonl <<-'END'
		{"input":{"userId":"4","more":1},"output":{"recommendedItems":["b","b","a"]},"error":null}
		{"input":{"userId":"1"},"output":null,"error":"no such user"}
		{"input":{"userId":"2"},"output":{"recommendedItems":["a"]
		{"input":{"userId":"4"},"output":{"recommendedItems":["a"]},"error":null}
		{"input":{"userId":"9"},"output":{"recommendedItems":["a"]},"error":null}
	END
	run -3 --separate-stderr pz-eval --resamples 0 -k 3 t.jsonl o.jsonl
	echo "$output" >counted
	assert_equal "$stderr" "pz-eval: o.jsonl:3: unexpected end of the line"
	run -0 jq -c '[.inputs, .inputs_without_truth, .inputs_without_output, .errors,
		.outputs_not_asked, .outputs_repeated, .hit_rate_at_3, .mean_reciprocal_rank_at_3]' counted
	assert_output '[4,1,3,2,1,1,0.25,0.083333]'
}

@test "the order of the records does not matter" {
	tac out.jsonl >turned.jsonl
	cmp <(pz-eval -d split/train split/truth.jsonl out.jsonl) \
		<(pz-eval -d split/train split/truth.jsonl turned.jsonl)
	cmp <(metrics) <(pz-eval --resamples 0 split/truth.jsonl - <out.jsonl)
}

@test "lines of single inputs have the means that are printed" {
	metrics -k 3 | jq .recall_at_3 >mean
	pz-eval --per-user -k 3 split/truth.jsonl out.jsonl >lines
	cmp <(jq -c .input lines) <(jq -c .input split/truth.jsonl)
	jq -s 'map(.recall_at_3) | add / length' lines |
		paste mean - | awk '{ exit ($1 - $2) ^ 2 > 1e-11 }'
}

@test "catalogue and popularity are the same from dataset and model" {
	cmp <(metrics -d split/train) <(metrics -m model.pzm)
	run -0 jq -c '[has("surprise_at_10", "gini_index_at_10", "negative_log_likelihood")]' <(metrics -d split/train)
	assert_output '[true,true,true]'
	run -0 jq -c '[has("coverage", "surprise_at_10", "negative_log_likelihood", "expected_calibration_error")]' <(metrics)
	assert_output '[false,false,false,true]'
}

@test "likelihood of lists of all items is that of jq" {
	pz-score -m model.pzm -n 1000 split/input.jsonl >whole.jsonl
	jq -n --slurpfile truth split/truth.jsonl --slurpfile out whole.jsonl '
		($out | map({key: .input.userId, value: ([.output.recommendedItems, .output.scores]
			| transpose | map({key: .[0], value: .[1]}) | from_entries)}) | from_entries) as $p
		| [$truth[] | .input.userId as $u | .items[] | $p[$u][.]
			| -([., 5e-8] | max | log)] | add / length' >expected
	pz-eval --resamples 0 -d split/train split/truth.jsonl whole.jsonl |
		jq .negative_log_likelihood | paste expected - | awk '{ exit ($1 - $2) ^ 2 > 1e-11 }'
}

@test "intervals hold the value and depend on the seed alone" {
	pz-eval -k 5 --resamples 200 -j 1 split/truth.jsonl out.jsonl >one
	pz-eval -k 5 --resamples 200 -j 3 split/truth.jsonl out.jsonl >three
	pz-eval -k 5 --resamples 200 --seed 2 split/truth.jsonl out.jsonl >two
	cmp one three
	run -1 cmp -s one two
	run -0 jq '.recall_at_5 as $x | .intervals.recall_at_5 | .[0] < $x and $x < .[1]' one
	assert_output true
	run -0 jq -c '[.resamples, .seed]' two
	assert_output '[200,2]'
}

@test "a comparison tells difference and p, and none with itself" {
	pz-eval -k 5 -d split/train --compare popular.jsonl split/truth.jsonl out.jsonl >better
	a=$(pz-eval -k 5 --resamples 0 split/truth.jsonl out.jsonl | jq .recall_at_5)
	b=$(pz-eval -k 5 --resamples 0 split/truth.jsonl popular.jsonl | jq .recall_at_5)
	run -0 jq -c ".comparison.recall_at_5 | .other == $b and ((.difference - ($a - $b)) | fabs) < 1e-5
		and .p < 0.01 and .interval[0] > 0" better
	assert_output true
	run -0 jq -c '.comparison | map(.p) | unique' \
		<(pz-eval --compare out.jsonl split/truth.jsonl out.jsonl)
	assert_output '[null,1]'
}

@test "the table holds what the JSON does" {
	pz-eval -k 5 -d split/train --compare popular.jsonl split/truth.jsonl out.jsonl >json
	pz-eval -k 5 -d split/train --compare popular.jsonl --table split/truth.jsonl out.jsonl >table
	run -0 awk '$1 == "metric" { print NF }' table
	assert_output 9
	run -1 grep -n ' $' table
	jq -r '[.recall_at_5, .intervals.recall_at_5[], (.comparison.recall_at_5
		| .other, .difference, .interval[], .p)] | @tsv' json >values
	awk '$1 == "recall_at_5" { $1 = ""; print }' table | tr -s ' ' '\t' | cut -f 2- |
		paste values - | awk '{ for (i = 1; i <= 8; i++) if (($i - $(i + 8)) ^ 2 > 2e-8) exit 1 }'
}

@test "segments are measured at one percent of the users" {
	# 60 users: the first one of each list.
	pz-eval --resamples 0 -k 10 -d items/train items/truth.jsonl users.out >segments
	jq -s 'map(select(.input.itemId) | (.users | index(["u00"]) != null) as $hit
		| if $hit then 1 / (.users | length) else 0 end) | add / length' items/truth.jsonl >expected
	jq .recall_at_top_1_percent segments | paste expected - | awk '{ exit ($1 - $2) ^ 2 > 1e-11 }'
	jq -s 'map(.users | if index(["u00"]) then 1 else 0 end) | add / length' items/truth.jsonl >expected
	jq .hits_at_top_1_percent segments | paste expected - | awk '{ exit ($1 - $2) ^ 2 > 1e-11 }'
}

@test "baselines of segments are those of jq" {
	pz-show history genres/train >history
	pz-show items genres/train | jq -s 'INDEX(.ITEM_ID)' >items.json
	for folder in items genres; do
		jq -n --slurpfile truth $folder/truth.jsonl --slurpfile events history --slurpfile items items.json '
			($events | group_by(.USER_ID) | map({key: .[0].USER_ID, value: length}) | from_entries) as $active
			| [$truth[] | .input as $in | .users as $users
				| ($events | map(select(if $in.itemId then .ITEM_ID == $in.itemId
					else ($items[0][.ITEM_ID].GENRE | split("|")) as $g
						| $in.itemAttributes | capture("\"(?<v>.*)\"").v as $v | $g | index([$v]) end)
					| .USER_ID)) as $who
				| ($active | to_entries | map(. + {n: (.key as $u | [$who[] | select(. == $u)] | length)})
					| sort_by(-.n, -.value, .key)[0].key) as $first
				| if ($users | index([$first])) then 1 / ($users | length) else 0 end]
			| add / length' >expected
		pz-eval --resamples 0 -k 10 -d $folder/train $folder/truth.jsonl users.out |
			jq .recall_at_top_1_percent_of_most_interested |
			paste expected - | awk '{ exit ($1 - $2) ^ 2 > 1e-11 }'
	done
	run -0 jq '.recall_at_top_1_percent / .recall_at_top_1_percent_of_most_active - .lift_over_most_active | fabs < 1e-4' \
		<(pz-eval --resamples 0 -d items/train items/truth.jsonl users.out)
	assert_output true
}

@test "wrong files and usage are told" {
	run -2 pz-eval
	assert_output --partial "TRUTH is needed"
	run -2 pz-eval -k 0 split/truth.jsonl
	run -2 pz-eval -k 5, split/truth.jsonl
	run -2 pz-eval -k -5 split/truth.jsonl
	run -2 pz-eval -m model.pzm -d shop split/truth.jsonl
	run -2 pz-eval --per-user --table split/truth.jsonl
	run -1 pz-eval nowhere
	assert_output --partial "pz-eval: nowhere: "
	run -1 pz-eval out.jsonl out.jsonl
	assert_output "pz-eval: out.jsonl:1: expected a list, items or users"
	run -1 pz-eval split/truth.jsonl nowhere
	: >empty
	run -1 pz-eval empty out.jsonl
	assert_output "pz-eval: empty: no truth in it"
	run -1 pz-eval -d nowhere split/truth.jsonl out.jsonl
}

@test "lost output is a failure" {
	run -1 sh -c 'pz-eval split/truth.jsonl out.jsonl >/dev/full'
}

@test "on real data, metrics equal those of awk" {
	need_data gowalla
	zstdcat "$DATA/gowalla/train.txt.zst" | head -n 3000 >train.txt
	zstdcat "$DATA/gowalla/test.txt.zst" | head -n 3000 >test.txt
	# Popular items that the user has not been to.
	awk '{ for (i = 2; i <= NF; i++) n[$i]++ } END { for (i in n) print n[i], i }' train.txt |
		sort -k 1,1nr -k 2,2n | awk '{ print $2 }' >popular
	awk 'FILENAME == "popular" { list[++n] = $1; next }
		{
			split("", met)
			for (i = 2; i <= NF; i++)
				met[$i]
			printf "%s", $1
			for (i = k = 1; k <= 20; i++)
				if (!(list[i] in met) && k++)
					printf " %s", list[i]
			print ""
		}' popular train.txt >lists
	awk 'FILENAME == "test.txt" { n[$1] = NF - 1; for (i = 2; i <= NF; i++) good[$1, $i]; next }
		{
			dcg = ideal = hits = 0
			for (r = 1; r <= 20; r++) {
				if (($1, $(r + 1)) in good) { hits++; dcg += log(2) / log(r + 1) }
				if (r <= n[$1]) ideal += log(2) / log(r + 1)
			}
			recall += hits / n[$1]; ndcg += dcg / ideal; users++
		}
		END { printf "%.9f %.9f\n", recall / users, ndcg / users }' test.txt lists >expected
	json='{ printf "{\"input\":{\"userId\":\"%s\"}%s[", $1, before
		for (i = 2; i <= NF; i++) printf "%s\"%s\"", (i > 2 ? "," : ""), $i
		print "]" after }'
	awk -v before=',"items":' -v after='}' "$json" test.txt >t.jsonl
	awk -v before=',"output":{"recommendedItems":' -v after='},"error":null}' "$json" lists >o.jsonl
	run -0 sh -c 'pz-eval --resamples 0 -k 20 t.jsonl o.jsonl |
		jq -r "[.recall_at_20, .normalized_discounted_cumulative_gain_at_20] | @tsv" |
		paste expected - | awk "{ exit (\$1 - \$3) ^ 2 > 1e-12 || (\$2 - \$4) ^ 2 > 1e-12 }"'
}

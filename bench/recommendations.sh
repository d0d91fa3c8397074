#!/bin/bash
# recommendations.sh - how good each algorithm's lists are, into bench/quality.csv.
#
# All items are ranked but those that the user has met, without exploration, with the
# defaults of each algorithm; hyperparameters that auto chooses are chosen on what it holds
# out of the training data. Beside each value stands that of popularity. Seconds and MiB
# are those of training. DATA_SETS and ALGORITHMS, lists of names, do less.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/quality.bash"
read -ra data_sets <<<"${DATA_SETS:-beauty toys personalize-samples retailrocket gowalla}"
read -ra algorithms <<<"${ALGORITHMS:-popularity ials gfcf ease slist auto}"

# What Beauty, Toys and Gowalla are published with; the others as the service measures.
declare -A protocols=([beauty]=last-out [toys]=last-out [gowalla]=given
	[retailrocket]=given [personalize-samples]=service)
ndcg=normalized_discounted_cumulative_gain_at
declare -A metrics=([beauty]="recall_at_10 ${ndcg}_10" [toys]="recall_at_10 ${ndcg}_10"
	[gowalla]="recall_at_20 ${ndcg}_20" [retailrocket]="recall_at_10 ${ndcg}_10"
	[personalize-samples]="${ndcg}_10 ${ndcg}_25")

# recommend SPLIT ALGORITHM - $work/ALGORITHM.json gets the metrics.
recommend() {
	seconds=0 mib=0
	timed "pz-train -r user-personalization --algorithm $2 -o $work/model $1/train 2>$work/log"
	pz-filter -m "$work/model" 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")' \
		"$1/input.jsonl" >"$work/asks"
	pz-score -m "$work/model" --exploration-weight 0 -n 25 "$work/asks" >"$work/out"
	pz-eval -k 10,20 -d "$1/train" "$1/truth.jsonl" "$work/out" >"$work/$2.json"
}

# measure NAME - rows for each algorithm.
measure() {
	local name=$1 protocol=${protocols[$1]} split=$work/$1.split test=() algorithm metric
	[ ! -e "$work/$name.test" ] || test=(--test "$work/$name.test")
	pz-split --protocol "$protocol" "${test[@]}" -o "$split" "$work/$name" >"$work/log"
	[[ " ${algorithms[*]} " = *" popularity "* ]] || recommend "$split" popularity
	for algorithm in "${algorithms[@]}"; do
		recommend "$split" "$algorithm"
		for metric in ${metrics[$name]}; do
			row "$name" "$protocol" "user-personalization/$algorithm" "$metric" \
				"$(jq ".$metric" "$work/$algorithm.json")" popularity \
				"$(jq ".$metric" "$work/popularity.json")"
		done
	done
}

for name in "${data_sets[@]}"; do
	import "$name" || continue
	measure "$name"
done

#!/bin/bash
# related.sh - how good related items are, into bench/quality.csv.
#
# next-item: the last interaction of each user is held out, and the list for the one
# before it is asked for; hit rate at 10. listed: the complements and substitutes that the
# data list for an item; NDCG at 10. Beside the value stands that of sims. Seconds and MiB
# are those of training and answering together. RECIPES limits the recipes, HYPER adds
# options to the training of similar-items.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/quality.bash"
RECIPES=${RECIPES:-similar-items}

# of METRIC - its value in $work/metrics.
of() {
	jq ".$1" "$work/metrics"
}

# answer RECIPE TRAIN INPUT TRUTH METRIC - its value; adds to $seconds and $mib.
answer() {
	local options=
	[ "$1" != sims ] || options="--hyper max_item_interaction_count_percentile=1"
	[ "$1" != similar-items ] || options=${HYPER:-}
	seconds=0 mib=0
	timed "pz-train -r $1 $options -o $work/model $2"
	timed "pz-score -m $work/model -n 10 $3 >$work/out"
	pz-eval "$4" "$work/out" >"$work/metrics"
	value=$(of "$5")
}

# related DATA PROTOCOL TRAIN INPUT TRUTH METRIC
related() {
	local baseline recipe
	answer sims "$3" "$4" "$5" "$6"
	baseline=$value
	for recipe in $RECIPES; do
		answer "$recipe" "$3" "$4" "$5" "$6"
		row "$1" "$2" "$recipe" "$6" "$value" sims "$baseline"
	done
}

# next_item NAME - records and truth name user and item, so that each user counts.
next_item() {
	local split=$work/$1.split
	pz-split --protocol last-out -o "$split" "$work/$1" >"$work/log"
	pz-show history "$split/train" | jq -c '{userId: .USER_ID, itemId: .ITEM_ID}' |
		awk -F'"' '$4 != last { print; last = $4 }' >"$work/last"
	jq -c --slurpfile last "$work/last" -n 'INDEX($last[]; .userId) as $of
		| inputs | .input.itemId = $of[.input.userId].itemId | select(.input.itemId)' \
		"$split/truth.jsonl" >"$work/truth"
	jq -c .input "$work/truth" >"$work/input"
	related "$1" next-item "$split/train" "$work/input" "$work/truth" hit_rate_at_10
}

# listed - of grocery.
listed() {
	rows_of grocery/items.csv.zst | tail -n +2 | jq -cR 'split("\t")
		| {input: {itemId: .[0]}, items: ((.[2:4] | map(fromjson | map(tostring)) | add | unique) - [.[0]])}
		| select(.items != [])' >"$work/truth"
	jq -c .input "$work/truth" >"$work/input"
	related grocery listed "$work/grocery" "$work/input" "$work/truth" \
		normalized_discounted_cumulative_gain_at_10
}

# Items of grocery by their category; what they list is the truth.
items_of_grocery() {
	{
		echo ITEM_ID,CATEGORY
		rows_of grocery/items.csv.zst | awk 'NR > 1 { print $1 "," $2 }'
	} >"$work/items"
	pz-import -t items --schema bench/category.avsc "$work/grocery" "$work/items"
}

for name in personalize-samples beauty toys grocery; do
	import $name || continue
	[ $name != grocery ] || items_of_grocery
	next_item $name
	[ $name != grocery ] || listed
done

#!/bin/bash
# ablations.sh - what each part of the algorithms brings, into bench/quality.csv.
#
# Each row is an algorithm with one part switched off by a hyperparameter; beside it
# stands the whole algorithm. Data sets and protocols are those of recommendations.sh.
# DATA_SETS and ALGORITHMS, lists of names, do less.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/quality.bash"
read -ra data_sets <<<"${DATA_SETS:-beauty personalize-samples gowalla}"
read -ra algorithms <<<"${ALGORITHMS:-ials ease slist gfcf}"

# Each algorithm where it does best, by what turns a part of it off.
declare -A parts=(
	[beauty/ease]="recency_mask=0 links_per_item=50"
	[beauty/slist]="graph=0 mix=0 decay=1000 links_per_item=50 recency_mask=0"
	[beauty/gfcf]="low_pass=0 exponent=1 alpha=0.5"
	[personalize-samples/ials]="recency_mask=0 regularization_exponent=0 max_user_history_length_percentile=1"
	[personalize-samples/slist]="graph=0 mix=0 decay=1000 recency_mask=0"
	[gowalla/gfcf]="low_pass=0 exponent=1 alpha=0.5 links_per_item=50"
)

# measure NAME ALGORITHM PART...
measure() {
	local name=$1 algorithm=$2 split=$work/$1.split part metric
	shift 2
	recommend "$split" "$algorithm"
	mv "$work/$algorithm.json" "$work/whole.json"
	for part; do
		recommend "$split" "$algorithm" "$part"
		for metric in ${metrics[$name]}; do
			row "$name" "${protocols[$name]}" "user-personalization/$algorithm $part" \
				"$metric" "$(jq ".$metric" "$work/$algorithm.json")" "$algorithm" \
				"$(jq ".$metric" "$work/whole.json")"
		done
	done
}

for name in "${data_sets[@]}"; do
	import "$name" || continue
	split "$name"
	for algorithm in "${algorithms[@]}"; do
		# shellcheck disable=SC2086 # a list
		[ -z "${parts[$name/$algorithm]:-}" ] ||
			measure "$name" "$algorithm" ${parts[$name/$algorithm]}
	done
done

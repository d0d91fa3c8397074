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

# measure NAME - rows for each algorithm.
measure() {
	local name=$1 protocol=${protocols[$1]} split=$work/$1.split algorithm metric
	split "$name"
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

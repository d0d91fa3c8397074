#!/bin/bash
# segments.sh - how good segments are, into bench/quality.csv.
#
# The newest tenth of the interactions is held out; the truth for an item, or for a value
# of a column of the items, is who interacts with it there. Recall at the top 1 % of users
# stands beside that of the most active users, and of those most interested in what is
# asked for (pz-eval(1)). Seconds and MiB are those of training and answering together.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/quality.bash"

# of METRIC - its value in $work/metrics.
of() {
	jq ".$1" "$work/metrics"
}

# segments NAME RECIPE [COLUMN]
segments() {
	local split=$work/$1.$2 metric=recall_at_top_1_percent k baseline
	pz-split --protocol segment-time ${3:+--attribute "$3"} -o "$split" "$work/$1" >"$work/log"
	k=$(($(pz-show users "$split/train" | wc -l) / 100 + 1))
	seconds=0 mib=0
	timed "pz-train -r $2 -o $work/model $split/train"
	# What was not there at training is an error record, and nobody in its list.
	timed "pz-score -m $work/model -n $k $split/input.jsonl >$work/out 2>$work/log || [ \$? = 3 ]"
	pz-eval -d "$split/train" "$split/truth.jsonl" "$work/out" >"$work/metrics" || [ $? = 3 ]
	for baseline in most_active most_interested; do
		row "$1" segment-time "$2" $metric "$(of $metric)" $baseline \
			"$(of ${metric}_of_$baseline)"
	done
}

for name in airline personalize-samples retailrocket grocery; do
	import $name || continue
	segments $name item-affinity
	[ $name != personalize-samples ] || segments $name item-attribute-affinity GENRE
done

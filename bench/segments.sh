#!/bin/bash
# segments.sh - how good the segments of item-affinity are, into bench/quality.csv.
#
# The newest tenth of the interactions is held out; the truth for an item is who
# interacts with it there. Recall at the top 1 % of users stands beside that of the most
# active users, and of those most interested in what is asked for (pz-eval(1)). DATA names
# the folder of the data sets; one that is not there is skipped, aloud.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/build:$PATH
DATA=${DATA:-../shared/data}
OUT=bench/quality.csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# import NAME - the data set NAME as $work/NAME; fails if it is not there.
import() {
	case $1 in
	personalize-samples)
		set -- "$1" "$DATA/personalize-samples/interactions.csv.zst"
		;;
	airline)
		set -- "$1" "$DATA/personalize-samples/airline-interactions.csv.zst"
		;;
	retailrocket)
		[ -d "$DATA/retailrocket" ] || return
		{
			echo USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE
			for type in view cart buy; do
				zstdcat "$DATA/retailrocket/$type.tsv.zst" |
					awk -v type=$type '{ print $1 "," $2 "," $3 "," type }'
			done
		} >"$work/retailrocket.csv"
		set -- "$1" "$work/retailrocket.csv"
		;;
	esac
	[ -e "$2" ] || return
	pz-import -t interactions "$work/$1" "$2" >"$work/schema"
}

# value METRIC - of the metrics in $work/metrics.
value() {
	jq ".$1" "$work/metrics"
}

[ -e $OUT ] || echo date,commit,data,protocol,recipe,metric,value,baseline,baseline_value >$OUT
for name in personalize-samples airline retailrocket; do
	if ! import $name; then
		echo "segments: skipped: the data set $name is not in $DATA"
		continue
	fi
	pz-split --protocol segment-time -o "$work/$name.split" "$work/$name" >"$work/log"
	pz-train -r item-affinity -o "$work/$name.pzm" "$work/$name.split/train"
	users=$(pz-show users "$work/$name.pzm" | wc -l)
	pz-score -m "$work/$name.pzm" -n $((users / 100 + 1)) \
		"$work/$name.split/input.jsonl" >"$work/$name.out" 2>"$work/log" || [ $? = 3 ]
	pz-eval -d "$work/$name.split/train" "$work/$name.split/truth.jsonl" \
		"$work/$name.out" >"$work/metrics"
	for baseline in most_active most_interested; do
		row=$name,segment-time,item-affinity,recall_at_top_1_percent,$(value recall_at_top_1_percent)
		row=$row,$baseline,$(value recall_at_top_1_percent_of_$baseline)
		echo "$(date +%F),$(git rev-parse --short HEAD),$row" >>$OUT
		echo "segments: $row"
	done
done

#!/bin/bash
# cold.sh - how well metadata recommend items that training has not seen, into
# bench/quality.csv.
#
# Every tenth item, by ID, is hidden: its interactions do not train. Lists of the hidden
# items alone are made for the users who met some of them. The baseline knows the
# metadata too: the hidden items whose values (genres, attributes) have the most users on
# average in training, the same for everybody. ALGORITHMS, a list of names, does less.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/quality.bash"
read -ra algorithms <<<"${ALGORITHMS:-ials ease slist gfcf}"

# files NAME - events.csv: user, item, time; items.csv: item, values as A|B, others.
files() {
	case $1 in
	personalize-samples)
		rows_of "$1/interactions.csv.zst" | cut -d, -f1-3 >"$work/events.csv"
		rows_of "$1/items.csv.zst" >"$work/items.csv"
		;;
	*)
		rows_of "$1/sequences.txt.zst" | awk '
			BEGIN { print "USER_ID,ITEM_ID,TIMESTAMP" }
			{ for (i = 2; i <= NF; i++) print $1 "," $i "," i }' >"$work/events.csv"
		rows_of "$1/item-attributes.json.zst" | jq -r '"ITEM_ID,ATTRIBUTES",
			(to_entries[] | .key + "," + (.value | map("a\(.)") | join("|")))' \
			>"$work/items.csv"
		;;
	esac
}

# hide - the data set $work/shop without the hidden items' interactions, truth.jsonl and
# input.jsonl of these.
hide() {
	cd "$work"
	awk -F, 'NR > 1 { print $1 }' items.csv | sort | awk 'NR % 10 == 0' >hidden
	awk -F, 'NR == FNR { hidden[$1]; next } FNR == 1 || !($2 in hidden)' \
		hidden events.csv >training.csv
	awk -F, 'NR == FNR { hidden[$1]; next } FNR > 1 && $2 in hidden { print $1, $2 }' \
		hidden events.csv | sort -u | jq -cRn '[inputs | split(" ")]
		| group_by(.[0])[] | {input: {userId: .[0][0]}, items: map(.[1])}' >truth.jsonl
	jq -c '.input + {filter: "INCLUDE ItemID WHERE Items.HIDDEN IN (\"yes\")"}' \
		truth.jsonl >input.jsonl
	awk -F, 'NR == FNR { hidden[$1]; next } {
		print $0 "," (FNR == 1 ? "HIDDEN" : $1 in hidden ? "yes" : "no") }' \
		hidden items.csv >marked.csv
	rm -rf shop
	cd "$OLDPWD"
	take interactions shop <"$work/training.csv"
	take items shop <"$work/marked.csv"
}

# popular_values - the ten hidden items of the most popular values, for each user.
popular_values() {
	cd "$work"
	awk -F, '
		FILENAME == "training.csv" {
			if (!(($1, $2) in met)) users[$2]++
			met[$1, $2]
			next
		}
		FILENAME == "hidden" { hidden[$1]; next }
		FNR == 1 { next }
		{ n = split($2, value, "|"); values[$1] = $2 }
		!($1 in hidden) { for (i = 1; i <= n; i++) {
			sum[value[i]] += users[$1]; count[value[i]]++ } }
		END { for (item in hidden) {
			n = split(values[item], value, "|"); s = 0
			for (i = 1; i <= n; i++)
				if (count[value[i]]) s += sum[value[i]] / count[value[i]] / n
			printf "%.9f %s\n", s, item
		} }' training.csv hidden items.csv |
		sort -k1,1gr -k2,2 | awk 'NR <= 10 { print $2 }' | jq -R . | jq -cs . >best
	jq -c --slurpfile best best '{input, output: {recommendedItems: $best[0]}}' truth.jsonl
	cd "$OLDPWD"
}

ndcg() {
	pz-eval --resamples 0 "$work/truth.jsonl" "$1" |
		jq .normalized_discounted_cumulative_gain_at_10
}

for name in personalize-samples beauty toys; do
	if [ ! -d "$DATA/$name" ]; then
		echo "skipped: the data set $name is not in $DATA"
		continue
	fi
	files $name
	hide
	popular_values >"$work/popular"
	for algorithm in "${algorithms[@]}"; do
		seconds=0 mib=0
		timed "pz-train -r user-personalization --algorithm $algorithm \
			--exclude-column Items.HIDDEN -o $work/model $work/shop"
		timed "pz-score -m $work/model -d $work/shop -n 10 --exploration-weight 0.5 \
			--exploration-item-age-cut-off 1e6 $work/input.jsonl >$work/out"
		row $name cold-items "user-personalization/$algorithm" \
			normalized_discounted_cumulative_gain_at_10 \
			"$(ndcg "$work/out")" popular_values "$(ndcg "$work/popular")"
	done
done

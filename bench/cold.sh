#!/bin/bash
# cold.sh - how well metadata recommend items that training has not seen.
#
# Every tenth item, by ID, is hidden: its interactions do not train. Of the hidden items
# alone, lists are made for the users who met some of them, and measured by NDCG@10. The
# baseline knows the categories too: the items whose values (genres, attributes) have
# the most users on average in training, the same for everybody. DATA names the folder of
# the data sets; one that is not there is skipped, aloud.
#
#	cold.sh     a line for each data set: name, NDCG@10, that of the baseline
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=${BUILD:-$root/build}:$PATH
DATA=$(realpath -m "${DATA:-$root/../shared/data}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# make_files NAME - events.csv: user, item, time; items.csv: item, values as A|B.
make_files() {
	local from=$DATA/$1
	case $1 in
	personalize-samples)
		zstdcat "$from/interactions.csv.zst" | cut -d, -f1-3 >events.csv
		zstdcat "$from/items.csv.zst" >items.csv
		;;
	*)
		zstdcat "$from/sequences.txt.zst" | awk '
			BEGIN { print "USER_ID,ITEM_ID,TIMESTAMP" }
			{ for (i = 2; i <= NF; i++) print $1 "," $i "," i }' >events.csv
		zstdcat "$from/item-attributes.json.zst" | jq -r '"ITEM_ID,GENRE",
			(to_entries[] | .key + "," + (.value | map("a\(.)") | join("|")))' \
			>items.csv
		;;
	esac
}

# split - training.csv and truth.jsonl of events.csv, hidden items marked in marked.csv.
split_files() {
	awk -F, 'NR > 1 { print $1 }' items.csv | sort | awk 'NR % 10 == 0' >hidden
	awk -F, 'NR == FNR { hidden[$1]; next } FNR == 1 || !($2 in hidden)' \
		hidden events.csv >training.csv
	awk -F, 'NR == FNR { hidden[$1]; next } FNR > 1 && $2 in hidden { print $1, $2 }' \
		hidden events.csv | sort -u | jq -cRn '[inputs | split(" ")]
		| group_by(.[0])[] | {input: {userId: .[0][0]}, items: map(.[1])}' >truth.jsonl
	awk -F, 'NR == FNR { hidden[$1]; next } {
		print $0 "," (FNR == 1 ? "HIDDEN" : $1 in hidden ? "yes" : "no") }' \
		hidden items.csv >marked.csv
}

# popular_categories - the ten hidden items of the most popular values, for each user.
popular_categories() {
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
}

ndcg() {
	pz-eval --resamples 0 truth.jsonl "$1" |
		jq .normalized_discounted_cumulative_gain_at_10
}

for name in personalize-samples beauty toys; do
	if [ ! -d "$DATA/$name" ]; then
		echo "cold: skipped: the data set $name is not in $DATA" >&2
		continue
	fi
	rm -rf shop
	make_files "$name"
	split_files
	pz-import -t interactions shop training.csv >schema.json
	pz-import -t items shop marked.csv >>schema.json
	pz-train -r user-personalization --exclude-column Items.HIDDEN -o cold.pzm shop 2>log
	jq -c '.input + {filter: "INCLUDE ItemID WHERE Items.HIDDEN IN (\"yes\")"}' truth.jsonl |
		pz-score -m cold.pzm -d shop -n 10 --exploration-weight 0.5 \
			--exploration-item-age-cut-off 1e6 >metadata.out
	popular_categories >popular.out
	echo "$name $(ndcg metadata.out) $(ndcg popular.out)"
done

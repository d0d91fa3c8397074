# shellcheck shell=bash
# quality.bash - for scripts that write bench/quality.csv: data sets in, rows out.
#
# To be sourced. DATA names the folder of the data sets, TABLE another table. A row stands
# for what was measured of one data set by one protocol; measured again, it takes the place
# of the old one, so that a change shows as a diff.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
PATH=$PWD/build:$PATH
DATA=${DATA:-../shared/data}
TABLE=${TABLE:-bench/quality.csv}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
columns=date,commit,data,protocol,recipe,metric,value,baseline,baseline_value,seconds,mib
[ -e "$TABLE" ] || echo $columns >"$TABLE"

# rows_of FILE [HEAD] - a text file of the data sets; HEAD in place of its first line.
rows_of() {
	if [ $# -gt 1 ]; then
		echo "$2"
		zstdcat "$DATA/$1" | tail -n +2 | tr '\t' ,
	else
		zstdcat "$DATA/$1"
	fi
}

# take TABLE NAME - standard input into the table of the data set $work/NAME.
take() {
	pz-import -t "$1" "$work/$2" - >"$work/schema"
}

# import NAME - the data set NAME, with all tables it has, as $work/NAME; fails, aloud,
# if it is not there.
import() {
	local folder=${1/airline/personalize-samples} type part
	if [ ! -d "$DATA/$folder" ]; then
		echo "skipped: the data set $1 is not in $DATA"
		return 1
	fi
	case $1 in
	personalize-samples)
		rows_of "$1/interactions.csv.zst" | take interactions "$1"
		rows_of "$1/items.csv.zst" | take items "$1"
		;;
	airline)
		rows_of "$folder/airline-interactions.csv.zst" | take interactions "$1"
		rows_of "$folder/airline-users.csv.zst" | take users "$1"
		;;
	beauty | toys)
		{
			echo USER_ID,ITEM_ID,TIMESTAMP
			rows_of "$1/sequences.txt.zst" |
				awk '{ for (i = 2; i <= NF; i++) print $1 "," $i "," i }'
		} | take interactions "$1"
		{
			echo ITEM_ID,ATTRIBUTES
			rows_of "$1/item-attributes.json.zst" |
				jq -r 'to_entries[] | "\(.key),\(.value | join("|"))"'
		} >"$work/items"
		pz-import -t items --schema bench/attributes.avsc "$work/$1" "$work/items"
		;;
	grocery)
		rows_of "$1/interactions.csv.zst" USER_ID,ITEM_ID,TIMESTAMP | take interactions "$1"
		;;
	# The lists have no order: any will do.
	gowalla)
		for part in train test; do
			rows_of "$1/$part.txt.zst" | awk '
				BEGIN { srand(1); print "USER_ID,ITEM_ID,TIMESTAMP" }
				{ for (i = 2; i <= NF; i++) print $1 "," $i "," int(1e9 * rand()) }' |
				take interactions "$1${part/train/}"
		done
		mv "$work/$1test" "$work/$1.test"
		;;
	retailrocket)
		rows_of "$1/test.tsv.zst" | awk 'BEGIN { print "USER_ID,ITEM_ID,TIMESTAMP" }
			{ print $1 "," $2 "," $3 }' | take interactions "$1.test"
		{
			echo USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE
			for type in view cart buy; do
				rows_of "$1/$type.tsv.zst" | awk -v type=$type '{ print $1 "," $2 "," $3 "," type }'
			done
		} | take interactions "$1"
		;;
	esac
}

# timed COMMAND - run a shell command; add the cores' time to $seconds, and raise $mib to
# what it needs.
seconds=0 mib=0
timed() {
	local spent
	spent=$(bench/measure "$1")
	seconds=$(awk -v s="$seconds" '{ printf "%.1f", s + $3 }' <<<"$spent")
	mib=$(awk -v m="$mib" '{ x = int($2 / 1024 + .5); print (x > m ? x : m) }' <<<"$spent")
}

# row DATA PROTOCOL RECIPE METRIC VALUE BASELINE BASELINE_VALUE - with $seconds and $mib.
row() {
	local key=$1,$2,$3,$4 head
	head=$(date -u +%F),$(git rev-parse --short HEAD)
	awk -F, -v OFS=, -v key="$key,$6" -v new="$head,$key,$5,$6,$7,$seconds,$mib" '
		$3 "," $4 "," $5 "," $6 "," $8 == key { print new; done = 1; next }
		{ print }
		END { if (!done) print new }' "$TABLE" >"$work/table"
	cat "$work/table" >"$TABLE"
	printf '%s: %s, %s %s\n' "$key" "$5" "$6" "$7"
}

# The protocols that Beauty, Toys and Gowalla are published with; the others' are the
# service's.
declare -A protocols=([beauty]=last-out [toys]=last-out [gowalla]=given
	[retailrocket]=given [personalize-samples]=service)
ndcg=normalized_discounted_cumulative_gain_at
# shellcheck disable=SC2034 # for the scripts
declare -A metrics=([beauty]="recall_at_10 ${ndcg}_10" [toys]="recall_at_10 ${ndcg}_10"
	[gowalla]="recall_at_20 ${ndcg}_20" [retailrocket]="recall_at_10 ${ndcg}_10"
	[personalize-samples]="${ndcg}_10 ${ndcg}_25")

# split NAME - the data set in two: $work/NAME.split.
split() {
	local test=()
	[ ! -e "$work/$1.test" ] || test=(--test "$work/$1.test")
	pz-split --protocol "${protocols[$1]}" "${test[@]}" -o "$work/$1.split" "$work/$1" \
		>"$work/log"
}

# recommend SPLIT ALGORITHM [NAME=VALUE]... - train with these hyperparameters, and put
# the metrics of lists of what users have not met into $work/ALGORITHM.json.
recommend() {
	local split=$1 algorithm=$2
	shift 2
	seconds=0 mib=0
	timed "pz-train -r user-personalization --algorithm $algorithm ${*/#/--hyper } \
		-o $work/model $split/train 2>$work/log"
	pz-filter -m "$work/model" 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")' \
		"$split/input.jsonl" >"$work/asks"
	pz-score -m "$work/model" --exploration-weight 0 -n 25 "$work/asks" >"$work/out"
	pz-eval -k 10,20 -d "$split/train" "$split/truth.jsonl" "$work/out" \
		>"$work/$algorithm.json"
}

#!/bin/bash
# evaluator.sh - prove pz-eval by a published row: EASE with lambda 80 on Gowalla.
#
# Its lists come from bench/ease.c, which uses LAPACK and nothing of pz, and must be
# measured as published: Recall@20 .1765, NDCG@20 .1467, within .0005. Takes 6.7 GB of
# memory and ten minutes on two cores; EASE_LISTS=FILE keeps the lists there, and takes
# them from there if it has them. DATA is where the data sets are. Exit 1: not proved.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
data=${DATA:-$root/../shared/data}/gowalla
PATH=${BUILD:-$root/build}:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
lists=${EASE_LISTS:-$work/lists.jsonl}

skip() {
	echo "evaluator: skipped: $1"
	exit 0
}

[ -e "$data/train.txt.zst" ] || skip "there is no data set $data"
lists=$(realpath -m "$lists")
cd "$work"
for part in train test; do
	zstdcat "$data/$part.txt.zst" >$part.txt
done

if [ ! -s "$lists" ]; then
	cc -O3 -march=native -o ease "$root/bench/ease.c" -lopenblas 2>err ||
		skip "libopenblas-dev is not installed"
	free=$(awk '/^MemAvailable/ { print int($2 / 1e6) }' /proc/meminfo)
	[ "$free" -ge 7 ] || skip "7 GB of memory are needed, $free are free"
	started=$SECONDS
	./ease 80 20 train.txt >whole
	mv whole "$lists"
	echo "EASE took $((SECONDS - started)) s"
fi

# The lists have no times; the order of the items stands for them.
cat >rows.awk <<'END'
BEGIN { print "USER_ID,ITEM_ID,TIMESTAMP" }
{ for (i = 2; i <= NF; i++) print $1 "," $i "," i }
END
for part in train test; do
	awk -f rows.awk $part.txt | pz-import $part >schema.json
done
pz-split --protocol given --test test -o split train
pz-eval -k 20 -d split/train split/truth.jsonl "$lists" >metrics.json
jq -r '.intervals as $i | to_entries[] | select(.key | test("_at_20$"))
	| [.key, .value, $i[.key][]?] | @tsv' metrics.json
jq -e '((.recall_at_20 - 0.1765) | fabs) <= 0.0005 and
	((.normalized_discounted_cumulative_gain_at_20 - 0.1467) | fabs) <= 0.0005 and
	.inputs == 29858 and .interactions == 217242' metrics.json >proved || {
	echo 'evaluator: FAILED: the published row is .1765 / .1467'
	exit 1
}
echo 'evaluator: proved: Recall@20 .1765 and NDCG@20 .1467 within .0005'

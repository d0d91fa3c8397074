#!/bin/bash
# run.sh - time commands against peers in the same run; rows go to bench/speed.csv.
#
#	bench/run.sh
#	bench/run.sh REV...
#
# With revisions, each is built in a worktree of its own, all take turns at the same
# commands, without peers, and the medians stand beside each other on screen.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/compare.bash"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

remove_trees() {
	local tree
	for tree in "$work"/tree*; do
		[ ! -e "$tree" ] || git -C "$root" worktree remove -f "$tree"
	done
	rm -rf "$work"
}

# revisions REV... - RUNS turns each, of this script by their commands.
revisions() {
	local here i=0 rev turn
	here=$(cd "$(dirname "$0")" && pwd)

	trap remove_trees EXIT
	for rev; do
		git -C "$root" worktree add -q --detach "$work/tree$((++i))" "$rev"
		make -s -j "$(nproc)" -C "$work/tree$i"
	done
	for ((turn = 0; turn < runs; turn++)); do
		for ((i = 1; i <= $#; i++)); do
			ALONE=1 RUNS=1 BUILD=$work/tree$i/build TABLE=$work/times$i "$here/run.sh" >"$work/log"
		done
	done
	for ((i = 1; i <= $#; i++)); do
		sed "s/^/$i,/" "$work/times$i"
	done | awk -F, -v revisions="$*" '
		{ if (!($2 in known)) { known[$2] = 1; order[++n] = $2 } x[$2, $1, ++count[$2, $1]] = $3 }
		function median(case_name, rev,   m, i, j, t, y) {
			m = count[case_name, rev]
			for (i = 1; i <= m; i++) {
				t = x[case_name, rev, i]
				for (j = i - 1; j && y[j] > t; j--) y[j + 1] = y[j]
				y[j + 1] = t
			}
			return y[int((m + 1) / 2)]
		}
		END {
			r = split(revisions, title, " ")
			printf "%-38s", "seconds, and ratio to " title[1]
			for (i = 1; i <= r; i++) printf " %16s", title[i]
			print ""
			for (c = 1; c <= n; c++) {
				printf "%-38s", order[c]
				first = median(order[c], 1)
				for (i = 1; i <= r; i++) {
					s = median(order[c], i)
					printf " %8.3f %7s", s, (first > 0 ? sprintf("%.3f", s / first) : "-")
				}
				print ""
			}
		}'
}

if [ $# -gt 0 ]; then
	revisions "$@"
	exit
fi
cd "$work"

bookshop .
pz-import -t interactions shop interactions.csv >schema
pz-import -t items shop items.csv >schema
pz-train -r user-personalization --hyper hidden_dimension=128 --hyper epochs=4 -o m.pzm shop
for _ in 1 2 3 4 5 6 7 8 9 10; do cat users.jsonl; done >users
bought='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")'
pz-filter "$bought" users >bound
pz-score -m m.pzm -n 25 bound >scored
printf '%s\n' "$bought" >expression

if [ -n "${ALONE:-}" ] || build_sgemm; then
	compare 'score 20000 x 3000 filtered k 25' 'pz-score -m m.pzm -n 25 bound' \
		'bare sgemm' './sgemm 20000 3000 128'
else
	echo 'score: skipped: libopenblas-dev is not installed'
fi
# Everybody has seen one more book since: all are folded in, ten times over.
cp -r shop later
awk -F, -v OFS=, 'NR > 1 && seen[$1]++ { next } { if (NR > 1) $4 = 2000000000; print }' \
	interactions.csv | pz-import -t interactions --mode INCREMENTAL later -
compare 'score 20000 folded in at 128 factors' 'pz-score -m m.pzm -d later -n 25 users' \
	'the same not folded in' 'pz-score -m m.pzm -n 25 users'
# shellcheck disable=SC2016 # the inner shell expands it
compare 'filter bind to 20000 records' 'pz-filter "$(cat expression)" users' \
	'jq' 'jq -c --rawfile f expression ".filter = \$f" users'
# One thread each, by the time of its core. 100 MB, so that 0.3 s are
# 333 MB/s; nobody reads what comes out.
clock=3
awk 'BEGIN { for (i = 0; i < 4347826; i++) printf "{\"userId\": \"u%07d\"}\n", i }' >short
awk 'BEGIN { for (i = 0; i < 1265822; i++)
	printf "{\"userId\": \"user-%07d\", \"filterValues\": {\"GENRE\": \"\\\"Comedy\\\",\\\"Drama\\\"\"}}\n", i }' >one
awk 'BEGIN { srand(1); for (i = 0; i < 1265822; i++) { k = int(10000 * rand())
	printf "{\"userId\": \"user-%07d\", \"filterValues\": {\"GENRE\": \"\\\"a-%04d\\\",\\\"b-%04d\\\"\"}}\n", i, k, k } }' >many
# shellcheck disable=SC2016
{
	echo 'INCLUDE ItemID WHERE Items.GENRE IN ($GENRE)' >values
	compare 'filter 100 MB of 23 bytes' 'pz-filter "$(cat expression)" short >/dev/null' \
		'wc -l' 'wc -l <short'
	compare 'filter 100 MB with values' 'pz-filter "$(cat values)" one >/dev/null' \
		'wc -l' 'wc -l <one'
	compare 'filter 100 MB 10000 sets of values' 'pz-filter "$(cat values)" many >/dev/null' \
		'one set of values' 'pz-filter "$(cat values)" one >/dev/null'
}
rm short one many

samples=${DATA:-$root/../shared/data}/personalize-samples
if [ -e "$samples" ]; then
	zstd -dqf "$samples/interactions.csv.zst" -o interactions.csv
	zstd -dqf "$samples/items.csv.zst" -o items.csv
	pz-import films interactions.csv >schema
	pz-import -t items films items.csv >schema
	pz-train -r user-personalization --hyper epochs=2 -o films.pzm films
	tail -n +2 interactions.csv | cut -d, -f1 | sort -u >ids
	for _ in {1..20}; do cat ids; done | awk 'BEGIN { srand(2) } {
		printf "{\"userId\":\"%s\",\"filterValues\":{\"Y\":\"\\\"%d\\\",\\\"%d\\\"\"}}\n", $1,
			1930 + 88 * rand(), 1930 + 88 * rand() }' >viewers
	watched='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")'
	pz-filter "INCLUDE ItemID WHERE Items.GENRE IN (\"Comedy\") | $watched" viewers >bound
	pz-filter "INCLUDE ItemID WHERE Items.GENRE IN (\"Comedy\") OR Items.YEAR IN (\$Y) | $watched" \
		viewers >distinct
	compare 'score 12200 x 9742 genre and events' 'pz-score -j 1 -m films.pzm bound' \
		'the same unfiltered' 'pz-score -j 1 -m films.pzm viewers'
	compare "score $(jq .filter distinct | sort -u | wc -l) distinct filters" \
		'pz-score -j 1 -m films.pzm distinct' \
		'one filter' 'pz-score -j 1 -m films.pzm bound'
else
	echo "score filtered: skipped: there is no $samples"
fi

clock=1
compare 'topk 10 of 25' 'pz-topk -k 10 scored' \
	'jq' 'jq -c ".output.recommendedItems |= .[:10] | .output.scores |= .[:10]" scored'
compare 'fetch plain' 'pz-fetch scored | cat' 'cat' 'cat scored | cat'

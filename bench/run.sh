#!/bin/bash
# run.sh - time commands against peers in the same run; rows go to bench/speed.csv.
#
# Ours and the peer take turns, RUNS times after one unmeasured turn each; the medians
# and the ratio ours / peer are written. Ratios last, seconds belong to the machine.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$root/build}
runs=${RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATH=$build:$PATH
cd "$work"

commit=$(git -C "$root" rev-parse --short HEAD)
cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
table=$root/bench/speed.csv
[ -e "$table" ] || echo 'date,commit,cpu,case,seconds,peer,peer_seconds,ratio,peak_mib,peer_peak_mib' >"$table"

seconds() {
	local TIMEFORMAT=%3R
	{ time sh -c "$1" >out 2>err; } 2>&1
}

median() {
	sort -n | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'
}

# compare CASE COMMAND PEER COMMAND
compare() {
	local ours=() theirs=() a b
	seconds "$2" >/dev/null
	seconds "$4" >/dev/null
	for ((i = 0; i < runs; i++)); do
		ours+=("$(seconds "$2")")
		theirs+=("$(seconds "$4")")
	done
	a=$(printf '%s\n' "${ours[@]}" | median)
	b=$(printf '%s\n' "${theirs[@]}" | median)
	printf '%-34s %7.3f s  %-22s %7.3f s  ratio %s\n' "$1" "$a" "$3" "$b" \
		"$(awk "BEGIN { printf \"%.3f\", $a / $b }")"
	awk -v a="$a" -v b="$b" -v head="$(date -u +%F),$commit,$cpu,$1" -v peer="$3" \
		'BEGIN { printf "%s,%s,%s,%s,%.3f,,\n", head, a, peer, b, a / b }' >>"$table"
}

bookshop .
pz-import -t interactions shop interactions.csv >schema
pz-import -t items shop items.csv >schema
pz-train -r user-personalization --hyper hidden_dimension=128 --hyper epochs=4 -o m.pzm shop
for _ in 1 2 3 4 5 6 7 8 9 10; do cat users.jsonl; done >users
bought='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")'
pz-filter "$bought" users >bound
pz-score -m m.pzm -n 25 bound >scored
printf '%s\n' "$bought" >expression

if cc -O2 -o sgemm "$root/bench/sgemm.c" -lopenblas 2>err; then
	compare 'score 20000 x 3000 filtered k 25' 'pz-score -m m.pzm -n 25 bound' \
		'bare sgemm' './sgemm 20000 3000 128'
else
	echo 'score: skipped: libopenblas-dev is not installed'
fi
# shellcheck disable=SC2016 # the inner shell expands it
compare 'filter bind to 20000 records' 'pz-filter "$(cat expression)" users' \
	'jq' 'jq -c --rawfile f expression ".filter = \$f" users'
compare 'topk 10 of 25' 'pz-topk -k 10 scored' \
	'jq' 'jq -c ".output.recommendedItems |= .[:10] | .output.scores |= .[:10]" scored'
compare 'fetch plain' 'pz-fetch scored | cat' 'cat' 'cat scored | cat'

#!/bin/bash
# plot.sh - the newest ratio of each case of big shops, from speed.csv into speed.svg.
set -euo pipefail
cd "$(dirname "$0")"

command -v gnuplot >/dev/null || {
	echo 'plot: skipped: gnuplot is not installed'
	exit 0
}
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
awk -F, '$4 ~ /^(score|similar items|topk 10 of 25) [GM]/ || $4 ~ /^similar items [GM]/ {
	name = $4 " / " $6
	if (!(name in ratio)) order[n++] = name
	ratio[name] = $8
}
END { for (i = 0; i < n; i++) printf "\"%s\" %s\n", order[i], ratio[order[i]] }' speed.csv >"$rows"
gnuplot <<END
set terminal svg size 760,420 font "sans-serif,12"
set output "speed.svg"
set title "time of pz / time of the peer; the line is the peer"
set style fill solid 0.6
set boxwidth 0.6
set yrange [0:*]
set grid y
set xtics rotate by -30
set bmargin 9
set rmargin 14
unset key
plot "$rows" using 0:2:xtic(1) with boxes, 1 with lines lw 2
END

# compare.bash - ours and a peer take turns; a row each goes to bench/speed.csv.
#
# RUNS turns are measured after one unmeasured turn each; the medians and the ratio
# ours / peer are written. Ratios last, seconds belong to the machine.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${BUILD:-$root/build}
runs=${RUNS:-5}
table=${TABLE:-$root/bench/speed.csv}
commit=$(git -C "$root" rev-parse --short HEAD)
cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
PATH=$build:$PATH
[ -e "$table" ] || [ -n "${ALONE:-}" ] || echo 'date,commit,cpu,case,seconds,peer,peer_seconds,ratio,peak_mib,peer_peak_mib' >"$table"

# Which seconds count: 1 those of the clock on the wall, 3 those of the cores.
clock=1

median() {
	sort -n | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'
}

# middle FILE FIELD - of what bench/measure printed.
middle() {
	cut -d ' ' -f "$2" "$1" | median
}

# turn FILE COMMAND
turn() {
	"$root/bench/measure" "{ $2; } >out 2>err" >>"$1"
}

# row CASE PEER - of the files ours and theirs
row() {
	local a b c d mib theirs_mib

	a=$(middle ours "$clock") b=$(middle theirs "$clock")
	c=$(middle ours 3) d=$(middle theirs 3)
	mib=$(($(middle ours 2) / 1024)) theirs_mib=$(($(middle theirs 2) / 1024))
	awk -v a="$a" -v b="$b" -v c="$c" -v d="$d" -v name="$1" -v peer="$2" \
		-v mib="$mib" -v theirs="$theirs_mib" 'BEGIN {
		printf "%-34s %7.3f s  %-22s %7.3f s  ratio %.3f  (cores %.3f)  %d, %d MiB\n",
			name, a, peer, b, a / b, c / d, mib, theirs }'
	awk -v a="$a" -v b="$b" -v head="$(date -u +%F),$commit,$cpu,$1" -v peer="$2" \
		-v mib="$mib,$theirs_mib" 'BEGIN {
		printf "%s,%s,%s,%s,%.3f,%s\n", head, a, peer, b, a / b, mib }' >>"$table"
}

# compare CASE COMMAND PEER COMMAND - if ALONE is set, without the peer: the case and the
# seconds go to the table.
compare() {
	local i

	rm -f ours theirs
	turn warm "$2"
	if [ -n "${ALONE:-}" ]; then
		for ((i = 0; i < runs; i++)); do turn ours "$2"; done
		echo "$1,$(middle ours "$clock")" >>"$table"
		return
	fi
	turn warm "$4"
	for ((i = 0; i < runs; i++)); do
		turn ours "$2"
		turn theirs "$4"
	done
	row "$1" "$3"
}

# The bare product as ./sgemm, as fast as OpenBLAS can on this CPU: one that is newer
# than the library gets its oldest kernel unless told otherwise. Fails without the
# library.
build_sgemm() {
	local core best='' least='' s

	cc -O2 -o sgemm.bin "$root/bench/sgemm.c" -lopenblas 2>err || return 1
	for core in '' Haswell Zen SkylakeX Cooperlake SapphireRapids; do
		rm -f trial
		turn trial "${core:+OPENBLAS_CORETYPE=$core }./sgemm.bin 4000 10000 128" 2>err || continue
		s=$(middle trial 3)
		if [ -z "$least" ] || awk -v s="$s" -v l="$least" 'BEGIN { exit !(s < l) }'; then
			least=$s best=$core
		fi
	done
	printf '#!/bin/sh\n%sexec ./sgemm.bin "$@"\n' \
		"${best:+export OPENBLAS_CORETYPE=$best; }" >sgemm
	chmod +x sgemm
	echo "OpenBLAS: kernels ${best:-of its own choice}"
}

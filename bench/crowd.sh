#!/bin/bash
# crowd.sh - segments of a large shop, into bench/speed.csv.
#
# The 200,000 best of 2,000,000 users for each of 500 items, at 128 factors, from a
# made-up model (crowd.c), beside the bare matrix product of that shape by OpenBLAS. Both
# in the cores' seconds, the medians of RUNS turns. The memory is what pz-score needs
# beyond the model, which is mapped and shared; it runs under a limit of 1 GiB. Takes 1.5
# GB of disk and some minutes. USERS, ITEMS, K and TABLE make it another one.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/build:$PATH
USERS=${USERS:-2000000} ITEMS=${ITEMS:-500} K=${K:-200000} FACTORS=128 RUNS=${RUNS:-3}
TABLE=${TABLE:-bench/speed.csv}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck disable=SC2046 # folders without blanks
cc -O2 -std=c11 -D_GNU_SOURCE $(printf -- '-I%s ' lib/*/) -o "$work/crowd" bench/crowd.c \
	build/libpz.a -lzstd -lxxhash -lcrypto -lcurl -lm
if ! cc -O2 -o "$work/sgemm" bench/sgemm.c -lopenblas 2>"$work/err"; then
	echo 'crowd: skipped: libopenblas-dev is not installed'
	exit
fi
"$work/crowd" "$work/model" "$USERS" "$ITEMS" $FACTORS
for ((i = 0; i < ITEMS; i++)); do printf '{"itemId":"i%08d"}\n' "$i"; done >"$work/asked"

ours="ulimit -d 1048576; pz-score -m $work/model -n $K $work/asked >$work/out"
peer="$work/sgemm $USERS $ITEMS $FACTORS >$work/out"
for ((run = 0; run < RUNS; run++)); do
	bench/measure "$peer" >>"$work/peer"
	bench/measure "$ours" >>"$work/ours"
done
[ "$(jq '.output.usersList | length' "$work/out" | sort -u)" -eq "$K" ]

# median FILE - of its cores' seconds.
median() {
	cut -d ' ' -f 3 "$1" | sort -n | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'
}

mapped=$(stat -c %s "$work/model")
mib=$(awk -v mapped="$mapped" '$2 > x { x = $2 } END { printf "%.0f", (x - mapped / 1024) / 1024 }' \
	"$work/ours")
awk -v head="$(date -u +%F),$(git rev-parse --short HEAD),$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
	-v name="segments $ITEMS x $USERS k $K" -v a="$(median "$work/ours")" \
	-v b="$(median "$work/peer")" -v mib="$mib" 'BEGIN {
		printf "%s,%s,%.3f,bare sgemm,%.3f,%.3f,%s,\n", head, name, a, b, a / b, mib }' |
	tee -a "$TABLE"

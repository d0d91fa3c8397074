#!/bin/bash
# factors.sh - 512 factors by conjugate gradients, by blocks and exactly, into
# bench/quality.csv.
#
# Gowalla, with the lighter penalty that algorithm auto also tries; four epochs, as the
# exact solution of each row takes minutes. Beside each value stands that of conjugate
# gradients; seconds and MiB are those of training. Takes half an hour on two cores.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/quality.bash"
metric=normalized_discounted_cumulative_gain_at_20

# measure BLOCK - into $value, $seconds and $mib.
measure() {
	seconds=0 mib=0
	timed "pz-train -r user-personalization --algorithm ials --hyper hidden_dimension=512 \
		--hyper alpha=0.02 --hyper regularization=0.0015 --hyper epochs=4 \
		--hyper block=$1 -o $work/model $work/split/train 2>$work/log"
	pz-filter -m "$work/model" 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")' \
		"$work/split/input.jsonl" >"$work/asks"
	pz-score -m "$work/model" --exploration-weight 0 -n 25 "$work/asks" >"$work/out"
	pz-eval -k 10,20 -d "$work/split/train" "$work/split/truth.jsonl" "$work/out" >"$work/json"
	value=$(jq ".$metric" "$work/json")
}

import gowalla || exit 0
pz-split --protocol given --test "$work/gowalla.test" -o "$work/split" "$work/gowalla" >"$work/log"
measure 0
base=$value
for block in 0 64 512; do
	[ $block = 0 ] || measure $block
	row gowalla given "user-personalization/ials 512 block $block" $metric "$value" \
		'conjugate gradients' "$base"
done

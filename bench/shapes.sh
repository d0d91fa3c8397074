#!/bin/bash
# shapes.sh - the speed of what is done to big shops; rows go to bench/speed.csv.
#
# Shape G is 53,424 users x 10,000 items with 6 million interactions, shape M 138,493 x
# 26,744 with 20 million, both made up by shapes.c, at 128 factors. SHAPES names those to
# measure; the models need minutes to train and stay in WORK, if it is set.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/compare.bash"
# The turns are long.
# shellcheck disable=SC2034 # compare.bash reads it
runs=${RUNS:-3}
if [ -n "${WORK:-}" ]; then
	work=$(mkdir -p "$WORK" && cd "$WORK" && pwd)
else
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
fi
cd "$work"
# Temporary files stand apart from what is kept.
mkdir -p turns

# Of each shape: users, items, interactions.
size_of() {
	case $1 in
	G) echo 53424 10000 5980000 ;;
	M) echo 138493 26744 20000000 ;;
	S) echo 4000 2000 200000 ;; # to try the script itself
	*) echo "no shape $1" >&2 && exit 2 ;;
	esac
}

# shellcheck disable=SC2086 # the size is three words
make_shape() {
	local size
	size=$(size_of "$1")

	[ ! -e "$1/m.pzm" ] || return 0
	mkdir -p "$1"
	cc -O2 -std=c11 -D_GNU_SOURCE -I"$root/lib/base" -o shapes "$root/bench/shapes.c" -lm
	./shapes $size csv >"$1/interactions.csv"
	./shapes $size records >"$1/users"
	pz-import -t interactions "$1/shop" "$1/interactions.csv" >"$1/schema"
	pz-train -r user-personalization --hyper hidden_dimension=128 --hyper epochs=2 \
		-o "$1/m.pzm" "$1/shop"
	pz-filter 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")' "$1/users" >"$1/bound"
}

# score SHAPE K - seen items filtered, JSON lines in and out
score() {
	local users items
	read -r users items _ < <(size_of "$1")

	compare "score $1 k $2" "pz-score -m ../$1/m.pzm -n $2 ../$1/bound" \
		'bare sgemm' "./sgemm $users $items 128"
}

for shape in ${SHAPES-G M}; do
	make_shape "$shape"
	(
		cd turns
		if build_sgemm; then
			score "$shape" 25
			score "$shape" 500
		else
			echo "score $shape: skipped: libopenblas-dev is not installed"
		fi
	)
done

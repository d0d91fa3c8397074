#!/bin/bash
# shapes.sh - the speed of what is done to big shops; rows go to bench/speed.csv.
#
# Shape G is 53,424 users x 10,000 items with 6 million interactions, shape M 138,493 x
# 26,744 with 20 million, both made up by shapes.c, at 128 factors. SHAPES names those to
# measure; the models need minutes to train and stay in WORK, if it is set.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/compare.bash"
# The turns are long, and the cores' seconds are what counts: the commands compared keep
# all cores busy, and nothing else that runs should.
# shellcheck disable=SC2034 # compare.bash reads it
runs=${RUNS:-3} clock=3
if [ -n "${WORK:-}" ]; then
	work=$(mkdir -p "$WORK" && cd "$WORK" && pwd)
else
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
fi
cd "$work"
python=${PYTHON:-python3}
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
	awk -v n="$(cut -d ' ' -f 2 <<<"$size")" 'BEGIN {
		for (i = 0; i < n; i++) printf "{\"itemId\":\"i%06d\"}\n", i }' >"$1/items"
	pz-import -t interactions "$1/shop" "$1/interactions.csv" >"$1/schema"
	pz-train -r user-personalization --hyper hidden_dimension=128 --hyper epochs=2 \
		-o "$1/m.pzm" "$1/shop"
	pz-train -r similar-items -o "$1/similar.pzm" "$1/shop"
	pz-filter 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")' "$1/users" >"$1/bound"
}

# score SHAPE K - seen items filtered, JSON lines in and out
score() {
	local users items
	read -r users items _ < <(size_of "$1")

	compare "score $1 k $2" "pz-score -m ../$1/m.pzm -n $2 ../$1/bound" \
		'bare sgemm' "./sgemm $users $items 128"
}

# One record, so that hardly more is measured than what it takes to begin.
start() {
	head -n 1 "../$1/bound" >first
	compare "start $1" "pz-score -m ../$1/m.pzm first" 'cat' "cat ../$1/m.pzm >/dev/null"
}

# The same with other kernels.
score_by() {
	local users items
	read -r users items _ < <(size_of "$1")

	PZ_SIMD=$2 pz-score -m "../$1/m.pzm" /dev/null 2>err || return 0
	compare "score $1 k 25 $2" "PZ_SIMD=$2 pz-score -m ../$1/m.pzm -n 25 ../$1/bound" \
		'bare sgemm' "./sgemm $users $items 128"
}

# The library prints its own seconds, without Python's start and reading data.
against_implicit() {
	local i

	"$python" -c 'import implicit' 2>err || {
		echo "implicit $1: skipped: PYTHON=$python has no module implicit (PyPI)"
		return 0
	}
	[ -e "../$1/pairs.npz" ] || {
		# shellcheck disable=SC2046 # the size is three words
		(cd .. && ./shapes $(size_of "$1") pairs >"$1/pairs")
		"$python" "$root/bench/peer_implicit.py" prepare "../$1/pairs" "../$1"
	}
	rm -f ours theirs
	for ((i = 0; i < runs; i++)); do
		turn ours "pz-score -m ../$1/m.pzm -n 25 ../$1/bound"
		"$python" "$root/bench/peer_implicit.py" recommend "../$1" 25 >>theirs
	done
	row "score $1 k 25" 'implicit recommend'
	rm -f ours theirs
	for ((i = 0; i < runs; i++)); do
		turn ours "pz-score -m ../$1/similar.pzm -n 25 ../$1/items"
		"$python" "$root/bench/peer_implicit.py" similar "../$1" 25 >>theirs
	done
	row "similar items $1 k 25" 'implicit similar_items'
}

# A program of this folder, with the library.
link() {
	# shellcheck disable=SC2046 # folders without blanks
	cc -O3 -std=c11 -D_GNU_SOURCE $(printf -- "-I%s " "$root"/lib/*/) -o "$1" \
		"$root/bench/$1.c" "$build/libpz.a" -lzstd -lxxhash -lcrypto -lcurl -lexpat -lz -lm -lpthread
}

# The time until our objective is what the library's is after 15 iterations, both by one
# measure (als.c), which takes no part in the time.
als() {
	local i c=10 r=0.01 target

	[ -e "../$1/pairs.npz" ] || return 0
	link als
	rm -f ours theirs
	for ((i = 0; i < runs; i++)); do
		"$python" "$root/bench/peer_implicit.py" als "../$1" 15 $c $r >>theirs
		target=$(./als objective "../$1/pairs" $c $r 128 "../$1/user_factors" "../$1/item_factors")
		./als train "../$1/pairs" $c $r 128 0 60 "$target" | tee trace |
			tail -n 1 | awk '{ print $2, 0, $3 }' >>ours
		awk -v t="$target" 'END { exit !($4 <= t) }' trace || {
			echo "als $1: the objective $target is not reached" && return 0; }
	done
	row "als $1 to the objective" 'implicit fit 15'
}

# Rows a second are interactions / seconds on the wall.
load() {
	link load
	compare "load $1" "./load ../$1/shop" 'zstd -d' "zstd -dcq ../$1/shop/interactions/*.zst | wc -l"
	awk -v n="$(./load "../$1/shop")" -v s="$(middle ours 1)" \
		'BEGIN { printf "load %.2f million rows a second\n", n / s / 1e6 }'
}

import() {
	compare "import $1" "pz-import -t interactions --mode FULL imported ../$1/interactions.csv" \
		'wc -l' "wc -l <../$1/interactions.csv"
}

topk() {
	pz-score -m "../$1/m.pzm" -n 25 "../$1/bound" >scored
	compare "topk 10 of 25 $1" 'pz-topk -k 10 scored' 'jq' \
		'jq -c ".output.recommendedItems |= .[:10] | .output.scores |= .[:10]" scored'
}

for shape in ${SHAPES-G M}; do
	make_shape "$shape"
	(
		cd turns
		if build_sgemm; then
			score "$shape" 25
			score "$shape" 500
			score_by "$shape" avx512
			score_by "$shape" avx2
		else
			echo "score $shape: skipped: libopenblas-dev is not installed"
		fi
		start "$shape"
		against_implicit "$shape"
		als "$shape"
		import "$shape"
		load "$shape"
		topk "$shape"
	)
done

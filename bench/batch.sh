#!/bin/bash
# batch.sh - what pz-batch costs beyond the bare pipe, into bench/speed.csv.
#
# RECORDS users of the bookshop, 25 books each, by each engine with 1 and 2 parts at once,
# and by pz-fetch | pz-score | pz-put; all take turns, RUNS of them, and all outputs must
# be the same bytes. Slurm is the one of tests/slurm, of as many nodes as parts at once;
# what is not installed is left out, aloud. ENGINES and TABLE make it another one.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/compare.bash"
records=${RECORDS:-1000000}
cores=$(nproc)
engines=${ENGINES:-local parallel slurm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME=$work # parallel keeps things there

bookshop .
pz-import -t interactions shop interactions.csv >schema
pz-train -r user-personalization --hyper hidden_dimension=128 --hyper epochs=2 -o m.pzm shop
while cat users.jsonl; do :; done 2>/dev/null | head -n "$records" >users

# batch ENGINE AT-ONCE - the command for a turn of it.
batch() {
	echo "rm -rf jobs made; pz-batch create --jobs jobs --name b -m m.pzm --input users" \
		"--output made --engine $1 -P $2 -j $((cores > $2 ? cores / $2 : 1))"
}

# nodes N - a Slurm of that many, instead of another one.
nodes() {
	[ -z "${slurm:-}" ] || { kill "$slurm"; wait "$slurm" || true; }
	"$root/tests/slurm/cluster" $$ "$work/slurm$1" "$1" >/dev/null 2>&1 &
	slurm=$!
	for _ in {1..200}; do
		if [ -e "$work/slurm$1/env" ]; then break; fi
		sleep 0.1
	done
	# shellcheck disable=SC1090,SC1091 # made by the cluster
	. "$work/slurm$1/env"
}

bare='pz-fetch users | pz-score -m m.pzm -n 25 --now 1 | pz-put bare'
for engine in $engines; do
	case $engine in
	local) tool=pz-batch ;;
	parallel) tool=parallel ;;
	slurm) tool=sbatch ;;
	esac
	if ! command -v "$tool" >/dev/null; then
		echo "$engine: skipped: $tool is not installed"
		continue
	fi
	for at_once in 1 2; do
		[ "$engine" != slurm ] || nodes $at_once
		compare "batch $engine $at_once at once $records records" \
			"$(batch "$engine" $at_once)" 'bare pipe' "$bare"
		cmp made/users.out bare
	done
done
[ -z "${slurm:-}" ] || { kill "$slurm"; wait "$slurm" || true; }

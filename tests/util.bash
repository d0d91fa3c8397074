# util - what every bats file loads.
bats_require_minimum_version 1.5.0
load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load
load /usr/lib/bats/bats-file/load

# The project's root, and the commands under test before any installed ones.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=${BUILD:-$ROOT/build}:$PATH
# The real data sets live outside the project; tests that use them skip without.
DATA=$ROOT/../shared/data

cd_temp() {
	cd "$BATS_TEST_TMPDIR" || exit
}

need_data() {
	[ -e "$DATA/$1" ] || skip "needs the data set $1"
}

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

# make_shop - 60 users and 40 items, where user u likes the items of its third: the
# dataset shop, the model shop.pzm, popular.pzm, and users.jsonl, in this folder.
make_shop() {
	awk 'BEGIN {
		print "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"
		for (u = 0; u < 60; u++)
			for (k = 0; k < 9; k++)
				printf "u%02d,i%02d,%d,%s\n", u, u % 3 + 3 * ((k * (u + 7)) % 13),
					1000000 + 100 * k + u, k % 3 ? "view" : "buy"
	}' >events.csv
	awk 'BEGIN {
		print "ITEM_ID,GENRE,PRICE"
		for (i = 0; i < 40; i++)
			printf "i%02d,%s,%d\n", i, i % 2 ? "Crime|Drama" : "Comedy", i
	}' >items.csv
	pz-import shop events.csv >schema.json
	pz-import shop items.csv >>schema.json
	pz-train -r user-personalization --hyper hidden_dimension=8 -o shop.pzm shop 2>warnings
	pz-train -r popularity-count -o popular.pzm shop 2>>warnings
	awk 'BEGIN { for (u = 0; u < 60; u++) printf "{\"userId\": \"u%02d\"}\n", u }' >users.jsonl
}

# kill_some - one of the processes that work on a job of this folder, if there are any;
# counted in $kills.
kill_some() {
	local pids

	mapfile -t pids < <(pgrep -f "$PWD/(pz-jobs|shop.pzm)")
	[ ${#pids[@]} -gt 0 ] || return 0
	# One that is just ending is no victim.
	if kill -KILL "${pids[RANDOM % ${#pids[@]}]}" 2>/dev/null; then kills=$((kills + 1)); fi
}

# run_killed NAME MOST OPTION... - create a job of pz-batch, and after up to MOST
# milliseconds kill one of its processes, four times; then it goes on to its end.
run_killed() {
	local verb=(create --name "$1" -m "$PWD/shop.pzm" "${@:3}") pause runner
	# A sanitizer looks for leaks by a process of its own, and waits for ever for one
	# that is killed.
	local -x LSAN_OPTIONS=detect_leaks=0

	for _ in 1 2 3 4; do
		pz-batch "${verb[@]}" --jobs "$PWD/pz-jobs" >/dev/null 2>&1 3>&- &
		runner=$!
		printf -v pause '0.%03d' $((RANDOM % $2))
		sleep "$pause"
		kill_some
		wait $runner || true
		# Killed before it was there, it is begun; else it goes on.
		[ ! -e "pz-jobs/$1/job.json" ] || verb=(resume "$1")
	done
	pz-batch "${verb[@]}" --jobs "$PWD/pz-jobs" >/dev/null
}

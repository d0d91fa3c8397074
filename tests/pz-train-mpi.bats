# pz-train under mpirun: several processes train what one does.
load util

# 400 users and 120 items of three kinds, so that ranges are cut in the middle of things.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	awk 'BEGIN {
		print "USER_ID,ITEM_ID,TIMESTAMP"
		for (u = 0; u < 400; u++)
			for (k = 0; k < 5 + u % 17; k++)
				printf "u%03d,i%03d,%d\n", u, (u % 3 + 3 * ((k * k + u * 7) % 40)) % 120,
					1000000 + 100 * k + u
	}' >events.csv
	awk 'BEGIN { print "ITEM_ID,KIND"; for (i = 0; i < 125; i++) printf "i%03d,k%d\n", i, i % 3 }' >items.csv
	pz-import shop events.csv >schema
	pz-import -t items shop items.csv >schema
	awk 'BEGIN { for (u = 0; u < 400; u++) printf "{\"userId\": \"u%03d\"}\n", u }' >users.jsonl
	cat >distance.py <<-'END'
	# The greatest difference of two models' factors, relative to the greatest factor.
	import struct, sys

	def factors(path):
	    b = open(path, "rb").read()
	    found = {}
	    for i in range(struct.unpack_from("<I", b, 12)[0]):
	        at = 64 + 64 * i
	        name = b[at:at + 40].split(b"\0")[0].decode()
	        offset, size = struct.unpack_from("<QQ", b, at + 40)
	        if name in ("panels", "user_factors"):
	            found[name] = struct.unpack_from("<%df" % (size // 4), b, offset)
	    return found

	one, other = map(factors, sys.argv[1:3])
	for name in one:
	    scale = max(map(abs, one[name]))
	    far = max(abs(x - y) for x, y in zip(one[name], other[name])) / scale
	    assert len(one[name]) == len(other[name]) and far <= 1e-5, (name, far)
	print(len(one))
	END
}

setup() {
	[ -x "$BUILD/pz-train-mpi" ] || skip "pz-train-mpi is not built: mpicc is not installed"
	command -v mpirun >/dev/null || skip "mpirun is not installed"
	export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 SOURCE_DATE_EPOCH=0
	export LSAN_OPTIONS=detect_leaks=0 # of the library's own
	cd "$BATS_FILE_TMPDIR" || exit
}

teardown() {
	pkill -9 -f 'epochs=1000.*killed.pzm' || true # what a failed test left
}

# ranks N ... - pz-train by N processes.
ranks() {
	mpirun --oversubscribe -np "$1" pz-train "${@:2}"
}

@test "factors of two, three and five processes are those of one, to 1e-5" {
	local n recipe=(-r user-personalization --hyper hidden_dimension=24)

	pz-train "${recipe[@]}" -o alone.pzm shop
	for n in 2 3 5; do
		ranks $n "${recipe[@]}" -o "ranks$n.pzm" shop
		run -0 python3 distance.py alone.pzm "ranks$n.pzm"
		assert_output 2
	done
	# but for a sum that is rounded otherwise once in a while they are the same bytes
	cmp alone.pzm ranks3.pzm
}

@test "the same number of processes gives the same bytes" {
	ranks 3 -r user-personalization --hyper hidden_dimension=8 -o first.pzm shop
	ranks 3 -r user-personalization --hyper hidden_dimension=8 -o second.pzm shop
	cmp first.pzm second.pzm
	ranks 1 -r user-personalization --hyper hidden_dimension=8 -o one.pzm shop
	pz-train -r user-personalization --hyper hidden_dimension=8 -o alone.pzm shop
	cmp one.pzm alone.pzm
}

@test "weights, affinity, similar items and updates work by ranks too" {
	local few=(--hyper hidden_dimension=8)

	pz-train -r item-affinity "${few[@]}" -o alone.pzm shop
	ranks 2 -r item-affinity "${few[@]}" -o ranks.pzm shop
	python3 distance.py alone.pzm ranks.pzm
	pz-train -r user-personalization "${few[@]}" --event '*=0.4' -o alone.pzm shop
	ranks 2 -r user-personalization "${few[@]}" --event '*=0.4' -o ranks.pzm shop
	python3 distance.py alone.pzm ranks.pzm
	pz-train -r user-personalization --update alone.pzm -o updated.pzm shop
	ranks 4 -r user-personalization --update alone.pzm -o ranks.pzm shop
	python3 distance.py updated.pzm ranks.pzm
	pz-train -r similar-items --hyper item_id_hidden_dim=8 -o alone.pzm shop
	ranks 2 -r similar-items --hyper item_id_hidden_dim=8 -o ranks.pzm shop
	python3 distance.py alone.pzm ranks.pzm
}

@test "more processes than rows are no harm" {
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP a,x,1 a,y,2 b,x,3 >few.csv
	pz-import few few.csv >schema
	ranks 6 -r user-personalization --hyper hidden_dimension=4 -o few.pzm few
	assert_exists few.pzm
}

@test "an error is said once, by its status, and ends all" {
	run -2 --separate-stderr ranks 3 -r nonsense -o x shop
	assert_equal "$(grep -c 'no such recipe' <<<"$stderr")" 1
	run -1 --separate-stderr ranks 3 -r user-personalization -o x nowhere
	assert_equal "$(grep -c 'pz-train: nowhere' <<<"$stderr")" 1
	run -1 --separate-stderr ranks 2 -r user-personalization -o nowhere/x shop
	assert_equal "$(grep -c 'No such file' <<<"$stderr")" 1
	run -2 ranks 2
	assert_not_exists x
	run -0 --separate-stderr ranks 3 --list
	assert_equal "$(grep -c '^sims' <<<"$output")" 1
}

# find_ranks PID - $pids are the processes that train below the ranks() of process PID,
# once all three are there.
find_ranks() {
	local mpirun

	for _ in {1..300}; do
		mpirun=$(pgrep -P "$1" mpirun) || mpirun=none
		mapfile -t pids < <(pgrep -P "$mpirun" pz-train-mpi 2>/dev/null)
		if [ ${#pids[@]} -eq 3 ]; then return 0; fi
		sleep 0.1
	done
	return 1
}

# all_ended PID... - wait until none of them runs; one that only waits to be collected does not.
all_ended() {
	for _ in {1..300}; do
		ps -o stat= -p "$*" | grep -qv '^Z' || return 0
		sleep 0.1
	done
	return 1
}

@test "a process that is killed ends all, and there is no model" {
	local victim started pids

	for victim in rank mpirun; do
		# left alone it would train for minutes
		ranks 3 -r user-personalization --hyper epochs=1000 --hyper hidden_dimension=512 \
			-o killed.pzm shop >killed.log 2>&1 3>&- &
		started=$!
		find_ranks $started
		sleep 1
		case $victim in
		rank) kill -9 "${pids[2]}" ;;
		mpirun) pkill -9 -P $started mpirun ;;
		esac
		run ! wait $started
		all_ended "${pids[@]}"
		assert_not_exists killed.pzm
	done
}

@test "where pz-train-mpi is missing it is said" {
	mkdir -p lone
	cp "$BUILD/pz-train" lone
	run ! mpirun --oversubscribe -np 2 lone/pz-train -r sims -o x shop
	assert_output --partial "lone/pz-train-mpi: No such file or directory: it is what works under mpirun"
	run -0 ldd "$BUILD/pz-train"
	refute_output --partial libmpi
}

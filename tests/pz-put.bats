# What the pz-put(1) page promises.
# shellcheck disable=SC2016 # single quotes are meant: inner shells expand
load util

setup() {
	cd_temp
}

# await GLOB - until a file of that name is there.
await() {
	for _ in $(seq 100); do
		if compgen -G "$1" >names; then return; fi
		sleep 0.02
	done
	return 1
}

no_temporaries() {
	run -1 compgen -G '.*.pz-*'
}

@test "stdin or a file becomes the file, byte for byte" {
	printf 'a\r\nb\0\377' >in
	pz-put out <in
	cmp in out
	pz-put out2 in
	cmp in out2
	pz-put "file://$PWD/out%203" - <in
	cmp in 'out 3'
	pz-put empty </dev/null
	[ -e empty ] && [ ! -s empty ]
	no_temporaries
}

@test "a folder takes the file under its own name" {
	mkdir -p d sub
	echo a >sub/in
	pz-put d sub/in
	pz-put d/ sub/in
	cmp d/in sub/in
	run -2 pz-put d/ </dev/null
	assert_output 'pz-put: d/: is a folder, and stdin has no name: name a file in it'
}

@test "a missing folder is said, or made if asked for" {
	run -1 pz-put none/sub/out </dev/null
	assert_output 'pz-put: none/sub/out: its folder does not exist; --mkdir makes it'
	echo a | pz-put --mkdir none/sub/out
	[ "$(cat none/sub/out)" = a ]
	echo b >in
	pz-put --mkdir new/ in
	[ "$(cat new/in)" = b ]
}

@test "compression is by option only, and repeatable" {
	seq 10000 >in
	pz-put --zstd a in
	zstd -dqc <a | cmp - in
	pz-put --gzip b in
	gzip -dc <b | cmp - in
	pz-put --zstd --level 19 c in
	[ "$(wc -c <c)" -lt "$(wc -c <a)" ]
	pz-put --gzip --level 9 d.zst in
	gzip -dc <d.zst | cmp - in
	pz-put --gzip - in | cmp - b
	pz-put e.gz in
	cmp e.gz in
	pz-put --zstd empty </dev/null
	[ "$(zstd -dqc <empty | wc -c)" -eq 0 ]
	pz-fetch empty a b | cmp - <(cat in in)
}

@test "the old file stays until the new one is whole" {
	echo old >out
	(echo new; sleep 0.5; echo more) | pz-put out &
	sleep 0.2
	[ "$(cat out)" = old ]
	wait
	[ "$(cat out)" = 'new
more' ]
}

@test "with --lines any other number of lines is a failure" {
	echo old >out
	run -1 sh -c 'printf "1\n2\n3\n" | pz-put --lines 4 out'
	assert_output 'pz-put: out: lines: 3 came, 4 expected; the old file stays'
	[ "$(cat out)" = old ]
	run -1 sh -c 'printf "1\n2\n3\n" | pz-put --lines 2 new'
	assert_output 'pz-put: new: lines: 3 came, 2 expected; no file made'
	[ ! -e new ]
	printf '1\n2\n3' | pz-put --lines 3 out
	printf '' | pz-put --zstd --lines 0 none
	run -1 sh -c 'printf "1\n" | pz-put --lines 2 -'
	assert_line 'pz-put: <stdout>: lines: 1 came, 2 expected'
	no_temporaries
}

@test "a stage that died upstream is noticed by --lines" {
	seq 1000 >in
	echo old >out
	run -1 bash -c 'set -o pipefail
		(head -n 10 in; kill -KILL $BASHPID) | pz-put --lines "$(wc -l <in)" out'
	[ "$(cat out)" = old ]
}

@test "a signal leaves the old file and no temporary one" {
	for signal in INT TERM HUP; do
		echo old >out
		mkfifo "fifo$signal"
		env --default-signal=INT pz-put out <"fifo$signal" &
		pid=$!
		exec 7>"fifo$signal"
		echo new >&7
		await '.out.pz-*'
		kill "-$signal" "$pid"
		status=0
		wait "$pid" || status=$?
		exec 7>&-
		[ "$status" -eq $((128 + $(kill -l "$signal"))) ]
		[ "$(cat out)" = old ]
		no_temporaries
	done
}

@test "a full disk leaves the old file and no temporary one" {
	[ "$(id -u)" -eq 0 ] || skip "mounting a small disk needs root"
	mkdir disk
	mount -t tmpfs -o size=1m none disk 2>/dev/null || skip "cannot mount here"
	echo old >disk/out
	run -1 sh -c 'head -c 2000000 /dev/zero | pz-put disk/out'
	old=$(cat disk/out)
	left=$(ls -A disk)
	umount disk
	assert_output 'pz-put: disk/out: No space left on device'
	[ "$old" = old ]
	[ "$left" = out ]
}

@test "a read error leaves the old file" {
	echo old >out
	run -1 sh -c 'pz-put out <.'
	assert_output 'pz-put: <stdin>: Is a directory'
	run -1 pz-put out none
	assert_output 'pz-put: none: No such file or directory'
	[ "$(cat out)" = old ]
	no_temporaries
}

@test "lost output is a failure" {
	run -1 sh -c 'echo a | pz-put - >/dev/full'
	assert_output 'pz-put: <stdout>: No space left on device'
	run -1 sh -c 'echo a | pz-put --gzip - >/dev/full'
}

@test "folders are not replaced, links stay links, devices are written to" {
	mkdir -p d/in
	echo new >in
	run -1 pz-put d in
	assert_output 'pz-put: d/in: Is a directory'
	echo old >target
	ln -s target link
	pz-put link in
	[ -L link ] && [ "$(cat target)" = new ]
	pz-put /dev/null in
	[ -c /dev/null ]
	run -1 pz-put /dev/full in
	assert_output 'pz-put: /dev/full: No space left on device'
	mkfifo fifo
	cat fifo >through &
	pz-put fifo in
	wait
	cmp through in
}

@test "--if-none-match keeps what is there, or comes meanwhile" {
	echo a | pz-put --if-none-match out
	run -1 sh -c 'echo b | pz-put --if-none-match out'
	assert_output 'pz-put: out: File exists'
	run -1 sh -c '(echo b; echo c >new) | pz-put --if-none-match new'
	assert_output 'pz-put: new: File exists'
	[ "$(cat out new)" = $'a\nc' ]
	no_temporaries
}

@test "several files go into a folder under their own names" {
	mkdir d sub
	echo a >a
	echo b >sub/b
	pz-put d a sub/b
	cmp a d/a
	cmp sub/b d/b
	pz-put --gzip --mkdir new/ a sub/b
	[ "$(gzip -dc new/a new/b)" = $'a\nb' ]
	run -2 pz-put d a sub/a
	assert_line 'pz-put: d/a: a and sub/a would both be this'
	run -1 pz-put d none a
	assert_output 'pz-put: none: No such file or directory'
	run -2 pz-put --lines 1 d a sub/b
	run -2 pz-put out a sub/b
}

@test "an output inside the input is refused when told to" {
	mkdir -p in/sub
	ln -s in link
	for out in in/x in/sub/x link/x ./in/../in/x; do
		run -1 sh -c "echo a | pz-put --mkdir --not-under in $out"
		assert_output --partial "lies in the input in"
	done
	run -1 sh -c 'echo a | pz-put --not-under "in/*.json" in/x.json'
	echo a >in/a
	run -1 sh -c 'echo a | pz-put --not-under in/a in/a'
	echo a | pz-put --not-under in --not-under none in2
	echo a | pz-put --not-under in/a in/b
	echo a | pz-put --mkdir --not-under in new/in/x
}

@test "--dry-run says what would be done and does not" {
	echo a >in
	run -0 pz-put --dry-run out in
	assert_output '{"name":"out","from":"in","size":2,"replaces":false}'
	[ ! -e out ]
	run -0 sh -c 'echo a | pz-put --dry-run in'
	assert_output '{"name":"in","from":"-","size":null,"replaces":true}'
}

@test "progress is shown only if asked for here" {
	seq 10000 >in
	run -0 --separate-stderr pz-put out in
	[ -z "$stderr" ]
	run -0 --separate-stderr pz-put --progress out in
	[[ $stderr == *MB* ]]
}

@test "modes are those of the shell's redirection" {
	umask 027
	echo a | pz-put new
	[ "$(stat -c %a new)" = 640 ]
	chmod 604 new
	echo b | pz-put new
	[ "$(stat -c %a new)" = 604 ]
}

@test "wrong usage exits 2" {
	run -2 pz-put
	run -2 pz-put a b c
	run -2 pz-put --zstd --gzip out
	run -2 pz-put --level 3 out
	run -2 pz-put --gzip --level 10 out
	run -2 pz-put s3://
	run -2 pz-put out in in
	run -2 pz-put --acl private out
	assert_line 'pz-put: --acl is for objects in S3'
	run -2 pz-put out s3://bucket/key
	run -2 pz-put ''
}

@test "a reader that goes away ends it at once" {
	run env --default-signal=PIPE timeout 20 bash -c \
		'yes | pz-put - | head -n 1; echo ${PIPESTATUS[1]}'
	assert_output 'y
141'
}

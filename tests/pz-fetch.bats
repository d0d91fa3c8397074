# What the pz-fetch(1) page promises.
# shellcheck disable=SC2016 # single quotes are meant: inner shells expand
load util

setup() {
	cd_temp
}

@test "several sources come in order, each line ended" {
	printf 'a\nb' >f1
	printf 'c\n' >f2
	: >f3
	printf 'd' >f4
	run -0 sh -c 'printf x | pz-fetch f1 - f2 f3 f4 | od -An -c | tr -d " \n"'
	assert_output 'a\nb\nx\nc\nd\n'
}

@test "bytes are otherwise untouched" {
	printf 'a\r\n\r\n\0\377 \n' >in
	pz-fetch in | cmp - in
}

@test "a mark is dropped at a file's start only" {
	printf '\xef\xbb\xbfa\xef\xbb\xbf\n\xef\xbb\xbfb\n' >in
	printf '\xef\xbb\xbf' >only
	printf 'a\xef\xbb\xbf\n\xef\xbb\xbfb\n' >expected
	pz-fetch only in only | cmp - expected
	{ printf '\xef\xbb\xbf'; sleep 0.1; printf 'late'; } | pz-fetch - >out
	[ "$(cat out)" = late ]
}

@test "compressed files are told by their bytes" {
	printf 'one\ntwo' >plain
	zstd -q <plain >a.txt
	{ gzip <plain; gzip <plain; } >b
	run -0 pz-fetch a.txt b
	assert_output 'one
two
one
twoone
two'
	zstd -q <plain | pz-fetch - | tail -n 1 | grep -qx two
}

@test "data that ends early is an error, never a short result" {
	seq 100000 >plain
	zstd -q <plain | head -c 1000 >a.zst
	gzip <plain | head -c 1000 >b.gz
	run -1 sh -c 'pz-fetch a.zst >out'
	assert_output 'pz-fetch: a.zst: compressed data ends early'
	run -1 sh -c 'pz-fetch b.gz >out'
	assert_output 'pz-fetch: b.gz: compressed data ends early'
}

@test "a folder is all files beneath it by the bytes of their paths" {
	mkdir -p d/sub/deep d/empty
	for f in d/sub/deep/1 d/sub-1 d/sub/2 d/Z d/a d/.hidden d/é; do echo "$f" >"$f"; done
	pz-fetch d >got
	find d -type f | LC_ALL=C sort >expected
	cmp got expected
	pz-fetch d/ | cmp - expected
	pz-fetch "file://$PWD/d" | cmp - expected
}

@test "files that pz is just writing are left out of a folder" {
	mkdir d
	echo whole >d/x
	echo kept >d/.config.backup
	(sleep 1 | pz-put d/y) &
	for _ in $(seq 50); do
		if compgen -G 'd/.y.pz-*' >names; then break; fi
		sleep 0.02
	done
	run -0 pz-fetch d
	assert_output 'kept
whole'
	wait
}

@test "links are followed, a loop is an error" {
	mkdir -p d/sub
	echo target >file
	ln -s ../file d/link
	run -0 pz-fetch d
	assert_output target
	ln -s .. d/sub/up
	run -1 pz-fetch d
	assert_output 'pz-fetch: d/sub/up: a link back to a folder above it'
	rm d/sub/up
	ln -s nowhere d/dangling
	run -1 pz-fetch d
	assert_output 'pz-fetch: d/dangling: No such file or directory'
}

@test "nothing is written unless every source is there" {
	echo a >f1
	run -1 pz-fetch f1 none
	assert_output 'pz-fetch: none: No such file or directory'
	mkdir -p empty/sub
	run -1 pz-fetch f1 empty
	assert_output 'pz-fetch: empty: no file in this folder'
}

@test "an unreadable file is an error" {
	[ "$(id -u)" -ne 0 ] || skip "root reads everything"
	echo a >f1
	chmod 0 f1
	run -1 pz-fetch f1
	assert_output 'pz-fetch: f1: Permission denied'
}

@test "URLs: file is decoded, unknown ones are refused" {
	echo a >'a b%'
	run -0 pz-fetch "file://$PWD/a%20b%25"
	assert_output a
	run -0 pz-fetch "file://localhost$PWD/a%20b%25"
	run -2 pz-fetch "file://there$PWD/a"
	run -2 pz-fetch "file:///a%2"
	run -2 pz-fetch "file:///a%00b"
	run -2 pz-fetch s3:///key
	assert_output 'pz-fetch: s3:///key: no bucket; expected s3://bucket/key'
	run -2 pz-fetch https://example.com/
	assert_output --partial 'expected a path, file:// or s3://'
}

@test "a list has names, sizes and times" {
	mkdir d
	printf 12345 >d/b
	: >'d/a"b'
	TZ=UTC touch -d '2024-02-29 12:34:56' d/b
	TZ=UTC touch -d '1970-01-01 00:00:00' 'd/a"b'
	TZ=Asia/Tokyo run -0 pz-fetch --list d
	assert_output '{"name":"d/a\"b","size":0,"time":"1970-01-01T00:00:00Z"}
{"name":"d/b","size":5,"time":"2024-02-29T12:34:56Z"}'
	run -0 pz-fetch --list - </dev/null
	assert_output '{"name":"-","size":null,"time":null}'
}

@test "no source is wrong usage" {
	run -2 pz-fetch
	assert_output --partial 'no source'
}

@test "the output is never one of the sources" {
	mkdir d
	echo a >d/1
	run -1 timeout 10 sh -c 'pz-fetch d >d/2'
	assert_output 'pz-fetch: d/2: is a source and the output'
}

@test "what a pipe brings goes on at once" {
	mkfifo fifo
	pz-fetch - <fifo >out &
	exec 7>fifo
	echo first >&7
	for _ in $(seq 100); do [ -s out ] && break; sleep 0.05; done
	[ "$(cat out)" = first ]
	exec 7>&-
	wait
}

@test "named pipes and process substitution are sources" {
	run -0 pz-fetch <(echo a) <(printf b)
	assert_output 'a
b'
}

@test "blocks meet line ends and file ends anywhere" {
	for n in 262143 262144 262145 524288 258048 258049; do
		head -c "$n" /dev/zero | tr '\0' x >"f$n"
	done
	for f in f*; do cat "$f"; echo; done >expected
	pz-fetch f* | cmp - expected
	printf 'tail' | pz-fetch f258048 - f262143 | tail -c 262149 >got
	{ echo tail; cat f262143; echo; } | cmp - got
}

@test "a line of 10 MB passes" {
	head -c 10000000 /dev/zero | tr '\0' x >in
	[ "$(pz-fetch in | wc -c)" -eq 10000001 ]
}

@test "lost output is a failure" {
	echo a >in
	run -1 sh -c 'pz-fetch in >/dev/full'
	assert_output --partial '<stdout>'
	run -1 sh -c 'pz-fetch --list in >/dev/full'
}

@test "a reader that goes away ends it at once" {
	run env --default-signal=PIPE timeout 20 bash -c \
		'yes | pz-fetch - | head -n 1; echo ${PIPESTATUS[1]}'
	assert_output 'y
141'
}

@test "progress is shown only if asked for here" {
	seq 10000 >in
	run -0 --separate-stderr sh -c 'pz-fetch in >/dev/null'
	[ -z "$stderr" ]
	run -0 --separate-stderr sh -c 'pz-fetch --progress in >/dev/null'
	[[ $stderr == *MB* ]]
}

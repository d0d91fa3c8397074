# What pz-fetch does with objects of S3, against a real server.
# shellcheck disable=SC2016 # single quotes are meant: inner shells expand
load util
load s3/util

setup_file() {
	s3_begin
	start_proxy
}

setup() {
	setup_s3
}

# put KEY TEXT - through the second opinion.
put() {
	printf %s "$2" | client put "$bucket" "$1"
}

# as_other COMMAND... - with the keys of a user who owns nothing.
as_other() {
	AWS_ACCESS_KEY_ID=$OTHER_KEY_ID AWS_SECRET_ACCESS_KEY=$OTHER_SECRET "$@"
}

# allow_other ACTION... - on the bucket and all that is in it.
allow_other() {
	local list

	printf -v list ',"s3:%s"' "$@"
	printf '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":
		{"AWS":["arn:aws:iam:::user/other"]},"Action":[%s],"Resource":
		["arn:aws:s3:::%s","arn:aws:s3:::%s/*"]}]}' "${list#,}" "$bucket" "$bucket" |
		client ask PUT "$bucket" '' policy=
}

@test "an object comes byte for byte, its last line ended" {
	put in $'a\r\n\xff\n \nlast'
	pz-fetch "s3://$bucket/in" | cmp - <(printf 'a\r\n\xff\n \nlast\n')
	put empty ''
	run -0 pz-fetch "s3://$bucket/empty"
	assert_output ''
	put marked $'\xef\xbb\xbfa'
	run -0 pz-fetch "s3://$bucket/marked"
	assert_output a
}

@test "an address is an object, or else every key that starts with it" {
	put in/a a
	put in/sub/b b
	put in2 2
	put input 3
	put other x
	run -0 pz-fetch "s3://$bucket/in"
	assert_output $'a\nb\n2\n3'
	run -0 pz-fetch --folder "s3://$bucket/in"
	assert_output $'a\nb'
	run -0 pz-fetch "s3://$bucket/in/"
	assert_output $'a\nb'
	put in itself
	run -0 pz-fetch "s3://$bucket/in"
	assert_output itself
	run -0 pz-fetch --prefix "s3://$bucket/in"
	assert_output $'itself\na\nb\n2\n3'
	run -0 pz-fetch --folder "s3://$bucket/in"
	assert_output $'a\nb'
	run -0 pz-fetch "s3://$bucket"
	assert_output $'itself\na\nb\n2\n3\nx'
	run -0 pz-fetch "s3://$bucket/"
	assert_output $'itself\na\nb\n2\n3\nx'
}

@test "keys come in the order of their bytes, markers of folders not at all" {
	local key

	put p/ ''
	put p/sub/ ''
	for key in p/sub/1 p/sub-1 p/sub/2 p/Z p/a p/.hidden p/é p/日本 p/ p/ｚ p/😀; do
		case $key in */) ;; *) put "$key" "$key" ;; esac
	done
	pz-fetch "s3://$bucket/p" >got
	LC_ALL=C sort -c got
	[ "$(wc -l <got)" -eq 10 ]
}

@test "operands of all kinds are one stream, in their order" {
	put a A
	put c/1 C1
	put c/2 C2
	echo local >b
	run -0 sh -c 'echo stdin | pz-fetch b "$1/c/" - "$1/a" "file://$PWD/b" "$1/c/2"' \
		sh "s3://$bucket"
	assert_output $'local\nC1\nC2\nstdin\nA\nlocal\nC2'
}

@test "patterns match keys, across slashes" {
	local key

	for key in in/a.json in/b.json in/c.txt in/sub/d.json 'in/[e].json' 'star*'; do
		put "$key" "$key"
	done
	put starry no
	run -0 pz-fetch "s3://$bucket/in/*.json"
	assert_output $'in/[e].json\nin/a.json\nin/b.json\nin/sub/d.json'
	run -0 pz-fetch "s3://$bucket/in/?.json"
	assert_output $'in/a.json\nin/b.json'
	run -0 pz-fetch "s3://$bucket/in/[bc].*"
	assert_output $'in/b.json\nin/c.txt'
	run -0 pz-fetch "s3://$bucket/in/[!a].json"
	assert_output 'in/b.json'
	run -0 pz-fetch "s3://$bucket/*/d*"
	assert_output 'in/sub/d.json'
	# What has exactly that name is meant.
	run -0 pz-fetch "s3://$bucket/in/[e].json"
	assert_output 'in/[e].json'
	run -0 pz-fetch "s3://$bucket/star*"
	assert_output 'star*'
	run -1 pz-fetch "s3://$bucket/in/*.csv"
	assert_output --partial "s3://$bucket/in/*.csv"
}

@test "patterns mean the same for files" {
	mkdir -p in/sub
	echo a >in/a.json
	echo b >in/b.json
	echo c >in/c.txt
	echo d >in/sub/d.json
	for f in in/a.json in/b.json in/c.txt in/sub/d.json; do client put "$bucket" "$f" "$f"; done
	for pattern in 'in/*.json' 'in/?.json' 'in/[bc].*' 'in/*' '*/d*'; do
		pz-fetch "$pattern" >local
		pz-fetch "s3://$bucket/$pattern" >remote
		cmp local remote
	done
}

@test "a list has names, sizes, times and tags of content" {
	put 'b"/é' 12345
	put 'a' ''
	run -0 pz-fetch --list "s3://$bucket/"
	[ "$(jq -rs 'map(.name) | join(" ")' <<<"$output")" = "s3://$bucket/a s3://$bucket/b\"/é" ]
	[ "$(jq -cs 'map(.size)' <<<"$output")" = '[0,5]' ]
	jq -se 'all(.time | test("^20[0-9-]{8}T[0-9:]{8}Z$"))' <<<"$output"
	jq -se 'map(.time | fromdate) | all(now - . < 600)' <<<"$output"
	[ "$(jq -rs '.[1].etag' <<<"$output" | tr -d '"')" = "$(printf 12345 | md5sum | cut -c -32)" ]
}

@test "with --name each line says where it is from" {
	put x/1.json $'{"b": 1.0}\nno json\n'
	put x/2.json '[2]'
	pz-fetch --name "s3://$bucket/x/" >got
	jq -r '[.name, .line] | @tsv' got >places
	printf "s3://$bucket/%s\n" $'x/1.json\t1' $'x/1.json\t2' $'x/2.json\t1' | diff - places
	# Values as they are, to the byte.
	grep -qF '"record":{"b": 1.0}}' got
	grep -qF '"text":"no json"}' got
}

@test "with --split-dir each object is a file of its own" {
	put x/1.json $'a\nb'
	put x/sub/2.json c
	put x/3 ''
	pz-fetch --split-dir out "s3://$bucket/x/"
	run -0 sh -c 'cd out && find . -type f | LC_ALL=C sort'
	assert_output $'./1.json\n./3\n./sub/2.json'
	printf 'a\nb' | cmp -n 3 - out/1.json
}

@test "a key never leads out of --split-dir" {
	skip_on swift 'no key with .. as a part'
	put x/../../escaped bad
	run pz-fetch --split-dir out "s3://$bucket/x/"
	[ "$status" -ne 0 ]
	run -1 sh -c 'find .. -name escaped | grep .'
}

@test "compressed objects are told by their bytes" {
	printf 'one\ntwo' >plain
	zstd -q <plain | client put "$bucket" a.txt
	{ gzip <plain; gzip <plain; } | client put "$bucket" b
	run -0 pz-fetch "s3://$bucket/a.txt" "s3://$bucket/b"
	assert_output $'one\ntwo\none\ntwoone\ntwo'
	lines 500000 >plain
	zstd -q <plain | client put "$bucket" large
	pz-fetch "s3://$bucket/large" | cmp - plain
	zstd -q <plain | head -c 1000 | client put "$bucket" short
	run -1 sh -c 'pz-fetch "$1" >out' sh "s3://$bucket/short"
	assert_output "pz-fetch: s3://$bucket/short: compressed data ends early"
}

@test "2,500 keys are all found" {
	local count=2500

	[ "$server" = ceph ] || count=1010 # a listing's page and some; slow there
	seq -f '%05.0f' 0 $((count - 1)) >keys
	client puts "$bucket" p/ <keys
	pz-fetch --list "s3://$bucket/p/" | jq -r .name >got
	sed "s,^,s3://$bucket/p/," keys | cmp - got
	[ "$server" != ceph ] || pz-fetch -j 32 "s3://$bucket/p" | cmp - <(seq 0 $((count - 1)))
	run -0 pz-fetch "s3://$bucket/p/0*7"
	assert_output "$(seq 7 10 $((count - 1)))"
}

@test "any key can be read and written" {
	local number=0 key

	cat >keys <<'END'
a b
 both ends 
a+b
a%b
a%2Fb
%41
100%
a//b
/a
é ü
日本/語
😀
q?x=1&y=2
?
#
a#b
(1)
!*'()
~tilde_-.
a&b=c;d,e
x:y@z$
"quoted"
<xml>&amp;
back\slash
[x]{y}|^`
a.
a/./b
a/../b
./a
../a
=
&
;
%00
 
END
	seq 0 $(($(wc -l <keys) - 1)) >numbers
	# One way, all at once,
	client puts "$bucket" in/ <keys
	sed "s,^,s3://$bucket/in/," keys >addresses
	tr '\n' '\0' <addresses | xargs -0 pz-fetch | cmp - numbers
	# and the other.
	while IFS= read -r key; do
		echo "$number" | pz-put "s3://$bucket/out/$key"
		number=$((number + 1))
	done <keys
	client gets "$bucket" out/ <keys | cmp - numbers
	# The listing names them as they are.
	pz-fetch --list "s3://$bucket/out/" | jq -r .name | sed "s,/out/,/in/," >names
	LC_ALL=C sort addresses | cmp - names
}

@test "keys of 1,024 bytes are keys, one more is an error" {
	local long

	long=$(printf 'é%.0s' {1..300})/$(printf '%%+ %.0s' {1..141})
	[ "$(printf %s "$long" | wc -c)" -eq 1024 ]
	echo long | pz-put "s3://$bucket/$long"
	[ "$(client get "$bucket" "$long")" = long ]
	run -0 pz-fetch "s3://$bucket/$long"
	assert_output long
	run -1 sh -c 'echo long | pz-put "$1"' sh "s3://$bucket/${long}x"
	assert_output --partial ': 400 '
}

@test "objects larger than a range come whole, whatever their size and -j" {
	local n

	for n in 8388607 8388608 8388609 25165824 30000001; do
		noise "$n" | tr '\n' ' ' >f
		client put "$bucket" f f
		echo >>f
		pz-fetch "s3://$bucket/f" | cmp - f
	done
	for n in 1 2 5 64; do
		pz-fetch -j "$n" "s3://$bucket/f" | cmp - f
	done
}

@test "nothing is written unless every source is there" {
	put a A
	run -1 pz-fetch "s3://$bucket/a" "s3://$bucket/none"
	assert_output --partial "pz-fetch: s3://$bucket/none: "
	refute_output --partial A$'\n'
	run -1 pz-fetch "s3://$bucket/none/"
	assert_output --partial "pz-fetch: s3://$bucket/none/: "
	run -1 pz-fetch --folder "s3://$bucket/a"
}

@test "a missing bucket is one clear line" {
	run -1 pz-fetch s3://no-such-bucket-here/key
	assert_output --partial 'pz-fetch: s3://no-such-bucket-here/key: 404'
	[ "${#lines[@]}" -eq 1 ]
	run -1 --separate-stderr pz-fetch --list s3://no-such-bucket-here
	[[ $stderr == *'404 NoSuchBucket'* ]]
	[ -z "$output" ]
}

@test "a wrong secret is one clear line, and no secret in it" {
	put a A
	AWS_SECRET_ACCESS_KEY=WRONGwrongWRONG run -1 pz-fetch "s3://$bucket/a"
	assert_output --partial "pz-fetch: s3://$bucket/a: 403"
	refute_output --partial WRONG
	[ "${#lines[@]}" -eq 1 ]
	AWS_SECRET_ACCESS_KEY=WRONGwrongWRONG run -1 pz-fetch --list "s3://$bucket/"
	assert_output --partial '403 SignatureDoesNotMatch'
	AWS_ACCESS_KEY_ID=NOBODY run -1 pz-fetch --list "s3://$bucket/"
	assert_output --partial '403 '
}

@test "who may not read is told which permission to check" {
	skip_on swift 'has one user'
	put a A
	as_other run -1 pz-fetch "s3://$bucket/a"
	assert_output --partial "pz-fetch: s3://$bucket/a: 403"
	assert_output --partial s3:GetObject
	as_other run -1 pz-fetch --list "s3://$bucket/"
	assert_output --partial '403 AccessDenied'
	assert_output --partial s3:ListBucket
}

@test "an object can be read without the right to list" {
	skip_on swift 'has no bucket policies'
	put a A
	allow_other GetObject
	as_other run -0 pz-fetch "s3://$bucket/a"
	assert_output A
	as_other run -1 pz-fetch "s3://$bucket/none"
}

@test "a list can be had without the right to read" {
	skip_on swift 'has no bucket policies'
	put a A
	allow_other ListBucket
	as_other run -0 pz-fetch --list "s3://$bucket/"
	assert_output --partial "s3://$bucket/a"
	as_other run -1 pz-fetch "s3://$bucket/"
	assert_output --partial s3:GetObject
}

@test "keys of a role with a session token are good, without the token not" {
	skip_on swift 'has no roles'
	put a A
	AWS_ENDPOINT_URL=$ROLES_URL
	eval "$(client assume "$ROLE_ARN")"
	[ -n "$AWS_SESSION_TOKEN" ]
	run -0 pz-fetch "s3://$bucket/a"
	assert_output A
	echo B | pz-put "s3://$bucket/b"
	run -0 pz-fetch "s3://$bucket/"
	assert_output $'A\nB'
	AWS_SESSION_TOKEN=bad run -1 pz-fetch "s3://$bucket/a"
	assert_output --partial 403
	unset AWS_SESSION_TOKEN
	run -1 pz-fetch "s3://$bucket/a"
	assert_output --partial 403
}

@test "a profile's role is assumed where it must be" {
	skip_on swift 'has no roles'
	put a A
	mkdir "$HOME/.aws"
	cat >"$HOME/.aws/config" <<-END
		[profile reader]
		role_arn = $ROLE_ARN
		source_profile = base
		endpoint_url = $ROLES_URL
		region = us-east-1
		[profile nobody]
		role_arn = ${ROLE_ARN}x
		source_profile = base
		endpoint_url = $ROLES_URL
		[profile base]
		aws_access_key_id = $AWS_ACCESS_KEY_ID
		aws_secret_access_key = $AWS_SECRET_ACCESS_KEY
	END
	unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	run -0 pz-fetch --profile reader "s3://$bucket/a"
	assert_output A
	echo B | pz-put --profile reader "s3://$bucket/b"
	AWS_PROFILE=reader run -0 pz-fetch "s3://$bucket/"
	assert_output $'A\nB'
	run -0 pz-fetch --profile reader --whoami
	assert_equal "$(jq -r .source <<<"$output")" "role $ROLE_ARN of profile reader, by \
keys of profile base in $HOME/.aws/config"
	run -1 pz-fetch --profile nobody "s3://$bucket/a"
	assert_output "pz-fetch: profile nobody: AssumeRole of ${ROLE_ARN}x: 404 NoSuchEntity"
}

@test "nothing is signed with --no-sign-request" {
	skip_on swift 'cannot make an object public'
	echo public | client put "$bucket" a - x-amz-acl:public-read
	put b private
	fault
	unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	run -0 pz-fetch --no-sign-request "s3://$bucket/a"
	assert_output public
	[ "$(asked '.signed == null')" -ge 1 ]
	[ "$(asked '.signed != null')" -eq 0 ]
	run -1 pz-fetch --no-sign-request "s3://$bucket/b"
	assert_output --partial 403
}

@test "every request that matters says who pays with --request-payer" {
	put a A
	fault
	run -0 pz-fetch --request-payer "s3://$bucket/a"
	[ "$(asked)" -ge 1 ]
	[ "$(asked '.headers["x-amz-request-payer"] == "requester"')" -eq "$(asked)" ]
	[ "$(asked '.signed | index("x-amz-request-payer")')" -eq "$(asked)" ]
	fault
	run -0 pz-fetch "s3://$bucket/a"
	[ "$(asked '.headers["x-amz-request-payer"]')" -eq 0 ]
}

@test "the endpoint: option, then variable of S3, then variable of all" {
	put a A
	AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_ENDPOINT_URL_S3=$DIRECT \
		run -0 pz-fetch "s3://$bucket/a"
	assert_output A
	AWS_ENDPOINT_URL=http://127.0.0.1:1 run -0 pz-fetch --endpoint-url "$DIRECT" \
		"s3://$bucket/a"
	assert_output A
	AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_MAX_ATTEMPTS=2 run -75 \
		pz-fetch "s3://$bucket/a"
	assert_output --partial "s3://$bucket/a"
}

@test "the region asked for is signed, and bodies too" {
	skip_on swift 'takes one region only'
	put a A
	fault
	AWS_REGION=eu-north-7 run -0 pz-fetch "s3://$bucket/a"
	[ "$(asked '.region == "eu-north-7" and .service == "s3"')" -eq "$(asked)" ]
	run -0 pz-fetch --region ap-test-1 "s3://$bucket/a"
	[ "$(asked '.region == "ap-test-1"')" -ge 1 ]
	[ "$(asked '.headers["x-amz-content-sha256"] | test("^[0-9a-f]{64}$") | not')" -eq 0 ]
}

@test "reading in ranges pins what is read" {
	skip_on swift 'the same there'
	lines 400000 >big
	client put "$bucket" big big
	fault
	pz-fetch "s3://$bucket/big" | cmp - big
	[ "$(asked '.method == "GET" and .headers.range')" -ge 4 ]
	[ "$(asked '.method == "GET" and .headers["if-match"]')" -ge 3 ]
	# Nothing twice.
	[ "$(jq -s 'map(select(.method == "GET" and .headers.range) | .sent) | add' "$PROXY/log")" \
		-eq "$(stat -c %s big)" ]
}

@test "memory stays below 128 MiB" {
	skip_on swift 'the same there'
	[ "$BUILD" = "${BUILD%asan}" ] || skip "sanitizers take more"
	lines 3276800 >big # 200 MiB
	pz-put --part-size 5242880 "s3://$bucket/big" big
	run -0 --separate-stderr "$S3/peak" pz-fetch -j 16 "s3://$bucket/big"
	[ "$(tail -n 1 <<<"$stderr")" -lt $((128 * 1024)) ]
	run -0 --separate-stderr "$S3/peak" sh -c 'exec pz-fetch --name "$1" >/dev/null' \
		sh "s3://$bucket/big"
	[ "$(tail -n 1 <<<"$stderr")" -lt $((128 * 1024)) ]
}

@test "a reader that goes away ends it at once (aws-cli 1178)" {
	lines 800000 >big
	client put "$bucket" big big
	run env --default-signal=PIPE timeout 10 bash -c \
		'pz-fetch "$1" | head -n 1; echo ${PIPESTATUS[1]}; exit ${PIPESTATUS[0]}' \
		bash "s3://$bucket/big"
	[ "${lines[0]}" = "$(head -n 1 big)" ]
	SECONDS=0
	run -141 env --default-signal=PIPE timeout 10 bash -c \
		'set -o pipefail; pz-fetch "$1" | head -n 1 >/dev/null' bash "s3://$bucket/big"
	[ "$SECONDS" -le 3 ]
}

@test "lost output is a failure" {
	put a A
	run -1 sh -c 'pz-fetch "$1" >/dev/full' sh "s3://$bucket/a"
	assert_output --partial '<stdout>'
	run -1 sh -c 'pz-fetch --list "$1" >/dev/full' sh "s3://$bucket/a"
}

@test "--dry-run says what would be read" {
	put x/1 secret-content
	put x/2 secret-content
	run -0 pz-fetch --dry-run "s3://$bucket/x/"
	assert_output --partial "s3://$bucket/x/1"
	assert_output --partial "s3://$bucket/x/2"
	refute_output --partial secret-content
}

@test "progress is shown only if asked for here" {
	put a A
	run -0 --separate-stderr pz-fetch "s3://$bucket/a"
	[ -z "$stderr" ]
	run -0 --separate-stderr pz-fetch --progress "s3://$bucket/a"
	[ -n "$stderr" ]
}

@test "wrong addresses are wrong usage" {
	for address in s3:// s3:///key 's3://Bad_Bucket!/x'; do
		run -2 pz-fetch "$address"
		run -2 sh -c 'echo a | pz-put "$1"' sh "$address"
	done
}

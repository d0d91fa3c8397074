# No secret, token or signature is ever seen: in errors, traces, arguments or programs.
# shellcheck disable=SC2016 # single quotes are meant: inner shells expand
load util
load s3/util

setup_file() {
	s3_begin
	start_proxy
}

setup() {
	setup_s3
	unset AWS_PROFILE
	TOKEN=tokenTOKENtokenTOKEN/+==
	export PZ_TRACE=1 AWS_MAX_ATTEMPTS=2
}

# A test that failed leaves no process behind that waits for it.
teardown() {
	local pid

	for pid in $(jobs -p); do kill -KILL "$pid" 2>/dev/null || true; done
}

# seen_none FILE... - nothing in them that is to be kept.
seen_none() {
	local secret

	# Ours, escaped as in a URL, and all that a signature is made of.
	for secret in "$AWS_SECRET_ACCESS_KEY" "${AWS_SECRET_ACCESS_KEY//\//%2F}" \
		"${AWS_SECRET_ACCESS_KEY:0:12}" "$TOKEN" "${TOKEN:0:12}" \
		Signature= SignedHeaders Credential= AWS4-HMAC X-Amz-Security-Token hunter2; do
		if grep -aFi -- "$secret" "$@"; then
			echo "found: $secret" >&2
			return 1
		fi
	done
}

# fails COMMAND... - it says something, and nothing of that.
fails() {
	run timeout 30 "$@"
	[ "$status" -ne 0 ]
	[ -n "$output" ]
	printf '%s\n' "$output" >said
	seen_none said
}

both_fail() {
	fails pz-fetch "s3://$bucket/a"
	fails pz-fetch --list "s3://$bucket/"
	fails sh -c 'echo a | pz-put "$1"' sh "s3://$bucket/a"
	fails sh -c 'head -c 6000000 /dev/zero | pz-put --part-size 5242880 "$1"' sh "s3://$bucket/a"
}

@test "errors of all kinds, traced" {
	local what

	for what in '"reset":true' '"raw":"nonsense"' '"answer":{"status":503}' \
		'"answer":{"status":403}' '"answer":{"status":404,"body":"<html>"}' \
		'"answer":{"status":501,"body":"<html>","headers":{"ETag":"x"}}' \
		'"answer":{"status":307,"headers":{"Location":"http://other/?X-Amz-Signature=abc"}}' \
		'"answer":{"status":301,"body":"<Error><Code>PermanentRedirect</Code></Error>"}' \
		'"answer":{"status":400,"body":"<Error><Code>AuthorizationHeaderMalformed</Code><Region>x-1</Region></Error>"}'; do
		fault "{$what,\"times\":0}"
		AWS_SESSION_TOKEN=$TOKEN both_fail
	done
	AWS_ENDPOINT_URL=http://127.0.0.1:1
	AWS_SESSION_TOKEN=$TOKEN both_fail
}

@test "what a server says of a signature stays with us" {
	# As the real service does: it tells the signature, the key and the token again.
	fault '{"times":0,"answer":{"status":403,"body":"<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match</Message><AWSAccessKeyId>ID</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256 1 2 3</StringToSign><SignatureProvided>Signature=0123</SignatureProvided><CanonicalRequest>x-amz-security-token:tokenTOKENtokenTOKEN/+==</CanonicalRequest></Error>"}}'
	AWS_SESSION_TOKEN=$TOKEN both_fail
	fault '{"times":0,"answer":{"status":400,"body":"<Error><Code>InvalidToken</Code><Message>The token is malformed</Message><Token-0>tokenTOKENtokenTOKEN/+==</Token-0></Error>"}}'
	AWS_SESSION_TOKEN=$TOKEN both_fail
}

@test "a wrong secret, as it is and in a file" {
	AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY}hunter2 both_fail
	mkdir home/.aws
	printf '[default]\naws_access_key_id = %s\naws_secret_access_key = wronghunter2\naws_session_token = %s\n' \
		"$AWS_ACCESS_KEY_ID" "$TOKEN" >home/.aws/credentials
	(unset AWS_ACCESS_KEY_ID
	unset AWS_SECRET_ACCESS_KEY
	run -1 pz-fetch "s3://$bucket/a"
	[[ $output == *403* ]]
	printf '%s\n' "$output" >said
	! grep -e hunter2 -e "$TOKEN" said)
	# And where the file is no such file.
	printf '[default]\naws_secret_access_key hunter2\n' >home/.aws/credentials
	(unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	run pz-fetch "s3://$bucket/a"
	[ "$status" -ne 0 ]
	printf '%s\n' "$output" >said
	! grep hunter2 said)
}

@test "a password in the endpoint is not said" {
	AWS_ENDPOINT_URL=http://me:hunter2@127.0.0.1:1
	both_fail
	AWS_ENDPOINT_URL=http://me:hunter2@
	both_fail
}

@test "arguments of a running command" {
	local pid

	fault '{"method":"HEAD|GET","stall":1.5,"times":0}'
	echo a | AWS_ENDPOINT_URL=$DIRECT client put "$bucket" a
	pz-fetch "s3://$bucket/a" >out 2>said 3>&- &
	pid=$!
	until_true grep -q fault "$PROXY/begun"
	tr '\0' '\n' <"/proc/$pid/cmdline" >arguments
	cat "/proc/$pid/task"/*/comm >>arguments
	grep -qx "s3://$bucket/a" arguments
	seen_none arguments
	wait "$pid"
	seen_none said
}

@test "successes, traced, and a dry run" {
	echo a | client put "$bucket" a
	fault '{"method":"HEAD|GET|PUT","answer":{"status":503},"times":1}'
	pz-fetch "s3://$bucket/a" >said 2>&1
	pz-fetch --list "s3://$bucket/a" >>said 2>&1
	pz-fetch --dry-run "s3://$bucket/a" >>said 2>&1
	echo a | pz-put "s3://$bucket/b" >>said 2>&1
	echo a | pz-put --dry-run "s3://$bucket/b" >>said 2>&1
	grep -q 'retry 2/2' said
	seen_none said
}

@test "programs and helps hold none" {
	local command

	for command in pz-fetch pz-put; do
		"$command" -h >>helps
	done
	seen_none helps
	run -1 grep -al -e "$AWS_SECRET_ACCESS_KEY" -e "$AWS_ACCESS_KEY_ID" \
		"$(command -v pz-fetch)" "$(command -v pz-put)"
}

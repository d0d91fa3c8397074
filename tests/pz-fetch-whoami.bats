# Where keys come from, against stand-ins for all services that give them.
load util

setup_file() {
	export MOCK=$BATS_FILE_TMPDIR/mock
	mkdir "$MOCK"
	"$ROOT/tests/s3/mock_aws.py" $$ "$MOCK" >"$MOCK/out" 2>&1 3>&- &
	for _ in $(seq 200); do
		if [ -e "$MOCK/port" ]; then return; fi
		sleep 0.05
	done
}

# Nothing of the person who runs the tests is to be seen by them.
setup() {
	local name

	cd_temp
	for name in "${!AWS_@}" http_proxy https_proxy all_proxy no_proxy; do
		unset "$name"
	done
	unset PZ_TRACE
	mkdir -p home/.aws
	export HOME=$PWD/home
	HERE=http://127.0.0.1:$(cat "$MOCK/port")
	export AWS_ENDPOINT_URL=$HERE AWS_EC2_METADATA_DISABLED=true PZ_RETRY_BASE_MS=1
	rules '{}'
	: >"$MOCK/log"
	: >seen
}

# No secret was seen, in whatever went wrong.
teardown() {
	! grep -E '/of(\+|%2B)' seen
}

# rules JSON - how the services behave from here on.
rules() {
	printf '%s\n' "$1" >"$MOCK/rules.new"
	mv "$MOCK/rules.new" "$MOCK/rules"
}

config() {
	cat >>home/.aws/config
}

credentials() {
	cat >>home/.aws/credentials
}

# keys ID - the lines of a file for a key that lasts.
keys() {
	printf 'aws_access_key_id = %s\naws_secret_access_key = secret/of+%s\n' "$1" "$1"
}

# One key for all who need some.
base() {
	{ echo '[base]'; keys AKIABASEBASEBASEBASE; } | credentials
}

# All that is printed is looked through at the end.
pz() {
	"$@" 2>&1 | tee -a seen
	return "${PIPESTATUS[0]}"
}

whoami() {
	pz pz-fetch --whoami "$@"
}

# source_is TEXT - after whoami.
source_is() {
	assert_equal "$(jq -r .source <<<"$output")" "$1"
}

# asked FILTER - of the log of services, one JSON line each.
asked() {
	jq -c "$1" "$MOCK/log"
}

@test "keys in the environment go before a profile that the environment names" {
	base
	export AWS_ACCESS_KEY_ID=AKIAENVENVENVENVENV1 AWS_SECRET_ACCESS_KEY=secret/of+env
	AWS_PROFILE=base AWS_REGION=eu-west-1 run -0 whoami
	assert_output "{\"source\":\"the environment\",\"profile\":\"base\",\
\"access_key_id\":\"...ENV1\",\"expires\":null,\"region\":\"eu-west-1\",\
\"endpoint\":\"$HERE\"}"
}

@test "a profile that the command line names goes before the environment" {
	base
	export AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=secret/of+env
	run -0 whoami --profile base
	source_is "profile base in $HOME/.aws/credentials"
}

@test "keys in the environment may say when they end" {
	export AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=secret/of+env
	AWS_CREDENTIAL_EXPIRATION=2100-01-01T01:00:00+01:00 run -0 whoami
	assert_equal "$(jq -r .expires <<<"$output")" 2100-01-01T00:00:00Z
	AWS_CREDENTIAL_EXPIRATION=2001-01-01T00:00:00Z run -1 whoami
	assert_output 'pz-fetch: the keys from the environment expired at 2001-01-01T00:00:00Z'
	AWS_CREDENTIAL_EXPIRATION=soon run -1 whoami
	assert_output 'pz-fetch: AWS_CREDENTIAL_EXPIRATION: not a time, as 2026-01-31T12:34:56Z is'
	AWS_SECRET_ACCESS_KEY='' run -1 whoami
	assert_output 'pz-fetch: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not'
}

@test "the end of a short ID is not shown" {
	AWS_ACCESS_KEY_ID=secret/of+it AWS_SECRET_ACCESS_KEY=x run -0 whoami
	AWS_ACCESS_KEY_ID=AKIA1 AWS_SECRET_ACCESS_KEY=x run -0 whoami
	assert_equal "$(jq -r .access_key_id <<<"$output")" ...
}

@test "without any keys all places are named" {
	run -1 whoami
	assert_output "pz-fetch: no credentials: not in the environment \
(AWS_ACCESS_KEY_ID), in profile default ($HOME/.aws/config, $HOME/.aws/credentials), of \
a container (AWS_CONTAINER_CREDENTIALS_FULL_URI) or of an instance \
(AWS_EC2_METADATA_DISABLED is set); where none are needed, say --no-sign-request"
	run -0 whoami --no-sign-request
	assert_output '{"source":null}'
}

@test "a profile that is not there is an error" {
	run -1 whoami --profile shop
	assert_output "pz-fetch: --profile: there is no profile 'shop' in \
$HOME/.aws/config or $HOME/.aws/credentials"
}

@test "keys of the credentials file go before those of the config file" {
	config <<-END
		[default]
		$(keys AKIACONFIGCONFIGCONF)
		credential_process = false
		[profile x]
		$(keys AKIACONFIGCONFIGCONX)
	END
	{ echo '[default]'; keys AKIACREDENTIALSCREDE; } | credentials
	run -0 whoami
	source_is "profile default in $HOME/.aws/credentials"
	run -0 whoami --profile x
	source_is "profile x in $HOME/.aws/config"
	# Half of it is a mistake, and the other file's half is no help.
	{ echo '[x]'; echo 'aws_access_key_id = AKIAHALF'; } | credentials
	run -1 whoami --profile x
	assert_output "pz-fetch: $HOME/.aws/credentials:5: profile x: an \
aws_access_key_id without an aws_secret_access_key"
}

@test "a role is assumed by the keys of its source profile" {
	base
	config <<-END
		[profile r]
		role_arn = arn:aws:iam::1:role/a
		source_profile = base
		region = eu-central-1
		external_id = x & y = z
		role_session_name = me@shop
		duration_seconds = 1800
	END
	run -0 whoami --profile r
	source_is "role arn:aws:iam::1:role/a of profile r, by keys of profile base in \
$HOME/.aws/credentials"
	[ "$(jq '.expires | fromdate - now | . > 1700 and . <= 1800' <<<"$output")" = true ]
	run -0 asked 'del(.path)'
	assert_output '{"service":"sts","method":"POST","Action":"AssumeRole",'`
		`'"DurationSeconds":"1800","ExternalId":"x & y = z",'`
		`'"RoleArn":"arn:aws:iam::1:role/a","RoleSessionName":"me@shop",'`
		`'"Version":"2011-06-15","signer":"AKIABASEBASEBASEBASE"}'
}

@test "roles may need roles, each signed with the keys of the one before" {
	base
	config <<-END
		[profile r1]
		role_arn = arn:aws:iam::1:role/a
		source_profile = base
		[profile r2]
		role_arn = arn:aws:iam::1:role/b
		source_profile = r1
		[profile r3]
		role_arn = arn:aws:iam::1:role/c
		source_profile = r2
	END
	run -0 whoami --profile r3
	run -0 asked '[.RoleArn[-1:], .signer[:7]]'
	assert_output '["a","AKIABAS"]
["b","ASIASTS"]
["c","ASIASTS"]'
}

@test "a profile with keys may be its own source, and gives them to others" {
	config <<-END
		[profile r]
		role_arn = arn:aws:iam::1:role/a
		source_profile = r
		$(keys AKIASELFSELFSELFSELF)
		[profile of-r]
		role_arn = arn:aws:iam::1:role/b
		source_profile = r
	END
	run -0 whoami --profile r
	run -0 whoami --profile of-r
	run -0 asked '[.RoleArn[-1:], .signer]'
	assert_output '["a","AKIASELFSELFSELFSELF"]
["b","AKIASELFSELFSELFSELF"]'
}

# refused PROFILE TEXT
refused() {
	run -1 whoami --profile "$1"
	assert_output "pz-fetch: profile $1: $2"
}

@test "roles that cannot be are told" {
	base
	config <<-END
		[profile alone]
		role_arn = a
		[profile both]
		role_arn = a
		source_profile = base
		credential_source = Environment
		[profile none]
		role_arn = a
		source_profile = nobody
		[profile self]
		role_arn = a
		source_profile = self
		[profile x]
		role_arn = a
		source_profile = y
		[profile y]
		role_arn = a
		source_profile = z
		[profile z]
		role_arn = a
		source_profile = y
		[profile empty]
		region = us-east-1
		[profile of-empty]
		role_arn = a
		source_profile = empty
		[profile odd]
		role_arn = a
		credential_source = Cloud
		[profile long]
		role_arn = a
		source_profile = base
		duration_seconds = 1h
		[profile mfa]
		role_arn = a
		source_profile = base
		mfa_serial = arn:aws:iam::1:mfa/me
		[profile login]
		login_session = arn:aws:iam::1:user/me
	END
	refused alone 'its role needs a source_profile or a credential_source'
	refused both 'both a source_profile and a credential_source'
	refused none "there is no source_profile 'nobody'"
	refused self "its source_profile 'self' is one that it helps itself"
	run -1 whoami --profile x
	assert_output "pz-fetch: profile z: its source_profile 'y' is one that it helps itself"
	refused of-empty "its source_profile 'empty' has no keys"
	refused odd "credential_source is 'Cloud', not Environment, Ec2InstanceMetadata or \
EcsContainer"
	refused long 'duration_seconds is no number'
	refused mfa 'its role needs a code of mfa_serial, which is not asked for here; the '`
		`'AWS CLI asks: eval "$(aws configure export-credentials --profile mfa '`
		`'--format env)"'
	refused login "keys of 'aws login' are not supported; the AWS CLI hands them over \
by credential_process = aws configure export-credentials --profile login"
	[ ! -s "$MOCK/log" ]
}

@test "a role that is forbidden is one line, a wrong key shows no token" {
	base
	config <<-END
		[profile r]
		role_arn = arn:aws:iam::1:role/forbidden
		source_profile = base
		[profile wrong]
		aws_access_key_id = ASIAWRONG
		aws_secret_access_key = secret/of+wrong
		aws_session_token = token/of+wrong
		[profile w]
		role_arn = arn:aws:iam::1:role/a
		source_profile = wrong
	END
	refused r 'AssumeRole of arn:aws:iam::1:role/forbidden: 403 AccessDenied: not '`
		`'authorized to perform: sts:AssumeRole'
	refused w 'AssumeRole of arn:aws:iam::1:role/a: 403 SignatureDoesNotMatch: '`
		`'x-amz-security-token:***'
}

@test "credential_source may be environment, container or instance" {
	config <<-END
		[profile e]
		role_arn = arn:aws:iam::1:role/e
		credential_source = Environment
		[profile c]
		role_arn = arn:aws:iam::1:role/c
		credential_source = EcsContainer
		[profile i]
		role_arn = arn:aws:iam::1:role/i
		credential_source = Ec2InstanceMetadata
	END
	refused e 'credential_source Environment has no keys'
	refused i 'credential_source Ec2InstanceMetadata has no keys '`
		`'(AWS_EC2_METADATA_DISABLED is set)'
	export AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=secret/of+AKIAENV
	run -0 whoami --profile e
	source_is 'role arn:aws:iam::1:role/e of profile e, by keys of the environment'
	export AWS_CONTAINER_CREDENTIALS_FULL_URI=$HERE/container
	export AWS_CONTAINER_AUTHORIZATION_TOKEN=token/of+container
	run -0 whoami --profile c
	source_is "role arn:aws:iam::1:role/c of profile c, by keys of the container, by \
${HERE#*//}"
	export AWS_EC2_METADATA_DISABLED=false AWS_EC2_METADATA_SERVICE_ENDPOINT=$HERE
	run -0 whoami --profile i
	source_is 'role arn:aws:iam::1:role/i of profile i, by keys of role web-role of the '`
		`'instance'
}

@test "STS is asked where it is set, and in the region's domain" {
	base
	config <<-END
		[profile r]
		role_arn = arn:aws:iam::1:role/a
		source_profile = base
	END
	export AWS_ENDPOINT_URL=http://127.0.0.1:1
	AWS_ENDPOINT_URL_STS=$HERE/ run -0 whoami --profile r
	AWS_ENDPOINT_URL_STS=ftp://x run -1 whoami --profile r
	assert_output 'pz-fetch: the endpoint of sts: neither http:// nor https://'
	AWS_ENDPOINT_URL_STS='http://a@b' run -1 whoami --profile r
	assert_output 'pz-fetch: the endpoint of sts: no plain host, with a port or without,'`
		`' behind ://'
}

@test "an answer that says later is waited for, but not for ever" {
	base
	config <<-END
		[profile r]
		role_arn = arn:aws:iam::1:role/a
		source_profile = base
	END
	rules '{"sts": {"status": 503, "times": 2}}'
	run -0 whoami --profile r
	assert_equal "$(asked .service | wc -l)" 3
	rules '{"sts": {"status": 503}}'
	run -75 whoami --profile r
	assert_output 'pz-fetch: profile r: AssumeRole of arn:aws:iam::1:role/a: 503'
	run -75 pz pz-fetch --profile r s3://bucket/key
	assert_output 'pz-fetch: profile r: AssumeRole of arn:aws:iam::1:role/a: 503'
	rules '{"sts": {"status": 200, "body": "<a/>"}}'
	refused r 'AssumeRole of arn:aws:iam::1:role/a: the answer holds no keys'
	rules '{"sts": {"status": 200, "body": "{"}}'
	refused r 'AssumeRole of arn:aws:iam::1:role/a: the answer holds no keys'
	rules '{"sts": {"status": 400, "times": 1, "body":
		"<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"}}'
	run -0 whoami --profile r
	rules '{"sts": {"life": -5}}'
	run -1 whoami --profile r
	assert_output --partial 'pz-fetch: the keys from role arn:aws:iam::1:role/a of profile'
	assert_output --partial 'expired at 20'
	AWS_ENDPOINT_URL=http://127.0.0.1:1 run -75 whoami --profile r
	assert_output --partial 'AssumeRole of arn:aws:iam::1:role/a: Failed to connect'
}

@test "clocks that differ from STS's do no harm" {
	local clock

	base
	printf token/of+web >token
	config <<-END
		[profile r]
		role_arn = arn:aws:iam::1:role/a
		source_profile = base
		[profile w]
		role_arn = arn:aws:iam::1:role/w
		web_identity_token_file = token
	END
	for clock in -7200 7200; do
		: >"$MOCK/log"
		rules "{\"sts\": {\"clock\": $clock}}"
		run -0 whoami --profile r
		[ "$(jq '.expires | fromdate - now | . > 3500 and . <= 3601' <<<"$output")" = true ]
		assert_equal "$(asked .service | wc -l)" 2
		run -0 whoami --profile w
		[ "$(jq '.expires | fromdate - now | . > 3500 and . <= 3601' <<<"$output")" = true ]
	done
}

@test "a web identity of the environment, and of a profile" {
	base
	printf 'token/of+web\n' >token
	config <<-END
		[profile w]
		role_arn = arn:aws:iam::1:role/w
		web_identity_token_file = $PWD/token
		[profile of-w]
		role_arn = arn:aws:iam::1:role/a
		source_profile = w
	END
	run -0 whoami --profile w
	source_is "role arn:aws:iam::1:role/w, by the web identity in $PWD/token"
	run -0 whoami --profile of-w
	export AWS_WEB_IDENTITY_TOKEN_FILE=token AWS_ROLE_ARN=arn:aws:iam::1:role/e
	AWS_ROLE_SESSION_NAME=pod run -0 whoami
	source_is 'role arn:aws:iam::1:role/e, by the web identity in token'
	run -0 asked '[.Action, .RoleArn[-1:], .signer[:7]]'
	assert_output '["AssumeRoleWithWebIdentity","w",""]
["AssumeRoleWithWebIdentity","w",""]
["AssumeRole","a","ASIASTS"]
["AssumeRoleWithWebIdentity","e",""]'
	# The profile that was named goes before.
	run -0 whoami --profile base
	source_is "profile base in $HOME/.aws/credentials"
}

@test "a web identity that is not good is told without its token" {
	export AWS_WEB_IDENTITY_TOKEN_FILE=token
	run -1 whoami
	assert_output 'pz-fetch: a web identity needs a role: set AWS_ROLE_ARN, or role_arn '`
		`'in profile default'
	export AWS_ROLE_ARN=arn:aws:iam::1:role/e
	run -1 whoami
	assert_output 'pz-fetch: web identity token: token: No such file or directory'
	echo token/of+old >token
	run -1 whoami
	assert_output 'pz-fetch: AssumeRoleWithWebIdentity of arn:aws:iam::1:role/e: 400 '`
		`'InvalidIdentityToken: no good: ***'
}

# token KEY JSON - what aws sso login left.
token() {
	mkdir -p home/.aws/sso/cache
	printf '%s\n' "$2" >"home/.aws/sso/cache/$(printf %s "$1" | sha1sum | cut -d ' ' -f 1).json"
}

sign_in_config() {
	config <<-END
		[profile s]
		sso_session = mine
		sso_account_id = 123456789012
		sso_role_name = Reader & Co
		[sso-session mine]
		sso_start_url = https://example.awsapps.com/start
		sso_region = eu-west-1
		[profile old]
		sso_start_url = https://example.awsapps.com/start
		sso_region = eu-west-1
		sso_account_id = 123456789012
		sso_role_name = Reader
		[profile forbidden]
		sso_session = mine
		sso_account_id = 123456789012
		sso_role_name = forbidden
	END
}

@test "single sign-on by a session and by a profile" {
	sign_in_config
	token mine '{"accessToken": "token/of+portal", "expiresAt": "2100-01-01T00:00:00Z"}'
	token https://example.awsapps.com/start \
		'{"accessToken": "token/of+portal", "expiresAt": "2100-01-01T00:00:00UTC"}'
	run -0 whoami --profile s
	source_is 'role Reader & Co in account 123456789012 of profile s, by the single '`
		`'sign-on of session mine'
	run -0 whoami --profile old
	source_is 'role Reader in account 123456789012 of profile old, by single sign-on'
	run -0 asked '[.service, .role_name, .account_id]'
	assert_output '["portal","Reader & Co","123456789012"]
["portal","Reader","123456789012"]'
	run -1 whoami --profile forbidden
	assert_output 'pz-fetch: profile forbidden: GetRoleCredentials: 403: No access, ***'
}

@test "who has not signed in, or too long ago, is told how" {
	sign_in_config
	config <<-END
		[profile half]
		sso_account_id = 123456789012
		sso_role_name = x
		sso_region = eu-west-1
		[profile lost]
		sso_session = other
		sso_account_id = 123456789012
		sso_role_name = x
	END
	refused s 'not signed in; run: aws sso login --profile s'
	token mine '{"accessToken": "token/of+portal", "expiresAt": "2001-01-01T00:00:00Z"}'
	refused s 'the sign-in has expired; run: aws sso login --profile s'
	token mine '{"accessToken": "token/of+other", "expiresAt": "2100-01-01T00:00:00Z"}'
	refused s 'the sign-in has expired; run: aws sso login --profile s'
	token mine '{"accessToken": ["token/of+portal"]'
	refused s 'the token in ~/.aws/sso/cache is no token; run: aws sso login --profile s'
	refused half 'single sign-on needs sso_start_url'
	refused lost 'there is no [sso-session other]'
}

@test "a sign-in that ends soon is renewed and kept, if its client still may" {
	local end soon path

	sign_in_config
	end=$(date -u -d '+1 day' +%Y-%m-%dT%H:%M:%SZ)
	soon=$(date -u -d '-1 minute' +%Y-%m-%dT%H:%M:%SZ)
	token mine '{"accessToken": "token/of+gone", "expiresAt": "'"$soon"'", '`
		`'"refreshToken": "token/of+refresh", "clientId": "pz", "clientSecret": '`
		`'"secret/of+client", "registrationExpiresAt": "'"$soon"'"}'
	refused s 'the sign-in has expired; run: aws sso login --profile s'
	[ ! -s "$MOCK/log" ]
	token mine '{"accessToken": "token/of+gone", "expiresAt": "'"$soon"'", '`
		`'"refreshToken": "token/of+refresh", "clientId": "pz", "clientSecret": '`
		`'"secret/of+client", "registrationExpiresAt": "'"$end"'"}'
	path=$(echo home/.aws/sso/cache/*)
	chmod 600 "$path"
	rules '{"oidc": {"status": 500, "times": 1}}'
	run -0 whoami --profile s
	run -0 asked .service
	assert_output '"oidc"
"oidc"
"portal"'
	assert_equal "$(stat -c %a "$path")" 600
	assert_equal "$(jq -r '[.startUrl, .region, .accessToken, .refreshToken, .clientId,
		.clientSecret, .registrationExpiresAt, (.expiresAt | fromdate > now)] |
		join(" ")' "$path")" "https://example.awsapps.com/start eu-west-1 \
token/of+new token/of+refresh2 pz secret/of+client $end true"
	# What was kept is good for the next one; its refresh token is new.
	run -0 whoami --profile s
	assert_equal "$(asked .service | tail -n 1)" '"portal"'
	jq ".expiresAt = \"$soon\"" "$path" >new && cp new "$path"
	refused s 'the sign-in has expired; run: aws sso login --profile s'
}

@test "a program may print keys" {
	mkdir "a dir"
	cat >"a dir/keys" <<-'END'
		#!/bin/sh
		[ "$*" = 'one two "three' ] || exit 9
		[ -z "$(cat)" ] || exit 8
		echo 'touch the thing' >&2
		echo '{"Version": 1, "AccessKeyId": "AKIAPROCESSPROCESS01",'
		echo '"SecretAccessKey": "secret/of+p", "Expiration": "2100-01-01T00:00:00.123Z"}'
	END
	chmod +x "a dir/keys"
	config <<-END
		[profile p]
		credential_process = "$PWD/a dir/keys" 'one two' \\"three
	END
	run -0 --separate-stderr pz-fetch --whoami --profile p <<<data
	source_is 'credential_process of profile p'
	assert_equal "$(jq -r '.access_key_id, .expires' <<<"$output")" '...SS01
2100-01-01T00:00:00Z'
	assert_equal "$stderr" 'touch the thing'
}

@test "a program that prints no keys is told" {
	printf '#!/bin/sh\ncat json\n' >p
	chmod +x p
	config <<-END
		[profile p]
		credential_process = $PWD/p secret/of+word
		[profile fails]
		credential_process = sh -c 'exit 3' secret/of+word
		[profile dies]
		credential_process = sh -c 'kill -9 \$\$'
		[profile missing]
		credential_process = ./secret/of+word
		[profile open]
		credential_process = 'secret/of+word
	END
	local p='pz-fetch: credential_process of profile'
	run -1 whoami --profile fails
	assert_output "$p fails ended with status 3"
	run -1 whoami --profile dies
	assert_output "$p dies was killed by signal 9"
	run -1 whoami --profile missing
	assert_output "$p missing: No such file or directory"
	run -1 whoami --profile open
	assert_output "$p open: a quote that is not closed"
	echo 'secret/of+word' >json
	run -1 whoami --profile p
	assert_output "$p p printed no JSON object"
	echo '{"AccessKeyId": "a", "SecretAccessKey": "secret/of+a"}' >json
	run -1 whoami --profile p
	assert_output "$p p printed no \"Version\": 1, the only one that is known"
	echo '{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": ""}' >json
	run -1 whoami --profile p
	assert_output "$p p printed no AccessKeyId or no SecretAccessKey"
	echo '{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "secret/of+a",
		"Expiration": "secret/of+a"}' >json
	run -1 whoami --profile p
	assert_output "$p p printed an Expiration that is no time"
	echo '{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "secret/of+a",
		"SessionToken": "secret/of+a\nX-Header: b"}' >json
	run -1 whoami --profile p
	assert_output "$p p: a space or an odd character in the keys"
	[ "$(yes secret/of+a | head -c 2000000 | tee json | wc -c)" = 2000000 ]
	run -1 whoami --profile p
	assert_output "$p p: printed more than 1 MiB"
}

@test "a container gives keys to who shows its token" {
	export AWS_CONTAINER_CREDENTIALS_FULL_URI=$HERE/container
	run -1 whoami
	assert_output "pz-fetch: the container's keys at ${HERE#*//}: 403 AccessDenied: no"
	AWS_CONTAINER_AUTHORIZATION_TOKEN=token/of+container run -0 whoami
	source_is "the container, by ${HERE#*//}"
	echo token/of+container >token
	export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token
	AWS_CONTAINER_AUTHORIZATION_TOKEN=other run -0 whoami
	printf 'token/of+container\nX-Header: a' >token
	run -1 whoami
	assert_output "pz-fetch: an odd character in the container's authorization token"
	rm token
	run -1 whoami
	assert_output "pz-fetch: container's authorization token: token: No such file or directory"
	unset AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
	rules '{"container": {"status": 500, "times": 1}}'
	AWS_CONTAINER_AUTHORIZATION_TOKEN=token/of+container run -0 whoami
	http_proxy=http://127.0.0.1:1 AWS_CONTAINER_AUTHORIZATION_TOKEN=token/of+container \
		run -0 whoami
}

@test "keys of a container are asked in plain HTTP only on this machine" {
	local url

	export AWS_METADATA_SERVICE_TIMEOUT=1
	for url in http://example.com/ http://169.254.169.254/ http://127.0.0.1.example.com/ \
		http://128.0.0.1:1/ http://[fd00:ec2::254]/ http://127.1/; do
		AWS_CONTAINER_CREDENTIALS_FULL_URI=$url run -1 whoami
		assert_output --partial 'http is for this machine alone'
	done
	for url in http://127.0.0.1@example.com/ 'http://127.0.0.1:80\@example.com/' http:///x \
		http://127.0.0.1:x/ 'http://127.0.0.1/a b' http://[::1 'http://127.0.0.1/#x'; do
		AWS_CONTAINER_CREDENTIALS_FULL_URI=$url run -1 whoami
		assert_output --regexp 'FULL_URI: (no plain host|a space)'
	done
	for url in http://127.0.0.2:1/ http://localhost:1/ http://[::1]:1/ https://127.0.0.1:1/; do
		AWS_CONTAINER_CREDENTIALS_FULL_URI=$url run -75 whoami
		assert_output --regexp "the container's keys at .*: (Failed to connect|Couldn't connect|connect)"
	done
}

instance() {
	export AWS_EC2_METADATA_DISABLED=false AWS_EC2_METADATA_SERVICE_ENDPOINT=$HERE/
}

@test "an instance gives the keys of its role, for a token" {
	instance
	run -0 whoami
	source_is 'role web-role of the instance'
	run -0 asked '[.method, .path]'
	assert_output '["PUT","/latest/api/token"]
["GET","/latest/meta-data/iam/security-credentials/"]
["GET","/latest/meta-data/iam/security-credentials/web-role"]'
	http_proxy=http://127.0.0.1:1 run -0 whoami
	AWS_EC2_METADATA_DISABLED=TRUE run -1 whoami
	assert_output --partial '(AWS_EC2_METADATA_DISABLED is set)'
}

@test "keys of an instance that are over are still worth a try" {
	instance
	rules '{"instance": {"life": -5}}'
	run -0 whoami
	[ "$(jq '.expires | fromdate > now' <<<"$output")" = true ]
}

@test "where there is no instance it is soon found out" {
	instance
	AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1 run -1 whoami
	assert_output --partial 'hop limit must be 2 or more); where none are needed'
	rules '{"instance": {"status": 403}}'
	run -1 whoami
	assert_output --partial 'refuses a token: 403)'
	rules '{"instance": {"wait": 5}}'
	SECONDS=0
	run -1 whoami
	[ "$SECONDS" -le 3 ]
	assert_output --partial 'hop limit must be 2 or more)'
	config <<<'[default]
ec2_metadata_service_endpoint = x'
	unset AWS_EC2_METADATA_SERVICE_ENDPOINT
	run -1 whoami
	assert_output 'pz-fetch: AWS_EC2_METADATA_SERVICE_ENDPOINT: neither http:// nor https://'
}

@test "keys are renewed while objects are read" {
	base
	config <<-END
		[profile r]
		role_arn = arn:aws:iam::1:role/a
		source_profile = base
	END
	rules '{"sts": {"life": 2}, "s3": {"wait": 0.7}}'
	PZ_TRACE=1 run -0 pz pz-fetch --profile r s3://bucket/a s3://bucket/b s3://bucket/c
	assert_output 'hello
hello
hello'
	[ "$(asked 'select(.service == "sts")' | wc -l)" -ge 2 ]
}

@test "keys that are refused as expired are renewed, once for each request" {
	local expired='<Error><Code>ExpiredToken</Code></Error>'

	base
	config <<-END
		[profile r]
		role_arn = arn:aws:iam::1:role/a
		source_profile = base
	END
	# The answer to a HEAD has no body that could say it.
	rules '{"s3": {"status": 400, "times": 1}}'
	run -0 pz pz-fetch --profile r s3://bucket/a
	assert_output hello
	run -0 asked '[.service, .method]'
	assert_output '["sts","POST"]
["s3","HEAD"]
["sts","POST"]
["s3","HEAD"]
["s3","GET"]'
	rules "{\"s3\": {\"status\": 400, \"body\": \"$expired\"}}"
	run -1 pz pz-fetch --profile r s3://bucket/a
	assert_output --partial 'pz-fetch: s3://bucket/a: 400'
}

@test "no secret is ever seen, by whoever looks" {
	local pid

	base
	config <<-END
		[profile r]
		role_arn = arn:aws:iam::1:role/a
		source_profile = base
	END
	export PZ_TRACE=1
	rules '{"sts": {"wait": 0.5}, "s3": {"status": 503, "times": 3}}'
	pz-fetch --profile r s3://bucket/a >>seen 2>&1 &
	pid=$!
	sleep 0.25
	tr '\0' ' ' <"/proc/$pid/cmdline" >>seen
	grep -q pz-fetch seen
	wait "$pid"
	grep -q hello seen
	grep -q retry seen
	rules '{"s3": {"status": 403, "body": "<Error><Code>SignatureDoesNotMatch</Code></Error>"}}'
	run -1 pz pz-fetch --profile r s3://bucket/a
	run -1 pz pz-put --profile r s3://bucket/a <<<x
	run -1 pz pz-fetch --profile base s3://bucket/a
	grep -c . seen
	# The test itself would notice.
	grep -qE '/of(\+|%2B)' home/.aws/credentials
}

# Other clients read what pz-put wrote, and pz-fetch reads what they wrote.
#
# They are asked if they are here: awscli and rclone of Debian are not needed otherwise.
# shellcheck disable=SC2016 # single quotes are meant: inner shells expand
load util
load s3/util

setup_file() {
	s3_begin
}

setup() {
	setup_s3
	# Newer ones send checksums that many servers do not know.
	export AWS_REQUEST_CHECKSUM_CALCULATION=when_required
	export AWS_RESPONSE_CHECKSUM_VALIDATION=when_required AWS_DEFAULT_REGION=us-east-1
	export RCLONE_CONFIG_IT_TYPE=s3 RCLONE_CONFIG_IT_PROVIDER=Other RCLONE_CONFIG_IT_ENV_AUTH=true
	export RCLONE_CONFIG_IT_ENDPOINT=$DIRECT RCLONE_CONFIG=$PWD/rclone
	: >rclone
	make_files
}

# aws_cli ARGUMENT... - versions before 2.13 do not look at AWS_ENDPOINT_URL.
aws_cli() {
	aws --endpoint-url "$AWS_ENDPOINT_URL" --no-cli-pager "$@" 2>errors ||
		aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"
}

need() {
	command -v "$1" >found || skip "$1 is not installed"
}

# Files of all sizes and names that a file system and all of these know. Lines are
# ended in them, as pz-fetch would end them.
make_files() {
	local name

	mkdir -p files/sub/deep
	{ noise 20000000; echo; } >files/large
	{ noise 5242879; echo; } >files/sub/part
	: >files/empty
	for name in 'a b' 'a+b' '100%' 'a%2Fb' 'é ü' 日本 'q?x=1' 'h#1' '(1)' "!'*" '&=;,' \
		'"quoted"' '[x]{y}' '~t' 'x:y@z$' '<>' 'back\slash'; do
		echo "$name" >"files/sub/deep/$name"
	done
}

# pz-put has no folders: file by file.
put_all() {
	(cd files && find . -type f | while read -r file; do
		pz-put --part-size 5242880 "s3://$bucket/in/${file#./}" "$file" || exit
	done)
}

@test "the aws cli reads what pz-put wrote" {
	need aws
	put_all
	aws_cli s3 cp --quiet --recursive "s3://$bucket/in" back
	diff -r files back
	[ "$(aws_cli s3 ls --recursive "s3://$bucket/in" | wc -l)" -eq "$(find files -type f | wc -l)" ]
}

@test "pz-fetch reads what the aws cli wrote" {
	need aws
	aws_cli s3 cp --quiet --recursive files "s3://$bucket/in"
	pz-fetch --list "s3://$bucket/in/" | jq -r .name | sed "s,s3://$bucket/in/,," >names
	(cd files && find . -type f | sed 's,^\./,,' | LC_ALL=C sort) | cmp - names
	pz-fetch --split-dir back "s3://$bucket/in/"
	diff -r files back
}

@test "rclone reads what pz-put wrote, and the other way round" {
	need rclone
	put_all
	rclone copy "it:$bucket/in" back 2>errors
	diff -r files back
	rclone copy files "it:$bucket/out" 2>errors
	pz-fetch --split-dir again "s3://$bucket/out/"
	diff -r files again
}

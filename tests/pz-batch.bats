# What the pz-batch(1) page promises, on files and the local engine.
# shellcheck disable=SC2016 # single quotes are meant: filters and inner shells
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
	pz-train -r item-affinity -o segments.pzm shop 2>/dev/null
}

setup() {
	cd_temp
	cp "$BATS_FILE_TMPDIR"/{users.jsonl,shop.pzm,segments.pzm} .
	export BUILD=${BUILD:-$ROOT/build} PZ_RETRY_BASE_MS=1
}

# What a test that failed left would run for ever.
teardown() {
	pkill -KILL -f "$BATS_TEST_TMPDIR/(pz-|shop.pzm)" || true
}

# No temporary file is left anywhere, nor a part's output.
nothing_left() {
	run find . -name '.*.pz-*' -o -path '*/parts/*.out'
	assert_output ''
}

status_of() {
	pz-batch describe "$1" | jq -r '.[].status'
}

# fake NAME - a pz-batch of this folder, which takes its pz-NAME from stdin.
fake() {
	cp "$(command -v pz-batch)" .
	cat >"pz-$1"
	chmod +x "pz-$1"
}

# awaken FILE - wait until it is there.
await() {
	for _ in $(seq 200); do
		[ ! -e "$1" ] || return 0
		sleep 0.02
	done
	return 1
}

@test "a job of the service's form runs, and is described in its words" {
	mkdir -p in/sub
	head -n 20 users.jsonl >in/a.json
	tail -n 40 users.jsonl >in/sub/b.json
	cat >job.json <<-END
		{
		  "jobName": "nightly-1",
		  "solutionVersionArn": "arn:aws:personalize:us-west-2:123456789012:solution/shop/1542392161262",
		  "filterArn": "arn:aws:personalize:us-west-2:123456789012:filter/cheap",
		  "numResults": 7,
		  "jobInput": {"s3DataSource": {"path": "in/"}},
		  "jobOutput": {"s3DataDestination": {"path": "out/"}},
		  "roleArn": "arn:aws:iam::123456789012:role/PersonalizeRole",
		  "batchInferenceJobConfig": {"itemExplorationConfig":
		    {"explorationWeight": "0.3", "explorationItemAgeCutOff": "30"}},
		  "tags": [{"tagKey": "team", "tagValue": "shop"}]
		}
	END
	echo 'INCLUDE ItemID WHERE Items.PRICE < 30' >cheap.filter
	run -0 pz-batch create --file job.json --parts 7
	assert_output '{"batchInferenceJobArn":"arn:pz:personalize:::batch-inference-job/nightly-1"}'
	for file in a.json sub/b.json; do
		pz-filter "$(cat cheap.filter)" in/$file | pz-score -m shop.pzm -n 7 \
			--exploration-weight 0.3 --exploration-item-age-cut-off 30 |
			cmp - out/$file.out
	done
	run find out -type f
	assert_equal "$(sort <<<"$output")" $'out/_CHECK\nout/a.json.out\nout/sub/b.json.out'
	nothing_left
	pz-batch describe nightly-1 >described
	jq -e '.batchInferenceJob | .status == "ACTIVE" and .jobName == "nightly-1"
		and .numResults == 7 and .batchInferenceJobMode == "BATCH_INFERENCE"
		and (.filterArn | endswith("filter/cheap")) and .pz.records == 60
		and .batchInferenceJobConfig.itemExplorationConfig.explorationWeight == "0.3"
		and (has("failureReason") | not)' described
	jq -e '.records == 60 and .errors == 0 and (.outputs | length) == 2' \
		pz-jobs/nightly-1/summary.json
	# By its ARN and by its folder too.
	pz-batch describe "$(jq -r .batchInferenceJob.batchInferenceJobArn described)" |
		cmp - described
	pz-batch describe pz-jobs/nightly-1 | cmp - described
}

@test "any cut gives the bytes of the bare pipe" {
	mkdir in
	sed -i 12q users.jsonl
	cp users.jsonl in/plain
	sed 's/$/\r/' users.jsonl >in/crlf
	head -c -1 users.jsonl >in/unended
	{ printf '\xef\xbb\xbf'; cat users.jsonl; printf '\xef\xbb\xbf'; cat users.jsonl; } >in/marked
	{ printf '\n\r\n'; sed 'G;n;n' users.jsonl; printf ' \n\n'; } >in/blank
	sed '5s/.*/no JSON/;9s/"/\xff/' users.jsonl >in/bad
	zstd -q <users.jsonl >in/packed
	gzip <users.jsonl >in/zipped
	{ printf '{"userId":"'; head -c 3000 /dev/zero | tr '\0' x; echo '"}'; cat users.jsonl; } >in/long
	: >in/empty
	printf '\n\n' >in/nothing
	for size in 1 100; do
		run -3 pz-batch create --name "s$size" -m shop.pzm --input in --output "out$size" \
			--part-size $size -n 3
		for file in in/*; do
			pz-score -m shop.pzm -n 3 "$file" >expected || [ $? -eq 3 ]
			cmp expected "out$size/${file#in/}.out"
		done
	done
	nothing_left
}

@test "what --print prints does the same when pasted" {
	mkdir 'in put'
	cp users.jsonl "in put/a'b.json"
	filter='EXCLUDE ItemID WHERE Items.GENRE IN ("Drama", "it'\''s $HOME `x`")'
	pz-batch create --name p -m shop.pzm --filter "$filter" --input 'in put' --output 'out 1' --print >pasted
	assert_not_exist pz-jobs
	sed -i "s/out 1/out 2/g" pasted
	sh -e pasted
	pz-batch create --name p -m shop.pzm --filter "$filter" --input 'in put' --output 'out 1' --now "$(date +%s)"
	diff -r 'out 1' 'out 2'
	[ "$(wc -l <"out 1/a'b.json.out")" -eq 60 ]
}

@test "records that carry an error: exit 3, and their lines beside the outputs" {
	sed '7s/.*/no JSON/;50s/.*/{"itemId": 1}/' users.jsonl >in.json
	run -3 pz-batch create --name e -m shop.pzm --input in.json --output out --parts 6
	[ "$(status_of e)" = ACTIVE ]
	run jq -c '[.line, (.output | sub(".*/"; ""))]' pz-jobs/e/errors.jsonl
	assert_output $'[7,"in.json.out"]\n[50,"in.json.out"]'
	jq -c 'select(.error != null)' out/in.json.out >expected
	jq -c .record pz-jobs/e/errors.jsonl | cmp - expected
	jq -e '.errors == 2 and .records == 60' pz-jobs/e/summary.json
	run -3 pz-batch wait e
	run ls out
	assert_output $'_CHECK\nin.json.out' # nothing else is among the outputs
}

@test "a segment job is one, and asks for no exploration" {
	printf '{"itemId": "i%02d"}\n' 1 2 3 20 >items.jsonl
	pz-batch create --name s -m segments.pzm --input items.jsonl --output out -n 5 --parts 4 >arn
	[ "$(jq -r .batchSegmentJobArn arn)" = arn:pz:personalize:::batch-segment-job/s ]
	pz-score -m segments.pzm -n 5 items.jsonl | cmp - out/items.jsonl.out
	pz-batch describe s | jq -e '.batchSegmentJob | .status == "ACTIVE"
		and (has("batchInferenceJobMode") | not)'
	run -2 pz-batch create --name x -m segments.pzm --input items.jsonl --output out --exploration-weight 0.1
	assert_output --partial 'a batch segment job has none'
}

@test "what is wrong is said before anything begins" {
	try() {
		run "$1" pz-batch create --name x -m shop.pzm --input users.jsonl --output out "${@:2}"
		assert_not_exist pz-jobs
		assert_not_exist out
	}
	try -2 --name 'a b'
	assert_output "pz-batch: jobName: letters, digits, '-', '_' only"
	try -2 --name "$(printf 'x%.0s' {1..64})"
	try -2 -m nowhere
	assert_output --partial 'there is no model nowhere'
	try -2 --filter 'INCLUDE ItemID WHERE Items.NOTHING = 1'
	assert_output --partial 'NOTHING'
	try -2 --filter thing
	assert_output --partial 'there is no filter thing'
	try -2 -n 0
	try -2 --exploration-weight 2
	try -1 --input missing
	assert_output --partial 'no file has such a name'
	try -1 --output users.jsonl
	try -1 --input . --output ./sub
	assert_output --partial 'Invalid S3 output path: '
	echo '{"jobName": "x", "jobInput": {"s3DataSource": {"pth": "in"}}}' >job.json
	run -2 pz-batch create --file job.json
	assert_output "pz-batch: job.json: 'jobInput.s3DataSource.pth': a job has no such member"
	echo '{"jobName": 7}' >job.json
	run -2 pz-batch create --file job.json
	assert_output "pz-batch: job.json: 'jobName': must be a string"
	run -1 pz-batch describe nothing
	assert_output --partial 'there is no such job'
}

@test "the service's limits are warnings, or kept on request" {
	for i in $(seq 501); do echo '{"itemId": "i01"}'; done >items.jsonl
	run -0 --separate-stderr pz-batch create --name w -m segments.pzm --input items.jsonl --output out -n 1
	assert_equal "$stderr" "pz-batch: beyond the service's limits: $PWD/items.jsonl: more than 500 records"
	run -1 pz-batch create --name l -m segments.pzm --input items.jsonl --output out2 -n 1 --service-limits
	assert_output "pz-batch: beyond the service's limits: $PWD/items.jsonl: more than 500 records"
	assert_not_exist out2
	head -n 500 items.jsonl >fewer.jsonl
	pz-batch create --name l -m segments.pzm --input fewer.jsonl --output out2 -n 1 --service-limits --parts 3
}

@test "a job has its name alone, and is run by one process" {
	pz-batch create --name one -m shop.pzm --input users.jsonl --output out
	run -1 pz-batch create --name one -m shop.pzm --input users.jsonl --output out
	assert_output --partial 'there is such a job already'
	fake score <<-'END'
		#!/bin/sh
		touch running; while [ ! -e go ]; do sleep 0.02; done
		exec "$BUILD"/pz-score "$@"
	END
	./pz-batch create --name two -m shop.pzm --input users.jsonl --output out2 --detach
	await running
	run -1 pz-batch resume two
	assert_output 'pz-batch: two: another process works on it'
	[ "$(status_of two)" = 'CREATE IN_PROGRESS' ]
	touch go
	pz-batch wait two
	cmp out/users.jsonl.out out2/users.jsonl.out
}

@test "killed at any place, a job is resumed to the same bytes" {
	pz-score -m shop.pzm users.jsonl >expected
	fake score <<-'END'
		#!/bin/sh
		touch "running.$$"; while [ ! -e go ]; do sleep 0.02; done
		exec "$BUILD"/pz-score "$@"
	END
	for victim in runner part score; do
		rm -rf out go running.*
		./pz-batch create --name "$victim" -m shop.pzm --input users.jsonl --output out --parts 4 -P 2 --detach >/dev/null
		until compgen -G 'running.*' >/dev/null; do sleep 0.02; done
		case $victim in
		runner) pid=$(pgrep -f "pz-batch create --name $victim") ;;
		part) pid=$(pgrep -f "pz-batch part $PWD/pz-jobs/$victim") ;;
		score) pid=$(ls running.* | sed 's/.*[.]//') ;;
		esac
		# shellcheck disable=SC2086 # words
		kill -KILL $pid
		touch go
		run ./pz-batch wait "$victim"
		if [ "$victim" = runner ]; then
			assert_failure 1
			assert_output --partial 'pz-batch resume goes on'
			./pz-batch resume runner
		else
			assert_success # what was killed is begun again
		fi
		cmp expected out/users.jsonl.out
		nothing_left
	done
}

@test "a part that crashes the scorer is reported, and the rest is done" {
	mkdir in
	cp users.jsonl in/good.json
	sed '30s/u29/crash/' users.jsonl >in/poison.json
	fake score <<-'END'
		#!/bin/sh
		cat >part.$$
		if grep -q crash part.$$ && [ ! -e mended ]; then kill -SEGV $$; fi
		exec "$BUILD"/pz-score "$@" <part.$$
	END
	run -1 ./pz-batch create --name c -m shop.pzm --input in --output out --part-size 200
	pz-score -m shop.pzm in/good.json | cmp - out/good.json.out
	assert_not_exist out/poison.json.out
	run pz-batch describe c
	assert_output --partial '"status":"CREATE FAILED"'
	assert_output --partial '1 of 11 parts is not done; part 7 (poison.json, bytes 432 to 631): pz-score was killed by SIGSEGV'
	[ "$(ls pz-jobs/c/parts/*.out | wc -l)" -eq 5 ] # of six
	touch mended
	./pz-batch resume c
	pz-score -m shop.pzm in/poison.json | cmp - out/poison.json.out
	nothing_left
}

@test "a stage that fails, or loses a record, is no output" {
	fake score <<-'END'
		#!/bin/sh
		echo "pz-score: it is too dark" >&2
		exit 1
	END
	run -1 ./pz-batch create --name f -m shop.pzm --input users.jsonl --output out
	assert_output --partial 'pz-score exited with 1: pz-score: it is too dark'
	assert_not_exist out/users.jsonl.out
	pz-batch logs f | grep -q '^part 0: pz-score: it is too dark'
	fake score <<-'END'
		#!/bin/sh
		"$BUILD"/pz-score "$@" | sed 3d
	END
	run -1 ./pz-batch create --name l -m shop.pzm --input users.jsonl --output out
	assert_output --partial '60 records went in and 59 came out'
	assert_not_exist out/users.jsonl.out
	# 75 is worth another try.
	fake score <<-'END'
		#!/bin/sh
		[ -e again ] || { touch again; exit 75; }
		exec "$BUILD"/pz-score "$@"
	END
	./pz-batch create --name again -m shop.pzm --input users.jsonl --output out
	grep -q 'try 1 failed: pz-score exited with 75' pz-jobs/again/log
}

@test "stopped by request or by a signal, a job goes on later" {
	pz-score -m shop.pzm users.jsonl >expected
	fake score <<-'END'
		#!/bin/sh
		[ -e go ] || { touch running; exec sleep 60; }
		exec "$BUILD"/pz-score "$@"
	END
	./pz-batch create --name s -m shop.pzm --input users.jsonl --output out --parts 3 --detach
	await running
	pz-batch stop s
	[ "$(status_of s)" = 'CREATE STOPPED' ]
	nothing_left
	touch go
	./pz-batch resume s
	cmp expected out/users.jsonl.out
	for signal in INT TERM; do
		rm -rf go running out
		env --default-signal ./pz-batch create --name "by$signal" -m shop.pzm --input users.jsonl --output out --parts 3 3>&- &
		await running
		kill "-$signal" $!
		status=0
		wait $! || status=$?
		[ "$status" -eq $((128 + $(kill -l "$signal"))) ]
		[ "$(status_of "by$signal")" = 'CREATE STOPPED' ]
		touch go
		./pz-batch resume "by$signal"
		cmp expected out/users.jsonl.out
	done
}

@test "a detached job outlives its terminal" {
	fake score <<-'END'
		#!/bin/sh
		touch running; while [ ! -e go ]; do sleep 0.02; done
		exec "$BUILD"/pz-score "$@"
	END
	# script(1) makes a terminal, and hangs it up.
	script -qec "./pz-batch create --name d -m $PWD/shop.pzm --input $PWD/users.jsonl --output $PWD/out --detach" /dev/null >typed
	grep -q batchInferenceJobArn typed
	await running
	touch go
	pz-batch wait d --timeout 20
	pz-score -m shop.pzm users.jsonl | cmp - out/users.jsonl.out
	pz-batch create --engine none --name e -m shop.pzm --input users.jsonl --output out2
	run -75 pz-batch wait e --timeout 1
}

need_parallel() {
	if ! parallel --version 2>/dev/null | grep -q GNU; then
		echo "GNU parallel is not installed; ./bootstrap check does it" >&2
		[ "${CI:-}" != true ] || return 1
		skip "GNU parallel is not installed"
	fi
	mkdir home
	export HOME=$PWD/home # parallel keeps things there
}

@test "GNU parallel: 64 parts, some of which are killed: the bytes of the local engine" {
	need_parallel
	for i in $(seq 4); do cat users.jsonl; done >in.json
	sed -i '100s/.*/no JSON/' in.json
	run -3 pz-batch create --name here -m shop.pzm --input in.json --output local --parts 64
	fake score <<-'END'
		#!/bin/sh
		cat >"lines.$$"
		if mkdir once 2>/dev/null; then kill -KILL "$PPID"; fi
		exec "$BUILD"/pz-score "$@" <"lines.$$"
	END
	run -3 ./pz-batch create --name there -m shop.pzm --input in.json --output parallel --parts 64 --engine parallel -P 3
	assert_dir_exist once
	diff -r local parallel
	diff <(jq -c '[.line, .record]' pz-jobs/here/errors.jsonl) <(jq -c '[.line, .record]' pz-jobs/there/errors.jsonl)
	nothing_left
	# A part that fails for good, and one that is mended.
	fake score <<-'END'
		#!/bin/sh
		cat >"lines.$$"
		if grep -q u59 "lines.$$" && [ ! -e mended ]; then exit 1; fi
		exec "$BUILD"/pz-score "$@" <"lines.$$"
	END
	run -1 ./pz-batch create --name f -m shop.pzm --input users.jsonl --output out --parts 5 --engine parallel
	assert_output --partial '1 of 5 parts is not done; part 4 '
	touch mended
	./pz-batch resume f
	pz-score -m shop.pzm users.jsonl | cmp - out/users.jsonl.out
}

@test "GNU parallel runs parts on other machines, over ssh" {
	need_parallel
	# An ssh that reaches this machine alone, with an environment of its own.
	cat >ssh <<-'END'
		#!/bin/sh
		echo "$1" >>"$HOME/hosts"
		shift 2 # the host and --
		cd / && exec env -i HOME="$HOME" PATH=/usr/bin:/bin USER=me SHELL=/bin/sh sh -c "$*"
	END
	chmod +x ssh
	pz-batch create --name s -m shop.pzm --input users.jsonl --output out --parts 8 --engine parallel \
		-P 2 --sshlogin "$PWD/ssh one,$PWD/ssh two"
	pz-score -m shop.pzm users.jsonl | cmp - out/users.jsonl.out
	[ "$(sort -u home/hosts | tr '\n' ' ')" = 'one two ' ]
}

@test "an input that changed is not taken for the one that was cut" {
	cp users.jsonl in.json
	pz-batch create --engine none --name c -m shop.pzm --input in.json --output out --parts 2
	touch -d '2001-01-01' in.json
	run -1 pz-batch part c 0
	assert_output "pz-batch: part 0: $PWD/in.json: changed since the job was created"
}

@test "a full disk is told soon, and survived" {
	[ "$(id -u)" -eq 0 ] || skip "mounting a small disk needs root"
	mkdir disk
	mount -t tmpfs -o size=300k none disk 2>/dev/null || skip "cannot mount here"
	for _ in {1..20}; do cat users.jsonl; done >in.json
	# There is room for the job, and none for what its parts make.
	run -1 pz-batch create --jobs disk --name d -m shop.pzm --input in.json --output out --parts 3 -n 40
	full=$(pz-batch describe d --jobs disk | jq -r .batchInferenceJob.failureReason)
	tries=$(pz-batch logs d --jobs disk | grep -c 'try [12] failed')
	more=$(pz-batch logs d --jobs disk | grep -c 'try 3 failed') || true
	mount -o remount,size=8m disk
	run pz-batch resume d --jobs disk
	umount disk
	assert_success
	[[ $full == *'.out: No space left on device'* ]]
	[ "$tries" -ge 2 ]
	[ "$more" -eq 0 ] # waiting longer makes no room
	pz-score -m shop.pzm -n 40 in.json | cmp - out/in.json.out
}

@test "whoever runs the parts, and however often, the outputs are the same" {
	pz-score -m shop.pzm users.jsonl >expected
	pz-batch create --engine none --name n -m shop.pzm --input users.jsonl --output out --parts 9
	[ "$(status_of n)" = 'CREATE PENDING' ]
	pz-batch part n 3 | jq -e '.part == 3 and .records > 0'
	[ "$(status_of n)" = 'CREATE IN_PROGRESS' ]
	run -1 pz-batch merge n
	assert_output --partial 'of 9 parts are not done'
	assert_not_exist out/users.jsonl.out
	AWS_BATCH_JOB_ARRAY_INDEX=0 pz-batch part n -q
	JOB_COMPLETION_INDEX=1 pz-batch part n -q
	SLURM_ARRAY_TASK_ID=2 pz-batch part n -q
	mapreduce_task_partition=4 pz-batch part n -q
	run -2 env JOB_COMPLETION_INDEX=x pz-batch part n
	run -2 pz-batch part n
	printf '5\n123\t6\n' | pz-batch part n - | jq -se 'map(.part) == [5, 6]'
	# Twice at once, and as one of two that share all.
	pz-batch part n 7 -q & pz-batch part n 7 -q & wait
	PZ_PART=0 pz-batch part n --of 2 -q
	pz-batch merge n
	cmp expected out/users.jsonl.out
	nothing_left
}

@test "a part's output that is damaged is made again" {
	pz-score -m shop.pzm users.jsonl >expected
	pz-batch create --engine none --name n -m shop.pzm --input users.jsonl --output out --parts 3
	printf '0\n1\n2\n' | pz-batch part n - >/dev/null
	truncate -s -1 pz-jobs/n/parts/000001.out
	run -1 pz-batch merge n
	assert_output --partial '1 of 3 parts is not done'
	assert_not_exist out/users.jsonl.out
	pz-batch resume n --engine local
	cmp expected out/users.jsonl.out
	# And in one go.
	pz-batch create --engine none --name m -m shop.pzm --input users.jsonl --output out2 --parts 3
	printf '0\n1\n2\n' | pz-batch part m - >/dev/null
	sed -i 's/u0/U0/' pz-jobs/m/parts/000002.out pz-jobs/m/parts/000000.out
	pz-batch resume m --engine local
	cmp expected out2/users.jsonl.out
}

@test "parts go to the output while others are made; killed there, the same bytes" {
	pz-score -m shop.pzm users.jsonl >expected
	fake score <<-'END'
		#!/bin/sh
		touch begun # the first two parts run, the others wait
		[ "$(ls pz-jobs/*/parts/*.done 2>/dev/null | wc -l)" -lt 2 ] || while [ ! -e go ]; do sleep 0.02; done
		exec "$BUILD"/pz-score "$@"
	END
	./pz-batch create --name a -m shop.pzm --input users.jsonl --output out --parts 4 --detach >/dev/null
	await pz-jobs/a/parts/000001.done
	for _ in {1..100}; do
		[ ! -s "$(compgen -G 'out/.users.jsonl.out.pz-*')" ] || break
		sleep 0.05
	done
	# What is there of it is what the parts will make, and under no name of its own.
	cmp -n "$(stat -c %s out/.users.jsonl.out.pz-*)" expected out/.users.jsonl.out.pz-*
	assert_not_exist out/users.jsonl.out
	pkill -KILL -f 'pz-batch create --name a'
	touch go
	run ./pz-batch wait a
	assert_failure
	./pz-batch resume a
	cmp expected out/users.jsonl.out
	nothing_left
}

# KILLS=200 make check T=pz-batch is the long run of this.
@test "random kills of random processes on files: the same bytes, and nothing left" {
	local jobs=0 kills=0

	for _ in {1..60}; do cat users.jsonl; done >in.json
	pz-score -m shop.pzm in.json >expected
	RANDOM=${SEED:-1}
	while [ "$kills" -lt "${KILLS:-5}" ]; do
		run_killed "k$((++jobs))" 250 --input "$PWD/in.json" --output "$PWD/out$jobs" --parts 12 -P 2
		cmp expected "out$jobs/in.json.out"
		run find . -name '.*.pz-*' -o -path '*/parts/*.out' -o -name '*.new-*'
		assert_output ''
	done
	echo "# $kills kills in $jobs jobs" >&3
}

@test "jobs are listed, the newest first, a page at a time" {
	run -0 pz-batch list
	assert_output '{"batchInferenceJobs":[],"batchSegmentJobs":[]}'
	echo '{"itemId": "i01"}' >items.jsonl
	for name in a b c; do
		pz-batch create --name $name -m shop.pzm --input users.jsonl --output out >/dev/null
	done
	pz-batch create --name s -m segments.pzm --input items.jsonl --output out >/dev/null
	pz-batch list | jq -e '(.batchInferenceJobs | map(.jobName)) == ["c", "b", "a"]
		and (.batchSegmentJobs | map(.status)) == ["ACTIVE"]
		and (.batchInferenceJobs[0] | has("creationDateTime") and has("solutionVersionArn"))'
	token=$(pz-batch list --max-results 3 | jq -r .nextToken)
	pz-batch list --next-token "$token" | jq -e '.batchInferenceJobs | map(.jobName) == ["a"]'
	pz-batch list --solution-version segments.pzm | jq -e '.batchInferenceJobs == []'
	run pz-batch list --table
	assert_line --index 1 --regexp '^s +ACTIVE +1 +0 '
	PZ_JOBS=elsewhere run pz-batch list
	assert_output '{"batchInferenceJobs":[],"batchSegmentJobs":[]}'
}

@test "policy says what a job needs of S3 and of its keys" {
	cat >job.json <<-END
		{"jobName": "x", "solutionVersionArn": "m",
		 "jobInput": {"s3DataSource": {"path": "s3://in-bucket/a/b", "kmsKeyArn": "arn:aws:kms:k1"}},
		 "jobOutput": {"s3DataDestination": {"path": "s3://out-bucket/c/", "kmsKeyArn": "arn:aws:kms:k2"}}}
	END
	pz-batch policy job.json >policy
	jq -e '[.Statement[] | select(.Action | index("s3:GetObject")) | .Resource]
		== ["arn:aws:s3:::in-bucket/a/b*", "arn:aws:s3:::out-bucket/c/*"]' policy
	jq -e '[.Statement[] | select(.Resource | startswith("arn:aws:kms")) | [.Resource, .Action]]
		== [["arn:aws:kms:k1", ["kms:Decrypt"]],
		    ["arn:aws:kms:k2", ["kms:GenerateDataKey", "kms:Decrypt"]]]' policy
	jq -e '.Version == "2012-10-17" and all(.Statement[]; .Effect == "Allow")' policy
}

@test "lost output is a failure" {
	pz-batch create --name o -m shop.pzm --input users.jsonl --output out
	run -1 sh -c 'pz-batch describe o >/dev/full'
	run -1 sh -c 'pz-batch list >/dev/full'
}

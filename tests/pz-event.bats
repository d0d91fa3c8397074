# shellcheck disable=SC2154 # run sets stderr_lines
load util

# shop has interactions and items; users have no schema.
setup() {
	cd_temp
	pz-import shop >/dev/null <<-'END'
	USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE
	ann,tea,1,view,1.5
	bob,jam,2,buy,
	END
	pz-import shop >/dev/null <<-'END'
	ITEM_ID,GENRE,CREATION_TIMESTAMP
	tea,hot|drink,1
	tea2,drink,
	END
}

rows() {
	zstdcat shop/"$1"/*.zst
}

put_rows() {
	zstdcat shop/"$1"/*.put.jsonl.zst
}

# events USER FROM TO - calls of one event each, with eventIds.
events() {
	seq "$2" "$3" | sed 's/.*/{"trackingId":"t","userId":"'"$1"'","sessionId":"s","eventList":[{"eventId":"'"$1"'-&","eventType":"view","sentAt":&,"itemId":"tea"}]}/'
}

@test "the three calls mixed in one stream, told apart by their members" {
	run pz-event shop <<-'END'
	{"trackingId":"t","userId":"cat","sessionId":"s","eventList":[{"eventType":"view","sentAt":"2020-09-13T12:26:40+00:00","itemId":"tea"},{"eventType":"buy","sentAt":1600000001.9,"itemId":"tea","eventValue":3.5}]}

	{"datasetArn":"a","items":[{"itemId":"tea","properties":"{\"genre\":\"hot\",\"creationTimestamp\":5}"}]}
	END
	assert_success
	assert_output ''
	assert_equal "$(put_rows interactions)" '{"USER_ID":"cat","ITEM_ID":"tea","TIMESTAMP":1600000000,"EVENT_TYPE":"view"}
{"USER_ID":"cat","ITEM_ID":"tea","TIMESTAMP":1600000001,"EVENT_TYPE":"buy","EVENT_VALUE":3.5}'
	assert_equal "$(put_rows items)" '{"ITEM_ID":"tea","GENRE":"hot","CREATION_TIMESTAMP":5}'
	assert_equal "$(pz-show items shop tea)" '{"ITEM_ID":"tea","GENRE":"hot","CREATION_TIMESTAMP":5}'
	assert_equal "$(rows interactions | jq -s length)" 4
}

@test "pz-show dataset tells put from bulk, and FULL leaves what was put" {
	events cat 1 3 | pz-event shop
	assert_equal "$(pz-show dataset shop | jq -c '[.dataset, .mode, .rows]')" \
'["interactions","full",2]
["items","full",2]
["interactions","put",3]'
	pz-import shop >/dev/null <<<$'USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nx,y,1,view,'
	assert_equal "$(pz-show dataset shop | jq -c '[.dataset, .mode, .rows]')" \
'["items","full",2]
["interactions","put",3]
["interactions","full",1]'
}

@test "an eventId counts once, the first time, in a call and across" {
	{ events cat 1 5; events cat 3 7; } >x.jsonl
	run pz-event shop x.jsonl
	assert_success
	assert_output 'pz-event: events whose eventId had come before left out: 3'
	run pz-event shop x.jsonl
	assert_output 'pz-event: events whose eventId had come before left out: 10'
	assert_equal "$(put_rows interactions | jq -c .TIMESTAMP | tr '\n' ' ')" '1 2 3 4 5 6 7 '
	# Without an eventId every event is one of its own.
	events cat 1 1 | jq -c 'del(.eventList[].eventId)' >y.jsonl
	cat y.jsonl y.jsonl | pz-event shop
	assert_equal "$(put_rows interactions | wc -l)" 9
}

@test "a bad event is told with its place and stops nothing" {
	{
		events cat 1 1
		echo '{"userId":"cat","sessionId":"s","eventList":[{"eventType":"view","sentAt":7,"itemId":"jam"},{"eventType":"view","sentAt":"soon","itemId":"jam"},{"sentAt":9}],"trackingId":"t"}'
		echo '{"items":[{"itemId":"jam","properties":"{\"color\":1}"}]}'
		echo '{"items":'
		events cat 2 2
	} >x.jsonl
	run pz-event --skip-bad bad.jsonl shop x.jsonl
	assert_failure 3
	assert_output 'pz-event: x.jsonl:2: eventList[1]: sentAt: "soon" is neither seconds since 1970 nor a time in ISO 8601
pz-event: x.jsonl:2: eventList[2]: no eventType
pz-event: x.jsonl:3: items[0]: properties: the schema of items has no column for "color"; there are genre, creationTimestamp
pz-event: x.jsonl:4: byte 10: unexpected end of the line
pz-event: 4 of 7 records are bad; they are in bad.jsonl'
	# The bad ones alone, in the call that they were in.
	run cat bad.jsonl
	assert_output '{"userId":"cat","sessionId":"s","eventList":[{"eventType":"view","sentAt":"soon","itemId":"jam"},{"sentAt":9}],"trackingId":"t"}
{"items":[{"itemId":"jam","properties":"{\"color\":1}"}]}
{"items":'
	assert_equal "$(put_rows interactions | jq .TIMESTAMP | tr '\n' ' ')" '1 7 2 '
	# Mended, they go in.
	sed -i 's/"soon"/8/; s/{"sentAt":9}/{"sentAt":9,"eventType":"view","itemId":"tea"}/; s/color.":1/genre\\":\\"food\\"/; 3d' bad.jsonl
	pz-event --skip-bad worse.jsonl shop bad.jsonl
	assert_file_empty worse.jsonl
	assert_equal "$(put_rows interactions | jq .TIMESTAMP | tr '\n' ' ')" '1 7 2 8 9 '
	assert_equal "$(pz-show items shop jam | jq -r .GENRE)" food
}

@test "only the first 20 bad records are reported, all are counted" {
	events cat 1 100 | sed 's/"sentAt":[0-9]*,//' >x.jsonl
	run pz-event shop x.jsonl
	assert_failure 3
	assert_equal "${#lines[@]}" 22
	assert_line -n 19 'pz-event: x.jsonl:20: eventList[0]: no sentAt'
	assert_line -n 20 'pz-event: ... and 80 more'
	assert_line -n 21 'pz-event: 100 of 100 records are bad'
	assert_equal "$(ls shop/interactions)" 000001.full.jsonl.zst
}

@test "what makes no interaction is left out and counted" {
	{ events cat 1 5 | jq -c 'del(.userId)'; events cat 6 8 | jq -c 'del(.eventList[].itemId)'; events cat 9 9; } >x.jsonl
	run pz-event shop x.jsonl
	assert_success
	assert_output 'pz-event: events without a userId left out: 5
pz-event: events without an itemId left out: 3'
	assert_equal "$(put_rows interactions | wc -l)" 1
	# They are not known events: once their user is known they come in.
	sed 's/{"tr/{"userId":"cat","tr/; 6,$d' x.jsonl | pz-event shop
	assert_equal "$(put_rows interactions | wc -l)" 6
}

@test "members without a column are noted once" {
	events cat 1 3 | jq -c '.eventList[0] += {impression: ["a", "b"], recommendationId: "r"}' >x.jsonl
	run pz-event shop x.jsonl
	assert_success
	assert_output 'pz-event: interactions have no column for impression, recommendationId'
}

@test "limits of the service are a warning, or errors with --service-limits" {
	events cat 1 11 | jq -sc '.[0] + {eventList: map(.eventList[])}' >x.jsonl
	events cat 12 12 | jq -c '.eventList[0].recommendationId = "12345" * 9' >>x.jsonl
	run --separate-stderr pz-event --service-limits shop x.jsonl
	assert_failure 3
	assert_equal "${stderr_lines[0]}" 'pz-event: x.jsonl:1: eventList has 11 entries; PutEvents takes 1 to 10'
	assert_equal "${stderr_lines[1]}" 'pz-event: x.jsonl:2: eventList[0]: recommendationId is 45 characters long; the service allows 40'
	assert_equal "$(ls shop/interactions)" 000001.full.jsonl.zst
	run pz-event shop x.jsonl
	assert_success
	assert_line "pz-event: beyond the service's limits, but taken: 2, first x.jsonl:1: eventList has 11 entries; PutEvents takes 1 to 10"
	assert_equal "$(put_rows interactions | wc -l)" 12
}

@test "a type without a schema is told, and nothing is added" {
	{ events cat 1 1; echo '{"users":[{"userId":"cat","properties":"{\"age\":7}"}]}'; } >x.jsonl
	cp -r shop before
	run pz-event shop x.jsonl
	assert_failure 1
	assert_output 'pz-event: shop: no users yet, and no schema for them: import some with pz-import, or give --schema'
	diff -r before shop
	run pz-event nowhere x.jsonl
	assert_failure 1
	assert_output 'pz-event: nowhere: No such file or directory'
	mkdir empty
	run pz-event empty x.jsonl
	assert_output 'pz-event: empty: not a dataset: no dataset.json in it'
	assert_file_empty <(ls empty)
}

@test "--schema is for what the dataset has none of, or for a new one" {
	cat >users.avsc <<-'END'
	{ "type": "record", "name": "Users", "fields": [
	  { "name": "USER_ID", "type": "string" }, { "name": "AGE", "type": "int" } ] }
	END
	echo '{"users":[{"userId":"cat","properties":"{\"age\":7}"}]}' >x.jsonl
	pz-event --schema users.avsc shop x.jsonl
	assert_equal "$(rows users)" '{"USER_ID":"cat","AGE":7}'
	pz-event --schema users.avsc new x.jsonl
	pz-event new x.jsonl
	assert_equal "$(pz-show users new)" '{"USER_ID":"cat","AGE":7}'
	sed 's/"int"/"long"/' users.avsc >other.avsc
	run pz-event --schema other.avsc shop x.jsonl
	assert_failure 1
	assert_output 'pz-event: other.avsc: not the schema of users in shop, which stays'
	run pz-event --schema users.avsc none /dev/null
	assert_success
	assert_not_exist none
}

@test "any input that pz takes: compressed, CRLF, a byte order mark, several files" {
	{ printf '\xef\xbb\xbf'; events cat 1 2 | sed 's/$/\r/'; } >a
	events cat 3 4 | gzip >b
	events cat 5 6 | zstd -q | pz-event shop a b -
	assert_equal "$(put_rows interactions | jq .TIMESTAMP | tr '\n' ' ')" '1 2 3 4 5 6 '
	run pz-event shop <(events cat 7 9 | zstd -q | head -c 40)
	assert_failure 1
	assert_output --partial 'compressed data ends early'
	run pz-event shop <<<$'{"items":[{"itemId":"\xff"}]}'
	assert_failure 3
	assert_line -n 0 'pz-event: <stdin>:1: byte 22: invalid UTF-8'
	assert_equal "$(put_rows interactions | wc -l)" 6
}

@test "many small calls make few segments, and zstdcat reads them" {
	for i in $(seq 60); do
		events cat "$i" "$i" | pz-event shop
	done
	assert_equal "$(find shop/interactions -name '*.put.*' | wc -l)" 1
	assert_equal "$(rows interactions | jq -s length)" 62
	assert_equal "$(jq '.segments | map(.rows) | add' shop/dataset.json)" 64
}

@test "eight at once: every event arrives, none twice" {
	for i in 1 2 3 4 5 6 7 8; do
		# Half of them send what another sends.
		for k in 1 2 3 4 5; do
			events "u$((i % 4))" $((k * 100 + 1)) $((k * 100 + 100)) | pz-event shop || echo failed
		done >out.$i 2>err.$i 3>&- &
	done
	wait
	assert_file_empty out.1
	assert_equal "$(cat out.*)" ''
	assert_equal "$(put_rows interactions | wc -l)" 2000
	assert_equal "$(put_rows interactions | sort -u | wc -l)" 2000
	assert_equal "$(cat err.* | awk '{ n += $NF } END { print n }')" 2000
	assert_equal "$(find shop -name '.*.pz-*')" ''
}

@test "who has read the dataset lets writers go on" {
	mkfifo in
	pz-filter -d shop 'INCLUDE ItemID WHERE Items.GENRE IN ("hot")' in >out 3>&- &
	exec 9>in
	echo '{"userId":"ann"}' >&9
	sleep 0.2
	events cat 1 1 | timeout 20 pz-event shop
	exec 9>&-
	wait $!
	assert_equal "$(put_rows interactions | wc -l)" 1
}

@test "killed while it writes, the old dataset is whole" {
	events cat 1 50 | pz-event shop
	cp -r shop before
	mkfifo in
	pz-event shop in 3>&- &
	pid=$!
	exec 9>in
	events dog 1 30000 >&9
	for _ in $(seq 100); do
		[ "$(find shop/interactions -name '.segment.*' | wc -l)" -gt 0 ] && break
		sleep 0.05
	done
	kill -9 $pid
	exec 9>&-
	wait $pid || true
	assert_equal "$(find shop/interactions -name '.segment.*' | wc -l)" 1
	assert_equal "$(put_rows interactions | wc -l)" 50
	cmp before/dataset.json shop/dataset.json
	events dog 1 10 | pz-event shop
	assert_equal "$(put_rows interactions | wc -l)" 60
	assert_equal "$(find shop/interactions -name '.segment.*' | wc -l)" 0
}

@test "a full disk is an error and leaves the old dataset" {
	events cat 1 5 | pz-event shop
	cp -r shop before
	events dog 1 200000 >x.jsonl
	run bash -c 'trap "" XFSZ; ulimit -f 64; exec pz-event shop x.jsonl'
	assert_failure 1
	assert_output 'pz-event: shop/interactions: File too large'
	diff -r before shop
	run pz-event --skip-bad /nowhere/bad shop x.jsonl
	assert_failure 1
	assert_output 'pz-event: /nowhere/bad: No such file or directory'
	diff -r before shop
}

@test "wrong usage is told with exit status 2" {
	run pz-event
	assert_failure 2
	assert_line -n 0 'pz-event: no dataset given'
	run pz-event --no-such shop
	assert_failure 2
}

@test "pz-train uses the events, and recommends what was put" {
	rm -r shop
	make_shop
	# The users of the first third take to an item that is new to all.
	seq -f 'u%02.0f' 0 3 57 | jq -Rc '{trackingId: "t", userId: ., sessionId: "s", eventList: [range(3) | {eventType: "buy", sentAt: (2000000 + .), itemId: "new"}]}' >x.jsonl
	echo '{"items":[{"itemId":"new","properties":"{\"genre\":\"Comedy\",\"price\":1}"}]}' >>x.jsonl
	pz-event shop x.jsonl
	assert_equal "$(pz-show history shop u00 | head -n 1 | jq -r .ITEM_ID)" new
	pz-train -r user-personalization --hyper hidden_dimension=8 -o after.pzm shop 2>warnings
	assert_equal "$(pz-show history after.pzm u00 | head -n 3 | jq -r .ITEM_ID | sort -u)" new
	assert_equal "$(pz-show items after.pzm new)" '{"ITEM_ID":"new","GENRE":"Comedy","PRICE":1}'
	rank() { pz-score -m after.pzm -n 41 <<<"{\"userId\":\"$1\"}" | jq '.output.recommendedItems | index("new")'; }
	assert_equal "$(rank u00)" 0
	[ "$(rank u01)" -gt 0 ]
	run jq -r '.segments[].file' <(pz-show model after.pzm)
	assert_line --partial put
}

@test "real events in calls are the bulk data again" {
	need_data personalize-samples
	zstdcat "$DATA/personalize-samples/interactions.csv.zst" | tr -d '\r' >all.csv
	head -n 20001 all.csv | pz-import new >/dev/null
	{ head -n 1 all.csv; sed -n '20002,$p' all.csv; } >rest.csv
	pz-import copy rest.csv >/dev/null
	zstdcat copy/interactions/* | jq -c '{trackingId: "t", userId: .USER_ID, sessionId: .USER_ID, eventList: [{sentAt: .TIMESTAMP, itemId: .ITEM_ID, eventType: .EVENT_TYPE}]}' |
		pz-event new
	diff <(tail -n +2 all.csv) \
		<(zstdcat new/interactions/* | jq -r '[.USER_ID, .ITEM_ID, .TIMESTAMP, .EVENT_TYPE] | join(",")')
}

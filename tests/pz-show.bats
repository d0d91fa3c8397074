# pz-show - the inside of models and datasets, the same from both.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "items have the columns of the schema, in the order of IDs" {
	run -0 pz-show items shop.pzm i00 i01
	assert_output '{"ITEM_ID":"i00","GENRE":"Comedy","PRICE":0}
{"ITEM_ID":"i01","GENRE":"Crime|Drama","PRICE":1}'
	run -0 jq -s -c '[length, (map(.ITEM_ID) | . == sort)]' <(pz-show items shop.pzm)
	assert_output '[40,true]'
}

@test "a model shows what its dataset shows" {
	for what in items users history; do
		pz-show $what shop >of_dataset
		pz-show $what shop.pzm | cmp - of_dataset
	done
}

@test "history is every interaction of a user, newest first" {
	pz-show history shop.pzm u05 >history
	jq -r '[.USER_ID, .ITEM_ID, .TIMESTAMP, .EVENT_TYPE] | join(",")' history |
		cmp - <(grep '^u05,' events.csv | sort -t, -k3,3nr)
}

@test "of events of one second the later row is the newer, in histories of any length" {
	awk 'BEGIN { srand(7); for (u = 1; u < 90; u++) for (i = 0; i < u * u / 8; i++)
		printf "u%02d,i%d,%d\n", u, ++n, 1e9 + int(rand() * u * u / 16) }' | shuf --random-source=<(yes) >rows
	{ echo USER_ID,ITEM_ID,TIMESTAMP && cat rows; } >rows.csv
	pz-import -t interactions long rows.csv >schema
	pz-show history long | jq -r '[.USER_ID, .ITEM_ID, .TIMESTAMP] | join(",")' |
		cmp - <(cat -n rows | sed 's/^ *//; s/\t/,/' | sort -t, -k2,2 -k4,4nr -k1,1nr | cut -d, -f2-)
}

@test "metrics are an object, and a table with the same values" {
	pz-show metrics shop.pzm >metrics
	run -0 jq -e '.negative_log_likelihood > 0 and .precision_at_25 >= 0' metrics
	jq -r 'to_entries[] | "\(.key) \(.value)"' metrics >pairs
	pz-show metrics --table shop.pzm | tr -s ' ' | cmp - pairs
	run -0 pz-show metrics popular.pzm
	assert_output '{}'
}

@test "neighbors are near, not the item itself, and as many as asked for" {
	pz-show neighbors -n 5 shop.pzm i00 >neighbors
	run -0 jq -s -c '[length, all(.ITEM_ID == "i00" and .NEIGHBOR_ID != "i00"),
		(map(.cosine) | . == (sort | reverse))]' neighbors
	assert_output '[5,true,true]'
	# Users like every third item, so the nearest are of the same third.
	run -0 jq -s 'all(.NEIGHBOR_ID[1:] | tonumber % 3 == 0)' neighbors
	assert_output true
	run -1 pz-show neighbors popular.pzm i00
	assert_output "pz-show: popular.pzm: neighbors need a model with factors or links"
}

@test "IDs come back as they were, whatever JSON escapes" {
	jq -n -c 'range(4000) | {USER_ID: "say \"\(.)\"\t\\", ITEM_ID: "ü\\\(.)", TIMESTAMP: 1}' \
		>rows.jsonl
	pz-import -t interactions odd rows.jsonl >schema
	pz-show history odd | jq -c '{USER_ID, ITEM_ID, TIMESTAMP}' | LC_ALL=C sort |
		cmp - <(LC_ALL=C sort rows.jsonl)
}

@test "a dataset lists its segments" {
	run -0 jq -c '[.dataset, .mode, .rows]' <(pz-show dataset shop)
	assert_output '["interactions","full",540]
["items","full",40]'
}

@test "an ID that is not there is told, the others are shown, exit 3" {
	run -3 --separate-stderr pz-show users shop.pzm u01 nobody u02
	assert_equal "${#lines[@]}" 2
	assert_equal "$stderr" "pz-show: nobody: no such user"
}

@test "wrong usage exits 2, what cannot be read 1, lost output 1" {
	run -2 pz-show items
	run -2 pz-show nonsense shop
	run -2 pz-show metrics shop
	run -2 pz-show dataset shop.pzm
	run -1 pz-show items missing
	assert_output "pz-show: missing: No such file or directory"
	run -1 sh -c 'pz-show items shop >/dev/full'
}

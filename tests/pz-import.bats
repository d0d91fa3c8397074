# shellcheck disable=SC2154 # run sets stderr_lines
load util

setup() {
	cd_temp
	cat >items.avsc <<-'END'
	{ "type": "record", "name": "Items", "version": "1.0",
	  "namespace": "com.amazonaws.personalize.schema",
	  "fields": [
	    { "name": "ITEM_ID", "type": "string" },
	    { "name": "GENRE", "type": ["null", "string"], "categorical": true },
	    { "name": "PRICE", "type": ["double", "null"] },
	    { "name": "STOCK", "type": ["null", "int"] },
	    { "name": "NEW", "type": ["null", "boolean"] },
	    { "name": "CREATION_TIMESTAMP", "type": ["null", "long"] } ] }
	END
}

rows() {
	zstdcat shop/"$1"/*.zst
}

# import [OPTION...] <CSV: items by the schema
import() {
	pz-import --schema items.avsc "$@" shop
}

# bad CSV REASON: a file of that header and row has one bad row for that reason.
bad() {
	printf '%b' "$1" >bad.csv
	run --separate-stderr pz-import --schema items.avsc shop bad.csv
	assert_failure 1
	assert_equal "${stderr_lines[0]}" "pz-import: bad.csv:2: $2"
	assert_equal "${stderr_lines[1]}" "pz-import: 1 of 1 lines are bad; nothing was imported (--skip-bad FILE imports the others)"
	assert_not_exist shop
}

@test "columns come in any order and nulls are left out" {
	printf 'PRICE,ITEM_ID,GENRE\n1.50,b1,Crime|Drama\n,b2,\n' | import
	run rows items
	assert_line -n 0 '{"ITEM_ID":"b1","GENRE":"Crime|Drama","PRICE":1.50}'
	assert_line -n 1 '{"ITEM_ID":"b2"}'
	zstdcat shop/items/* | jq -e . >/dev/null
}

@test "quotes and escapes follow the service" {
	printf '%s\n' ITEM_ID,GENRE '1,"say \"hi\", ok"' '2,"say ""hi"", ok"' '3,C:\new' | import
	run rows items
	assert_line -n 0 '{"ITEM_ID":"1","GENRE":"say \"hi\", ok"}'
	assert_line -n 1 '{"ITEM_ID":"2","GENRE":"say \"hi\", ok"}'
	assert_line -n 2 '{"ITEM_ID":"3","GENRE":"C:\\new"}'
}

@test "a byte order mark, CRLF and no last newline are accepted" {
	printf '\xef\xbb\xbfITEM_ID,GENRE\r\n1,x\r\n\r\n2,y' | import
	run rows items
	assert_output '{"ITEM_ID":"1","GENRE":"x"}
{"ITEM_ID":"2","GENRE":"y"}'
}

@test "every file has its own header, compressed or not" {
	printf 'ITEM_ID,GENRE\n1,x\n' >a.csv
	printf 'GENRE,ITEM_ID\ny,2\n' | gzip >b.csv.gz
	printf 'STOCK,ITEM_ID\n5,3\n' | zstd -q >c.csv.zst
	pz-import --schema items.avsc shop a.csv b.csv.gz c.csv.zst
	run rows items
	assert_output '{"ITEM_ID":"1","GENRE":"x"}
{"ITEM_ID":"2","GENRE":"y"}
{"ITEM_ID":"3","STOCK":5}'
}

@test "JSON lines: strings for numbers, whole numbers for strings" {
	printf '%s\n' '{"ITEM_ID":42,"PRICE":"1.5","STOCK":3.0,"NEW":true}' '' \
		'  {"itemId":"x","GENRE":"caf\u00e9","other":null}' | import
	run rows items
	assert_output '{"ITEM_ID":"42","PRICE":1.5,"STOCK":3,"NEW":true}
{"ITEM_ID":"x","GENRE":"café"}'
}

@test "every kind of bad row has its reason" {
	bad 'ITEM_ID,GENRE\n1,"x\n' 'byte 3: unfinished quote'
	bad 'ITEM_ID,GENRE\n1,"x"y\n' 'byte 6: text behind a closing quote (write a quote inside a field as \")'
	bad 'ITEM_ID,GENRE\n1,5" disk\n' 'byte 4: quote inside an unquoted field (put the field in quotes and write \")'
	bad 'ITEM_ID,GENRE\n1,2,3\n' '3 fields; the header has 2'
	bad 'ITEM_ID,GENRE\n1\n' '1 fields; the header has 2'
	bad 'ITEM_ID,GENRE\n,x\n' 'ITEM_ID: missing or empty, but required'
	bad 'ITEM_ID,GENRE\n1,x\xff\n' 'GENRE: byte 2 of the value: invalid UTF-8'
	bad 'ITEM_ID,GENRE\n1,x\0000y\n' 'GENRE: NUL in a string'
	bad 'ITEM_ID,PRICE\n1,cheap\n' "PRICE: 'cheap' is not a number"
	bad 'ITEM_ID,PRICE\n1,1e999\n' 'PRICE: 1e999 is too large for a double'
	bad 'ITEM_ID,STOCK\n1,1.5\n' "STOCK: '1.5' is not a whole number"
	bad 'ITEM_ID,STOCK\n1,3000000000\n' 'STOCK: 3000000000 is too large for an int (32 bits)'
	bad 'ITEM_ID,NEW\n1,yes\n' "NEW: 'yes' is neither true nor false"
	bad 'ITEM_ID,CREATION_TIMESTAMP\n1,2020-01-01\n' "CREATION_TIMESTAMP: '2020-01-01' is not a whole number; expected seconds since 1970"
	bad "ITEM_ID,GENRE\n$(printf '%0257d' 1),x\n" 'ITEM_ID: 257 characters long; at most 256 are allowed'
	bad "ITEM_ID,GENRE\n1,$(printf '%01001d' 1)\n" 'GENRE: 1001 characters long; at most 1000 are allowed'
	bad '\n{"ITEM_ID":"1","SIZE":3}\n' 'the schema has no column "SIZE"'
	bad '\n{"ITEM_ID":"1","GENRE":["a"]}\n' 'GENRE: expected a string, not ["a"] (several values are one string, joined by |)'
	bad '\n{"ITEM_ID":"1"\n' 'byte 15: unexpected end of the line'
	bad '\n{"ITEM_ID":"1","item_id":"2"}\n' 'ITEM_ID: there twice'
}

@test "a null where the schema has none is a bad row" {
	printf 'USER_ID,ITEM_ID,TIMESTAMP\nu,i,1\n' | pz-import shop >s.avsc
	printf 'USER_ID,ITEM_ID,TIMESTAMP\nu,i,\n' >x.csv
	run --separate-stderr pz-import shop x.csv
	assert_failure 1
	assert_equal "${stderr_lines[0]}" 'pz-import: x.csv:2: TIMESTAMP: missing or empty, but required'
	run rows interactions
	assert_output '{"USER_ID":"u","ITEM_ID":"i","TIMESTAMP":1}'
}

@test "wrong headers and inputs end the import at once" {
	run import <<<$'ITEM_ID,SIZE\n1,2'
	assert_failure 1
	assert_output "pz-import: <stdin>:1: column 'SIZE' is not in the schema of items"
	run import <<<$'GENRE\nx'
	assert_output 'pz-import: <stdin>:1: no column ITEM_ID, which the schema requires'
	run import <<<$'ITEM_ID,item_id\n1,2'
	assert_output 'pz-import: <stdin>:1: columns 1 and 2 are both ITEM_ID'
	run import <<<$'ITEM_ID,\n1,2'
	assert_output 'pz-import: <stdin>:1: column 2 of the header has no name'
	run import <<<$'[{"ITEM_ID":1}]'
	assert_output --partial "a JSON array; expected CSV or one object a line"
	run import <<<$'"ITEM_ID,GENRE\n1,2'
	assert_output 'pz-import: <stdin>:1: unfinished quote'
	run pz-import --schema items.avsc shop /nowhere.csv
	assert_failure 1
	assert_output 'pz-import: /nowhere.csv: No such file or directory'
	printf 'ITEM_ID,GENRE\n1,x\n' | zstd -q | head -c 20 >short.zst
	run pz-import --schema items.avsc shop short.zst
	assert_failure 1
	assert_output 'pz-import: short.zst: compressed data ends early'
	assert_not_exist shop
}

@test "only the first 20 bad rows are reported, all are counted" {
	{ echo ITEM_ID,STOCK; seq -f '%g,x' 100; echo 101,1; } >x.csv
	run --separate-stderr pz-import --schema items.avsc shop x.csv
	assert_failure 1
	assert_equal "${#stderr_lines[@]}" 22
	assert_equal "${stderr_lines[19]}" "pz-import: x.csv:21: STOCK: 'x' is not a whole number"
	assert_equal "${stderr_lines[20]}" 'pz-import: ... and 80 more'
	assert_equal "${stderr_lines[21]}" 'pz-import: 100 of 101 lines are bad; nothing was imported (--skip-bad FILE imports the others)'
}

@test "--skip-bad keeps bad lines as they were and imports the others" {
	printf 'ITEM_ID,STOCK\n1,1\n2, x \n3,3\n4,"y\n' >x.csv
	run --separate-stderr pz-import --schema items.avsc --skip-bad bad.csv shop x.csv
	assert_failure 3
	assert_equal "${stderr_lines[2]}" 'pz-import: 2 of 4 lines are bad; they are in bad.csv'
	printf '2, x \n4,"y\n' | cmp - bad.csv
	run rows items
	assert_output '{"ITEM_ID":"1","STOCK":1}
{"ITEM_ID":"3","STOCK":3}'
	printf 'ITEM_ID,STOCK\n1,1\n' | import --skip-bad bad.csv
	assert_file_empty bad.csv
}

@test "--skip-bad to a full disk imports nothing" {
	printf 'ITEM_ID,STOCK\n1,1\n2,x\n' >x.csv
	run pz-import --schema items.avsc --skip-bad /nowhere/bad shop x.csv
	assert_failure 1
	assert_output 'pz-import: /nowhere/bad: No such file or directory'
	assert_not_exist shop
}

@test "nothing is never put in the place of something" {
	printf 'ITEM_ID,GENRE\n1,x\n' | import
	run import </dev/null
	assert_failure 1
	assert_output 'pz-import: no rows to import; shop is as it was'
	run import <<<ITEM_ID,GENRE
	assert_failure 1
	run import --skip-bad bad.csv <<<$'ITEM_ID,GENRE\n,x'
	assert_failure 1
	assert_line 'pz-import: no rows to import but bad ones; shop is as it was'
	run pz-import shop </dev/null
	assert_failure 1
	assert_output 'pz-import: the input is empty: no columns to tell the dataset by (-t)'
	run pz-import -t users shop </dev/null
	assert_failure 1
	run rows items
	assert_output '{"ITEM_ID":"1","GENRE":"x"}'
	# An increment may well be empty.
	run import --mode incremental <<<ITEM_ID,GENRE
	assert_success
	assert_equal "$(ls shop/items)" 000001.full.jsonl.zst
}

@test "FULL replaces, INCREMENTAL appends, and FULL comes first" {
	run import --mode INCREMENTAL <<<$'ITEM_ID,GENRE\n1,x'
	assert_failure 1
	assert_output 'pz-import: shop: no items yet: the first import must be FULL'
	printf 'ITEM_ID,GENRE\n1,x\n' | import
	printf 'ITEM_ID,GENRE\n2,y\n' | pz-import --mode INCREMENTAL shop
	run rows items
	assert_output '{"ITEM_ID":"1","GENRE":"x"}
{"ITEM_ID":"2","GENRE":"y"}'
	printf 'ITEM_ID,GENRE\n3,z\n' | import --mode FULL
	assert_equal "$(ls shop/items)" 000003.full.jsonl.zst
	assert_equal "$(rows items)" '{"ITEM_ID":"3","GENRE":"z"}'
}

@test "INCREMENTAL keeps the schema" {
	printf 'ITEM_ID,GENRE\n1,x\n' | import
	sed 's/"int"/"long"/' items.avsc >other.avsc
	run pz-import --schema other.avsc --mode incremental shop <<<$'ITEM_ID,GENRE\n2,y'
	assert_failure 1
	assert_output 'pz-import: other.avsc: not the schema of items in shop, which INCREMENTAL keeps'
	printf 'ITEM_ID,GENRE\n2,y\n' | import --mode incremental
}

@test "the dataset is told by option, schema or columns" {
	printf 'user_id,age\nu,7\n' | pz-import shop >/dev/null
	printf '{"itemId":"i","price":7}\n' | pz-import shop >/dev/null
	printf 'ItemID,USERID,timestamp\ni,u,7\n' | pz-import shop >/dev/null
	assert_equal "$(rows users)" '{"USER_ID":"u","age":7}'
	assert_equal "$(rows items)" '{"ITEM_ID":"i","price":7}'
	assert_equal "$(rows interactions)" '{"ITEM_ID":"i","USER_ID":"u","TIMESTAMP":7}'
	run pz-import shop <<<$'a,b\n1,2'
	assert_failure 1
	assert_output --partial 'neither USER_ID nor ITEM_ID is among the columns'
	run pz-import -t users --schema items.avsc shop <<<$'a,b\n1,2'
	assert_failure 1
	assert_output 'pz-import: items.avsc: this is a schema of items; expected one of users'
}

@test "an inferred schema is printed, kept, and good for --schema" {
	cat >x.csv <<-'END'
	item_id,price,genre,title,new,creation timestamp
	1,5,Crime|Drama,One,true,1600000000
	2,7.5,Crime,"Two, too",false,1600000000
	3,,Drama,Three,false,1600000000
	END
	pz-import shop x.csv >s.avsc
	assert_equal "$(jq -c '[.fields[] | [.name, .type, .categorical]]' s.avsc)" \
		'[["ITEM_ID","string",null],["price",["null","double"],null],["genre","string",true],["title","string",null],["new","boolean",null],["CREATION_TIMESTAMP","long",null]]'
	run pz-import --schema s.avsc shop x.csv
	assert_success
	assert_output ''
	run pz-import --mode INCREMENTAL shop x.csv
	assert_success
	run pz-import --infer shop x.csv
	assert_success
	assert_output "$(cat s.avsc)"
}

@test "stdin and pipes are read twice for inference" {
	{ echo user_id,a; seq 50000 | sed 's/.*/u&,&/'; } >x.csv
	pz-import one x.csv >one.avsc
	pz-import two <x.csv >two.avsc
	pz-import three <(head -n 30000 x.csv) <(echo user_id,a; tail -n +30001 x.csv) >three.avsc
	for i in two three; do
		cmp one.avsc $i.avsc
		cmp <(zstdcat one/users/*) <(zstdcat $i/users/*)
	done
	assert_equal "$(zstdcat one/users/* | tail -n 1)" '{"USER_ID":"u50000","a":50000}'
}

@test "the number of threads does not change a byte" {
	{ echo user_id,a; seq 200000 | sed 's/.*/u&,&/'; } | pz-import -j 1 one >/dev/null
	{ echo user_id,a; seq 200000 | sed 's/.*/u&,&/'; } | pz-import -j 4 four >/dev/null
	cmp one/users/* four/users/*
}

@test "--map makes rows of JSON lines" {
	cat >x.jsonl <<-'END'
	{"user":{"id":7},"cart":[{"sku":"a"},{"sku":"b"}],"at":"2020-09-13T12:26:40Z"}
	{"user":{"id":8},"cart":[],"at":"2020-09-13T12:26:40Z"}
	END
	pz-import --map '{USER_ID: .user.id, ITEM_ID: .cart[].sku, TIMESTAMP: (.at | fromdate)}' \
		shop x.jsonl >/dev/null
	assert_equal "$(rows interactions | jq -cS .)" \
		'{"ITEM_ID":"a","TIMESTAMP":1600000000,"USER_ID":"7"}
{"ITEM_ID":"b","TIMESTAMP":1600000000,"USER_ID":"7"}'
}

@test "--map sees a CSV row as strings and null" {
	printf 'who,what,a b\n"x""y",7,\nz,8,q\n' | pz-import --map \
		'{USER_ID: .who, n: .what, s: .["a b"]}' shop | jq -c '.fields[] | [.name, .type]' >types
	run cat types
	assert_line '["n","long"]'
	assert_line '["s",["null","string"]]'
	assert_equal "$(rows users)" '{"USER_ID":"x\"y","n":7}
{"USER_ID":"z","n":8,"s":"q"}'
}

@test "--map: what goes wrong is a bad row, a wrong program wrong usage" {
	printf '%s\n' '{"i":1}' '{"i":"x"}' '3' '{"i":' >x.jsonl
	run pz-import --schema items.avsc --map '{ITEM_ID: .i, STOCK: (.i + 1)}' shop x.jsonl
	assert_failure 1
	assert_line -n 0 --partial 'x.jsonl:2: '
	assert_line -n 1 --partial 'x.jsonl:3: '
	assert_line -n 2 --partial 'x.jsonl:4: '
	run pz-import --schema items.avsc --map '.i' shop x.jsonl
	assert_line -n 0 'pz-import: x.jsonl:1: the map gave 1; expected an object'
	# All rows of an input, or none of them.
	run pz-import --schema items.avsc --skip-bad bad --map '{ITEM_ID: "a"}, {ITEM_ID: .i}, {STOCK: 1}' shop x.jsonl
	assert_failure 1
	run pz-import --map '{' shop x.jsonl
	assert_failure 2
	assert_output --partial 'pz-import: --map: '
	assert_not_exist shop
}

@test "a line of 10 MB is one row" {
	# shellcheck disable=SC2094 # tr reads no file of that name
	head -c 10000000 /dev/zero | tr '\0' x | sed 's/.*/{"ITEM_ID":"1","T":"&"}/' >x
	pz-import -t items shop x >/dev/null
	assert_equal "$(rows items | wc -c)" 10000023
}

@test "milliseconds are warned of" {
	run pz-import shop <<<$'USER_ID,ITEM_ID,TIMESTAMP\nu,i,1600000000000'
	assert_success
	assert_line 'pz-import: some times are beyond the year 5138: are they milliseconds? Seconds since 1970 are expected'
}

@test "a killed import leaves the old dataset, and the next one tidies up" {
	printf 'ITEM_ID,GENRE\n1,x\n' | import
	mkfifo in
	pz-import --schema items.avsc shop in 3>&- &
	pid=$!
	exec 9>in
	{ echo ITEM_ID,GENRE; seq -f '%.0f,x' 300000; } >&9
	for _ in $(seq 100); do
		[ "$(find shop/items -name '.segment.*' -size +0 | wc -l)" -gt 0 ] && break
		sleep 0.05
	done
	kill -9 $pid
	exec 9>&-
	wait $pid || true
	assert_equal "$(find shop/items -name '.segment.*' | wc -l)" 1
	assert_equal "$(zstdcat shop/items/*)" '{"ITEM_ID":"1","GENRE":"x"}'
	printf 'ITEM_ID,GENRE\n2,y\n' | pz-import --mode INCREMENTAL shop
	assert_equal "$(find shop/items -name '.segment.*' | wc -l)" 0
	assert_equal "$(rows items | wc -l)" 2
}

@test "an interrupted import leaves no temporary file" {
	printf 'ITEM_ID,GENRE\n1,x\n' | import
	mkfifo in
	pz-import --schema items.avsc shop in 3>&- &
	pid=$!
	exec 9>in
	for _ in $(seq 100); do
		[ "$(find shop/items -name '.segment.*' | wc -l)" -gt 0 ] && break
		sleep 0.05
	done
	kill -TERM $pid
	exec 9>&-
	wait $pid || true
	assert_equal "$(ls -A shop/items)" 000001.full.jsonl.zst
}

@test "two imports at once both arrive" {
	printf 'ITEM_ID,GENRE\n0,x\n' | import
	for i in 1 2 3 4; do
		{ echo ITEM_ID,GENRE; seq -f "$i-%.0f,x" 20000; } >$i.csv
		pz-import --mode INCREMENTAL shop $i.csv 3>&- &
	done
	wait
	assert_equal "$(rows items | sort -u | wc -l)" 80001
	assert_equal "$(jq -c '[.segments[].rows]' shop/dataset.json)" '[1,20000,20000,20000,20000]'
}

@test "a full disk is an error and leaves the old dataset" {
	printf 'ITEM_ID,GENRE\n1,x\n' | import
	cp -r shop before
	awk 'BEGIN { print "ITEM_ID,GENRE"; srand(1); for (i = 0; i < 200000; i++) print rand() "," rand() }' >x.csv
	# A limit on the size of files stands for it: same path, another errno.
	run bash -c 'trap "" XFSZ; ulimit -f 64; exec pz-import --schema items.avsc shop x.csv'
	assert_failure 1
	assert_output 'pz-import: shop/items: File too large'
	diff -r before shop
}

@test "a damaged segment is one clear error" {
	# What reads datasets says so; here INCREMENTAL does not even look at it.
	printf 'ITEM_ID,GENRE\n1,x\n' | import
	echo x >shop/items/000001.full.jsonl.zst
	printf 'ITEM_ID,GENRE\n2,x\n' | pz-import --mode INCREMENTAL shop
	echo '{' >shop/dataset.json
	run import <<<$'ITEM_ID,GENRE\n1,x'
	assert_failure 1
	assert_output --partial 'pz-import: shop/dataset.json: byte 3: '
}

@test "lost output is a failure and nothing is imported" {
	printf 'ITEM_ID,GENRE\n1,x\n' >x.csv
	run sh -c 'pz-import shop x.csv >/dev/full'
	assert_failure 1
	assert_output 'pz-import: <stdout>: No space left on device'
	assert_not_exist shop
}

@test "wrong usage is told with exit status 2" {
	for args in '' '-t places shop' '--mode HALF shop' '--infer --schema x shop' \
		'--infer --mode INCREMENTAL shop' '--no-such shop'; do
		# shellcheck disable=SC2086 # several words
		run pz-import $args
		assert_failure 2
	done
	run pz-import --schema /nowhere shop
	assert_failure 1
	assert_output 'pz-import: /nowhere: No such file or directory'
	touch file
	run pz-import --schema items.avsc file <<<$'ITEM_ID,GENRE\n1,x'
	assert_failure 1
	assert_output 'pz-import: file: expected a dataset, which is a directory'
}

@test "the service's own sample data goes in" {
	need_data personalize-samples
	for name in interactions items; do
		pz-import shop "$DATA/personalize-samples/$name.csv.zst" >/dev/null
	done
	assert_equal "$(rows interactions | wc -l)" 158371
	assert_equal "$(rows items | wc -l)" 9742
	diff <(zstdcat "$DATA/personalize-samples/interactions.csv.zst" | tr -d '\r' | tail -n +2) \
		<(rows interactions | jq -r '[.USER_ID, .ITEM_ID, .TIMESTAMP, .EVENT_TYPE] | join(",")')
}

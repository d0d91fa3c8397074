load util

# One small shop for all tests: little data, few factors.
setup_file() {
	load util
	cd "$BATS_FILE_TMPDIR"
	bookshop .
	head -n 20000 interactions.csv >few.csv
	for type in interactions items users; do
		[ $type = interactions ] && file=few.csv || file=$type.csv
		pz-import -t $type --schema "$ROOT/examples/bookshop/$type.schema.json" \
			shop "$file"
	done
	pz-train -r user-personalization --hyper hidden_dimension=32 -o shop.pzm shop
	head -n 50 users.jsonl >some.jsonl
}

setup() {
	cd "$BATS_FILE_TMPDIR"
	PATH=$ROOT/examples/cookbook:$PATH
	export PATH
}

@test "every script is in the table and in these tests" {
	for script in "$ROOT"/examples/cookbook/*; do
		name=${script##*/}
		[ "$name" != README.md ] || continue
		grep -qF "| [$name]($name) |" "$ROOT/examples/cookbook/README.md"
		grep -qE "^	run .* $name |^	$name " "$BATS_TEST_FILENAME"
	done
}

@test "to-csv writes ten rows a user" {
	run -0 to-csv shop.pzm some.jsonl
	assert_line --index 0 user,rank,item,score,title,price
	assert_equal "${#lines[@]}" 501
	assert_line --index 1 --regexp '^"u0001",1,"b[0-9]{4}",[0-9.E-]+,"[^"]+",[0-9.]+$'
}

@test "fresh recommends nothing old" {
	fresh shop.pzm some.jsonl 60 >out
	newest=$(pz-show history shop.pzm | jq -n '[inputs.TIMESTAMP] | max')
	pz-show items shop.pzm | jq -s 'INDEX(.ITEM_ID)' >items.json
	jq -r --slurpfile items items.json \
		'.output.recommendedItems[] | $items[0][.].CREATION_TIMESTAMP' out >dates
	assert_file_not_empty dates
	assert_equal "$(awk -v from=$((newest - 60 * 86400)) '$1 <= from' dates)" ''
}

@test "members keeps dear books from others" {
	members shop.pzm some.jsonl >out
	pz-show items shop.pzm | jq -s 'INDEX(.ITEM_ID)' >items.json
	pz-show users shop.pzm | jq -s 'INDEX(.USER_ID)' >users.json
	jq -r --slurpfile items items.json --slurpfile users users.json '
		$users[0][.input.userId].MEMBERSHIP as $kind
		| .output.recommendedItems[] | [$kind, $items[0][.].PRICE] | @tsv' out >prices
	assert_equal "$(awk '$1 == "standard" && $2 > 15' prices)" ''
	[ -n "$(awk '$1 != "standard" && $2 > 15' prices)" ]
}

@test "one-per-author has five books a user and no author twice" {
	one-per-author shop.pzm some.jsonl >out
	assert_equal "$(wc -l <out)" 250
	assert_equal "$(jq -c '[.user, .author]' out | sort | uniq -d)" ''
}

@test "in-parallel gives the bytes of one go" {
	pz-score -m shop.pzm users.jsonl >whole
	in-parallel shop.pzm users.jsonl 7 | cmp - whole
}

@test "nightly replaces its file only if all went well" {
	cp -r shop own
	cp shop.pzm own.pzm
	tail -n 2000 interactions.csv >tail.csv
	{ head -n 1 interactions.csv && cat tail.csv; } >night.csv
	run -0 --separate-stderr nightly own night.csv some.jsonl out.jsonl
	assert_equal "$(wc -l <out.jsonl)" 50
	run -0 jq -r .trainingMode <(pz-show model own.pzm)
	assert_output UPDATE
	cp out.jsonl before
	echo 'not,a,header' >bad.csv
	run ! nightly own bad.csv some.jsonl out.jsonl
	cmp before out.jsonl
	{ echo '{"userId":5}' && cat some.jsonl; } >mixed.jsonl
	run -3 nightly own night.csv mixed.jsonl out.jsonl
	assert_equal "$(wc -l <out.jsonl)" 51
}

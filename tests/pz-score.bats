# pz-score - from input records to output records, and what must not go wrong.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
	pz-train -r sims -o related.pzm shop 2>warnings
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "each record is answered in order, scores falling" {
	pz-score -m shop.pzm -n 5 users.jsonl >out
	run jq -c .input out
	assert_output "$(jq -c . users.jsonl)"
	run jq -s 'all(.error == null and (.output.recommendedItems | length == 5)
		and (.output.scores | . == (sort | reverse)))' out
	assert_output true
}

@test "the output has the same bytes for any number of threads and any kernel" {
	pz-score -m shop.pzm -j 1 users.jsonl >one
	for j in 2 3 7; do
		pz-score -m shop.pzm -j $j users.jsonl | cmp - one
	done
	for simd in scalar avx2 avx512 amx neon; do
		PZ_SIMD=$simd pz-score -m shop.pzm /dev/null || continue # not on this CPU
		PZ_SIMD=$simd pz-score -m shop.pzm users.jsonl | cmp - one
	done
}

@test "an unknown user gets popular items and no error" {
	run -0 pz-score -m shop.pzm -n 3 <<<'{"userId":"nobody"}'
	[ "$(jq .error <<<"$output")" = null ]
	run -0 jq '.output.recommendedItems | length' <<<"$output"
	assert_output 3
}

@test "--reasons says why an item is there if not for its score" {
	run -0 pz-score -m shop.pzm -n 2 --reasons --exploration-weight 0 - <<<'{"userId":"u01"}'
	assert_output --partial ',"reason":[[],[]]},"error":null}'
	run -0 jq -c .output.reason <(pz-score -m shop.pzm -n 2 --reasons <<<'{"userId":"nobody"}')
	assert_output '[["Popular item"],["Popular item"]]'
	# Items 0 to 39 are not older than a day; i39 has no interactions.
	pz-score -m shop.pzm -n 40 --reasons --exploration-weight 0.9 <<<'{"userId":"u01"}' >new
	run -0 jq -c '.output | (.recommendedItems | index("i39") != null), (.reason | unique)' new
	assert_line --index 0 true
	assert_line --index 1 '[["Exploration"]]'
	pz-score -m shop.pzm -n 40 --reasons --exploration-item-age-cut-off 0.001 <<<'{"userId":"u01"}' >old
	run -0 jq -c '.output | (.reason | length) == (.recommendedItems | length)' old
	assert_output true
	# An item that nobody met is there for being new, even if its odds stay as they are.
	pz-score -m shop.pzm -n 40 --reasons --exploration-weight 0.5 --exploration-item-age-cut-off 1e-5 <<<'{"userId":"u01"}' >half
	run -0 jq -c '.output | .reason[.recommendedItems | index("i39")]' half
	assert_output '["Exploration"]'
	pz-train -r similar-items --hyper item_id_hidden_dim=8 -o similar.pzm shop 2>warnings
	pz-train -r personalized-ranking --hyper hidden_dimension=8 -o ranking.pzm shop 2>warnings
	run -0 jq -c .output.reason <(pz-score -m related.pzm -n 2 --reasons <<<'{"itemId":"nowhere"}')
	assert_output '[["Popular item"],["Popular item"]]'
	run -0 jq -c .output.reason <(pz-score -m similar.pzm -n 2 --reasons <<<'{"itemId":"i01"}')
	assert_output '[[],[]]'
	run -2 pz-score -m ranking.pzm --reasons <<<'{"userId":"u01","itemList":[]}'
	assert_output "pz-score: --reasons: personalized-ranking has none"
}

@test "what was shown and not taken is explored less" {
	awk -F, 'BEGIN { OFS = "," } NR == 1 { print $0, "IMPRESSION" }
		NR > 1 { print $0, NR % 2 ? "" : "i39|" $2 "|nothing" }' events.csv >impressions.csv
	awk -F, 'BEGIN { OFS = "," } NR == 1 { print $0, "IMPRESSION" }
		NR > 1 { print $0, "" }' events.csv >none.csv
	for name in impressions none; do
		pz-import $name $name.csv >schema.json
		pz-import $name items.csv >schema.json
		pz-train -r user-personalization --hyper hidden_dimension=8 -o $name.pzm $name
	done
	score() {
		pz-score -m $1.pzm -n 40 --exploration-weight 0.9 --exploration-item-age-cut-off 1e-5 <<<'{"userId":"u01"}' |
			jq --arg i $2 '.output | .scores[.recommendedItems | index($i)]'
	}
	# Nobody met i39, which was shown 270 times: its odds fall to a 16th; i00 is not new.
	run -0 jq -n "($(score none i39) / $(score none i00)) / ($(score impressions i39) / $(score impressions i00)) | . > 8 and . < 16.5"
	assert_output true
	cmp <(pz-score -m impressions.pzm --exploration-weight 0 users.jsonl) \
		<(pz-score -m none.pzm --exploration-weight 0 users.jsonl)
}

# Everybody takes what they like anywhere, but i01 and i02 on the phone alone.
@test "a context of the record lifts what is met in it" {
	awk -F, 'BEGIN { OFS = "," } NR == 1 { print $0, "DEVICE"; next }
		{ print $0, ($2 == "i01" || $2 == "i02" ? "phone" : NR % 3 ? "desk" : "") }' \
		events.csv >devices.csv
	pz-import devices devices.csv >schema.json
	pz-train -r user-personalization --hyper hidden_dimension=8 --seed 1 -o devices.pzm devices
	run -0 jq -c .contexts <(pz-show model devices.pzm)
	assert_output '["DEVICE"]'
	ask() {
		pz-score -m devices.pzm -n 40 --exploration-weight 0 <<<"{\"userId\":\"$1\"${2:+,\"context\":$2}}"
	}
	ask u04 '{"DEVICE":"phone"}' >phone
	ask u04 '{"DEVICE":"desk"}' >desk
	ask u04 >without
	score() {
		jq '.output | .scores[.recommendedItems | index("i01")]' "$1"
	}
	run -0 jq -n "[$(score phone) > $(score without), $(score desk) < $(score without)] | all"
	assert_output true
	jq -c '.input' phone | grep -F '"context":{"DEVICE":"phone"}'
	# What the model does not know changes nothing, and the context is echoed.
	for context in '{}' null '{"DEVICE":"watch"}' '{"PLACE":"phone"}' '{"DEVICE":3}'; do
		cmp <(ask u04 "$context" | jq -c .output) <(jq -c .output without)
	done
	# Of nobody, the context is known; without it they get popular items.
	ask nobody '{"device":"phone"}' >phone
	ask nobody '{"device":"desk"}' >desk
	run -0 jq -n "$(score phone) > $(score desk)"
	assert_output true
	cmp <(ask nobody '{"DEVICE":"watch"}' | jq -c .output) <(ask nobody | jq -c .output)
	run -3 ask u04 '["phone"]'
	assert_output --partial '"error":"context is not an object"'
	# In a list too.
	pz-train -r personalized-ranking --hyper hidden_dimension=8 -o devices.rank.pzm devices
	run -0 pz-score -m devices.rank.pzm <<-'END'
		{"userId":"u04","itemList":["i00","i01","i04"],"context":{"DEVICE":"phone"}}
		{"userId":"u04","itemList":["i00","i01","i04"],"context":{"DEVICE":"desk"}}
	END
	printf '%s\n' "${lines[0]}" >phone
	printf '%s\n' "${lines[1]}" >desk
	run -0 jq -n "$(score phone) > $(score desk)"
	assert_output true
	# With item-item weights too, and for nobody.
	pz-train -r user-personalization --algorithm ease -o devices.ease.pzm devices
	pz-score -m devices.ease.pzm -n 40 <<-'END' >eased
		{"userId":"u04","context":{"DEVICE":"phone"}}
		{"userId":"u04","context":{"DEVICE":"desk"}}
		{"userId":"nobody","context":{"DEVICE":"phone"}}
		{"userId":"nobody","context":{"DEVICE":"desk"}}
	END
	run -0 jq -s 'map(.output | .scores[.recommendedItems | index("i01")])
		| .[0] > .[1] and .[2] > .[3]' eased
	assert_output true
	# A column that training does not look at is none; other models ignore contexts.
	pz-train -r user-personalization --hyper hidden_dimension=8 --exclude-column Interactions.DEVICE -o without.pzm devices
	cmp <(pz-score -m without.pzm <<<'{"userId":"u04","context":{"DEVICE":"phone"}}' | jq -c .output) \
		<(pz-score -m without.pzm <<<'{"userId":"u04"}' | jq -c .output)
	run -0 pz-score -m popular.pzm -n 1 <<<'{"userId":"u04","context":5}'
}

@test "popularity-count has one list for all and no scores" {
	run -0 sh -c 'pz-score -m popular.pzm users.jsonl | jq -c .output | sort -u | wc -l'
	assert_output 1
	run -0 sh -c 'pz-score -m popular.pzm users.jsonl | grep -c scores; true'
	assert_output 0
}

@test "a bad record is one error record, the rest goes on, exit 3" {
	printf '%s\n' '{"userId":"u01"}' 'garbage' '{"userId":5}' '{}' '{"userId":"u02"}' >mixed
	run -3 pz-score -m shop.pzm -n 1 mixed
	[ "${#lines[@]}" = 5 ]
	[ "${lines[1]}" = '{"input":"garbage","output":null,"error":"byte 1: expected an object"}' ]
	[ "${lines[2]}" = '{"input":{"userId":5},"output":null,"error":"userId is not a string"}' ]
	[ "${lines[3]}" = '{"input":{},"output":null,"error":"expected a member userId"}' ]
	[ "$(jq -r .input.userId <<<"${lines[4]}")" = u02 ]
}

@test "output and error records pass untouched" {
	printf '%s\n' '{"input":{"userId":"x"}, "output":{"recommendedItems":[]},"error":null}' >done
	run -0 pz-score -m shop.pzm done
	assert_output "$(cat done)"
	printf '%s\n' '{"input":"x","output":null,"error":"why"}' >failed
	run -3 pz-score -m shop.pzm failed
	assert_output "$(cat failed)"
}

@test "a filter limits the items, a wrong one is that record's error" {
	cat >filtered <<-'E'
	{"userId":"u01","filter":"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"buy\", \"VIEW\")"}
	{"userId":"u01","filter":"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"*\")"}
	{"userId":"u01","filter":"nonsense"}
	{"userId":"u01"}
	E
	run -3 pz-score -m shop.pzm -n 40 filtered
	pz-show history shop.pzm u01 | jq -r .ITEM_ID | sort -u >seen
	jq -r '.output.recommendedItems[]' <<<"${lines[0]}" | sort >unseen
	jq -r '.output.recommendedItems[]' <<<"${lines[1]}" | sort | diff - seen
	[ "$(comm -12 seen unseen | wc -l)" = 0 ]
	jq -r '.output.recommendedItems[]' <<<"${lines[3]}" | sort | diff - <(sort seen unseen)
	[ "$(jq -c '[.input, .output]' <<<"${lines[2]}")" = '[{"userId":"u01"},null]' ]
}

@test "empty input, blank lines, CRLF, BOM and a missing last newline are fine" {
	run -0 pz-score -m shop.pzm /dev/null
	assert_output ""
	printf '\357\273\277{"userId":"u01"}\r\n\r\n{"userId":"u02"}' >odd
	run -0 sh -c 'pz-score -m shop.pzm odd | jq -r .input.userId'
	assert_output "u01
u02"
}

@test "a line of ten megabytes is answered" {
	{ printf '{"userId":"u01","note":"'; head -c 10000000 /dev/zero | tr '\0' x; echo '"}'; } >long
	run -0 sh -c 'pz-score -m shop.pzm -n 1 long | wc -c'
	[ "$output" -gt 10000000 ]
}

@test "lost output is a failure" {
	run -1 sh -c 'pz-score -m shop.pzm users.jsonl >/dev/full'
}

@test "with the dataset it was trained on a model answers the same" {
	pz-score -m shop.pzm users.jsonl >without
	pz-score -m shop.pzm -d shop users.jsonl | cmp - without
}

@test "users of the dataset who are new or changed are folded in, and filters see it" {
	cd_temp
	cp -r "$BATS_FILE_TMPDIR"/shop .
	ln -s "$BATS_FILE_TMPDIR"/shop.pzm .
	# new and u00 have met all even items of the third that u00 likes
	awk 'BEGIN {
		print "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"
		for (i = 0; i < 40; i += 6)
			printf "new,i%02d,2000000,view\nu00,i%02d,2000000,view\n", i, i
	}' >more.csv
	pz-import -t interactions --mode INCREMENTAL shop more.csv
	echo '{"userId":"new"}' >new.jsonl
	run jq -c '[.output.recommendedItems[] | .[1:] | tonumber % 3] | unique' <(
		pz-score -m shop.pzm -d shop --exploration-weight 0 -n 4 new.jsonl)
	assert_output '[0]'
	pz-score -m shop.pzm new.jsonl >popular
	run ! cmp popular <(pz-score -m shop.pzm -d shop new.jsonl)
	run jq -c '[.output.recommendedItems[] | .[1:] | tonumber | select(. % 6 == 0)]' <(
		pz-filter 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")' new.jsonl |
			pz-score -m shop.pzm -d shop)
	assert_output '[]'
	echo '{"userId":"u01"}' | pz-score -m shop.pzm --exploration-weight 0 >before
	echo '{"userId":"u01"}' | pz-score -m shop.pzm -d shop --exploration-weight 0 | cmp - before
}

@test "a closed pipe ends it" {
	run -0 sh -c 'for i in 1 2 3 4 5 6 7 8 9; do cat users.jsonl; done | timeout 20 pz-score -m shop.pzm | head -n 1 | wc -l'
	assert_output 1
}

@test "a truncated model and a file that is none are one clear error" {
	head -c 1000 shop.pzm >cut.pzm
	run -1 pz-score -m cut.pzm users.jsonl
	assert_output --regexp '^pz-score: cut.pzm: damaged model file: '
	run -1 pz-score -m users.jsonl users.jsonl
	assert_output "pz-score: users.jsonl: not a model file"
	run -1 pz-score -m missing.pzm users.jsonl
	assert_output "pz-score: missing.pzm: No such file or directory"
}

# Of 3,000 users the factors alone are 2 MB, and stand at the end of the file.
@test "damage of some users is an error of their records, and of the whole where all are asked for" {
	awk 'BEGIN { print "USER_ID,ITEM_ID,TIMESTAMP"
		for (u = 0; u < 3000; u++)
			for (i = 0; i < 3; i++)
				printf "u%d,i%d,%d\n", u, (7 * u + i) % 20, 1000 + i }' >many.csv
	pz-import -t interactions many many.csv
	pz-train -r user-personalization --algorithm ials --hyper hidden_dimension=128 \
		--hyper epochs=1 -o many.pzm many
	awk 'BEGIN { for (u = 0; u < 3000; u++) printf "{\"userId\":\"u%d\"}\n", u }' >all
	pz-score -m many.pzm all >right
	printf x | dd of=many.pzm bs=1 seek=$(($(stat -c %s many.pzm) - 5000)) conv=notrunc status=none
	run -3 --separate-stderr pz-score -m many.pzm all
	grep -c '"error":"what the model file holds of the user is damaged"' <<<"$output" >count
	# Who is not in the damaged block is answered as before.
	[ "$(cat count)" -gt 10 ]
	[ "$(cat count)" -lt 2990 ]
	run diff <(grep '"error":null' <<<"$output") <(grep -F -f <(grep '"error":null' <<<"$output") right)
	assert_output ''
	run -3 --separate-stderr pz-filter -m many.pzm \
		'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")' right
	[ "$(grep -c '"error":"what the model file holds of the user is damaged"' <<<"$output")" = "$(cat count)" ]
	# Nothing of the user is needed here.
	run -0 --separate-stderr pz-filter -m many.pzm 'EXCLUDE ItemID WHERE Items.ITEM_ID IN ("i1")' right
	[ "$(grep -c '"error":null' <<<"$output")" = 3000 ]
	run -3 pz-filter -m many.pzm 'EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("*")' \
		<<<'{"input":{"itemId":"i1"},"output":{"usersList":["u1"]},"error":null}'
	assert_output --partial '"error":"what the model file holds of some users is damaged"'
	run -1 pz-show model many.pzm
	assert_output 'pz-show: many.pzm: damaged model file: user_factors'
	run -1 pz-score -m many.pzm -d many all
	assert_output 'pz-score: many.pzm: damaged model file'
}

@test "wrong usage exits 2" {
	run -2 pz-score users.jsonl
	run -2 pz-score -m shop.pzm -n none
	run -2 pz-score -m shop.pzm --exploration-weight 2 users.jsonl
	run -1 pz-score -m shop.pzm -d missing users.jsonl
	assert_output --partial "missing"
}

@test "on real data every list equals brute force, 25 items that were not watched" {
	need_data personalize-samples
	cd_temp
	pz-import shop "$DATA/personalize-samples/interactions.csv.zst" >schema.json
	pz-train -r user-personalization --hyper hidden_dimension=128 --hyper epochs=3 -o shop.pzm shop
	pz-show users shop | jq -c '{userId: .USER_ID}' >users.jsonl
	pz-filter 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")' users.jsonl >bound.jsonl
	pz-score -m shop.pzm --exploration-weight 0 -j 2 bound.jsonl >out.jsonl
	pz-score -m shop.pzm --exploration-weight 0 -j 1 bound.jsonl | cmp - out.jsonl
	pz-score -m shop.pzm --exploration-weight 0 -j 2 bound.jsonl | cmp - out.jsonl
	run -0 jq -s -c '[length, all(.output.recommendedItems | length == 25),
		all(.output.scores | . == (sort | reverse))]' out.jsonl
	assert_output '[610,true,true]'
	jq -r '"\(.input.userId)\t\(.output.recommendedItems | join(" "))"' out.jsonl >lists
	"$BUILD"/tests/reference shop.pzm watch 25 | cmp - lists
}

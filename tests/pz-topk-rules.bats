# What the pz-topk(1) page promises of rules and of several models' records.
# i00 is Comedy for 0, i01 Crime and Drama for 1, i02 Comedy for 2, and so on.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
	pz-score -m shop.pzm -n 30 users.jsonl >scored
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# record ID=SCORE... - an output record.
record() {
	local ids='' scores='' entry
	for entry; do
		ids+="${ids:+,}\"${entry%=*}\""
		scores+="${scores:+,}${entry#*=}"
	done
	printf '{"input":{"userId":"1"},"output":{"recommendedItems":[%s],"scores":[%s]},"error":null}\n' \
		"$ids" "$scores"
}

# related ID... - the same without scores.
related() {
	printf '{"input":{"itemId":"1"},"output":{"recommendedItems":[%s]},"error":null}\n' \
		"$(printf '"%s"\n' "$@" | paste -sd,)"
}

# short - of records on stdin the IDs with their scores, as record takes them.
short() {
	jq -r '.output | [.recommendedItems, .scores // []] | transpose
		| map(if .[1] == null then .[0] else "\(.[0])=\(.[1])" end) | join(" ")'
}

# The best six of an evening: three comedies, three of crime.
six() {
	record i01=0.5 i03=0.25 i05=0.125 i02=0.1 i04=0.05 i06=0.01
}

@test "a cap counts each of an item's values" {
	run -0 eval 'six | pz-topk -m shop.pzm --cap GENRE=1 | short'
	assert_output 'i01=0.5 i02=0.1'
	run -0 eval 'six | pz-topk -m shop.pzm --cap Genre=2 -k 3 | short'
	assert_output 'i01=0.5 i03=0.25 i02=0.1'
	run -0 eval 'six | pz-topk -d shop --cap GENRE=2 --cap PRICE=1 | short'
	assert_output 'i01=0.5 i03=0.25 i02=0.1 i04=0.05'
}

@test "an item without values, or unknown, is under no cap" {
	run -0 eval 'record x=3 i01=2 y=1 i03=1 z=0.5 | pz-topk -m shop.pzm --cap GENRE=1 | short'
	assert_output 'x=3 i01=2 y=1 z=0.5'
}

@test "a boost multiplies scores, sorts, and prints the product" {
	run -0 eval 'six | pz-topk -m shop.pzm --boost '\''Items.GENRE IN ("Comedy")=3'\'' | short'
	assert_output 'i01=0.5 i02=0.3 i03=0.25 i04=0.15 i05=0.125 i06=0.03'
	run -0 eval 'six | pz-topk -m shop.pzm --boost "Items.PRICE=1=0.5" --boost "Items.PRICE <= 3=0.5" | short'
	assert_output 'i01=0.125 i03=0.125 i05=0.125 i02=0.05 i04=0.05 i06=0.01'
}

@test "a boost may look at the user and at the record's values" {
	local hit='Interactions.EVENT_TYPE IN ("buy")=10'
	pz-topk -m shop.pzm -k 40 --boost "$hit" scored >got
	for u in u00 u17; do
		pz-show history shop.pzm $u | jq -r 'select(.EVENT_TYPE == "buy").ITEM_ID' | sort -u >bought
		jq -c --rawfile bought bought --arg u $u 'select(.input.userId == $u).output
			| ($bought | split("\n")) as $b
			| [.recommendedItems, .scores] | transpose
			| map(if .[0] | IN($b[]) then .[1] *= 10 else . end)
			| sort_by(-.[1]) | map(.[0])' scored >expected
		jq -c --arg u $u 'select(.input.userId == $u).output.recommendedItems' got | cmp - expected
	done
	six | jq -c '.input.filterValues = {"G": "\"Comedy\""}' >valued
	six >>valued
	run -0 eval 'pz-topk -m shop.pzm -k 1 --boost '\''Items.GENRE IN ($G)=9'\'' valued | short'
	assert_output $'i02=0.9\ni01=0.5'
}

@test "smaller scores leave, after boosts, and kept ones stay as they were written" {
	run -0 eval 'record i01=1.0E-1 i02=0.0500 i03=0.04 | pz-topk --min-score 0.05'
	assert_output '{"input":{"userId":"1"},"output":{"recommendedItems":["i01","i02"],"scores":[1.0E-1,0.0500]},"error":null}'
	run -0 eval 'six | pz-topk -m shop.pzm --boost "Items.PRICE=6=100" --min-score 0.2 | short'
	assert_output 'i06=1 i01=0.5 i03=0.25'
}

@test "every beginning of the list has its share of promoted items" {
	run -0 eval 'six | pz-topk -m shop.pzm --promote '\''Items.GENRE IN ("Comedy")'\'' --share 0.5 | short'
	assert_output 'i01=0.5 i02=0.1 i03=0.25 i04=0.05 i05=0.125 i06=0.01'
	run -0 eval 'six | pz-topk -m shop.pzm -k 4 --promote '\''Items.GENRE IN ("Comedy")'\'' --share 0.25 | short'
	assert_output 'i01=0.5 i03=0.25 i05=0.125 i02=0.1'
	run -0 eval 'six | pz-topk -m shop.pzm -k 4 --promote "Items.PRICE > 5" --share 1 | short'
	assert_output 'i06=0.01 i01=0.5 i03=0.25 i05=0.125'
}

@test "a share that the best items have anyway changes nothing" {
	run -0 eval 'six | pz-topk -m shop.pzm --promote '\''Items.GENRE IN ("Crime")'\'' --share 0.5'
	assert_output "$(six)"
}

@test "an item that a promotion put up says so where reasons are" {
	local reasons='{"input":{},"output":{"recommendedItems":["i01","i03","i02","i04"],"reason":[[],[ ],["Exploration"],null]},"error":null}'
	run -0 eval 'pz-topk -m shop.pzm --promote '\''Items.GENRE IN ("Comedy")'\'' --share 0.5 <<<"$reasons" | jq -c .output'
	assert_output '{"recommendedItems":["i01","i02","i03","i04"],"reason":[[],["Exploration","Promoted item"],[],null]}'
	# Without places taken from others, nobody was promoted.
	run -0 pz-topk -m shop.pzm --promote 'Items.PRICE >= 0' --share 1 <<<"$reasons"
	assert_output "$reasons"
	run -0 eval 'pz-topk -m shop.pzm --promote "Items.PRICE = 4" --share 1 <<<"$reasons" | jq -c ".output.reason[0]"'
	assert_output '["Promoted item"]'
}

@test "promoted items that a cap forbids are passed over" {
	run -0 eval 'six | pz-topk -m shop.pzm --cap GENRE=1 --promote "Items.PRICE >= 4" --share 1 | short'
	assert_output 'i05=0.125 i04=0.05'
}

@test "lambda 1 changes nothing, any kernel gives the same bytes" {
	pz-topk -k 10 scored >plain
	pz-topk -m shop.pzm -k 10 --diversify 1 scored | cmp - plain
	pz-topk -m shop.pzm -k 10 --diversify 0.5 scored >half
	run ! cmp -s half plain
	PZ_SIMD=scalar pz-topk -m shop.pzm -k 10 --diversify 0.5 scored | cmp - half
}

@test "lists without scores: rules by place, reciprocal ranks as scores" {
	run -0 eval 'related i01 i03 i02 | pz-topk -m shop.pzm --cap GENRE=1 | short'
	assert_output 'i01 i02'
	run -0 eval 'related i01 i03 i02 | pz-topk -m shop.pzm --promote "Items.PRICE=2" --share 0.5 | short'
	assert_output 'i01 i02 i03'
	run -0 eval 'related i01 i03 i02 | pz-topk -m shop.pzm --diversify 1'
	assert_output "$(related i01 i03 i02)"
	run -0 eval 'related i01 i03 | pz-topk --fuse rrf'
	assert_output '{"input":{"itemId":"1"},"output":{"recommendedItems":["i01","i03"],"scores":[0.0163934,0.016129]},"error":null}'
	run -0 eval 'related i01 i03 i02 | pz-topk -m shop.pzm --fuse rrf --boost "Items.PRICE=2=2" | short'
	assert_output 'i02=0.031746 i01=0.0163934 i03=0.016129'
	run -3 eval 'related i01 | pz-topk -m shop.pzm --boost "Items.PRICE=2=2"'
	assert_output '{"input":{"itemId":"1"},"output":null,"error":"--boost and --min-score need scores; --fuse rrf makes some of places in a list"}'
}

@test "records of several models are fused by rank, sum or maximum" {
	record a=0.5 b=0.3 c=0.2 >one
	record c=0.4 d=0.3 a=0.1 >two
	run -0 eval 'pz-topk --merge one two | short'
	assert_output 'a=0.0322665 c=0.0322665 b=0.016129 d=0.016129'
	run -0 eval 'pz-topk --merge --fuse sum one two | short'
	assert_output 'a=0.6 c=0.6 b=0.3 d=0.3'
	run -0 eval 'pz-topk --merge --fuse max one two | short'
	assert_output 'a=0.5 c=0.4 b=0.3 d=0.3'
	run -0 eval 'pz-topk --merge --fuse sum --weight 0.5 --weight 2 -k 2 one two | short'
	assert_output 'c=0.9 d=0.6'
	run -0 eval 'pz-topk --merge --weight 0 --weight 1 - two <one | short'
	assert_output 'c=0.0163934 d=0.016129 a=0.015873 b=0'
}

@test "fusing agrees with its formula in jq on two models' records" {
	pz-score -m popular.pzm -n 12 users.jsonl >other
	pz-topk --merge -k 20 scored other >got
	jq -nc --slurpfile a scored --slurpfile b other 'range($a | length) as $i
		| [$a[$i], $b[$i] | .output.recommendedItems | to_entries[]
			| {id: .value, s: (1 / (61 + .key))}]
		| group_by(.id) | map({id: .[0].id, s: map(.s) | add})
		| sort_by(-.s, .id) | .[:20] | map([.id, (.s * 1e7 | round / 1e7)])' >expected
	jq -c '.output | [.recommendedItems, .scores] | transpose' got | cmp - expected
}

@test "a record's other lists follow their items, null where no source has one" {
	printf '%s\n' '{"input":{},"output":{"theme":"t","recommendedItems":["a","b"],"reason":[["x"],["y"]]},"error":null,"n":1}' >one
	printf '%s\n' '{"input":{},"output":{"recommendedItems":["c","a"],"scores":[2,1],"reason":[["z"],[]]}}' >two
	printf '%s\n' '{ "input" : { } , "output":{"recommendedItems":["d"]}}' >three
	run -0 pz-topk --merge one two three
	assert_output '{"input":{},"output":{"theme":"t","recommendedItems":["a","c","d","b"],"scores":[0.0325225,0.0163934,0.0163934,0.016129],"reason":[["x"],["z"],null,["y"]]},"error":null,"n":1}'
}

@test "empty lists stay lists, with scores as any other" {
	printf '%s\n' '{"input":{},"output":{"recommendedItems":[]}}' >empty
	run -0 pz-topk --min-score 1 --cap GENRE=1 -m shop.pzm empty
	assert_output "$(cat empty)"
	run -0 pz-topk --merge empty empty
	assert_output '{"input":{},"output":{"recommendedItems":[],"scores":[]}}'
	run -0 eval 'six | jq -c ".input = {}" | pz-topk -k 2 --merge empty - | short'
	assert_output 'i01=0.0163934 i03=0.016129'
	run -0 eval 'six | pz-topk --min-score 9'
	assert_output '{"input":{"userId":"1"},"output":{"recommendedItems":[],"scores":[]},"error":null}'
}

@test "segments can be merged, and get no scores" {
	printf '%s\n' '{"input": {"itemId": "1"}, "output": {"usersList": ["61","22"]}, "error": null}' >one
	printf '%s\n' '{"input": {"itemId": "1"}, "output": {"usersList": ["5","22"]}, "error": null}' >two
	run -0 pz-topk --merge one two
	assert_output '{"input": {"itemId": "1"}, "output": {"usersList": ["22","5","61"]}, "error": null}'
	run -3 pz-topk -m shop.pzm --cap GENRE=1 one
	assert_output '{"input":{"itemId":"1"},"output":null,"error":"the rules are for items, and this is a list of users"}'
	run -3 eval 'six | jq -c ".input = {itemId: \"1\"}" | pz-topk --merge - two'
	assert_output --partial '"error":"two:1: a list of items and a list of users do not mix"'
}

@test "records that do not belong together are error records, one by one" {
	for u in 1 2 3; do record a=1 | sed "s/\"userId\":\"1\"/\"userId\":\"$u\"/"; done >one
	for u in 1 9; do record b=1 | sed "s/\"userId\":\"1\"/\"userId\":\"$u\"/"; done >two
	run -3 pz-topk --merge one two
	assert_line -n 0 --partial '"recommendedItems":["a","b"]'
	assert_line -n 1 '{"input":{"userId":"2"},"output":null,"error":"two:2: its input is another one"}'
	assert_line -n 2 '{"input":{"userId":"3"},"output":null,"error":"two:2: it ends here, without a record for this input"}'
	[ "${#lines[@]}" -eq 3 ]
	run -3 pz-topk --merge two one
	assert_line -n 2 '{"input":{"userId":"3"},"output":null,"error":"two:2: it ends here, without a record for this input"}'
}

@test "error records and broken lines pass through rules and merging" {
	error='{"input":{"userId":"9"}, "output":null,"error":"no such user"}'
	printf '%s\n' "$error" >failed
	record a=1 | sed 's/"userId":"1"/"userId":"9"/' >good
	run -3 pz-topk --min-score 0 failed
	assert_output "$error"
	run -3 pz-topk --merge good failed
	assert_output "$error"
	run -3 pz-topk --merge failed failed
	assert_output "$error"
	printf '%s\n' '{"a":tru}' '{"userId":"1"}' '{"input":{},"output":{"recommendedItems":["a"],"scores":[]}}' >bad
	run -3 pz-topk --min-score 0 bad
	assert_line -n 0 '{"input":"{\"a\":tru}","output":null,"error":"not a JSON value at byte 6"}'
	assert_line -n 1 --partial '{"input":{"userId":"1"},"output":null,"error":"no output here'
	assert_line -n 2 '{"input":{},"output":null,"error":"scores must be an array with as many entries as the list"}'
	head -n 1 bad >broken
	run -3 pz-topk --merge good broken
	assert_output '{"input":{"userId":"9"},"output":null,"error":"broken:1: not a JSON value at byte 6"}'
}

@test "rules hold in the stated order, whatever the order of options" {
	six >one
	record i08=0.4 i01=0.1 >two
	a=(--merge) b=(--fuse sum) c=(--boost 'Items.GENRE IN ("Comedy")=2') d=(--min-score 0.1)
	e=(--promote 'Items.PRICE = 4' --share 0.34) f=(--cap GENRE=2) g=(--diversify 0.9) h=(-k 4)
	pz-topk -m shop.pzm "${a[@]}" "${b[@]}" "${c[@]}" "${d[@]}" "${e[@]}" "${f[@]}" "${g[@]}" "${h[@]}" one two >first
	pz-topk "${h[@]}" "${g[@]}" "${f[@]}" "${e[@]}" "${d[@]}" "${c[@]}" "${b[@]}" one "${a[@]}" two -m shop.pzm | cmp - first
	# One stage after the other where each leaves all that the next may need. A boost
	# sorts, so it comes before what does not go by score.
	pz-topk --merge --fuse sum -k 99 one two |
		pz-topk -m shop.pzm -k 99 "${c[@]}" | pz-topk -k 99 "${d[@]}" |
		pz-topk -m shop.pzm "${e[@]}" "${f[@]}" "${g[@]}" "${h[@]}" | cmp - first
	run short <first
	assert_output 'i08=0.8 i01=0.6 i04=0.1 i03=0.25'
}

@test "wrong usage says so and exits 2" {
	for bad in '--cap GENRE=1' '--promote x --share 1' '--boost x=1'; do
		# shellcheck disable=SC2086
		run -2 pz-topk $bad
		assert_output --partial "needs -m MODEL or -d DATASET, for items' columns"
	done
	run -2 pz-topk -d shop --diversify 0.5
	assert_output "pz-topk: --diversify needs -m MODEL, for the items' factors"
	run -2 pz-topk -m popular.pzm --diversify 0.5
	assert_output 'pz-topk: --diversify needs a model with factors, and one of popularity-count has none'
	run -2 pz-topk -m shop.pzm --boost 'Items.PRICE = 5'
	assert_output "pz-topk: --boost: 'Items.PRICE = 5' does not end with =FACTOR, a number of at least 0"
	run -2 pz-topk -m shop.pzm --boost 'Items.PRICE=5'
	assert_output --partial 'pz-topk: --boost: the expression ends here'
	run -2 pz-topk -m shop.pzm --promote 'Items.COLOUR IN ("red")' --share 0.1
	assert_output --partial 'Items.COLOUR'
	run -2 pz-topk -m shop.pzm --promote 'Items.PRICE = 1'
	assert_output --partial '--promote and --share go together'
	run -2 pz-topk -m shop.pzm --promote 'Items.PRICE = 1' --share 20
	assert_output 'pz-topk: --share: 20 is not above 0 and at most 1'
	run -2 pz-topk --merge scored
	assert_output --partial '--merge needs two FILEs or more'
	run -2 pz-topk --merge --weight 1 scored scored
	assert_output --partial '--weight: 1 given, expected one for each of 2 FILEs'
	run -2 pz-topk --fuse mean scored
	assert_output "pz-topk: --fuse: 'mean' is none of rrf, sum and max"
	run -2 pz-topk --fuse sum --weight -1 scored
	assert_output "pz-topk: --weight: '-1' is no number of at least 0"
	run -2 pz-topk --min-score 1 --by .x
	assert_output --partial '--by and --group-by do not go with rules'
	run -2 pz-topk -m shop.pzm scored
	assert_output --partial '-m and -d are for rules'
	run -1 pz-topk --merge scored none
	assert_output --partial 'pz-topk: none: No such file or directory'
	run -1 pz-topk -m none --cap GENRE=1
	assert_output 'pz-topk: none: No such file or directory'
}

@test "stdin named twice is refused" {
	run -2 pz-topk --merge - - <scored
	assert_output --partial 'only once'
}

@test "lost output is a failure with rules too" {
	run -1 sh -c 'pz-topk --min-score 0 scored >/dev/full'
	assert_output --partial '<stdout>'
}

# On the service's own sample: 610 users, 9,742 items, GENRE of several values, YEAR.
@test "rules on real data agree with jq" {
	need_data personalize-samples
	cd_temp
	zstdcat "$DATA/personalize-samples/interactions.csv.zst" | pz-import -t interactions films - >schema
	zstdcat "$DATA/personalize-samples/items.csv.zst" | pz-import -t items films - >schema
	pz-train -r user-personalization --hyper hidden_dimension=16 --hyper epochs=4 -o m.pzm films
	pz-show users m.pzm | jq -c '{userId: .USER_ID}' | head -n 100 >users
	pz-score -m m.pzm -n 60 users >scored
	pz-show items m.pzm | jq -c '{key: .ITEM_ID, value: ((.GENRE // "") | split("|"))}' |
		jq -sc from_entries >genres.json

	pz-topk -m m.pzm -k 10 --cap GENRE=3 scored >got
	jq -c --slurpfile g genres.json '.output.recommendedItems
		| reduce .[] as $id ({n: {}, out: []}; . as $s
			| if ($s.out | length) == 10 or any($g[0][$id][]; ($s.n[.] // 0) >= 3) then .
			  else .out += [$id] | reduce $g[0][$id][] as $v (.; .n[$v] += 1) end)
		| .out' scored >expected
	jq -c .output.recommendedItems got | cmp - expected

	pz-topk -m m.pzm -k 10 --promote 'Items.GENRE IN ("Documentary", "Western")' --share 0.2 scored >got
	jq -c --slurpfile g genres.json '
		def hit: $g[0][.] | any(IN("Documentary", "Western"));
		reduce range(1; 11) as $t ({left: .output.recommendedItems, out: []};
			(.out | map(select(hit)) | length) as $have
			| ([.left[] | select(hit)][0]) as $best
			| (if $have < ($t * 0.2 + 1e-9 | floor) and $best then $best else .left[0] end) as $id
			| .out += [$id] | .left -= [$id]) | .out' scored >expected
	jq -c .output.recommendedItems got | cmp - expected

	pz-topk -m m.pzm -k 60 --boost 'Items.GENRE IN ("Documentary")=3' --min-score 0.001 scored >got
	jq -c --slurpfile g genres.json '.output | [.recommendedItems, .scores] | transpose
		| map(if $g[0][.[0]] | any(. == "Documentary") then .[1] *= 3 else . end)
		| sort_by(-.[1]) | map(select(.[1] >= 0.001) | .[1] = (.[1] * 1e7 | round / 1e7))' scored >expected
	jq -c '.output | [.recommendedItems, .scores] | transpose' got | cmp - expected

	# The less lambda, the lower the scores, and the less two films' genres overlap.
	for lambda in 1 0.5 0; do
		pz-topk -m m.pzm -k 10 --diversify $lambda scored >got
		jq -s '[.[].output.scores | add] | add' got >>scores
		jq -n --slurpfile g genres.json 'def overlap: . as [$a, $b]
				| ($a - ($a - $b) | length) / ($a + $b | unique | length);
			[inputs.output.recommendedItems | map($g[0][.]) | combinations(2) | overlap] | add' \
			got >>overlap
	done
	for measure in scores overlap; do
		run -0 jq -s '. == (unique | reverse)' $measure
		assert_output true
	done
}

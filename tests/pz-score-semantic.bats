# pz-score - items whose texts are alike: semantic-similarity.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	cat >items.schema <<-'E'
	{"type":"record","name":"Items","fields":[
	{"name":"ITEM_ID","type":"string"},
	{"name":"TEXT","type":["null","string"],"textual":true},
	{"name":"PRICE","type":["null","double"]},
	{"name":"CREATION_TIMESTAMP","type":["null","long"]}],"version":"1.0"}
	E
	cat >items.jsonl <<-'E'
	{"ITEM_ID":"green","TEXT":"Green tea from Japan, steamed leaves","PRICE":5,"CREATION_TIMESTAMP":1000}
	{"ITEM_ID":"black","TEXT":"Black tea from Assam, strong leaves","PRICE":4,"CREATION_TIMESTAMP":2000}
	{"ITEM_ID":"teapot","TEXT":"A teapot of cast iron from Japan","PRICE":40,"CREATION_TIMESTAMP":3000}
	{"ITEM_ID":"beans","TEXT":"Roasted coffee beans from Kenya","PRICE":9,"CREATION_TIMESTAMP":4000}
	{"ITEM_ID":"ground","TEXT":"Ground coffee, dark roast","PRICE":8,"CREATION_TIMESTAMP":5000}
	{"ITEM_ID":"mill","TEXT":"A mill for coffee beans","PRICE":60,"CREATION_TIMESTAMP":6000}
	{"ITEM_ID":"spoon","TEXT":"Silver"}
	{"ITEM_ID":"untold"}
	E
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP a,mill,7000 b,mill,7000 c,mill,7000 \
		a,ground,7000 b,spoon,7000 >events.csv
	pz-import -t interactions shop events.csv >schema.json
	pz-import -t items --schema items.schema shop items.jsonl
	pz-train -r semantic-similarity -o texts.pzm shop 2>warnings
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# list MODEL RECORD [OPTION...] - the items that answer it, by blanks.
list() {
	local model=$1 record=$2

	shift 2
	pz-score -m "$model" "$@" <<<"$record" | jq -r '.output.recommendedItems | join(" ")'
}

@test "what says the same comes first, what shares no run of letters never" {
	run list texts.pzm '{"itemId":"green"}'
	assert_output --regexp '^black teapot '
	refute_output --regexp 'green|spoon|untold'
	run list texts.pzm '{"itemId":"ground"}' -n 2
	assert_output --regexp '^(mill beans|beans mill)$'
	[ ! -s warnings ]
}

@test "records have no scores, as the service's, and with --scores how alike they are" {
	run -0 pz-score -m texts.pzm -n 1 <<<'{"itemId": "green", "note": 1}'
	assert_output '{"input":{"itemId":"green","note":1},"output":{"recommendedItems":["black"]},"error":null}'
	run -0 pz-score -m texts.pzm --scores <<<'{"itemId": "green"}'
	run jq -c '.output | (.recommendedItems | length) == (.scores | length),
		(.scores | . == (sort | reverse) and .[0] <= 1 and .[-1] > 0)' <<<"$output"
	assert_output $'true\ntrue'
}

@test "an unknown item, and one without text or like nothing, gets popular ones" {
	for id in nowhere untold spoon; do
		run list texts.pzm "{\"itemId\":\"$id\"}" -n 2
		assert_output --regexp '^mill '
	done
	run list texts.pzm '{"itemId":"spoon"}'
	assert_output 'mill ground'
	run -0 pz-score -m texts.pzm --scores -n 2 <<<'{"itemId":"nowhere"}'
	assert_output --partial '"scores":[0.0,0.0]'
}

@test "filters limit the items, the current item's too" {
	run list texts.pzm '{"itemId":"green","filter":"INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE"}'
	assert_output black
	run list texts.pzm '{"itemId":"green","filter":"INCLUDE ItemID WHERE Items.PRICE > 99"}'
	assert_output ''
}

@test "popularity and freshness move items, but bring in none" {
	plain=$(list texts.pzm '{"itemId":"beans"}')
	run list texts.pzm '{"itemId":"beans"}' --ranking-influence POPULARITY=0,freshness=0
	assert_output "$plain"
	for influence in POPULARITY=1 FRESHNESS=1 POPULARITY=0.7,FRESHNESS=0.4; do
		run list texts.pzm '{"itemId":"beans"}' --ranking-influence $influence
		[ "$(tr ' ' '\n' <<<"$output" | sort)" = "$(tr ' ' '\n' <<<"$plain" | sort)" ]
	done
	# beans are more like ground coffee or the mill, but only two are popular at all
	run list texts.pzm '{"itemId":"beans"}' --ranking-influence POPULARITY=1 -n 2
	assert_output 'mill ground'
	# the mill is the newest
	run list texts.pzm '{"itemId":"teapot"}' -n 1
	assert_output green
	run list texts.pzm '{"itemId":"teapot"}' --ranking-influence FRESHNESS=1 -n 1
	assert_output mill
}

@test "wrong influences, and those of other recipes, exit 2" {
	for wrong in POPULARITY NOVELTY=1 POPULARITY=2 FRESHNESS=-1 FRESHNESS=x POPULARITY=0.1,; do
		run -2 pz-score -m texts.pzm --ranking-influence $wrong
		assert_line --partial 'expected POPULARITY=X,FRESHNESS=X with numbers from 0 to 1'
	done
	pz-train -r popularity-count -o popular.pzm shop 2>/dev/null
	run -2 pz-score -m popular.pzm --ranking-influence POPULARITY=1
	assert_output 'pz-score: --ranking-influence: popularity-count has none'
}

@test "it needs no interactions, but a textual column that it may look at" {
	cd_temp
	pz-import -t items --schema "$BATS_FILE_TMPDIR/items.schema" alone "$BATS_FILE_TMPDIR/items.jsonl"
	run -0 pz-train -r aws-semantic-similarity -o alone.pzm alone
	assert_output ''
	[ "$(list alone.pzm '{"itemId":"green"}')" = "$(list "$BATS_FILE_TMPDIR/texts.pzm" '{"itemId":"green"}')" ]
	run list alone.pzm '{"itemId":"nowhere"}'
	assert_output ''
	run -1 pz-train -r semantic-similarity --exclude-column Items.TEXT -o no.pzm alone
	assert_output --partial 'the items have no textual column to learn from'
}

@test "items that are new in the dataset get popular ones until the next training" {
	cd_temp
	cp -r "$BATS_FILE_TMPDIR/shop" .
	echo '{"ITEM_ID":"white","TEXT":"White tea from Japan"}' |
		pz-import -t items --mode INCREMENTAL shop
	run list "$BATS_FILE_TMPDIR/texts.pzm" '{"itemId":"white"}' -d shop -n 1
	assert_output mill
	run list "$BATS_FILE_TMPDIR/texts.pzm" '{"itemId":"green"}' -d shop
	refute_output --partial white
	pz-train -r semantic-similarity -o new.pzm shop
	run list new.pzm '{"itemId":"white"}' -n 1
	assert_output green
}

@test "the bytes are the same for any number of threads and any kernel" {
	for i in 1 2 3 4 5 6 7 8 9; do
		jq -c '{itemId: .ITEM_ID}' items.jsonl
	done >many
	pz-score -m texts.pzm -j 1 many >one
	pz-score -m texts.pzm -j 3 many | cmp - one
	PZ_SIMD=scalar pz-score -m texts.pzm many | cmp - one
	SOURCE_DATE_EPOCH=0 pz-train -r semantic-similarity -j 1 -o one.pzm shop
	SOURCE_DATE_EPOCH=0 PZ_SIMD=scalar pz-train -r semantic-similarity -j 3 -o other.pzm shop
	cmp one.pzm other.pzm
}

# The formula of train_text.c and influence.h in awk, over texts as lists of words.
@test "on personalize-samples genres as texts give the values of the formula" {
	need_data personalize-samples
	cd_temp
	cat >schema <<-'E'
	{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
	{"name":"GENRE","type":"string","textual":true},{"name":"YEAR","type":["null","string"]}],
	"version":"1.0"}
	E
	zstdcat "$DATA/personalize-samples/items.csv.zst" | tr -d '\r' >items.csv
	zstdcat "$DATA/personalize-samples/interactions.csv.zst" >events.csv
	pz-import -t items --schema schema movies items.csv
	pz-import -t interactions movies events.csv >inferred
	pz-train -r semantic-similarity --hyper ngram_weight=0.25 -o movies.pzm movies
	for i in 1 2571 593 100; do echo "{\"itemId\":\"$i\"}"; done >queries
	pz-score -m movies.pzm --scores -n 40 --ranking-influence POPULARITY=0.5 queries |
		jq -r '.input.itemId as $i | .output | [.recommendedItems, .scores]
			| transpose[] | "\($i) \(.[0]) \(.[1])"' >lists
	[ "$(wc -l <lists)" = 160 ]
	awk -F, '
		# terms of a text into t[kind, term]
		function terms(text, t, n, w, k, i, p) {
			delete t
			gsub(/[^a-z0-9]+/, " ", text)
			n = split(text, w, " ")
			for (k = 1; k <= n; k++) {
				t["w " w[k]]++
				p = "_" w[k] "_"
				for (i = 1; i + 2 <= length(p); i++)
					t["r " substr(p, i, 3)]++
			}
		}
		function weigh(text, x, t, k, kind) {
			delete x
			terms(text, t)
			length_of["w"] = length_of["r"] = 0
			for (k in t) {
				x[k] = (1 + log(t[k])) * log(texts / df[k])
				length_of[substr(k, 1, 1)] += x[k] ^ 2
			}
			for (k in x) {
				kind = substr(k, 1, 1)
				x[k] *= sqrt(kind == "r" ? 0.25 : 0.75) / sqrt(length_of[kind])
			}
		}
		FILENAME == "events.csv" && FNR > 1 && !(($1, $2) in met) {
			met[$1, $2]
			if (++users[$2] > most)
				most = users[$2]
		}
		FILENAME == "items.csv" && FNR > 1 {
			text[$1] = tolower($2)
			texts++
			terms(text[$1], t)
			for (k in t)
				df[k]++
		}
		FILENAME == "lists" { asked[$0] }
		END {
			for (line in asked) {
				split(line, part, " ")
				weigh(text[part[1]], a)
				weigh(text[part[2]], b)
				sum = 0
				for (k in a)
					if (k in b)
						sum += a[k] * b[k]
				sum *= 0.5 + 0.5 * log(1 + users[part[2]]) / log(1 + most)
				if ((sum - part[3]) ^ 2 > 1e-12)
					print line ", expected " sum
			}
		}' events.csv items.csv lists >wrong
	run cat wrong
	assert_output ''
}

# Every row of README's table of what the service has, on real data: films (the service's
# sample) and flights (its sample for segments).
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	[ -e "$DATA/personalize-samples" ] || return 0
	zstdcat "$DATA/personalize-samples/interactions.csv.zst" >events.csv
	zstdcat "$DATA/personalize-samples/items.csv.zst" >items.csv
	zstdcat "$DATA/personalize-samples/airline-interactions.csv.zst" >flights.csv
	zstdcat "$DATA/personalize-samples/airline-users.csv.zst" >members.csv
	{
		pz-import films events.csv
		pz-import films items.csv
		pz-import flights flights.csv
		pz-import flights members.csv
	} >schemas
	pz-train -r user-personalization "${quick[@]}" -o films.pzm films
	pz-train -r user-personalization "${quick[@]}" -o flights.pzm flights
	pz-train -r popularity-count -o popular.pzm films
	awk -F, 'NR > 1 && !seen[$1]++ { printf "{\"userId\":\"%s\"}\n", $1 }' events.csv |
		head -n 50 >users.jsonl
}

setup() {
	need_data personalize-samples
	cd "$BATS_FILE_TMPDIR" || exit
}

quick=(--hyper hidden_dimension=16 --hyper epochs=2)

# popular - the films by their users, then by ID.
popular() {
	awk -F, 'NR > 1 && !seen[$1, $2]++ { users[$2]++ }
		END { for (i in users) print users[i], i }' events.csv | LC_ALL=C sort -k1,1nr -k2,2
}

# items RECORD ARGUMENT... - the items that pz-score answers, one a line.
items() {
	local record=$1
	shift
	pz-score "$@" <<<"$record" | jq -r '.output.recommendedItems[]'
}

@test "every row of README's table has a test here" {
	sed -n '/^| the service | pz |/,/^$/p' "$ROOT/README.md" | tail -n +3 |
		awk -F' *[|] *' 'NF > 2 { print $2 }' | sort >rows
	[ "$(wc -l <rows)" -gt 25 ]
	sed -n 's/^@test "row: \(.*\)" {$/\1/p' "$BATS_TEST_FILENAME" | sort | diff rows -
}

@test "row: CreateDatasetImportJob, FULL and INCREMENTAL" {
	head -n 80000 events.csv >first.csv
	{
		head -n 1 events.csv
		tail -n +80001 events.csv
	} >second.csv
	pz-import --mode FULL halves first.csv >schema
	pz-import --mode INCREMENTAL halves second.csv
	cmp <(zstdcat halves/interactions/*) <(zstdcat films/interactions/*)
	pz-import --mode FULL halves second.csv
	[ "$(zstdcat halves/interactions/* | wc -l)" = $(($(wc -l <second.csv) - 1)) ]
}

@test "row: CreateSchema" {
	pz-import again flights.csv >flights.json
	pz-import --schema flights.json checked flights.csv
	cmp <(zstdcat again/interactions/*) <(zstdcat checked/interactions/*)
	run -0 jq -c '[.fields[] | .name]' flights.json
	assert_output '["ITEM_ID","USER_ID","TIMESTAMP","CABIN_TYPE","EVENT_VALUE","EVENT_TYPE"]'
}

@test "row: PutEvents, PutItems, PutUsers" {
	cp -r films live
	pz-event live <<-'END'
		{"sessionId":"s","userId":"1","eventList":[{"eventType":"click","sentAt":2000000000,"itemId":"260"}]}
		{"items":[{"itemId":"new1","properties":{"genre":"Comedy","year":"1999"}}]}
	END
	run -0 jq -c . <(zstdcat live/interactions/*put*)
	assert_output '{"USER_ID":"1","ITEM_ID":"260","TIMESTAMP":2000000000,"EVENT_TYPE":"click"}'
	run -0 jq -r .ITEM_ID <(zstdcat live/items/*put*)
	assert_output new1
	cp -r flights club
	pz-event club <<<'{"users":[{"userId":"me","properties":{"memberClass":"Gold"}}]}'
	run -0 jq -c . <(zstdcat club/users/*put*)
	assert_output '{"USER_ID":"me","memberClass":"Gold"}'
}

@test "row: CreateSolutionVersion" {
	run -0 jq -c '[.recipe, .hyperparameters.hidden_dimension]' <(pz-show model films.pzm)
	assert_output '["user-personalization",16]'
}

@test "row: aws-user-personalization(-v2)" {
	pz-score -m films.pzm -n 100000 --exploration-weight 0 users.jsonl >all
	run -0 jq -s 'all(.error == null and (.output | (.scores | add) > 0.999
		and (.scores | add) < 1.001 and (.scores == (.scores | sort | reverse))
		and (.recommendedItems | length == (unique | length))))' all
	assert_output true
	pz-train -r aws-user-personalization-v2 "${quick[@]}" -o named.pzm films
	cmp <(pz-score -m named.pzm users.jsonl) <(pz-score -m films.pzm users.jsonl)
}

@test "row: aws-personalized-ranking(-v2)" {
	pz-train -r aws-personalized-ranking "${quick[@]}" -o rank.pzm films
	jq -c '. + {itemList: ["nowhere", "1", "260", "2571", "593"]}' users.jsonl |
		pz-score -m rank.pzm >ranked
	run -0 jq -s 'all(.output | .recommendedItems[4] == "nowhere" and .scores[4] == 0
		and (.scores[:4] == (.scores[:4] | sort | reverse))
		and (.scores | add) > 0.99999 and (.scores | add) < 1.00001)' ranked
	assert_output true
}

# Films like Toy Story have more of its genres than films have on average.
@test "row: aws-similar-items" {
	pz-train -r aws-similar-items --hyper epochs=2 -o similar.pzm films
	items '{"itemId":"1"}' -m similar.pzm -n 25 >like
	[ "$(wc -l <like)" = 25 ]
	run -1 grep -x 1 like
	alike() {
		awk -F, 'NR == FNR { list[$1]; next } $1 in list {
			n++; k += ("|" $2 "|" ~ /[|](Animation|Children)[|]/) }
			END { print int(100 * k / n) }' "$1" items.csv
	}
	[ "$(alike like)" -gt $((2 * $(alike <(cut -d, -f1 items.csv)))) ]
	# Of an item that is not known, those that are popular.
	cmp <(items '{"itemId":"nowhere"}' -m similar.pzm -n 10) <(popular | head | cut -d' ' -f2)
}

# c / n ^ 0.5, c users in common, at least 3, n users of the other.
@test "row: aws-sims" {
	pz-train -r aws-sims --hyper min_user_history_length_percentile=0 \
		--hyper max_user_history_length_percentile=1 \
		--hyper min_item_interaction_count_percentile=0 \
		--hyper max_item_interaction_count_percentile=1 -o sims.pzm films
	awk -F, 'NR > 1 && !seen[$1, $2]++ { users[$2]++; if ($2 == 260) has[$1] }
		NR > 1 { if (!met[$1, $2]++) { user[++n] = $1; item[n] = $2 } }
		END { for (k = 1; k <= n; k++) if (user[k] in has) c[item[k]]++
			for (i in c) if (i != 260 && c[i] >= 3)
				printf "%.12f %s\n", c[i] / sqrt(users[i]), i }' events.csv |
		LC_ALL=C sort -k1,1gr -k2,2 | head -n 25 | cut -d' ' -f2 >oracle
	items '{"itemId":"260"}' -m sims.pzm -n 25 | cmp - oracle
}

@test "row: aws-semantic-similarity" {
	cat >textual <<-'END'
		{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
		{"name":"GENRE","type":"string","textual":true},
		{"name":"YEAR","type":["null","string"]}],"version":"1.0"}
	END
	pz-import -t items --schema textual texts items.csv
	pz-import texts events.csv >schema
	pz-train -r aws-semantic-similarity -o texts.pzm texts
	# Ten of the very same genres are there, and come first.
	items '{"itemId":"1"}' -m texts.pzm -n 10 >like
	run -0 awk -F, 'NR == FNR { list[$1]; next } $1 in list && !seen[$2]++ { print $2 }' like items.csv
	assert_output 'Adventure|Animation|Children|Comedy|Fantasy'
}

@test "row: aws-popularity-count" {
	run -0 sh -c 'pz-score -m popular.pzm -n 25 users.jsonl | jq -c .output | sort -u'
	assert_output "$(popular | head -n 25 | cut -d' ' -f2 | jq -Rn -c '{recommendedItems: [inputs]}')"
}

# (n - b) / sqrt(n + b) for the users of the last window and of the one before.
@test "row: aws-trending-now (real time there)" {
	pz-train -r aws-trending-now --hyper trend_discovery_frequency=1440 -o trend.pzm films
	awk -F, 'NR > 1 { if ($3 > last) last = $3; t[NR] = $3; u[NR] = $1; i[NR] = $2 }
		END { for (k in t) { age = last - t[k]; w = int(age / 86400)
				if (!met[u[k], i[k]]++) all[i[k]]++
				if (w < 2 && !seen[w, u[k], i[k]]++) c[w, i[k]]++ }
			for (x in all) { n = c[0, x]; b = c[1, x]
				if (n > b) printf "%.12f %d %d %s\n", (n - b) / sqrt(n + b), n, all[x], x } }' events.csv |
		LC_ALL=C sort -k1,1gr -k2,2nr -k3,3nr -k4,4 | head -n 25 | cut -d' ' -f4 >oracle
	[ -s oracle ]
	items '{"userId":"1"}' -m trend.pzm -n "$(wc -l <oracle)" | cmp - oracle
}

@test "row: aws-item-affinity" {
	pz-train -r aws-item-affinity "${quick[@]}" -o affinity.pzm flights
	item=$(awk -F, 'NR == 2 { print $1 }' flights.csv)
	pz-score -m affinity.pzm -n 300 --scores <<<"{\"itemId\":\"$item\"}" >segment
	run -0 jq -c '.output | (.usersList | length == 300 and length == (unique | length)),
		(.scores | . == (sort | reverse) and .[0] <= 1 and .[299] >= 0)' segment
	assert_output $'true\ntrue'
	# Who is in it has flown this before five times as often as others.
	run -0 awk -F, -v item="$item" 'NR == FNR { gsub(/"/, ""); in_it[$1]; next }
		$1 == item && !seen[$2]++ { n++; k += $2 in in_it } END { print (k / 300 > 5 * n / 24500) }' \
		<(jq '.output.usersList[]' segment) flights.csv
	assert_output 1
}

@test "row: aws-item-attribute-affinity" {
	pz-train -r aws-item-attribute-affinity "${quick[@]}" -o attributes.pzm films
	pz-score -m attributes.pzm -n 30 <<<'{"itemAttributes":"ITEMS.GENRE = \"Horror\" AND ITEMS.GENRE = \"Comedy\""}' >segment
	run -0 jq -c '.output.usersList | length == 30 and length == (unique | length)' segment
	assert_output true
	# They watch twice as much of it as others.
	run -0 awk -F, 'FILENAME == "items.csv" { is[$1] = $2 ~ /Horror/ && $2 ~ /Comedy/; next }
		FILENAME == "events.csv" { all += is[$2]; of[$1] += is[$2]; users[$1]; next }
		{ gsub(/"/, ""); k += of[$1] } END { print (k / 30 > 2 * all / length(users)) }' \
		items.csv events.csv <(jq '.output.usersList[]' segment)
	assert_output 1
}

@test "row: aws-next-best-action" {
	run -2 pz-train -r aws-next-best-action -o x films
	assert_output --partial "the service has no batch jobs for it"
}

@test "row: hyperparameters" {
	pz-train -r user-personalization "${quick[@]}" --hyper recency_mask=false --hyper bptt=20 -o hyper.pzm films
	run -0 jq -c '[.hyperparameters | .recency_mask, .bptt, .epochs]' <(pz-show model hyper.pzm)
	assert_output '[0,20,2]'
}

@test "row: performHPO" {
	pz-train -r user-personalization --algorithm auto --time 0.1 --report trials -o auto.pzm flights
	[ "$(jq -r .algorithm trials | sort -u | wc -l)" -ge 3 ]
	run -0 jq -s -r 'max_by(.normalized_discounted_cumulative_gain_at_25).algorithm' trials
	assert_output "$(pz-show model auto.pzm | jq -r .algorithm)"
}

@test "row: trainingMode UPDATE" {
	cp -r films updated
	pz-event updated <<-'END'
		{"items":[{"itemId":"fresh","properties":{"genre":"Comedy|Romance"}}]}
		{"sessionId":"s","userId":"stranger","eventList":[{"eventType":"watch","sentAt":1600000000,"itemId":"260"}]}
	END
	pz-train -r user-personalization --update films.pzm -o updated.pzm updated
	items '{"userId":"1"}' -m updated.pzm -n 100000 --exploration-weight 0.9 >all
	grep -x fresh all
	# A user of one film is no longer a stranger.
	run ! cmp <(items '{"userId":"stranger"}' -m updated.pzm) <(items '{"userId":"nobody"}' -m updated.pzm)
}

@test "row: eventType, eventValueThreshold" {
	pz-train -r popularity-count --event-type click -o clicks.pzm films
	head -n 1 events.csv >clicks.csv
	grep ',click' events.csv >>clicks.csv
	pz-import clicks clicks.csv >schema
	pz-train -r popularity-count -o same.pzm clicks
	cmp <(pz-score -m clicks.pzm -n 50 users.jsonl) <(pz-score -m same.pzm -n 50 users.jsonl)
	pz-train -r popularity-count --event-value-threshold 9 -o nine.pzm flights
	run -0 jq '.interactions // .data.interactions // .events' <(pz-show model nine.pzm)
	assert_output "$(awk -F, 'NR > 1 && $5 >= 9' flights.csv | wc -l)"
}

@test "row: eventsConfig" {
	pz-train -r user-personalization "${quick[@]}" --event click=0.2 --event watch=1 -o rules.pzm films
	run -0 jq -c '[.eventsConfig[] | [.eventType, .weight]]' <(pz-show model rules.pzm)
	assert_output '[["click",0.2],["watch",1]]'
	# A film counts as the heaviest of its events, and what was watched was clicked too.
	run ! cmp <(pz-score -m rules.pzm users.jsonl) <(pz-score -m films.pzm users.jsonl)
}

@test "row: includedDatasetColumns, excludedDatasetColumns" {
	pz-train -r similar-items --hyper epochs=2 --hyper metadata_weight=1 --exclude-column Items.GENRE \
		--exclude-column Items.YEAR -o bare.pzm films
	pz-train -r similar-items --hyper epochs=2 --hyper metadata_weight=1 -o whole.pzm films
	run ! cmp <(items '{"itemId":"1"}' -m bare.pzm) <(items '{"itemId":"1"}' -m whole.pzm)
	pz-train -r similar-items --hyper epochs=2 --hyper metadata_weight=1 --exclude-column Items.YEAR -o one.pzm films
	pz-train -r similar-items --hyper epochs=2 --hyper metadata_weight=1 --include-column items.genre -o same.pzm films
	cmp <(items '{"itemId":"1"}' -m one.pzm) <(items '{"itemId":"1"}' -m same.pzm)
}

@test "row: optimizationObjective" {
	awk -F, 'NR == 1 { print "ITEM_ID,GAIN"; next } { print $1 "," $1 % 10 }' items.csv >gains.csv
	pz-import gains events.csv >schema
	pz-import -t items gains gains.csv >schema
	pz-train -r user-personalization "${quick[@]}" --objective GAIN=HIGH -o high.pzm gains
	pz-train -r user-personalization "${quick[@]}" --objective GAIN=OFF -o off.pzm gains
	gain() {
		pz-score -m "$1" --exploration-weight 0 users.jsonl | jq -s '[.[].output.recommendedItems[] | tonumber % 10] | add / length'
	}
	run -0 jq -n "$(gain high.pzm) > $(gain off.pzm) + 1"
	assert_output true
}

@test "row: GetSolutionMetrics" {
	run -0 jq -r 'keys[]' <(pz-show metrics films.pzm)
	for k in 5 10 25; do
		assert_line normalized_discounted_cumulative_gain_at_$k
		assert_line precision_at_$k
	done
	assert_line coverage
	assert_line mean_reciprocal_rank_at_25
}

@test "row: CreateBatchInferenceJob, CreateBatchSegmentJob" {
	mkdir -p in out
	cp users.jsonl in/job.json
	pz-fetch in/job.json | pz-score -m films.pzm | pz-put out/job.json.out
	cmp out/job.json.out <(pz-score -m films.pzm users.jsonl)
	# The service's own example of a description, but for its places.
	cat >batch-job.json <<-END
		{
		  "jobName": "batchTest",
		  "solutionVersionArn": "arn:aws:personalize:us-west-2:acct-id:solution/films/1542392161262",
		  "numResults": 25,
		  "batchInferenceJobConfig": {
		    "itemExplorationConfig": {"explorationWeight": "0.3", "explorationItemAgeCutOff": "30"}
		  },
		  "jobInput": {"s3DataSource": {"path": "$PWD/in/"}},
		  "jobOutput": {"s3DataDestination": {"path": "$PWD/batch-out/"}},
		  "roleArn": "arn:aws:iam::acct-id:role/service-role/AmazonPersonalizeRole"
		}
	END
	pz-batch create --file batch-job.json --part-size 300
	cmp batch-out/job.json.out <(pz-score -m films.pzm --exploration-weight 0.3 \
		--exploration-item-age-cut-off 30 users.jsonl)
}

@test "row: DescribeBatchInferenceJob, ListBatchInferenceJobs" {
	pz-batch create --name described -m films.pzm --input in/ --output listed -n 3
	pz-batch describe described | jq -e '.batchInferenceJob
		| .status == "ACTIVE" and .numResults == 3 and .pz.records == 50'
	pz-batch list | jq -e '.batchInferenceJobs[0] | .jobName == "described" and .status == "ACTIVE"'
}

@test "row: numResults" {
	for n in 1 25 500; do
		run -0 sh -c "pz-score -m films.pzm -n $n users.jsonl | jq '.output.recommendedItems | length' | sort -u"
		assert_output $n
	done
}

# An item that nobody met is new, and comes up with weight.
@test "row: itemExplorationConfig" {
	cp -r films explored
	pz-event explored <<<'{"items":[{"itemId":"fresh","properties":{"genre":"Comedy|Romance"}}]}'
	pz-train -r user-personalization "${quick[@]}" -o explored.pzm explored
	run -1 grep -x fresh <(items '{"userId":"1"}' -m explored.pzm -n 100000 --exploration-weight 0)
	place() {
		items '{"userId":"1"}' -m explored.pzm -n 100000 --exploration-weight "$1" | grep -nx fresh | cut -d: -f1
	}
	[ "$(place 0.999)" -lt "$(place 0.5)" ]
	# Old films are not explored: with a cut-off of no time, only fresh is.
	pz-score -m explored.pzm -n 100000 --reasons --exploration-weight 0.5 \
		--exploration-item-age-cut-off 0.00001 <<<'{"userId":"1"}' >reasons
	run -0 jq -r '.output | [.recommendedItems, .reason] | transpose[] | select(.[1] != []) | .[0]' reasons
	assert_line fresh
}

@test "row: THEME_GENERATION, itemName" {
	pz-train -r sims -o themes.pzm films
	run -0 pz-score -m themes.pzm --themes GENRE -n 10 <<<'{"itemId":"260"}'
	run -0 jq -c '.output | (.theme | type), (.recommendedItems | length),
		(.itemsThemeRelevanceScores | length == 10 and . == (sort | reverse))' <<<"$output"
	assert_output $'"string"\n10\ntrue'
}

@test "row: rankingInfluence" {
	[ -e texts.pzm ] || skip "needs the test of aws-semantic-similarity"
	mean() {
		popular >counts
		items '{"itemId":"1"}' -m texts.pzm -n 25 "$@" | awk 'NR == FNR { n[$2] = $1; next }
			{ sum += n[$1] } END { print sum / FNR }' counts -
	}
	run -0 jq -n "$(mean --ranking-influence POPULARITY=1) > $(mean)"
	assert_output true
}

@test "row: CreateFilter, filterArn, filterValues" {
	jq -c '. + {filterValues: {G: "\"Horror\""}}' users.jsonl |
		pz-filter -m films.pzm 'INCLUDE ItemID WHERE Items.GENRE IN ($G) | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")' |
		pz-score -m films.pzm -n 25 >filtered
	jq -r '.input.userId as $u | .output.recommendedItems[] | "\($u),\(.)"' filtered >got
	[ "$(wc -l <got)" -gt 1000 ]
	run -0 awk -F, 'FILENAME == "items.csv" { horror[$1] = $2 ~ /Horror/; next }
		FILENAME == "events.csv" { watched[$1, $2] = watched[$1, $2] || $4 ~ /watch/; next }
		!horror[$2] || watched[$1, $2]' items.csv events.csv got
	assert_output ''
}

@test "row: contextual metadata (real time there)" {
	first() {
		items '{"userId":"nobody","context":{"CABIN_TYPE":"First Class"}}' -m flights.pzm -n 20
	}
	share() {
		awk -F, 'NR == FNR { list[$1]; next } $1 in list { n++; k += $4 == "First Class" }
			END { print k / n }' - flights.csv
	}
	run -0 jq -n "$(first | share) > 1.5 * $(items '{"userId":"nobody"}' -m flights.pzm -n 20 | share)"
	assert_output true
}

@test "row: reasons of the -v2 recipes" {
	run -0 pz-score -m films.pzm --reasons -n 2 <<<'{"userId":"nobody"}'
	assert_output --partial '"reason":[["Popular item"],["Popular item"]]'
}

@test "row: events since the training" {
	cp -r films later
	watched=$(items '{"userId":"1"}' -m films.pzm -n 1)
	pz-event later <<<"{\"sessionId\":\"s\",\"userId\":\"1\",\"eventList\":[{\"eventType\":\"watch\",\"sentAt\":1600000000,\"itemId\":\"$watched\"}]}"
	ask() {
		pz-filter 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")' <<<'{"userId":"1"}' |
			pz-score "$@" | jq -r '.output.recommendedItems[]'
	}
	run -1 grep -x "$watched" <(ask -m films.pzm -d later)
	cmp <(ask -m films.pzm -d films) <(ask -m films.pzm)
}

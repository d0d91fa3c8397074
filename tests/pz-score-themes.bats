# pz-score --themes - related items under a title.
load util

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	awk 'BEGIN {
		print "USER_ID,ITEM_ID,TIMESTAMP"
		for (u = 0; u < 60; u++)
			for (k = 0; k < 12; k++)
				if ((u * 7 + k * 5) % 3)
					printf "u%02d,%s%02d,%d\n", u, u % 3 ? (u % 3 == 1 ? "r" : "s") : "x", k, 100 * k + u
	}' >events.csv
	{
		echo ITEM_ID,NAME,GENRE,PRICE
		for i in 00 01 02 03 04 05 06 07 08 09 10 11; do
			echo "r$i,A night in ROME $i,Drama|Travel,5"
			echo "s$i,Space Rangers $i,Science,6"
			echo "x$i,,,7"
		done
	} >items.csv
	cat >items.schema <<-'E'
	{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
	{"name":"NAME","type":["null","string"]},
	{"name":"GENRE","type":["null","string"],"categorical":true},
	{"name":"PRICE","type":"double"}],"version":"1.0"}
	E
	pz-import -t interactions shop events.csv >schema.json
	pz-import -t items --schema items.schema shop items.csv
	pz-train -r similar-items --hyper item_id_hidden_dim=16 -o similar.pzm shop 2>warnings
	pz-train -r sims --hyper max_item_interaction_count_percentile=1 -o sims.pzm shop 2>>warnings
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "a list has a theme of what sets it apart, in the service's shape" {
	for model in similar.pzm sims.pzm; do
		run -0 pz-score -m $model --themes NAME -n 7 <<<'{"itemId": "r03"}'
		assert_output --regexp '^\{"input":\{"itemId":"r03"\},"output":\{"recommendedItems":\[("r[0-9]+",?){7}\],"theme":"[^"]+","itemsThemeRelevanceScores":\[0\.[0-9]{1,9}(,0\.[0-9]{1,9}){6}\]\},"error":null\}$'
		run jq -r .output.theme <<<"$output"
		assert_output 'Drama, Travel, A'
		run jq -r .output.theme < <(pz-score -m $model --themes name -n 7 <<<'{"itemId":"s03"}')
		assert_output 'Science, Rangers, Space'
	done
}

@test "items stand by their relevance, what else there is says the same" {
	pz-score -m similar.pzm -n 14 <<<'{"itemId":"s06"}' >plain
	pz-score -m similar.pzm -n 14 --themes NAME --scores <<<'{"itemId":"s06"}' >themed
	run jq -c '.output | (.itemsThemeRelevanceScores | . == (sort | reverse) and .[-1] < 0),
		(.itemsThemeRelevanceScores | length), (.scores | length)' themed
	assert_output $'true\n14\n14'
	cmp <(jq -c '.output.recommendedItems | sort' plain) \
		<(jq -c '.output.recommendedItems | sort' themed)
	# scores go with their items
	pz-score -m similar.pzm -n 14 --scores <<<'{"itemId":"s06"}' >scored
	cmp <(jq -c '.output | [.recommendedItems, .scores] | transpose | sort' scored) \
		<(jq -c '.output | [.recommendedItems, .scores] | transpose | sort' themed)
}

@test "without anything in common the title names the item, or says popular" {
	# x items have neither a name nor a genre
	run jq -c '[.output.theme, (.output.itemsThemeRelevanceScores | unique)]' < <(
		pz-score -m sims.pzm --themes NAME -n 5 <<<'{"itemId":"x04"}')
	assert_output '["Like x04",[0]]'
	run jq -c .output < <(pz-score -m similar.pzm --themes NAME <<<'{"itemId":"r03","filter":"INCLUDE ItemID WHERE Items.PRICE > 7"}')
	assert_output '{"recommendedItems":[],"theme":"Like A night in ROME 03","itemsThemeRelevanceScores":[]}'
	run jq -c .output.theme < <(pz-score -m similar.pzm --themes NAME -n 3 <<<'{"itemId":"nowhere","filter":"INCLUDE ItemID WHERE Items.PRICE > 7"}')
	assert_output '"Popular items"'
}

@test "a wrong column, or a model without related items, is an error" {
	run -1 pz-score -m similar.pzm --themes PRICE /dev/null
	assert_output --partial 'pz-score: --themes: PRICE is not a column of the items with strings'
	run -1 pz-score -m similar.pzm --themes TITLE /dev/null
	assert_output --partial 'TITLE is not a column'
	pz-train -r popularity-count -o popular.pzm shop 2>/dev/null
	run -2 pz-score -m popular.pzm --themes NAME /dev/null
	assert_output 'pz-score: --themes: popularity-count has none'
}

@test "bad records stay error records, and the bytes do not depend on threads" {
	for i in 1 2 3 4 5 6 7 8 9; do
		for id in r01 s02 x03 nowhere r11; do
			echo "{\"itemId\":\"$id\"}"
		done
		echo nonsense
	done >many
	for model in similar.pzm sims.pzm; do
		run -3 pz-score -m $model --themes NAME -j 1 many
		[ "$(pz-score -m $model --themes NAME -j 1 many | md5sum)" = "$(pz-score -m $model --themes NAME -j 3 many | md5sum)" ]
	done
}

# Contingency tables by awk: whatever a list shares most, by the ratio of themes.h.
@test "on personalize-samples titles are the genres and years that set lists apart" {
	need_data personalize-samples
	cd_temp
	zstdcat "$DATA/personalize-samples/items.csv.zst" | tr -d '\r' >items.csv
	zstdcat "$DATA/personalize-samples/interactions.csv.zst" >events.csv
	pz-import -t items movies items.csv >schema
	pz-import -t interactions movies events.csv >inferred
	pz-train -r sims --hyper max_item_interaction_count_percentile=1 -o sims.pzm movies
	for i in 1 2571 593 100 318 1270 4993; do echo "{\"itemId\":\"$i\"}"; done >queries
	pz-score -m sims.pzm --themes GENRE -n 20 queries |
		jq -r '"\(.input.itemId)\t\(.output.theme)\t\(.output.recommendedItems | join(" "))"' >lists
	awk -F, '
		function cell(o, e) { return o > 0 ? o * log(o / e) : 0 }
		function apart(k, n, K, N) {
			return 2 * (cell(k, n * K / N) + cell(n - k, n * (N - K) / N)) \
				+ 2 * cell(K - k, (N - n) * K / N) \
				+ 2 * cell(N - n - K + k, (N - n) * (N - K) / N)
		}
		FILENAME == "items.csv" && FNR > 1 {
			of[$1] = $2 ($3 == "" ? "" : "|" $3)
			all++
			for (g = split(of[$1], genre, "|"); g; g--)
				with[genre[g]]++
		}
		FILENAME == "lists" {
			split($0, part, "\t")
			delete times
			n = split(part[3], item, " ")
			for (i = 1; i <= n; i++)
				for (g = split(of[item[i]], genre, "|"); g; g--)
					times[genre[g]]++
			title = ""
			for (taken = 0; taken < 3; taken++) {
				best = 10.83
				which = ""
				for (g in times)
					if (times[g] >= 2 && 3 * times[g] >= n &&
					    times[g] / n > with[g] / all &&
					    apart(times[g], n, with[g], all) > best) {
						best = apart(times[g], n, with[g], all)
						which = g
					}
				if (which == "")
					break
				title = title (taken ? ", " : "") which
				delete times[which]
			}
			if (title != "" && title != part[2])
				print part[1] ": " part[2] ", expected " title
			themed += title != ""
		}
		END { if (themed < 4) print "only " themed + 0 " themes" }' items.csv lists >wrong
	run cat wrong
	assert_output ''
}

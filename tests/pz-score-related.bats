# pz-score - items like an item: similar-items and sims.
load util

# Three kinds of tea and three of coffee; whoever drinks one drinks the others.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	awk 'BEGIN {
		print "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"
		for (u = 0; u < 40; u++) {
			kind = u % 2 ? "tea" : "coffee"
			for (k = 1; k < 5; k++)
				if ((u + k) % 5)
					printf "u%02d,%s%d,%d,%s\n", u, kind, k, 100 * k + u, k % 2 ? "buy" : "view"
			if (u % 3 == 0)
				printf "u%02d,water,%d,buy\n", u, 900 + u
		}
	}' >events.csv
	cat >items.csv <<-'E'
	ITEM_ID,KIND,PRICE,MAKER
	tea1,tea|hot,3,a
	tea2,tea|hot,4,a
	tea3,tea|hot,5,b
	tea4,tea,6,b
	tea9,tea|hot,4,a
	coffee1,coffee|hot,5,c
	coffee2,coffee|hot,6,c
	coffee3,coffee,7,c
	coffee4,coffee,8,d
	coffee9,coffee|hot,6,c
	water,,1,
	nothing,,,
	E
	pz-import shop events.csv >schema.json
	pz-import shop items.csv >>schema.json
	pz-train -r similar-items -o similar.pzm shop 2>warnings
	pz-train -r sims --hyper max_item_interaction_count_percentile=1 -o sims.pzm shop 2>>warnings
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# list MODEL RECORD [N] - the items that answer it, by blanks.
list() {
	pz-score -m "$1" -n "${3:-25}" <<<"$2" | jq -r '.output.recommendedItems | join(" ")'
}

# tea9 has no users, but says the same of itself.
@test "the items that the same users met come first, the item itself never" {
	for i in 1 2 3 4; do
		for model in similar.pzm sims.pzm; do
			run list $model "{\"itemId\":\"tea$i\"}"
			refute_output --regexp "\<tea$i\>"
			run list $model "{\"itemId\":\"tea$i\"}" 3
			assert_output --regexp '^tea[1-49] tea[1-49] tea[1-49]$'
		done
	done
}

@test "records have no scores, as the service's" {
	for model in similar.pzm sims.pzm; do
		run -0 pz-score -m $model -n 2 <<<'{"itemId": "tea1", "note": 1}'
		assert_output --regexp '^\{"input":\{"itemId":"tea1","note":1\},"output":\{"recommendedItems":\["[a-z0-9]+","[a-z0-9]+"\]\},"error":null\}$'
	done
}

@test "an unknown item gets the popular ones, as an unknown user does" {
	pz-train -r popularity-count -o popular.pzm shop 2>/dev/null
	expected=$(list popular.pzm '{"userId":"nobody"}' 5)
	for model in similar.pzm sims.pzm; do
		run list $model '{"itemId":"nowhere"}' 5
		assert_output "$expected"
		run -0 pz-score -m $model <<<'{"itemId":"nowhere"}'
		[ "$(jq .error <<<"$output")" = null ]
	done
}

@test "an item nobody met and nothing is said of gets popular items without itself" {
	run list similar.pzm '{"itemId":"nothing"}' 30
	refute_output --partial nothing
	[ "$(wc -w <<<"$output")" = 9 ]
}

@test "an item nobody met is like others by its metadata, and others are like it" {
	run list similar.pzm '{"itemId":"tea9"}' 4
	[ "$(tr ' ' '\n' <<<"$output" | grep -c tea)" = 4 ]
	run list similar.pzm '{"itemId":"coffee9"}' 4
	[ "$(tr ' ' '\n' <<<"$output" | grep -c coffee)" = 4 ]
	run list similar.pzm '{"itemId":"tea2"}' 4
	assert_output --regexp '\<tea9\>'
}

@test "sims leaves items out by percentiles and answers them with popular ones" {
	pz-train -r sims --hyper min_item_interaction_count_percentile=0.5 \
		--hyper max_item_interaction_count_percentile=1 -o trimmed.pzm shop 2>/dev/null
	run list trimmed.pzm '{"itemId":"tea1"}'
	assert_output --regexp '^tea[234] tea[234] tea[234]$'
	run list trimmed.pzm '{"itemId":"water"}' 20
	[ "$(wc -w <<<"$output")" = 8 ]
	refute_output --partial water
}

@test "sims answers an item that shares users with none by popular items" {
	pz-train -r sims --hyper max_item_interaction_count_percentile=1 \
		--hyper min_cointeraction_count=10 -o many.pzm shop 2>/dev/null
	run list many.pzm '{"itemId":"water"}' 20
	[ "$(wc -w <<<"$output")" = 8 ]
	refute_output --partial water
}

@test "sims asks for shared users" {
	pz-train -r sims --hyper min_cointeraction_count=10 \
		--hyper max_item_interaction_count_percentile=1 -o many.pzm shop 2>/dev/null
	run list many.pzm '{"itemId":"tea1"}'
	assert_output --regexp '^tea[234] tea[234] tea[234]$'
}

@test "filters, of the current item too, limit the items" {
	run list similar.pzm '{"itemId":"tea1","filter":"INCLUDE ItemID WHERE Items.KIND IN (\"coffee\")"}' 30
	[ "$(tr ' ' '\n' <<<"$output" | grep -c coffee)" = 5 ]
	[ "$(wc -w <<<"$output")" = 5 ]
	cheaper='INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE AND Items.KIND IN CurrentItem.KIND'
	pz-filter "$cheaper" <<<'{"itemId":"tea3"}' >bound
	run list similar.pzm "$(cat bound)" 30
	[ "$(tr ' ' '\n' <<<"$output" | sort | tr '\n' ' ')" = 'coffee1 tea1 tea2 tea9 ' ] ||
		[ "$(tr ' ' '\n' <<<"$output" | sort | tr '\n' ' ')" = 'tea1 tea2 tea9 ' ]
	run list sims.pzm "$(cat bound)" 30
	assert_output --regexp '^tea[12] tea[12]$'
	run list sims.pzm '{"itemId":"tea3","filter":"INCLUDE ItemID WHERE Items.PRICE > 99"}'
	assert_output ''
}

@test "a filter of what the user met works if the record names one" {
	pz-filter 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")' \
		<<<'{"itemId":"tea1","userId":"u01"}' >bound
	for model in similar.pzm sims.pzm; do
		pz-show history shop u01 | jq -r .ITEM_ID | sort -u >met
		run list $model "$(cat bound)" 30
		[ "$(tr ' ' '\n' <<<"$output" | sort | comm -12 - met | wc -l)" = 0 ]
	done
}

@test "wrong records are error records, the rest goes on, exit 3" {
	printf '%s\n' '{"itemId":"tea1"}' nonsense '{"userId":"u01"}' '{"itemId":7}' \
		'{"itemId":"tea1","filter":"x"}' '{"itemId":null}' '{"itemId":"tea2"}' >mixed
	for model in similar.pzm sims.pzm; do
		run -3 pz-score -m $model -n 1 mixed
		[ "${#lines[@]}" = 7 ]
		[ "${lines[1]}" = '{"input":"nonsense","output":null,"error":"byte 1: expected an object"}' ]
		[ "${lines[2]}" = '{"input":{"userId":"u01"},"output":null,"error":"expected a member itemId"}' ]
		[ "${lines[3]}" = '{"input":{"itemId":7},"output":null,"error":"itemId is not a string"}' ]
		[ "${lines[5]}" = '{"input":{"itemId":null},"output":null,"error":"itemId is not a string"}' ]
		run jq -c 'select(.error == null) | .input.itemId' <<<"$output"
		assert_output $'"tea1"\n"tea2"'
	done
}

@test "the bytes are the same for any number of threads and any kernel" {
	for i in 1 2 3 4 5 6 7 8 9; do
		for id in tea1 tea2 nowhere coffee4 tea9 nothing water; do
			echo "{\"itemId\":\"$id\"}"
		done
	done >many
	for model in similar.pzm sims.pzm; do
		pz-score -m $model -j 1 many >one
		pz-score -m $model -j 3 many | cmp - one
		PZ_SIMD=scalar pz-score -m $model many | cmp - one
	done
	SOURCE_DATE_EPOCH=0 pz-train -r similar-items -j 1 -o one.pzm shop 2>/dev/null
	SOURCE_DATE_EPOCH=0 PZ_SIMD=scalar pz-train -r similar-items -j 3 -o other.pzm shop 2>/dev/null
	cmp one.pzm other.pzm
}

# pz-show works out in double what pz-score does in float.
@test "likeness is what pz-show says of neighbors, and never above 1" {
	for id in tea1 coffee4 tea9 water; do
		pz-score -m similar.pzm -n 6 --scores <<<"{\"itemId\":\"$id\"}" |
			jq -c '.output | [.recommendedItems, .scores] | transpose' >scored
		pz-show neighbors -n 6 similar.pzm "$id" >shown
		run jq -n --slurpfile a scored --slurpfile b shown '
			[$a[0], [$b[] | [.NEIGHBOR_ID, .likeness]]] | transpose | length == 6
			and all((.[0][1] - .[1][1] | fabs) < 1e-4 and .[0][1] <= 1.000001)'
		assert_output true
	done
}

# The formula of together.h in awk; the other likenesses have no weight.
@test "on grocery similar-items equals the formula, by awk" {
	need_data grocery
	cd_temp
	zstdcat "$DATA/grocery/interactions.csv.zst" | tr '\t' , |
		sed '1s/.*/USER_ID,ITEM_ID,TIMESTAMP/' >events.csv
	pz-import shop events.csv >/dev/null
	pz-train -r similar-items --hyper cointeraction_weight=1 --hyper metadata_weight=0 \
		--hyper epochs=1 --hyper item_id_hidden_dim=4 -o similar.pzm shop
	for i in 1243 4779 7433 8001; do echo "{\"itemId\":\"$i\"}"; done >queries
	pz-score -m similar.pzm --scores -n 10 queries | jq -r '.input.itemId as $i | .output
		| [.recommendedItems, .scores] | transpose[] | "\($i) \(.[0]) \(.[1])"' >lists
	[ "$(wc -l <lists)" = 40 ]
	pz-show history shop | jq -r '"\(.USER_ID) \(.ITEM_ID)"' | awk '
		NR == FNR { list[NR] = $0; score[$1, $2] = $3; asked[$1]; last[$1] = $3; n = NR; next }
		($1, $2) in met { next }
		{ met[$1, $2]; users[$2]++; of[$2] = of[$2] " " $1; has[$1] = has[$1] " " $2 }
		END {
			for (i in asked) {
				delete sum
				delete both
				for (u = split(of[i], user, " "); u; u--) {
					m = split(has[user[u]], item, " ")
					for (here = 1; item[here] != i; here++)
						;
					for (j = 1; j <= m; j++) {
						d = j > here ? j - here : here - j
						if (d && d <= 50) {
							sum[item[j]] += 1 / d
							both[item[j]]++
						}
					}
				}
				for (j in sum) {
					x = sqrt(sum[j] / (users[i] ^ 0.6 * users[j] ^ 0.4) * both[j] / (both[j] + 5))
					if ((i, j) in score) {
						found++
						if ((x - score[i, j]) ^ 2 > 1e-12)
							print i, j, score[i, j] ", expected " x
					} else if (x > last[i] + 1e-6)
						print i, j ", left out, has " x
				}
			}
			if (found != n)
				print found + 0 " of " n
		}' lists - >wrong
	run cat wrong
	assert_output ''
}

# What its users met next is in the list far more often than by chance (10 of 9,742).
@test "on personalize-samples related items are what users meet next" {
	need_data personalize-samples
	cd_temp
	zstdcat "$DATA/personalize-samples/interactions.csv.zst" >events.csv
	zstdcat "$DATA/personalize-samples/items.csv.zst" >items.csv
	pz-import -t interactions movies events.csv >/dev/null
	pz-import -t items movies items.csv >/dev/null
	pz-split --protocol last-out -o split movies >log
	pz-train -r similar-items --hyper epochs=4 --hyper item_id_hidden_dim=32 -o similar.pzm split/train
	pz-show history split/train | jq -c '{userId: .USER_ID, itemId: .ITEM_ID}' |
		awk -F'"' '$4 != last { print; last = $4 }' >last
	jq -c --slurpfile last last -n 'INDEX($last[]; .userId) as $of
		| inputs | .input.itemId = $of[.input.userId].itemId | select(.input.itemId)' \
		split/truth.jsonl >truth
	jq -c .input truth | pz-score -m similar.pzm -n 10 | pz-eval truth - >metrics
	run jq '.hit_rate_at_10 > 0.05' metrics
	assert_output true
}

# Random signs keep a cosine but for about 1 / sqrt(2048); metadata.h in awk.
@test "on personalize-samples likeness by metadata alone is their cosine, nearly" {
	need_data personalize-samples
	cd_temp
	zstdcat "$DATA/personalize-samples/interactions.csv.zst" >events.csv
	zstdcat "$DATA/personalize-samples/items.csv.zst" | tr -d '\r' >items.csv
	pz-import -t interactions movies events.csv >/dev/null
	pz-import -t items movies items.csv >schema
	[ "$(grep -c categorical schema)" = 2 ]
	pz-train -r similar-items --hyper metadata_weight=1 --hyper item_metadata_hidden_dim=2048 \
		--hyper item_id_hidden_dim=1 --hyper epochs=1 -o similar.pzm movies
	for i in 1 2571 593 78499; do echo "{\"itemId\":\"$i\"}"; done >queries
	pz-score -m similar.pzm --scores -n 20 queries | jq -r '.input.itemId as $i | .output
		| [.recommendedItems, .scores] | transpose[] | "\($i) \(.[0]) \(.[1])"' >lists
	awk -F, '
		FNR == 1 && FILENAME == "items.csv" { next }
		FILENAME == "items.csv" {
			id[++n] = $1
			k = split($2, genre, "|")
			for (g = 1; g <= k; g++) {
				x[$1, genre[g]] = 1 / sqrt(k)
				of[$1] = of[$1] "," genre[g]
				df[genre[g]]++
			}
			if ($3 != "") {
				x[$1, $3] = 1
				of[$1] = of[$1] "," $3
				df[$3]++
			}
			next
		}
		function product(i, j, t, m, f, sum) {
			m = split(of[i], f, ",")
			for (t = 2; t <= m; t++)
				if (df[f[t]] > 1 && (j, f[t]) in x)
					sum += x[i, f[t]] * x[j, f[t]] * log(n / df[f[t]]) ^ 2
			return sum
		}
		{
			split($0, part, " ")
			i = part[1]
			j = part[2]
			cosine = product(i, j) / sqrt(product(i, i) * product(j, j))
			if ((cosine - part[3]) ^ 2 > 0.01)
				print $0 ", expected " cosine
			seen++
		}
		END { if (seen != 80) print "only " seen }' items.csv lists >wrong
	run cat wrong
	assert_output ''
}

# For jq: each item's list from who met what, as cointeraction.h defines it.
@test "on grocery sims equals a count by jq" {
	need_data grocery
	cd_temp
	zstdcat "$DATA/grocery/interactions.csv.zst" | tr '\t' , |
		sed '1s/.*/USER_ID,ITEM_ID,TIMESTAMP/' >events.csv
	pz-import shop events.csv >/dev/null
	pz-train -r sims --hyper min_user_history_length_percentile=0 \
		--hyper max_user_history_length_percentile=1 \
		--hyper min_item_interaction_count_percentile=0 \
		--hyper max_item_interaction_count_percentile=1 -o sims.pzm shop
	for i in 1243 4779 7433 8001; do echo "{\"itemId\":\"$i\"}"; done >queries
	pz-score -m sims.pzm -n 10 queries |
		jq -r '"\(.input.itemId) \(.output.recommendedItems | join(" "))"' >lists
	awk -F, -v items='1243 4779 7433 8001' '
		NR == 1 || ($1, $2) in met { next }
		{ met[$1, $2]; users[$2]++; of[$2] = of[$2] " " $1; has[$1] = has[$1] " " $2 }
		END {
			for (q = split(items, ask, " "); q; q--) {
				delete both
				for (u = split(of[ask[q]], user, " "); u; u--)
					for (i = split(has[user[u]], item, " "); i; i--)
						both[item[i]]++
				for (j in both)
					if (j != ask[q] && both[j] >= 3)
						printf "%s %.7f %s\n", ask[q], both[j] / sqrt(users[j]), j
			}
		}' events.csv | LC_ALL=C sort -k1,1 -k2,2gr -k3,3 |
		awk '{ if (n[$1]++ < 10) list[$1] = list[$1] " " $3 }
			END { for (q = 1; q <= split("1243 4779 7433 8001", ask, " "); q++) print ask[q] list[ask[q]] }' |
		diff - lists
}

# util - what every bats file loads.
bats_require_minimum_version 1.5.0
load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load
load /usr/lib/bats/bats-file/load

# The project's root, and the commands under test before any installed ones.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=${BUILD:-$ROOT/build}:$PATH
# The real data sets live outside the project; tests that use them skip without.
DATA=$ROOT/../shared/data

cd_temp() {
	cd "$BATS_TEST_TMPDIR" || exit
}

need_data() {
	[ -e "$DATA/$1" ] || skip "needs the data set $1"
}

# make_shop - 60 users and 40 items, where user u likes the items of its third: the
# dataset shop, the model shop.pzm, popular.pzm, and users.jsonl, in this folder.
make_shop() {
	awk 'BEGIN {
		print "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"
		for (u = 0; u < 60; u++)
			for (k = 0; k < 9; k++)
				printf "u%02d,i%02d,%d,%s\n", u, u % 3 + 3 * ((k * (u + 7)) % 13),
					1000000 + 100 * k + u, k % 3 ? "view" : "buy"
	}' >events.csv
	awk 'BEGIN {
		print "ITEM_ID,GENRE,PRICE"
		for (i = 0; i < 40; i++)
			printf "i%02d,%s,%d\n", i, i % 2 ? "Crime|Drama" : "Comedy", i
	}' >items.csv
	pz-import shop events.csv >schema.json
	pz-import shop items.csv >>schema.json
	pz-train -r user-personalization --hyper hidden_dimension=8 -o shop.pzm shop 2>warnings
	pz-train -r popularity-count -o popular.pzm shop 2>>warnings
	awk 'BEGIN { for (u = 0; u < 60; u++) printf "{\"userId\": \"u%02d\"}\n", u }' >users.jsonl
}

# pz-train --from-factors: what products of vectors make of them is what pz-score says.
load util

# The shop of make_shop, and vectors of its users and items: u59 and i39 have none, u99
# and i99 are not in the shop. Numbers are rounded to float32.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
	echo '{"USER_ID":"ghost","AGE":7}' | pz-import -t users shop >>schema.json
	python3 - <<-'END'
	import json, random, struct

	def row(n):
	    return [struct.unpack("f", struct.pack("f", random.gauss(0, .4)))[0] for _ in range(n)]

	def write(name, key, rows):
	    with open(name, "w") as f:
	        for i, x in rows.items():
	            f.write(json.dumps({key: i, "features": x}) + "\n")

	random.seed(1)
	users = {"u%02d" % i: row(5) for i in [*range(59), 99]} | {"ghost": row(5)}
	items = {"i%02d" % i: row(5) for i in [*range(39), 99]}
	write("users.factors", "id", users)
	write("items.factors", "id", items)
	END
	pz-train -r user-personalization --from-factors users=users.factors \
		--from-factors items=items.factors -o given.pzm shop 2>given.warnings
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# given RECIPE MODEL [OPTION...] - with both files of vectors.
given() {
	pz-train -r "$1" --from-factors users=users.factors \
		--from-factors items=items.factors -o "$2" "${@:3}" shop
}

# oracle.py TASTE - scores of all items for each user, by brute force: softmax of taste
# times the product. It compares with what pz-score wrote on stdin.
oracle() {
	cat >oracle.py <<-'END'
	import json, math, sys

	def read(name, known):
	    rows = (json.loads(line) for line in open(name))
	    return {r["id"]: r["features"] for r in rows if known(r["id"])}

	taste = float(sys.argv[1])
	users = read("users.factors", lambda i: i != "u99")
	items = read("items.factors", lambda i: i != "i99")
	lines = 0
	for line in sys.stdin:
	    r = json.loads(line)
	    x = users[r["input"]["userId"]]
	    z = {i: taste * sum(a * b for a, b in zip(x, y)) for i, y in items.items()}
	    total = sum(map(math.exp, z.values()))
	    want = sorted(z, key=lambda i: (-z[i], i))
	    got = r["output"]["recommendedItems"]
	    assert got == want[:len(got)], (r, want)
	    for i, score in zip(got, r["output"]["scores"]):
	        assert abs(score - math.exp(z[i]) / total) < 2e-6, (i, score)
	    lines += 1
	print(lines)
	END
	python3 oracle.py "$1"
}

@test "scores are the softmax of the products, by brute force" {
	head -n 59 users.jsonl >known
	echo '{"userId":"ghost"}' >>known
	run -0 oracle 5 < <(pz-score -m given.pzm -n 39 known)
	assert_output 60
	given user-personalization taste.pzm --hyper taste=2 2>warnings
	run -0 oracle 2 < <(pz-score -m taste.pzm -n 7 known)
	assert_output 60
	run -0 jq -c '[.algorithm, .factors, .fromFactors.items.rows, .fromFactors.users.rowsLeftOut]' \
		<(pz-show model given.pzm)
	assert_output '["given",5,39,1]'
}

@test "what is left out is said" {
	run -0 cat given.warnings
	assert_line "pz-train: users.factors: 1 user not in the dataset left out"
	assert_line "pz-train: items.factors: 1 item not in the dataset left out"
	assert_line "pz-train: users.factors: 1 users of the dataset are not in it, and were \
not folded in: --hyper fold_regularization=... does it"
}

@test "a list is ordered by the products" {
	given personalized-ranking rank.pzm 2>warnings
	jq -c '.itemList = ["i05","i01","i30","i38","i00"]' users.jsonl | head -n 59 |
		pz-score -m rank.pzm | jq -c '.output.recommendedItems' >ours
	pz-score -m given.pzm -n 39 users.jsonl | head -n 59 |
		jq -c '[.output.recommendedItems[] | select(IN("i05","i01","i30","i38","i00"))]' >theirs
	cmp ours theirs
}

@test "segments are the users with the greatest products, by brute force" {
	given item-affinity segment.pzm 2>warnings
	awk 'BEGIN { for (i = 0; i < 39; i++) printf "{\"itemId\": \"i%02d\"}\n", i }' |
		pz-score -m segment.pzm -n 60 |
		jq -c '[.input.itemId, .output.usersList]' >ours
	jq -c --slurpfile u users.factors '.features as $y | select(.id != "i99") | [.id,
		([$u[] | select(.id != "u99") | {id, z: ([.features, $y] | transpose
			| map(.[0] * .[1]) | add)}] | sort_by(-.z, .id) | map(.id))]' items.factors |
		LC_ALL=C sort >theirs
	cmp ours theirs
}

@test "segments of attributes sum over the items that have them, by brute force" {
	given item-attribute-affinity attribute.pzm --hyper taste=1 2>warnings
	echo '{"itemAttributes":"ITEMS.GENRE = \"Comedy\""}' |
		pz-score -m attribute.pzm -n 60 | jq -c '.output.usersList' >ours
	jq -n -c --slurpfile u users.factors --slurpfile i items.factors '[$u[] | select(.id != "u99")
		| .features as $x | {id, z: ([$i[] | select(.id[1:] | tonumber % 2 == 0)
			| [.features, $x] | transpose | map(.[0] * .[1]) | add | exp] | add)}]
		| sort_by(-.z, .id) | map(.id)' >theirs
	cmp ours theirs
}

@test "who has no row is folded in as implicit least squares does, by brute force" {
	given user-personalization fold.pzm --hyper taste=1 --hyper fold_confidence=12 \
		--hyper fold_regularization=0.5 --hyper fold_regularization_exponent=1 2>warnings
	run -0 grep -c 'not in the dataset left out' warnings
	assert_output 2
	run ! grep 'were not folded' warnings
	grep '^u59,' events.csv | cut -d , -f 2 | sort -u >met
	pz-score -m fold.pzm -n 39 <(echo '{"userId":"u59"}') >ours
	cat >fold.py <<-'END'
	import json, math

	items = {}
	for line in open("items.factors"):
	    r = json.loads(line)
	    if r["id"] != "i99":
	        items[r["id"]] = r["features"]
	met = open("met").read().split()
	n = 5
	a = [[sum(y[i] * y[j] for y in items.values()) for j in range(n)] for i in range(n)]
	b = [0.0] * n
	for m in met:
	    y = items[m]
	    for i in range(n):
	        b[i] += 13 * y[i]
	        for j in range(n):
	            a[i][j] += 12 * y[i] * y[j]
	for i in range(n):
	    a[i][i] += 0.5 * len(met)
	for k in range(n):  # Gauss
	    for i in range(k + 1, n):
	        f = a[i][k] / a[k][k]
	        a[i] = [p - f * q for p, q in zip(a[i], a[k])]
	        b[i] -= f * b[k]
	x = [0.0] * n
	for k in reversed(range(n)):
	    x[k] = (b[k] - sum(a[k][j] * x[j] for j in range(k + 1, n))) / a[k][k]
	z = {i: sum(p * q for p, q in zip(x, y)) for i, y in items.items()}
	total = sum(map(math.exp, z.values()))
	r = json.loads(open("ours").read())["output"]
	assert r["recommendedItems"] == sorted(z, key=lambda i: -z[i])
	for i, s in zip(r["recommendedItems"], r["scores"]):
	    assert abs(s - math.exp(z[i]) / total) < 2e-6, (i, s)
	END
	python3 fold.py
	# with the dataset's newer interactions too
	cp -r shop newer
	printf '%s\n' USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE x,i03,2000000,view x,i04,2000001,view >x.csv
	pz-import -t interactions --mode INCREMENTAL newer x.csv
	printf 'i03\ni04\n' >met
	pz-score -m fold.pzm -d newer -n 39 <(echo '{"userId":"x"}') >ours
	python3 fold.py
}

@test "a new item gets what items with its metadata have" {
	run -0 jq -c '.output.recommendedItems | index("i39") != null' <(
		pz-score -m given.pzm --exploration-weight 0.1 -n 40 <(head -n 1 users.jsonl))
	assert_output true
}

# arrays - users.factors and items.factors as .npy, whose rows are in another order, with
# files of IDs.
arrays() {
	cat >arrays.py <<-'END'
	import json, struct, sys

	def save(name, rows, kind):
	    head = "{'descr': '<%s', 'fortran_order': False, 'shape': (%d, %d), }" % (
	        kind, len(rows), len(rows[0]))
	    head += " " * (63 - (10 + len(head)) % 64) + "\n"
	    with open(name, "wb") as f:
	        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
	        for r in rows:
	            f.write(struct.pack("<%d%s" % (len(r), "f" if kind == "f4" else "d"), *r))

	for what, kind in ("users", "f4"), ("items", "f8"):
	    rows = [json.loads(line) for line in open(what + ".factors")]
	    rows.sort(key=lambda r: r["id"][::-1])
	    save(what + ".npy", [r["features"] for r in rows], kind)
	    open(what + ".ids", "w").write("".join(r["id"] + "\n" for r in rows))
	    rows.sort(key=lambda r: r["id"])
	    with open(what + ".numbered", "w") as f:
	        for n, r in enumerate(rows):
	            f.write(json.dumps({"id": n, "features": r["features"]}) + "\n")
	    open(what + ".labels", "w").write("".join(r["id"] + "\n" for r in rows))
	END
	python3 arrays.py
}

@test "arrays, numbers for IDs, folders of parts and compressed files are the same" {
	arrays
	pz-score -m given.pzm users.jsonl >theirs
	pz-train -r user-personalization --from-factors users=users.npy --from-factors user-ids=users.ids \
		--from-factors items=items.npy --from-factors item-ids=items.ids -o npy.pzm shop 2>warnings
	cmp <(pz-score -m npy.pzm users.jsonl) theirs
	pz-train -r user-personalization --from-factors users=users.numbered --from-factors \
		user-ids=users.labels --from-factors items=items.numbered --from-factors \
		item-ids=items.labels -o numbered.pzm shop 2>warnings
	cmp <(pz-score -m numbered.pzm users.jsonl) theirs
	mkdir -p parts
	touch parts/_SUCCESS
	echo junk >parts/.part-0.crc
	head -n 20 users.factors >parts/part-0.json
	tail -n +21 users.factors | gzip >parts/part-1.json.gz
	zstd -qf items.npy
	pz-train -r user-personalization --from-factors users=parts --from-factors items=items.npy.zst \
		--from-factors item-ids=items.ids -o parts.pzm shop 2>warnings
	cmp <(pz-score -m parts.pzm users.jsonl) theirs
	sed 's/"id"/"userId"/' users.factors >named
	pz-train -r user-personalization --from-factors users=named \
		--from-factors items=items.factors -o named.pzm shop 2>warnings
	cmp <(pz-score -m named.pzm users.jsonl) theirs
}

@test "without IDs the rows of an array are the dataset's, in their order" {
	python3 - <<-'END'
	import json, struct
	for what, n in ("users", 61), ("items", 40):
	    rows = {r["id"]: r["features"] for r in map(json.loads, open(what + ".factors"))}
	    names = sorted({"u%02d" % i for i in range(60)} | {"ghost"}) if n == 61 else \
	        ["i%02d" % i for i in range(40)]
	    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 5), }\n" % n
	    with open(what + ".all.npy", "wb") as f:
	        f.write(b"\x93NUMPY\x02\x00" + struct.pack("<I", len(head)) + head.encode())
	        for i in names:
	            f.write(struct.pack("<5f", *rows.get(i, [0] * 5)))
	END
	pz-train -r user-personalization --from-factors users=users.all.npy \
		--from-factors items=items.all.npy -o all.pzm shop 2>warnings
	# zeros are as if there was no row
	cmp <(pz-score -m all.pzm -n 40 users.jsonl) <(pz-score -m given.pzm -n 40 users.jsonl)
}

@test "a dataset without interactions is enough" {
	pz-import -t items alone items.csv >schema
	printf '%s\n' USER_ID,AGE u00,3 u01,4 | pz-import -t users alone >schema
	pz-train -r user-personalization --from-factors users=users.factors \
		--from-factors items=items.factors -o alone.pzm alone 2>warnings
	head -n 2 users.jsonl >two
	run -0 oracle 5 < <(pz-score -m alone.pzm -n 39 two)
	assert_output 2
}

# wrong MESSAGE - users=bad fails with it, and there is no model.
wrong() {
	run -1 pz-train -r user-personalization --from-factors users="${name:-bad}" \
		--from-factors items=items.factors -o bad.pzm shop
	assert_output --partial "$1"
	assert_equal "${#lines[@]}" 1
	assert_not_exists bad.pzm
}

@test "bad lines are told by file and line" {
	{ head -n 2 users.factors; echo '{"id":"u02","features":[1,2]}'; } >bad
	wrong "bad:3: not as many features as in the rows before"
	{ head -n 2 users.factors; echo '{"id":"u02","features":[1,2'; } >bad
	wrong "bad:3: "
	{ head -n 2 users.factors; head -n 1 users.factors; } >bad
	wrong "bad:3: a second row of the same ID"
	echo '{"id":"u02","features":[1,1e99]}' >bad
	wrong "bad:1: a number that is not finite as float32"
	echo '{"id":"u02","features":[1,"2"]}' >bad
	wrong "bad:1: features: not an array of numbers"
	echo '{"id":"u02","features":{}}' >bad
	wrong "bad:1: features: not an array of numbers"
	echo '{"id":"u02","features":[]}' >bad
	wrong "bad:1: features: an array without numbers"
	echo '{"id":1.5,"features":[1]}' >bad
	wrong "bad:1: the ID is neither a string nor a whole number"
	echo '{"features":[1]}' >bad
	wrong 'bad:1: expected {"id": ..., "features": [...]}'
	echo '{"id":"u02"}' >bad
	wrong 'bad:1: expected {"id": ..., "features": [...]}'
	echo '[1]' >bad
	wrong 'bad:1: expected {"id": ..., "features": [...]}'
	echo '{"id":"u02","features":[1]} x' >bad
	wrong "bad:1: "
	jq -n -c '{id: "u02", features: [range(8193)]}' >bad
	wrong "bad:1: more than 8192 numbers a row"
	echo '{"id":"u02","features":[1,2]}' >bad
	wrong "bad has 2 numbers a row, and items.factors 5"
	echo '{"id":"nobody","features":[1,2]}' >bad
	wrong "bad: no user of it is in the dataset"
	: >bad
	wrong "bad: no factors in it"
	name=missing wrong "missing: No such file or directory"
	mkdir -p nothing
	name=nothing wrong "nothing"
	echo x >part.parquet
	name=part.parquet wrong "part.parquet: Parquet is not read: write JSON lines"
	echo '{"id":70,"features":[1,2]}' >bad
	run -1 pz-train -r user-personalization --from-factors users=bad --from-factors user-ids=met \
		--from-factors items=items.factors -o bad.pzm shop
	assert_output --partial "bad:1: the ID is a number beyond the file of IDs"
}

# npy HEADER BYTES - the array bad.npy with so many zeros.
npy() {
	{ printf '\x93NUMPY\x01\x00'; printf '%b' "\\x$(printf %02x "${#1}")\\x00"
		printf '%s' "$1"; head -c "$2" /dev/zero; } >bad.npy
}

@test "bad arrays are told by what is wrong" {
	local name=bad.npy
	npy "{'descr': '<f4', 'fortran_order': False, 'shape': (61, 5), }" 1219
	wrong "bad.npy: row 60: the file ends too early"
	npy "{'descr': '<f4', 'fortran_order': False, 'shape': (61, 5), }" 1221
	wrong "more bytes than the shape says"
	npy "{'descr': '<f4', 'fortran_order': False, 'shape': (60, 5), }" 1200
	wrong "bad.npy: 60 rows, and the dataset has 61 users: a file of IDs is needed"
	npy "{'descr': '<f4', 'fortran_order': True, 'shape': (61, 5), }" 1220
	wrong "bad.npy: in Fortran order"
	npy "{'descr': '<i4', 'fortran_order': False, 'shape': (61, 5), }" 1220
	wrong "bad.npy: not of float32 or float64"
	npy "{'descr': '<f4', 'fortran_order': False, 'shape': (305,), }" 1220
	wrong "bad.npy: the shape is not (rows, dim)"
	npy "{'descr': '<f4', 'fortran_order': False, 'shape': (61, 99999999999), }" 1220
	wrong "bad.npy: more than 8192 numbers a row"
	npy "{'descr': '<f4', 'shape': (61, 5), }" 1220
	wrong "bad.npy: a .npy file without descr"
	echo hello >bad.npy
	wrong "bad.npy: not a .npy file"
	printf '\x93NUMPY\x09\x00\x00\x00' >bad.npy
	wrong "bad.npy: a .npy file of an unknown version"
	arrays
	run -1 pz-train -r user-personalization --from-factors users=users.npy --from-factors \
		user-ids=items.ids --from-factors items=items.factors -o bad.pzm shop
	assert_output --partial "users.npy: 61 rows, and items.ids has 40 IDs"
}

@test "wrong usage is said" {
	local users=(--from-factors users=users.factors) items=(--from-factors items=items.factors)
	run -2 pz-train -r user-personalization "${users[@]}" -o x shop
	assert_output --partial "--from-factors: items=FILE is needed too"
	run -2 pz-train -r user-personalization "${users[@]}" "${users[@]}" -o x shop
	assert_output --partial "--from-factors: users is given twice"
	run -2 pz-train -r user-personalization --from-factors both=x -o x shop
	assert_output --partial "'both=x' is not users=FILE, items=FILE"
	run -2 pz-train -r sims "${users[@]}" "${items[@]}" -o x shop
	assert_output --partial "sims does not take factors"
	run -2 pz-train -r user-personalization --algorithm given -o x shop
	assert_output --partial "--algorithm given: --from-factors is needed"
	run -2 pz-train -r user-personalization --algorithm ease "${users[@]}" "${items[@]}" -o x shop
	assert_output --partial "there is nothing to train or to update"
	run -2 pz-train -r user-personalization --update given.pzm -o x shop
	assert_output --partial "its factors were trained elsewhere"
	assert_not_exists x
}

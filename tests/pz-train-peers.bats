# pz-train --from-factors: what Spark and implicit have learned, they and pz-score say the
# same of. Neither is a Debian package: without them this is skipped. PYTHON may be one of
# a virtual environment.
load util

setup() {
	cd_temp
	make_shop
	python=${PYTHON:-python3}
	cat >rows.py <<-'END'
	import csv
	rows = sorted({(r["USER_ID"], r["ITEM_ID"]) for r in csv.DictReader(open("events.csv"))})
	users = sorted({u for u, _ in rows})
	items = sorted({i for _, i in rows})
	for name, ids in ("users.ids", users), ("items.ids", items):
	    open(name, "w").write("".join(i + "\n" for i in ids))
	END
	ids=(--from-factors user-ids=users.ids --from-factors item-ids=items.ids --hyper taste=1)
}

# need MODULE - or skip, aloud.
need() {
	"$python" -c "import $1" 2>/dev/null && return
	echo "factors of $1 were not tried: it is not installed" >&2
	skip "needs $1"
}

@test "Spark's ALS: its best items for each user, and its vector of who is folded in" {
	need pyspark
	command -v java >/dev/null || skip "needs Java"
	cat >als.py <<-'END'
	import json
	from rows import rows, users, items
	from pyspark.sql import SparkSession
	from pyspark.ml.recommendation import ALS
	s = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
	d = s.createDataFrame([(users.index(u), items.index(i), 1.0) for u, i in rows], ["u", "i", "r"])
	m = ALS(rank=8, maxIter=5, regParam=0.1, alpha=40.0, implicitPrefs=True, userCol="u",
	        itemCol="i", ratingCol="r", seed=1).fit(d)
	m.userFactors.write.json("als/userFactors")
	m.itemFactors.write.json("als/itemFactors")
	for r in m.recommendForAllUsers(10).sort("u").collect():
	    print(json.dumps([users[r.u], [items[x.i] for x in r.recommendations]], separators=(",", ":")))
	END
	SPARK_LOCAL_IP=127.0.0.1 SPARK_LOCAL_DIRS=$PWD/spark "$python" als.py >theirs 2>log ||
		{ tail -n 20 log; false; }
	ids+=(--from-factors items=als/itemFactors --hyper fold_confidence=40
		--hyper fold_regularization=0.1 --hyper fold_regularization_exponent=1)
	pz-train -r user-personalization --from-factors users=als/userFactors "${ids[@]}" -o all.pzm shop
	pz-score -m all.pzm -n 10 users.jsonl | jq -c '[.input.userId, .output.recommendedItems]' >ours
	cmp ours theirs
	# Scores are rounded to 7 decimals: a vector that is only near is seen in them.
	cat als/userFactors/part-* | grep -v '"id":7,' >less.json
	pz-train -r user-personalization --from-factors users=less.json "${ids[@]}" -o less.pzm shop
	same_scores
}

@test "implicit's ALS by arrays, and its vector of who is folded in" {
	need implicit
	cat >als.py <<-'END'
	import numpy, scipy.sparse
	from rows import rows, users, items
	from implicit.als import AlternatingLeastSquares
	at = [users.index(u) for u, _ in rows], [items.index(i) for _, i in rows]
	m = scipy.sparse.csr_matrix((numpy.ones(len(rows), dtype=numpy.float32), at))
	als = AlternatingLeastSquares(factors=8, regularization=0.5, alpha=11.0, use_cg=False,
	    use_native=False, use_gpu=False, iterations=5, random_state=1)
	als.fit(m, show_progress=False)
	x = numpy.array(als.user_factors)
	x[7] = als.recalculate_user(7, m[7])
	numpy.save("users.npy", x)
	numpy.save("items.npy", als.item_factors)
	x[7] = 0
	numpy.save("less.npy", x.astype(numpy.float64))
	END
	OPENBLAS_NUM_THREADS=1 "$python" als.py
	ids+=(--from-factors items=items.npy --hyper fold_confidence=10
		--hyper fold_regularization=0.5)
	pz-train -r user-personalization --from-factors users=users.npy "${ids[@]}" -o all.pzm shop
	pz-train -r user-personalization --from-factors users=less.npy "${ids[@]}" -o less.pzm shop
	same_scores
}

# same_scores - for the user who is folded in by one of both models.
same_scores() {
	jq -s -e '[.[].output.scores] | transpose | map(.[0] - .[1] | fabs) | max < 3e-7' \
		<(pz-score -m all.pzm <<<'{"userId":"u07"}') <(pz-score -m less.pzm <<<'{"userId":"u07"}')
}

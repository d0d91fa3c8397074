# The parts of a job by Spark's rdd.pipe, as pz-job(7) has it: a real local cluster of two
# workers. pyspark is no Debian package: without it, and Java, this is skipped.
load util

# PYTHON may be one of a virtual environment.
need_spark() {
	python=${PYTHON:-python3}
	if ! command -v java >/dev/null || ! "$python" -c 'import pyspark' 2>/dev/null; then
		echo "pz-batch on Spark was not tried: there is no pyspark, or no Java" >&2
		skip "needs pyspark and Java"
	fi
}

@test "Spark runs parts by rdd.pipe, a worker that dies among them" {
	need_spark
	cd_temp
	make_shop
	export BUILD=${BUILD:-$ROOT/build}
	cp "$BUILD/pz-batch" .
	# One part takes its worker with it, once.
	cat >pz-score <<-END
		#!/bin/sh
		cat >$PWD/lines.\$\$
		if grep -q u30 $PWD/lines.\$\$ && mkdir $PWD/once 2>/dev/null; then
			kill -KILL \$(pgrep -f CoarseGrainedExecutorBackend.*$PWD | head -n 1)
			sleep 5
		fi
		exec $BUILD/pz-score "\$@" <$PWD/lines.\$\$
	END
	chmod +x pz-score
	./pz-batch create --engine none --name s -m shop.pzm --input users.jsonl --output out --parts 12
	cat >job.py <<-END
		from pyspark import SparkConf, SparkContext
		conf = (SparkConf().setMaster("local-cluster[2,1,1024]").setAppName("pz")
		        .set("spark.executor.memory", "512m").set("spark.ui.enabled", "false")
		        .set("spark.executor.extraJavaOptions", "-Dpz=$PWD")
		        .set("spark.pyspark.python", "$(command -v "$python")"))
		sc = SparkContext(conf=conf)
		for line in (sc.parallelize(range(12), 12)
		             .pipe("$PWD/pz-batch part $PWD/pz-jobs/s -", checkCode=True).collect()):
		    print(line)
		sc.stop()
	END
	SPARK_LOCAL_IP=127.0.0.1 SPARK_LOCAL_DIRS=$PWD/spark "$python" job.py >done.jsonl 2>spark.log ||
		{ tail -n 20 spark.log; false; }
	[ "$(jq -s 'map(.part) | sort | length' done.jsonl)" -eq 12 ]
	./pz-batch merge s
	pz-score -m shop.pzm users.jsonl | cmp - out/users.jsonl.out
	assert_dir_exist once
}

# What pz-batch does with a real Slurm: four nodes on this machine.
# shellcheck disable=SC2016 # single quotes are meant: inner shells expand
load util

setup_file() {
	export CLUSTER=$BATS_RUN_TMPDIR/slurm
	# Not our fault: sockets' names are short.
	[ ${#CLUSTER} -lt 80 ] || CLUSTER=$(mktemp -d /tmp/pz.XXXXXX)/slurm
	"$ROOT/tests/slurm/cluster" $$ "$CLUSTER" 4 >/dev/null 2>&1 3>&- &
	for _ in $(seq 300); do
		if [ -e "$CLUSTER/env" ] || [ -e "$CLUSTER/failed" ]; then break; fi
		sleep 0.1
	done
	cd "$BATS_FILE_TMPDIR" || exit
	make_shop
}

setup() {
	if [ ! -e "$CLUSTER/env" ]; then
		cat "$CLUSTER/failed" >&2 || true
		echo "Slurm does not run here; ./bootstrap check installs it" >&2
		if [ "${CI:-}" = true ]; then return 1; fi
		skip "Slurm does not run here"
	fi
	# shellcheck disable=SC1091 # made by the cluster
	. "$CLUSTER/env"
	cd_temp
	cp "$BATS_FILE_TMPDIR"/{users.jsonl,shop.pzm} .
	export BUILD=${BUILD:-$ROOT/build}
	cp "$BUILD/pz-batch" .
}

# Why something waits, Slurm alone knows.
teardown() {
	if [ -z "${BATS_TEST_COMPLETED:-}" ] && [ -e "$CLUSTER/env" ]; then
		squeue -o '%i %T %r %S %N'
		sinfo -h -N -o '%N %t'
		tail -n 15 "$CLUSTER/log/slurmctld"
	fi
}

status_of() {
	pz-batch describe "$1" | jq -r '.[].status'
}

# kill_node NAME - as if it lost power: what runs there goes too.
kill_node() {
	local pid parent

	kill -KILL "$(cat "$CLUSTER/$1.pid")"
	for pid in $(grep -lsz "^SLURMD_NODENAME=$1$" /proc/[0-9]*/environ | cut -d / -f 3); do
		grep -qsz "^SLURM_CONF=$SLURM_CONF$" "/proc/$pid/environ" || continue
		parent=$(cut -d ' ' -f 4 "/proc/$pid/stat" 2>/dev/null) || continue
		if [ "$(cat "/proc/$parent/comm" 2>/dev/null)" = slurmstepd ]; then
			kill -KILL "$parent" 2>/dev/null
		fi
		kill -KILL "$pid" 2>/dev/null
	done
}

count_done() {
	pz-batch describe "$1" | jq '.[].pz.partsDone'
}

until_true() {
	for _ in $(seq 600); do
		if "$@"; then return; fi
		sleep 0.1
	done
	return 1
}

@test "64 parts over 4 nodes, one of which dies: the bytes of the local engine" {
	for i in $(seq 8); do cat users.jsonl; done >in.json
	sed -i '100s/.*/no JSON/' in.json
	run -3 pz-batch create --name here -m shop.pzm --input in.json --output local --parts 64
	cat >pz-score <<-'END'
		#!/bin/sh
		echo "$SLURMD_NODENAME" >>nodes
		cat >"lines.$$"
		[ -e "$ONCE/$SLURMD_NODENAME" ] && sleep 30
		exec "$BUILD"/pz-score "$@" <"lines.$$"
	END
	chmod +x pz-score
	sed -i "s,nodes$,$PWD/nodes,; s,lines,$PWD/lines,g; s,.ONCE,$PWD/once," pz-score
	mkdir once
	./pz-batch create --name there -m shop.pzm --input in.json --output slurm --parts 64 --engine slurm --detach
	for _ in $(seq 600); do
		if [ "$(count_done there)" -ge 12 ]; then break; fi
		sleep 0.1
	done
	touch once/n2
	sleep 0.5
	[ "$(status_of there)" = 'CREATE IN_PROGRESS' ]
	kill_node n2
	rm once/n2
	before=$(count_done there)
	[ "$before" -lt 64 ]
	run -3 pz-batch wait there --timeout 120
	diff -r local slurm
	[ "$(sort -u nodes | tr '\n' ' ')" = 'n1 n2 n3 n4 ' ]
	cmp <(jq -c '[.line, .record]' pz-jobs/here/errors.jsonl) <(jq -c '[.line, .record]' pz-jobs/there/errors.jsonl)
	pz-batch describe there | jq -e '.[].pz | .partsDone == .parts and .records == 480 and .errors == 1'
	# Slurm did it all again that was lost with the node.
	grep -q NODE_FAIL "$CLUSTER/log/completed" "$CLUSTER/log/slurmctld" || scontrol show node n2 | grep -q DOWN
}

@test "no more parts at once than asked for; one that fails is told, and resumed" {
	cat >pz-score <<-END
		#!/bin/sh
		cd $PWD
		touch running.\$\$
		ls -d running.* | wc -l >>counts
		cat >lines.\$\$
		sleep 0.3
		rm running.\$\$
		if grep -q u30 lines.\$\$ && [ ! -e mended ]; then exit 1; fi
		exec "$BUILD"/pz-score "\$@" <lines.\$\$
	END
	chmod +x pz-score
	run -1 ./pz-batch create --name f -m "$PWD/shop.pzm" --input users.jsonl --output out --parts 6 -P 2 --engine slurm
	assert_output --partial '1 of 6 parts is not done; part 3 '
	[ "$(sort -n counts | tail -n 1)" -le 2 ]
	assert_not_exist out/users.jsonl.out
	touch mended
	: >counts
	./pz-batch resume f
	[ "$(wc -l <counts)" -eq 1 ]
	pz-score -m shop.pzm users.jsonl | cmp - out/users.jsonl.out
}

@test "a job is stopped in the queue and where it runs, and goes on later" {
	cat >pz-score <<-END
		#!/bin/sh
		cd $PWD
		[ -e go ] || { touch running; exec sleep 60; }
		exec "$BUILD"/pz-score "\$@"
	END
	chmod +x pz-score
	./pz-batch create --name s -m "$PWD/shop.pzm" --input users.jsonl --output out --parts 6 --engine slurm --detach --engine-option=--hold
	[ "$(status_of s)" = 'CREATE PENDING' ]
	pz-batch stop s
	[ "$(status_of s)" = 'CREATE STOPPED' ]
	./pz-batch create --name t -m "$PWD/shop.pzm" --input users.jsonl --output out --parts 6 --engine slurm --detach
	until_true test -e running
	[ "$(status_of t)" = 'CREATE IN_PROGRESS' ]
	pz-batch stop t
	[ "$(status_of t)" = 'CREATE STOPPED' ]
	touch go
	./pz-batch resume t
	pz-score -m shop.pzm users.jsonl | cmp - out/users.jsonl.out
	# What left the queue without an end is no longer waited for.
	./pz-batch create --name g -m "$PWD/shop.pzm" --input users.jsonl --output out --parts 2 --engine slurm --detach --engine-option=--hold
	until_true test -e pz-jobs/g/slurm.json
	jq -r .ids pz-jobs/g/slurm.json | tr , ' ' | xargs scancel
	run -1 pz-batch wait g --timeout 60
	assert_output --partial 'Slurm has it no more'
}

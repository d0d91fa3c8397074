load util

# A copy of bootstrap among programs that only say how they were called.
setup() {
	cd_temp
	cp "$ROOT/bootstrap" .
	mkdir -p bin examples/bookshop
	for name in make apt-get; do
		printf '#!/bin/sh\necho "%s $*"\n' "$name" >bin/$name
	done
	printf '#!/bin/sh\necho "demo $*"\n' >examples/bookshop/demo
	# Installed: what the file "installed" lists, all if there is none.
	cat >bin/dpkg-query <<'END'
#!/bin/sh
for package; do :; done
[ ! -e installed ] || grep -qx "$package" installed || exit 1
printf 'install ok installed'
END
	printf '#!/bin/sh\necho 0\n' >bin/id
	chmod +x bin/* examples/bookshop/demo
	PATH=$PWD/bin:$PATH
}

@test "when nothing is missing, nothing is installed" {
	run -0 ./bootstrap demo </dev/null
	refute_output --partial apt-get
	assert_line --index 1 'make -s -j2'
	assert_line --index 2 'demo '
}

@test "what is missing is named and installed, without asking where nobody is" {
	printf '%s\n' gcc make libc6-dev libjq-dev zlib1g-dev jq \
		libcurl4-openssl-dev libexpat1-dev libssl-dev >installed
	run -0 ./bootstrap demo </dev/null
	assert_line --index 0 'bootstrap: missing packages: libzstd-dev libxxhash-dev'
	assert_line --index 1 'apt-get update -qq'
	assert_line --index 2 \
		'apt-get install -qq -y --no-install-recommends libzstd-dev libxxhash-dev'
	assert_line 'demo '
}

@test "where a person is, bootstrap asks, and takes no for an answer" {
	script -qec true /dev/null </dev/null || skip 'needs script(1) and a terminal'
	printf 'gcc\n' >installed
	run script -qec './bootstrap demo' /dev/null <<<n
	assert_equal "$status" 1
	assert_output --partial 'Install them with apt-get?'
	refute_output --partial 'apt-get update'
	run script -qec './bootstrap demo --yes' /dev/null </dev/null
	assert_equal "$status" 0
	refute_output --partial 'Install them'
}

@test "without root or sudo, bootstrap says what to install" {
	printf 'gcc\n' >installed
	printf '#!/bin/sh\necho 1000\n' >bin/id
	# A PATH without sudo.
	for name in dirname dpkg-query grep cat sh env bash; do
		[ -e bin/$name ] || ln -s "$(command -v $name)" bin/$name
	done
	PATH=$PWD/bin run ./bootstrap demo </dev/null
	assert_equal "$status" 1
	assert_line --partial 'needs root or sudo'
	assert_line --partial 'apt-get install --no-install-recommends make'
}

@test "check runs lint, the tests, and the tests under sanitizers, in that order" {
	run -0 ./bootstrap check --yes </dev/null
	assert_line --index 1 'make -s -j2'
	assert_line --index 2 'make -s lint'
	assert_line --index 3 'make -s check'
	assert_line --index 4 'make -s asan'
}

@test "check goes on without S3 servers where they cannot be installed" {
	printf '#!/bin/sh\ncase $* in *install*ceph*) exit 100 ;; esac\n' >bin/apt-get
	awk '/^(build|demo|tests|lint)="/, /"$/ { gsub(/[a-z]+="|"/, ""); print }' bootstrap |
		tr -s ' \t' '\n' >installed
	run -0 ./bootstrap check --yes </dev/null
	assert_line --partial 'missing packages: ceph-mon ceph-osd radosgw'
	assert_line --partial 'tests of S3 are skipped'
	assert_line 'make -s check'
}

@test "a failed step ends bootstrap with its status" {
	printf '#!/bin/sh\necho "make $*"\n[ "$2" != check ]\n' >bin/make
	run -1 ./bootstrap check </dev/null
	refute_line 'make -s asan'
}

@test "wrong usage is refused" {
	run -2 ./bootstrap
	run -2 ./bootstrap everything
	assert_output 'usage: ./bootstrap demo|check [--yes]'
}

@test "machines run what README calls the test command, without questions" {
	mkdir .ci
	cp "$ROOT/.ci/run" .ci/run
	printf '#!/bin/sh\necho "bootstrap $*"\n' >bootstrap
	run -0 bash .ci/run </dev/null
	assert_output 'bootstrap check --yes'
	grep -q '\./bootstrap check' "$ROOT/README.md"
}

load util

# make_in_tree ARGUMENT... - make, with the build folder that is under test.
make_in_tree() {
	# Flags of an outer make would name its jobserver, which is not ours.
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS \
		make -s -C "$ROOT" BUILD="$BUILD" PREFIX=/usr DESTDIR="$BATS_TEST_TMPDIR/root" "$@"
}

@test "what install puts down works, and uninstall takes all of it back" {
	make_in_tree install
	cd_temp
	for file in root/usr/bin/*; do
		run "$file" --version
		assert_output "$(basename "$file") $(cat "$ROOT/VERSION")"
	done
	run root/usr/bin/pz score --version
	assert_output "pz-score $(cat "$ROOT/VERSION")"
	assert_file_exists root/usr/share/man/man1/pz.1
	assert_file_exists root/usr/share/man/man7/pz.7
	if [ -x "$BUILD/pz-train-mpi" ] && command -v mpirun >/dev/null; then
		OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
			LSAN_OPTIONS=detect_leaks=0 run -0 mpirun --oversubscribe -np 2 \
			root/usr/bin/pz-train --list
		assert_line --partial sims
	fi

	make_in_tree uninstall
	run find root -type f
	assert_output ''
}

@test "completions know the options of their commands" {
	make_in_tree install
	cd_temp
	run bash -c '
		for file in root/usr/share/bash-completion/completions/*; do
			. "$file" || exit
		done
		complete -p pz-train
		COMP_WORDS=(pz tra) COMP_CWORD=1
		_pz
		echo "${COMPREPLY[@]}"
		COMP_WORDS=(pz train --rec) COMP_CWORD=2
		_pz
		echo "${COMPREPLY[@]}"'
	assert_success
	assert_line --partial -- '--recipe'
	assert_line train
	assert_line -- '--recipe'
	[ -z "$(command -v zsh)" ] || zsh -n root/usr/share/zsh/site-functions/_pz
	[ -z "$(command -v fish)" ] ||
		fish --no-execute root/usr/share/fish/vendor_completions.d/*.fish
}

# shellcheck disable=SC2016 # text of scripts
load util

@test "pz alone lists every command with its purpose" {
	run pz
	assert_success
	while IFS='	' read -r name purpose; do
		assert_line --regexp "^  ${name#pz-} +$purpose\$"
	done < <("$ROOT/tools/commands")
}

@test "pz hands arguments on as they are" {
	cd_temp
	mkdir bin
	printf '#!/bin/sh\nprintf "[%%s]" "$@"\nexit 5\n' >bin/pz-own
	chmod +x bin/pz-own
	PATH=$PWD/bin:$PATH run pz own -m 'a b' --help '' '*'
	assert_equal "$status" 5
	assert_output '[-m][a b][--help][][*]'
}

@test "pz takes the command beside itself before one in PATH" {
	cd_temp
	mkdir bin
	printf '#!/bin/sh\necho wrong\n' >bin/pz-score
	chmod +x bin/pz-score
	PATH=$PWD/bin:$PATH run pz score --version
	assert_output "pz-score $(cat "$ROOT/VERSION")"
}

@test "a slip of the finger brings a suggestion and exit 2" {
	run pz tarin
	assert_equal "$status" 2
	assert_output "pz: there is no command 'tarin'; did you mean 'train'?"
	run pz nonsense
	assert_equal "$status" 2
	assert_output "pz: there is no command 'nonsense'; pz alone lists them"
	run pz ../pz
	assert_equal "$status" 2
}

@test "pz help opens the page of a command, or the introduction" {
	cd_temp
	mkdir bin
	printf '#!/bin/sh\nfor last do :; done\necho "${last##*/}"\n' >bin/man
	chmod +x bin/man
	PATH=$PWD/bin:$PATH
	run pz help score
	assert_output --regexp '^pz-score(\.1)?$'
	run pz help pz-score
	assert_output --regexp '^pz-score(\.1)?$'
	run pz help
	assert_output --regexp '^pz(\.7)?$'
}

@test "pz's own options and wrong usage" {
	run pz --version
	assert_output "pz $(cat "$ROOT/VERSION")"
	run pz --nonsense
	assert_equal "$status" 2
}

@test "lost output is a failure" {
	run sh -c 'pz >/dev/full'
	assert_equal "$status" 1
}

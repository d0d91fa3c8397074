# shellcheck disable=SC2016 # backquotes of README
load util

# Pages of commands and of formats; formats may do without examples to run.
pages() {
	printf '%s\n' "$ROOT"/man/*.[1-9]
}

@test "the examples of every manual page print what the page says" {
	failed=0
	while read -r page; do
		grep -q '^\$ ' "$page" || continue
		mkdir -p "$BATS_TEST_TMPDIR/${page##*/}"
		cd "$BATS_TEST_TMPDIR/${page##*/}"
		"$ROOT/tests/man-examples" "$page" || failed=1
	done < <(pages)
	[ $failed -eq 0 ]
}

@test "every command has a page, and every page of a command examples that run" {
	failed=0
	for file in "$ROOT"/cmd/*.c; do
		name=$(basename "$file" .c)
		page=$ROOT/man/$name.1
		grep -qs '^\$ ' "$page" && continue
		echo "man/$name.1 is missing or has no example to run"
		failed=1
	done
	[ $failed -eq 0 ]
}

@test "mandoc finds nothing to complain about" {
	cd "$ROOT"
	run mandoc -Tlint -W warning man/*.[1-9]
	assert_success
	assert_output ''
}

@test "every option of a command is in its page" {
	failed=0
	while IFS='	' read -r name _; do
		page=$ROOT/man/$name.1
		while IFS='	' read -r _ option _; do
			case $option in help | version) continue ;; esac
			sed 's/\\-/-/g; s/Fl Fl /Fl -/g' "$page" |
				grep -qE "Fl -$option( |\$)" && continue
			echo "man/$name.1: --$option is missing"
			failed=1
		done < <("$name" --dump-options | sed 1d)
	done < <("$ROOT/tools/commands")
	[ $failed -eq 0 ]
}

@test "pages refer to pages that exist" {
	failed=0
	while read -r _ name section _; do
		case $name in pz*) ;; *) continue ;; esac
		[ -e "$ROOT/man/$name.$section" ] && continue
		echo "there is no $name($section)"
		failed=1
	done < <(grep -hE '^\.Xr ' "$ROOT"/man/*.[1-9] | sort -u)
	[ $failed -eq 0 ]
}

@test "pz(7) and README list exactly the commands there are" {
	"$ROOT/tools/commands" | cut -f 1 | sort >"$BATS_TEST_TMPDIR/commands"
	sed -n 's/^\.It Xr \(pz-[a-z]*\) 1$/\1/p' "$ROOT/man/pz.7" | sort \
		>"$BATS_TEST_TMPDIR/introduced"
	run diff "$BATS_TEST_TMPDIR/commands" "$BATS_TEST_TMPDIR/introduced"
	assert_success
	sed -n 's/^| `\(pz-[a-z]*\)` .*/\1/p' "$ROOT/README.md" | sort \
		>"$BATS_TEST_TMPDIR/readme"
	run diff "$BATS_TEST_TMPDIR/commands" "$BATS_TEST_TMPDIR/readme"
	assert_success
}

@test "pz(7) and README say what each command is for, word for word" {
	failed=0
	while IFS='	' read -r name purpose; do
		grep -qF "| \`$name\` | $purpose |" "$ROOT/README.md" || {
			echo "README.md: not '$purpose' for $name"
			failed=1
		}
		grep -A 1 -x ".It Xr $name 1" "$ROOT/man/pz.7" |
			grep -qixF "$purpose." || {
			echo "man/pz.7: not '$purpose' for $name"
			failed=1
		}
	done < <("$ROOT/tools/commands")
	[ $failed -eq 0 ]
}

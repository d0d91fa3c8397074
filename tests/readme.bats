load util

# The ```sh blocks of README, as one script.
blocks() {
	awk '/^```$/ { inside = 0 } inside; /^```sh$/ { inside = 1 }' "$ROOT/README.md"
}

@test "what README says to do with one's own data works" {
	cd_temp
	bookshop .
	head -n 20000 interactions.csv >few && mv few interactions.csv
	rm users.csv users.jsonl
	blocks >script
	[ "$(grep -c '^pz-' script)" -ge 7 ]
	run --separate-stderr sh -eu script
	assert_success
	assert_line --regexp '^normalized_discounted_cumulative_gain_at_10 +0\.'
	# The last command prints ten lines for each user, with titles.
	users=$(wc -l <users.jsonl)
	assert_equal "$(grep -cE '^"u[0-9]+","b[0-9]+",[0-9.E-]+,"' <<<"$output")" \
		$((users * 10))
	assert_equal "$(wc -l <recommendations.jsonl)" "$users"
}

@test "README and pz(7) name only commands and options that exist" {
	failed=0
	cd "$ROOT"
	while read -r name option; do
		"$name" --dump-options | cut -f 2 | grep -qxF -- "${option#--}" && continue
		echo "$name has no $option"
		failed=1
	done < <(cat README.md man/pz.7 | grep -oE 'pz-[a-z]+ [^|<>#]*--[a-z-]+' |
		sed -E 's/^(pz-[a-z]+) .*(--[a-z-]+)$/\1 \2/')
	while read -r name; do
		case $name in pz-record | pz-dataset | pz-model | pz-job) continue ;; esac
		[ -e "cmd/$name.c" ] && continue
		echo "there is no $name"
		failed=1
	done < <(cat README.md man/pz.7 | grep -oE '\bpz-[a-z]+\b' | sort -u)
	[ $failed -eq 0 ]
}

@test "links of the project's documents lead somewhere" {
	failed=0
	cd "$ROOT"
	while IFS=: read -r file link; do
		target=${link#*](}
		target=${target%)}
		case $target in http*) continue ;; esac
		[ -e "$target" ] && continue
		echo "$file: $target is not there"
		failed=1
	done < <(grep -oE '\]\([^)]+\)' ./*.md)
	[ $failed -eq 0 ]
}

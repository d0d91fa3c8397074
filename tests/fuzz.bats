load util

@test "every fuzz target has seeds and passes them" {
	local main name seeds

	for main in "$ROOT"/fuzz/*.c; do
		name=$(basename "$main" .c)
		[ "$name" != replay ] || continue
		seeds=("$ROOT/fuzz/seeds/$name"/*)
		run -0 "$BUILD/fuzz/$name" "${seeds[@]}"
	done
}

@test "what long runs of fuzzing learned passes" {
	local packed name
	for packed in "$ROOT"/fuzz/corpus/*.tar.zst; do
		name=$(basename "$packed" .tar.zst)
		mkdir "$BATS_TEST_TMPDIR/$name"
		zstdcat "$packed" | tar -C "$BATS_TEST_TMPDIR/$name" -x
		run -0 sh -c 'find "$1" -type f -exec "$2" {} +' - \
			"$BATS_TEST_TMPDIR/$name" "$BUILD/fuzz/$name"
	done
}

# When this fails after a change of the format, make the seeds anew with pz-train.
@test "the seeds of the model target are models" {
	run -0 pz-show model "$ROOT/fuzz/seeds/model/factors"
	run -0 pz-show model "$ROOT/fuzz/seeds/model/popularity"
	run -0 pz-show model "$ROOT/fuzz/seeds/model/pairs"
	run -0 pz-show model "$ROOT/fuzz/seeds/model/similar"
	run -0 pz-show model "$ROOT/fuzz/seeds/model/both"
	run -0 pz-show model "$ROOT/fuzz/seeds/model/texts"
	run -0 pz-show model "$ROOT/fuzz/seeds/model/contexts"
}

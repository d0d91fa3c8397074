load util

@test "every fuzz target has seeds and passes them" {
	local main name

	for main in "$ROOT"/fuzz/*.c; do
		name=$(basename "$main" .c)
		[ "$name" != replay ] || continue
		run -0 sh -c 'exec "$1" "$2"/*' sh "$BUILD/fuzz/$name" "$ROOT/fuzz/seeds/$name"
	done
}

# When this fails after a change of the format, make the seeds anew with pz-train.
@test "the seeds of the model target are models" {
	run -0 pz-show model "$ROOT/fuzz/seeds/model/factors"
	run -0 pz-show model "$ROOT/fuzz/seeds/model/popularity"
}

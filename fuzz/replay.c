/* replay - give files, the seeds or a crash, to a fuzz target without libFuzzer. */
#include "fuzz.h"

int
main(int argc, char *argv[])
{
	struct buf b = { 0 };

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		char *copy;
		size_t n;

		if (!f)
			err(1, "%s", argv[i]);
		buf_clear(&b);
		do {
			buf_reserve(&b, 65536);
			n = fread(b.data + b.len, 1, 65536, f);
			b.len += n;
		} while (n);
		if (ferror(f))
			err(1, "%s", argv[i]);
		fclose(f);
		copy = exact_copy(b.data, b.len);
		LLVMFuzzerTestOneInput((const uint8_t *)copy, b.len);
		free(copy);
	}
	buf_release(&b);
}

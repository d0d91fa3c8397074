/* factor_file - any file of factors: an error in words, or rows that are finite. */
#include "factor_file.h"

#include <math.h>

#include "fuzz.h"

static const uint64_t offsets[] = { 0, 1, 2, 4 };

static const struct ids *
known(void)
{
	static uint32_t slots[16];
	static struct ids ids = { { 3, offsets, "ab17" }, NULL, 0 };

	if (!ids.slot)
		ids_index(&ids, slots);
	return &ids;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32], *why = NULL;
	int fd = memory_file(data, size, path), status;
	struct factor_source from = { path, NULL, size % 2 ? "user" : "item" };
	struct factor_rows f = { .known = known() };

	if (size && data[0] == 0x93) {
		f.given = xcalloc(3, sizeof *f.given);
		status = factor_npy_read(&f, &from, path, NULL, &why);
	} else
		status = factor_rows_read(&f, &from, known(), &why);
	REQUIRE((status < 0) == (why != NULL) && f.n <= 3 && f.dim <= FACTOR_MOST);
	for (size_t i = 0; i < (f.rows ? 3 * f.dim : 0); i++)
		REQUIRE(isfinite(f.rows[i]));
	factor_rows_release(&f);
	free(why);
	close(fd);
	return 0;
}

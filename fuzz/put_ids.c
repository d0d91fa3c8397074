/* put_ids - any bytes as the end of a segment: no list of events, or one in bounds. */
#include "put_ids.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact_copy(data, size);
	struct put_ids ids;
	uint64_t sum = 0;

	if (put_ids_parse(&ids, text, size) == 0) {
		REQUIRE(ids.n <= size / 8);
		for (size_t i = 0; i < ids.n; i++)
			sum += put_ids_get(&ids, i);
		REQUIRE(put_ids_seek(&ids, 0, sum) <= ids.n);
		REQUIRE(put_ids_seek(&ids, ids.n / 2, sum / 2) <= ids.n);
	}
	free(text);
	return 0;
}

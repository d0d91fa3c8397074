/*
 * filter_rules - filters that the input makes up, against the rules row by row.
 *
 * Four bytes choose the catalog; the others decide, one after the other, what the
 * filters over it are, and chance goes on where they end.
 */
#include "../tests/filter_rules.h"
#include "fuzz.h"

enum { FILTERS = 50 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rules_world w;

	random_state = 0;
	random_input_left = 0;
	memcpy(&random_state, data, MIN(size, (size_t)4));
	rules_open(&w, true);
	if (size > 4) {
		random_input = data + 4;
		random_input_left = size - 4;
	}
	REQUIRE(rules_check(&w, FILTERS, false) == 0);
	rules_close(&w);
	return 0;
}

/* model_reader - one number that does not fit is found wherever it is. */
#include "model_reader.h"

#include <math.h>

#include "check.h"
#include "random.h"

enum { MOST = 200, LIMIT = 1000, TYPES = 5 };

static void
numbers_below(void)
{
	bool right = true;

	for (size_t n = 0; n <= MOST; n++) {
		uint32_t x[MOST] = { 0 };

		for (size_t i = 0; i < n; i++)
			x[i] = (uint32_t)random_below(LIMIT);
		right = right && reader_all_below(x, n, LIMIT);
		if (!n)
			continue;
		x[random_below(n)] = one_in(2) ? LIMIT : UINT32_MAX;
		right = right && !reader_all_below(x, n, LIMIT);
		right = right && !reader_all_below(x, n, 0);
	}
	CHECK(right);
}

static void
types(void)
{
	bool right = true;

	for (size_t n = 0; n <= MOST; n++) {
		uint16_t x[MOST] = { 0 };

		for (size_t i = 0; i < n; i++)
			x[i] = one_in(3) ? UINT16_MAX : (uint16_t)random_below(TYPES);
		right = right && reader_types_fit(x, n, TYPES);
		right = right && reader_types_fit(x, n, SIZE_MAX);
		if (!n)
			continue;
		x[random_below(n)] = one_in(2) ? TYPES : UINT16_MAX - 1;
		right = right && !reader_types_fit(x, n, TYPES);
	}
	CHECK(right);
}

static void
finite_numbers(void)
{
	static const float bad[] = { NAN, INFINITY, -INFINITY };
	bool right = true;

	for (size_t n = 0; n <= MOST; n++) {
		float x[MOST] = { 0 };

		for (size_t i = 0; i < n; i++)
			x[i] = one_in(2) ? 0x1.fffffep127f : -0x1p-149f;
		right = right && reader_all_finite(x, n);
		if (!n)
			continue;
		x[random_below(n)] = bad[random_below(LENGTH(bad))];
		right = right && !reader_all_finite(x, n);
	}
	CHECK(right);
}

static void
slots(void)
{
	bool right = true;

	for (size_t n_slots = 0; n_slots <= 256; n_slots = n_slots ? 2 * n_slots : 1) {
		uint32_t x[256] = { 0 };
		size_t last = n_slots - 1;

		for (size_t i = 0; i < n_slots; i++)
			x[i] = (uint32_t)random_below(TYPES);
		right = right && !reader_slots_fit(x, n_slots, TYPES);
		if (!n_slots)
			continue;
		x[random_below(n_slots)] = NONE;
		right = right && reader_slots_fit(x, n_slots, TYPES);
		right =
		    right && (n_slots < 4 || !reader_slots_fit(x, n_slots - 1, TYPES));
		if (x[last] == NONE)
			continue;
		x[last] = one_in(2) ? TYPES : NONE - 1;
		right = right && !reader_slots_fit(x, n_slots, TYPES);
	}
	CHECK(right);
}

int
main(void)
{
	numbers_below();
	types();
	slots();
	finite_numbers();
	return check_end();
}

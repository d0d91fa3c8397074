/* idmap - numbers in order of arrival, the same ones for the same bytes. */
#include "idmap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

static struct span
number_text(char text[32], uint64_t n)
{
	return (struct span){ text,
		(size_t)snprintf(text, 32, "id %llu", (unsigned long long)n) };
}

static void
numbers_rise_in_order_of_arrival(void)
{
	struct idmap *m = idmap_new();
	size_t wrong = 0, n = 300000;
	char text[32];

	for (size_t i = 0; i < n; i++) {
		wrong += idmap_find(m, number_text(text, i)) != IDMAP_NONE;
		wrong += idmap_add(m, number_text(text, i)) != i;
		wrong += idmap_add(m, number_text(text, i / 2)) != i / 2;
		wrong += idmap_count(m) != i + 1;
	}
	for (size_t i = 0; i < n; i++) {
		wrong += idmap_find(m, number_text(text, i)) != i;
		wrong += !span_equal(idmap_get(m, (uint32_t)i), number_text(text, i));
		wrong += idmap_find(m, number_text(text, n + i)) != IDMAP_NONE;
	}
	CHECK(!wrong);
	idmap_free(m);
}

/* Short strings of few different bytes, NUL and the empty one among them. */
static void
any_bytes_are_an_id(void)
{
	enum { LONGEST = 6, KINDS = 4, CODES = 1 << 14 };
	struct idmap *m = idmap_new();
	static uint32_t expected[CODES];
	uint32_t next = 0;
	size_t wrong = 0;

	memset(expected, 0xff, sizeof expected);
	for (int i = 0; i < 100000; i++) {
		size_t len = random_below(LONGEST + 1), code = 1;
		char *id = malloc(len ? len : 1);

		for (size_t k = 0; k < len; k++) {
			uint64_t kind = random_below(KINDS);

			id[k] = "\0a\xff\n"[kind];
			code = code * KINDS + kind;
		}
		wrong += idmap_find(m, (struct span){ id, len }) != expected[code];
		if (one_in(2)) {
			if (expected[code] == IDMAP_NONE)
				expected[code] = next++;
			wrong +=
			    idmap_add(m, (struct span){ id, len }) != expected[code];
			wrong += !span_equal(
			    idmap_get(m, expected[code]), (struct span){ id, len });
		}
		free(id);
	}
	CHECK(!wrong);
	CHECK(idmap_count(m) == next);
	CHECK(idmap_add(m, (struct span){ NULL, 0 }) == idmap_add(m, span_of("")));
	idmap_free(m);
}

static void
an_empty_map_finds_nothing(void)
{
	struct idmap *m = idmap_new();

	CHECK(idmap_count(m) == 0);
	CHECK(idmap_find(m, span_of("")) == IDMAP_NONE);
	CHECK(idmap_find(m, span_of("a")) == IDMAP_NONE);
	CHECK(idmap_add(m, span_of("")) == 0 && idmap_get(m, 0).len == 0);
	idmap_free(m);
	idmap_free(NULL);
}

int
main(void)
{
	numbers_rise_in_order_of_arrival();
	any_bytes_are_an_id();
	an_empty_map_finds_nothing();
	return check_end();
}

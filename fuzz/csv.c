/* csv - any line: fields that, quoted, split into the same fields again. */
#include "csv.h"

#include "fuzz.h"

static void
check_quoting(const struct csv *c)
{
	struct csv again = { 0 };
	struct buf line = { 0 };

	for (size_t i = 0; i < c->n; i++) {
		if (i)
			buf_addc(&line, ',');
		csv_quote(&line, c->fields[i]);
	}
	REQUIRE(csv_split(&again, line.data ? line.data : "", line.len) == 0);
	REQUIRE(again.n == c->n);
	for (size_t i = 0; i < c->n; i++)
		REQUIRE(span_equal(again.fields[i], c->fields[i]));
	csv_release(&again);
	buf_release(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact_copy(data, size);
	struct span rest = { text, size };
	struct csv c = { 0 };

	while (rest.len) {
		struct span line = first_line(&rest);

		if (csv_split(&c, line.data, line.len) == 0)
			check_quoting(&c);
		else
			REQUIRE(c.why && c.at <= line.len);
	}
	csv_release(&c);
	free(text);
	return 0;
}

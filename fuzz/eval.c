/* eval - any truth and output records: words, or metrics between 0 and 1. */
#include "report.h"

#include <math.h>

#include "fuzz.h"

static const size_t at[] = { 1, 3 };

/* The service's are shares; NAN: there is nothing to divide by. */
static void
require_shares(const struct report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct report_line *line = &r->lines[i];

		if (strstr(line->name, "_at_3"))
			REQUIRE(isnan(line->value) ||
				(line->value >= 0 && line->value <= 1 + 1e-9));
	}
}

/* Output records behind an empty line; the first of all lines are truth. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { (const char *)data, size }, line;
	struct report_options ro = { 3, 1, 1 };
	struct eval_options o = { at, 2, NULL };
	char path[32], *why = NULL;
	const char *wrong;
	struct buf out = { 0 };
	struct truth t;
	struct report r;
	struct eval *e;
	size_t records = 0;
	int fd;

	while (rest.len && (line = first_line(&rest)).len)
		;
	fd = memory_file(data, size - rest.len, path);
	if (truth_read(&t, path, &why) < 0) {
		REQUIRE(why && *why);
		free(why);
	} else {
		e = eval_new(&t, &o);
		while (rest.len) {
			char *copy;

			line = first_line(&rest);
			copy = exact_copy(line.data, line.len);
			records++;
			if (eval_add(e, (struct span){ copy, line.len }, &wrong) == 0)
				REQUIRE(!wrong);
			free(copy);
		}
		eval_finish(e);
		REQUIRE(e->without_output <= t.n && e->errors <= records);
		report_make(&r, e, NULL, &ro);
		require_shares(&r);
		report_json(&r, &out);
		report_table(&r, &out);
		report_release(&r);
		eval_free(e);
	}
	truth_release(&t);
	buf_release(&out);
	close(fd);
	return 0;
}

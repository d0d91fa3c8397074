/*
 * import - any file given to pz-import: CSV or JSON lines, any packing, with the
 * schema made from its own rows. Every line becomes rows of that schema or is bad.
 */
#include "convert.h"

#include "fuzz.h"
#include "row.h"

/* Every row that came out is one line and a row of the schema. */
static void
check_rows(const struct schema *s, const struct batch *b)
{
	struct span rest = { b->rows.data, b->rows.len };
	struct buf again = { 0 };
	struct row r;
	size_t n = 0;

	row_init(&r, s);
	for (; rest.len; n++) {
		struct span line = first_line(&rest);

		buf_clear(&again);
		REQUIRE(row_object(&r, line, &again) == 0);
		REQUIRE(span_equal(line, (struct span){ again.data, again.len - 1 }));
	}
	REQUIRE(n == b->n_rows);
	for (size_t i = 0; i < b->n_bad; i++)
		REQUIRE(
		    b->bad[i].line < b->n_lines && b->bad[i].reason < b->reasons.len);
	row_release(&r);
	buf_release(&again);
}

static void
convert_all(struct intake *from, const struct schema *s)
{
	struct batch b = { 0 };
	char *why = NULL;
	struct convert *c = convert_new(s, NULL, &why);

	while (intake_next(from, &b) > 0) {
		if (b.header && !b.header->fields &&
		    (why = header_match(b.header, s))) {
			free(why);
			break;
		}
		convert_batch(c, &b);
		check_rows(s, &b);
	}
	batch_release(&b);
	convert_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32], *paths[] = { path }, *why = NULL;
	int fd = memory_file(data, size, path), type, more;
	struct infer *in = NULL;
	struct convert *c = convert_new(NULL, NULL, &why);
	struct schema *s = NULL;
	struct batch b = { 0 };
	struct intake from;

	intake_open(&from, paths, 1, true);
	while ((more = intake_next(&from, &b)) > 0) {
		if (!in) {
			type = convert_guess(c, &b);
			in = infer_new(
			    type < 0 ? INTERACTIONS : (enum dataset_type)type);
		}
		convert_infer(c, &b, in);
	}
	REQUIRE(more == 0 || from.why);
	if (in && more == 0) {
		if (!(s = infer_schema(in, &why)))
			REQUIRE(why && *why);
		else {
			if (intake_rewind(&from) < 0)
				abort();
			convert_all(&from, s);
		}
	}
	free(why);
	batch_release(&b);
	schema_free(s);
	infer_free(in);
	convert_free(c);
	intake_close(&from);
	close(fd);
	return 0;
}

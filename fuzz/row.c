/* row - any JSON as a row of a schema: an error, or a row that is one of itself. */
#include "row.h"

#include "fuzz.h"

static struct schema *
schema(void)
{
	static const char text[] =
	    "{\"type\":\"record\",\"name\":\"Items\",\"fields\":["
	    "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
	    "{\"name\":\"GENRE\",\"type\":[\"null\",\"string\"],\"categorical\":true},"
	    "{\"name\":\"TEXT\",\"type\":[\"string\",\"null\"],\"textual\":true},"
	    "{\"name\":\"PRICE\",\"type\":\"double\"},"
	    "{\"name\":\"WEIGHT\",\"type\":[\"null\",\"float\"]},"
	    "{\"name\":\"PAGES\",\"type\":[\"int\",\"null\"]},"
	    "{\"name\":\"NEW\",\"type\":[\"null\",\"boolean\"]},"
	    "{\"name\":\"CREATION_TIMESTAMP\",\"type\":\"long\"}],"
	    "\"version\":\"1.0\"}";
	char *why = NULL;
	struct schema *s = schema_parse(text, strlen(text), ITEMS, &why);

	if (!s)
		errx(1, "%s", why);
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct schema *s;
	char *text = exact_copy(data, size);
	struct buf once = { 0 }, twice = { 0 };
	struct row r;

	if (!s)
		s = schema();
	row_init(&r, s);
	buf_adds(&once, "before\n");
	if (row_object(&r, (struct span){ text, size }, &once) < 0) {
		REQUIRE(*r.why && r.field >= -1 && r.field < (int)s->n_fields);
		REQUIRE(once.len == 7);
	} else {
		struct span line = { once.data + 7, once.len - 8 };

		REQUIRE(once.data[once.len - 1] == '\n');
		REQUIRE(!memchr(line.data, '\n', line.len));
		REQUIRE(row_object(&r, line, &twice) == 0);
		REQUIRE(span_equal(line, (struct span){ twice.data, twice.len - 1 }));
	}
	text_is_whole((struct span){ text, size });
	text_is_number((struct span){ text, size });
	text_is_boolean((struct span){ text, size });
	row_release(&r);
	buf_release(&once);
	buf_release(&twice);
	free(text);
	return 0;
}

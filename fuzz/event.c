/* event - any line as a call: an error, or entries that are rows or say why not. */
#include "event.h"

#include "fuzz.h"

static struct schema *
parse(const char *fields, int type)
{
	char *text = xasprintf("{\"type\":\"record\",\"name\":\"%s\",\"fields\":[%s]}",
	    type == ITEMS   ? "Items"
	    : type == USERS ? "Users"
			    : "Interactions",
	    fields);
	char *why = NULL;
	struct schema *s = schema_parse(text, strlen(text), type, &why);

	if (!s)
		errx(1, "%s", why);
	free(text);
	return s;
}

static void
make_schemas(struct schema *schemas[DATASET_TYPES])
{
	schemas[INTERACTIONS] =
	    parse("{\"name\":\"USER_ID\",\"type\":\"string\"},"
		  "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
		  "{\"name\":\"TIMESTAMP\",\"type\":\"long\"},"
		  "{\"name\":\"EVENT_TYPE\",\"type\":\"string\"},"
		  "{\"name\":\"EVENT_VALUE\",\"type\":[\"null\",\"float\"]},"
		  "{\"name\":\"IMPRESSION\",\"type\":[\"null\",\"string\"]},"
		  "{\"name\":\"SCORE\",\"type\":[\"null\",\"int\"]}",
		INTERACTIONS);
	schemas[ITEMS] =
	    parse("{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
		  "{\"name\":\"GENRE\",\"type\":[\"null\",\"string\"]},"
		  "{\"name\":\"CREATION_TIMESTAMP\",\"type\":[\"null\",\"long\"]}",
		ITEMS);
}

/* Users have no schema: such calls are not read further. */
static void
read_call(struct events *e, struct schema *const schemas[DATASET_TYPES])
{
	size_t n = 0;

	if (!schemas[e->type])
		return;
	for (; events_next(e); n++) {
		struct row r;
		struct buf again = { 0 };

		REQUIRE(e->entry.data > e->list.data &&
			e->entry.data + e->entry.len < e->list.data + e->list.len);
		REQUIRE((e->fate == EVENT_BAD) == (*e->why != '\0'));
		if (e->fate != EVENT_ROW)
			continue;
		/* The row is a line, and a row of its schema. */
		REQUIRE(e->row.len > 2 && e->row.data[e->row.len - 1] == '\n');
		row_init(&r, schemas[e->type]);
		REQUIRE(row_object(&r, (struct span){ e->row.data, e->row.len - 1 },
			    &again) == 0);
		REQUIRE(again.len == e->row.len &&
			!memcmp(again.data, e->row.data, again.len));
		row_release(&r);
		buf_release(&again);
	}
	REQUIRE(n == e->n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct schema *schemas[DATASET_TYPES];
	struct span rest = { (const char *)data, size };
	struct events e;

	if (!schemas[ITEMS])
		make_schemas(schemas);
	events_open(&e, schemas, size % 2);
	while (rest.len) {
		struct span line = first_line(&rest);
		char *text = exact_copy(line.data, line.len);

		if (events_line(&e, (struct span){ text, line.len }) < 0)
			REQUIRE(*e.why);
		else
			read_call(&e, schemas);
		free(text);
	}
	events_close(&e);
	return 0;
}

/* schema - any Avro text: an error in words, or a schema that prints as itself. */
#include "schema.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact_copy(data, size), *why;

	for (int type = -1; type < DATASET_TYPES; type++) {
		struct schema *s, *again;
		struct buf out = { 0 };

		why = NULL;
		if (!(s = schema_parse(text, size, type, &why))) {
			REQUIRE(why && *why);
			free(why);
			continue;
		}
		schema_print(s, &out);
		again = schema_parse(out.data, out.len, type, &why);
		REQUIRE(again && schema_equal(s, again) && schema_equal(again, s));
		REQUIRE(!schema_misfit(s, again));
		for (size_t i = 0; i < s->n_fields; i++)
			REQUIRE(schema_field(s, span_of(s->fields[i].name)) == (int)i);
		schema_free(again);
		schema_free(s);
		buf_release(&out);
	}
	free(text);
	return 0;
}

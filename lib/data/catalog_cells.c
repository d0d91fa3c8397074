/* catalog_cells - the cells of a row, as JSON says them. */
#include "catalog_cells.h"

#include <math.h>

int64_t
cell_integer(const struct json_value *v)
{
	const char *p = v->raw.data, *end = p + v->raw.len;
	bool minus = *p == '-';
	uint64_t n = 0;

	for (p += minus; p < end && *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	if (p < end)
		return (int64_t)json_number(v);
	return (int64_t)(minus ? -n : n);
}

double
cell_number(const struct json_value *v)
{
	switch (v->type) {
	case JSON_TRUE:
		return 1;
	case JSON_FALSE:
		return 0;
	case JSON_NUMBER:
		return json_number(v);
	default:
		return NAN;
	}
}

int
cell_next(struct json *j, const struct schema *s, int *field)
{
	struct buf scratch = { 0 };
	struct json_value name;
	int behind = *field + 1, more;

	if ((size_t)behind < s->n_fields && json_member_is(j, s->fields[behind].name)) {
		*field = behind;
		return 1;
	}
	if ((more = json_member(j, &name)) > 0) {
		*field = schema_field(s, json_text(&name, &scratch));
		buf_release(&scratch);
	}
	return more;
}

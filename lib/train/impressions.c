/* impressions - how often each item was shown. */
#include "impressions.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"

/* The items of a value; how many of them are known. */
static size_t
count_value(uint32_t *shown, const struct catalog *c, struct span value)
{
	const char *p = value.data, *end = p + value.len, *bar;
	size_t known = 0;

	for (; p < end; p = bar + 1) {
		uint32_t item;

		if (!(bar = memchr(p, '|', (size_t)(end - p))))
			bar = end;
		item = ids_find(&c->items, (struct span){ p, (size_t)(bar - p) });
		if (item == NONE)
			continue;
		shown[item] += shown[item] < UINT32_MAX;
		known++;
	}
	return known;
}

int
impressions_read(
    uint32_t **shown, const struct dataset *d, const struct catalog *c, char **why)
{
	const struct schema *s = d->schemas[INTERACTIONS];
	struct buf scratch = { 0 };
	struct rows rows;
	size_t known = 0;
	int more;

	*shown = NULL;
	if (!s || schema_field(s, span_of("IMPRESSION")) < 0)
		return 0;
	*shown = xcalloc(c->items.strings.n, sizeof **shown);
	rows_open(&rows, d, INTERACTIONS);
	while ((more = rows_next(&rows)) > 0) {
		struct json_value row = { JSON_OBJECT, rows.line, false }, v;

		if (json_find(row, "IMPRESSION", &v) && v.type == JSON_STRING)
			known += count_value(*shown, c, json_text(&v, &scratch));
	}
	if (rows.why)
		*why = xstrdup(rows.why);
	rows_close(&rows);
	buf_release(&scratch);
	if (!known) {
		free(*shown);
		*shown = NULL;
	}
	return more;
}

/* shop - datasets of interactions made row by row, in the working folder. */
#ifndef SHOP_H
#define SHOP_H

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"

/* User and item numbers are printed with these before them. */
struct shop_row {
	unsigned user, item;
	long time;
	const char *type; /* NULL: none */
	double value;     /* negative: none */
};

static const char shop_schema[] =
    "{\"type\":\"record\",\"name\":\"Interactions\",\"fields\":["
    "{\"name\":\"USER_ID\",\"type\":\"string\"},"
    "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
    "{\"name\":\"TIMESTAMP\",\"type\":\"long\"},"
    "{\"name\":\"EVENT_TYPE\",\"type\":[\"null\",\"string\"]},"
    "{\"name\":\"EVENT_VALUE\",\"type\":[\"null\",\"float\"]}],\"version\":\"1.0\"}";

static inline void
shop_add_row(struct writer *w, const struct shop_row *r)
{
	char type[64] = "", value[64] = "", *line, *why;

	if (r->type)
		snprintf(type, sizeof type, ",\"EVENT_TYPE\":\"%s\"", r->type);
	if (r->value >= 0)
		snprintf(value, sizeof value, ",\"EVENT_VALUE\":%g", r->value);
	line =
	    xasprintf("{\"USER_ID\":\"u%u\",\"ITEM_ID\":\"i%u\",\"TIMESTAMP\":%ld%s%s}",
		r->user, r->item, r->time, type, value);
	if (writer_add(w, span_of(line), &why) < 0)
		errx(1, "%s", why);
	free(line);
}

/* One more segment of rows [n]. */
static inline void
shop_write(
    const char *path, enum import_mode mode, const struct shop_row *rows, size_t n)
{
	char *why;
	struct schema *s = schema_parse(shop_schema, strlen(shop_schema), -1, &why);
	struct writer *w = writer_open(path, INTERACTIONS, mode, &why);

	if (!s || !w)
		errx(1, "%s", why);
	for (size_t i = 0; i < n; i++)
		shop_add_row(w, &rows[i]);
	if (writer_commit(w, s, &why) < 0)
		errx(1, "%s", why);
	schema_free(s);
}

static inline struct dataset *
shop_open(const char *path)
{
	char *why;
	struct dataset *d = dataset_open(path, false, &why);

	if (!d)
		errx(1, "%s", why);
	return d;
}

#endif

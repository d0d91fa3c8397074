/*
 * row - a checked row of a dataset, printed as one line of JSON.
 *
 * Columns come as text (of CSV) or as JSON values. An empty text is null. JSON
 * strings are taken as text is, so "12" is good for a long; whole JSON numbers are
 * good for a string column. A whole number may have zeros behind a point (12.0).
 */
#ifndef ROW_H
#define ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "json.h"
#include "schema.h"
#include "util.h"

enum { ROW_WHY = 240 };

struct row {
	const struct schema *schema;
	int field;         /* after -1: the column at fault, or -1: the whole row */
	char why[ROW_WHY]; /* after -1: what is wrong, what was expected */
	bool late;         /* a time was seen that can only be milliseconds */
	struct row_column *columns;
	struct row_member *members; /* of the last object, by position */
	size_t n_members;
	struct buf scratch;
};

void row_init(struct row *r, const struct schema *s); /* s is borrowed */
void row_release(struct row *r);

/*
 * One row: begin, set what is there (borrowed until the end), end. row_end appends
 * the line with its LF to out; after -1 out is as it was.
 */
void row_begin(struct row *r);
void row_text(struct row *r, size_t field, struct span text);
void row_value(struct row *r, size_t field, const struct json_value *value);
int row_end(struct row *r, struct buf *out);
/* What is set so far: a text has type JSON_NONE. NULL: nothing. */
const struct json_value *row_get(const struct row *r, size_t field);

/*
 * A whole row from a JSON object. Names are the schema's, or alike. What the schema
 * does not know must be null.
 */
int row_object(struct row *r, struct span json, struct buf *out);

/* For whoever else finds a row bad: fill in field and why, and return -1. */
int row_fail(struct row *r, int field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a text could be: used for inference too. */
bool text_is_whole(struct span text);   /* -12, 12.0 */
bool text_is_number(struct span text);  /* also +.5e-3 */
bool text_is_boolean(struct span text); /* case ignored */

#endif

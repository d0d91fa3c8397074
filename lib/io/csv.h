/*
 * csv - one line of the service's CSV.
 *
 * Fields are separated by commas. A field in quotes may hold commas; in any field
 * \" is a quote and \\ a backslash, and a backslash before anything else stands
 * for itself. In a quoted field "" is a quote too (RFC 4180). One record is one
 * line: a quote that is still open at its end is an error.
 */
#ifndef CSV_H
#define CSV_H

#include <stddef.h>

#include "util.h"

struct csv { /* start from zeroes */
	size_t n;
	struct span
	    *fields;     /* [n] values; borrowed from the line or until the next call */
	const char *why; /* after -1 */
	size_t at;       /* after -1: byte position in the line, from 0 */
	size_t cap;
	struct buf decoded;
};

int csv_split(struct csv *c, const char *line, size_t len);
void csv_release(struct csv *c);

/* Append a value as a field, in quotes if it needs them. It must not hold LF. */
void csv_quote(struct buf *out, struct span value);

#endif

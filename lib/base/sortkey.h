/*
 * sortkey - JSON values as bytes that memcmp puts into jq's order.
 *
 * null < false < true < numbers < strings (bytewise) < arrays (element by
 * element) < objects (by their sorted names, then by the values in that order).
 * Numbers compare as doubles, -0 equals 0, NaN is below every number. Values
 * that jq holds equal have equal bytes, so the bytes serve as names of groups.
 *
 *	null, false, true   01, 02, 03
 *	number              04, the double in 8 bytes, big-endian, order kept
 *	string              05, bytes with 00 as 00 FF, 00
 *	array               06, elements, 00
 *	object              07, names as strings, 00, values, 00
 */
#ifndef SORTKEY_H
#define SORTKEY_H

#include "util.h"

enum sortkey_tag {
	SORTKEY_END,
	SORTKEY_NULL,
	SORTKEY_FALSE,
	SORTKEY_TRUE,
	SORTKEY_NUMBER,
	SORTKEY_STRING,
	SORTKEY_ARRAY,
	SORTKEY_OBJECT,
};

/* Append a value without content, or open or end a container. */
void sortkey_tag(struct buf *b, enum sortkey_tag tag);
void sortkey_number(struct buf *b, double value);
void sortkey_string(struct buf *b, struct span text); /* decoded text */

#endif

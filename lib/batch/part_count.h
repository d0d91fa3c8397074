/*
 * part_count - records on their way in and out of a part, counted.
 *
 * What comes in is lines as lines.h takes them, blank ones left out; what goes out is
 * output records. The numbers must agree.
 */
#ifndef PART_COUNT_H
#define PART_COUNT_H

#include <stdbool.h>

#include "util.h"

/* Lines that are not blank, in blocks as they come. Begin with a zeroed one. */
struct part_lines {
	size_t n;
	size_t len; /* of the line so far, up to a few bytes */
	char head[5];
	bool begun; /* a first line was seen */
};

void part_lines_add(struct part_lines *l, const char *p, size_t len);
void part_lines_end(struct part_lines *l); /* a last line may lack its end */

/* Output records, and those that carry an error: number, tab, record. */
struct part_records {
	size_t n, errors;
	struct buf rest; /* of a record that is not whole yet */
	struct buf bad;
};

void part_records_add(struct part_records *r, const char *p, size_t len);
void part_records_release(struct part_records *r);

#endif

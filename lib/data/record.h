/*
 * record - the lines that the filters pass to each other: input and output records.
 *
 * record_parse looks at one line once and remembers where its members are; what is
 * passed on is the line's own bytes.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "json.h"
#include "util.h"

struct record {
	struct span line;           /* as read */
	bool has_output, has_error; /* there and not null: beyond scoring */
	/* Members of the input: of the record itself, or of its member "input". */
	struct json_value user_id, item_id, item_list,
	    item_attributes; /* type 0: absent */
	struct json_value filter_values, filter, context;
	/* Of an output record. */
	struct json_value input, output, error;
	struct json_value items, scores, users; /* members of output */
	const char *why;                        /* after -1: static text */
	size_t at; /* after -1: byte position in the line, from 0 */
};

/* A repeated member counts as its last. -1: not an object or broken; why and at. */
int record_parse(struct record *r, const char *line, size_t len);

/*
 * Append the echo of an input record: without its member "filter" and without
 * space between tokens.
 */
void record_echo(struct buf *out, const struct record *r);

/* Append {"input":...,"output":null,"error":"message"} and LF. */
void record_error(struct buf *out, const struct record *r, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif

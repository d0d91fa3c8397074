/*
 * label - each line in an object that says where it is from.
 *
 *	{"name":"s3://b/k","line":7,"record":{"userId":"1"}}
 *
 * A line that is one JSON value is the record, in its own bytes; any other is a
 * string, and its member is called "text".
 */
#ifndef LABEL_H
#define LABEL_H

#include "util.h"

struct label {
	int (*write)(void *context, const void *p, size_t len); /* -1 and errno */
	void *context;
	const char *name; /* of the lines to come; borrowed */
	uint64_t line;    /* the one before; 0 at a file's start */
	struct buf partial, out;
};

/* context is a struct label: any pieces of a text that ends in LF. -1 and errno. */
int label_write(void *context, const void *p, size_t len);
void label_release(struct label *l);

#endif

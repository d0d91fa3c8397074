/*
 * import_rows - lines of files into rows of a dataset, on many threads.
 */
#ifndef IMPORT_ROWS_H
#define IMPORT_ROWS_H

#include "convert.h"
#include "dataset.h"
#include "intake.h"
#include "progress.h"

struct import_rows {
	struct intake *intake;
	const struct schema *schema;
	const char *map; /* jq program, NULL: none */
	struct writer *writer;
	bool with_bad; /* write rows though others are bad */
	size_t threads;
	struct progress *progress;
	/* Told of every bad line, in order. -1 and *why (to be freed) ends it all. */
	int (*bad)(void *context, const struct batch *b, const struct bad_line *bad,
	    char **why);
	void *context;
	/* Results. */
	uint64_t lines, rows, n_bad;
	bool late; /* some times look like milliseconds */
};

/*
 * Convert all lines and give their rows to the writer, in their order. -1 and *why (one
 * line, to be freed); bad lines alone are no failure here.
 */
int import_rows(struct import_rows *im, char **why);

#endif

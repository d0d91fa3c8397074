/*
 * source - files of CSV or JSON lines in batches, readable twice.
 *
 * The first byte of the first file that is no space tells the format for all:
 * { is JSON lines, else it is CSV. Every CSV file begins with a header of its own.
 * Empty lines are passed over. What cannot be read again (stdin, pipes) is copied
 * to a temporary file without a name while it is read, if asked.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

struct header {
	const char *path;
	size_t number; /* its line */
	size_t n;
	struct span *names; /* [n], as written */
	int *fields;        /* [n], for the user of the source; NULL at first */
};

struct batch_line {
	size_t from, len; /* in text */
	size_t number;    /* in the file, from 1 */
};

struct bad_line {
	size_t line;   /* in lines */
	size_t reason; /* in reasons, NUL behind it */
};

/* Lines of one file, and what convert made of them. Start from zeroes. */
struct batch {
	const char *path;
	struct header *header; /* NULL: JSON lines */
	struct buf text;
	struct batch_line *lines;
	size_t n_lines, cap_lines;
	uint64_t consumed; /* bytes of all files, up to here */
	struct buf rows;
	size_t n_rows;
	struct bad_line *bad;
	size_t n_bad, cap_bad;
	struct buf reasons;
};

void batch_release(struct batch *b);

struct source {
	uint64_t total; /* bytes of all files, 0: not known */
	char *why;      /* after -1: which file, what is wrong */
	struct source_state *state;
};

/* paths are borrowed; n = 0 and "-" mean stdin. Opens nothing yet. */
void source_open(struct source *s, char *const *paths, size_t n, bool keep);
/* 1, 0 at the end, -1. */
int source_next(struct source *s, struct batch *b);
void source_forget(struct source *s); /* it will not be read again: stop copying */
/* Start again; only after the end, and if nothing was forgotten. -1: why. */
int source_rewind(struct source *s);
void source_close(struct source *s);

#endif

/*
 * intake - files of CSV or JSON lines in batches, readable twice.
 *
 * The first byte of the first file that is no space tells the format for all:
 * { is JSON lines, else it is CSV. Every CSV file begins with a header of its own.
 * Empty lines are passed over. What cannot be read again (stdin, pipes) is copied
 * to a temporary file without a name while it is read, if asked.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

struct header {
	const char *path;
	size_t number; /* its line */
	size_t n;
	struct span *names; /* [n], as written */
	int *fields;        /* [n], for the user of the intake; NULL at first */
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

struct intake {
	uint64_t total; /* bytes of all files, 0: not known */
	char *why;      /* after -1: which file, what is wrong */
	struct intake_state *state;
};

/* paths are borrowed; n = 0 and "-" mean stdin. Opens nothing yet. */
void intake_open(struct intake *s, char *const *paths, size_t n, bool keep);
/* 1, 0 at the end, -1. */
int intake_next(struct intake *s, struct batch *b);
/* The same without taking it: intake_next will give it. Borrowed until then. */
int intake_peek(struct intake *s, const struct batch **b);
void intake_forget(struct intake *s); /* it will not be read again: stop copying */
/* Start again; only after the end, and if nothing was forgotten. -1: why. */
int intake_rewind(struct intake *s);
void intake_close(struct intake *s);

#endif

/*
 * abreast - the lines of several files side by side, as paste(1) joins them.
 *
 * Blank lines are skipped, in each file for itself.
 */
#ifndef ABREAST_H
#define ABREAST_H

#include <stddef.h>

#include "util.h"

struct abreast_line {
	struct span text; /* data NULL: the file has ended */
	const char *path;
	size_t number; /* of the line, or of the last one */
};

struct abreast {
	size_t n;
	struct abreast_line *lines; /* [n], borrowed until the next call */
	struct lines *files;
	size_t failed; /* after -1: which of files says why */
};

/* n files, each for itself. As lines_open, but n > 0. */
void abreast_open(struct abreast *a, char *const *paths, size_t n);
/* One file only: the operands one after the other, as lines_open reads them. */
void abreast_open_joined(struct abreast *a, char *const *paths, size_t n);
/* 1 if a file has a line left, 0 at the end of all, -1. */
int abreast_next(struct abreast *a);
void abreast_close(struct abreast *a);

#endif

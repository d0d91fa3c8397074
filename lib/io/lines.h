/*
 * lines - the lines of the operands, or of stdin, one after the other.
 *
 * Lines may be of any length. A byte order mark at a file's start, CR before
 * LF, and a missing last LF are accepted; the text handed out has none of them.
 */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>
#include <stdint.h>

struct lines {
	const char *path; /* where the current line is from; "<stdin>" for stdin */
	size_t number;    /* its number there, from 1 */
	const char *text; /* the line, NUL behind it; borrowed until the next call */
	size_t len;
	const char *why; /* after -1: what went wrong */
	struct lines_state *state;
};

/* paths are borrowed; with n = 0 stdin is read. "-" is stdin too. Opens nothing yet. */
void lines_open(struct lines *l, char *const *paths, size_t n);
/*
 * 1 with the next line, 0 at the end of the last file, -1: path and why are set,
 * and number is that of the last line which was handed out. Nothing comes after -1.
 */
int lines_next(struct lines *l);
/* Bytes taken so far from the files, and the size of all (0: not known). */
uint64_t lines_consumed(const struct lines *l);
uint64_t lines_total(const struct lines *l);
void lines_close(struct lines *l);

#endif

/*
 * sources - the files behind operands: files, folders, stdin.
 */
#ifndef SOURCES_H
#define SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "location.h"

struct source {
	char *path; /* to open, "-" for stdin */
	bool known; /* a regular file: size and time are known */
	uint64_t size;
	time_t time; /* of the last change */
};

struct sources {
	struct source *list;
	size_t n, cap;
	uint64_t bytes; /* of all whose size is known */
	bool unknown;   /* a size is not known */
};

/*
 * Append what a location stands for, which is not S3. A folder stands for all
 * regular files beneath it, in the bytewise order of their paths; symbolic links
 * are followed, pz's own temporary files are left out, and a folder without any
 * file is an error. -1 and *why (one line with the path, to be freed).
 */
int sources_add(struct sources *s, const struct location *l, char **why);
void sources_release(struct sources *s);

#endif

/*
 * files - the files behind operands: files, folders, stdin.
 */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "location.h"

struct file {
	char *path; /* to open, "-" for stdin */
	bool known; /* a regular file: size and time are known */
	uint64_t size;
	time_t time; /* of the last change */
};

struct files {
	struct file *list;
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
int files_add(struct files *s, const struct location *l, char **why);
void files_release(struct files *s);

#endif

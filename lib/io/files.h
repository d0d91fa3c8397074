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
#include "util.h"

struct file {
	char *path; /* to open, "-" for stdin, s3://bucket/key */
	bool known; /* a regular file or an object: size and time are known */
	uint64_t size;
	time_t time;  /* of the last change */
	char *etag;   /* of an object, NULL if the server tells none */
	bool object;  /* in S3 */
	size_t below; /* path + below: where in the folder that was named */
};

struct files {
	struct file *list;
	size_t n, cap;
	uint64_t bytes; /* of all whose size is known */
	bool unknown;   /* a size is not known */
};

/* How an operand is read; the words are those of S3. */
enum files_reading {
	FILES_AS_NAMED, /* a file or folder, else a pattern (wildcard.h) */
	FILES_PREFIX,   /* all whose names begin so */
	FILES_FOLDER,   /* all beneath */
};

/*
 * Append what a location stands for, which is not S3. A folder stands for all
 * regular files beneath it, in the bytewise order of their paths; symbolic links
 * are followed, pz's own temporary files are left out, and a folder without any
 * file is an error. -1 and *why (one line with the path, to be freed).
 */
int files_add(
    struct files *s, const struct location *l, enum files_reading reading, char **why);
/* Append one; its texts are taken over. */
void files_push(struct files *s, const struct file *f);
/*
 * One as a JSON line of name, size and time; what is not known is null. to is where it
 * would go, NULL if that is not said.
 */
void files_print(struct buf *b, const struct file *f, const char *to);
/* The one that an open descriptor writes to, NULL: none. */
const char *files_written(const struct files *s, int fd);
void files_release(struct files *s);

#endif

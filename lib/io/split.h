/*
 * split - a file for each source, under one folder as they were under theirs.
 */
#ifndef SPLIT_H
#define SPLIT_H

#include "files.h"
#include "output.h"

struct split {
	const char *folder;
	struct output file;
	char *path; /* of the file being written */
};

/* Whether each can be a file of its own there. -1 and *why, to be freed. */
int split_check(const struct split *s, const struct files *files, char **why);

char *split_path(const struct split *s, const struct file *f); /* to be freed */

/* Folders are made. -1 and *why, to be freed; the file is not there then. */
int split_open(struct split *s, const struct file *f, char **why);
int split_write(void *context, const void *p, size_t len); /* -1 and errno */
int split_commit(struct split *s, char **why);

#endif

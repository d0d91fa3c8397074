/*
 * split_dir - a file for each source, under one folder as they were under theirs.
 */
#ifndef SPLIT_DIR_H
#define SPLIT_DIR_H

#include "files.h"
#include "output.h"

struct split_dir {
	const char *folder;
	struct output file;
	char *path; /* of the file being written */
};

/* Whether each can be a file of its own there. -1 and *why, to be freed. */
int split_dir_check(const struct split_dir *s, const struct files *files, char **why);

char *split_dir_path(const struct split_dir *s, const struct file *f); /* to be freed */

/* Folders are made. -1 and *why, to be freed; the file is not there then. */
int split_dir_open(struct split_dir *s, const struct file *f, char **why);
int split_dir_write(void *context, const void *p, size_t len); /* -1 and errno */
int split_dir_commit(struct split_dir *s, char **why);

#endif

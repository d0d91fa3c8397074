/*
 * output - results on stdout, warnings, and files that appear whole or not at all.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* Write to stdout; a failed write ends the process with status 1. */
void out_write(const void *p, size_t len);

/* Flush and close stdout, last in every main: lost output is a failure. */
void out_close(void);

/* Each line of a text (NULL: none) is a warning as warnx(3) has it, behind `about`. */
void out_warn(const char *text, const char *about);

/*
 * A file written under a temporary name beside its final one, then renamed.
 * Until output_commit nobody sees it; a signal or exit before takes it away. The
 * file replaces an older one with that one's permissions, behind a link too; a
 * device or a pipe is written as it is.
 */
struct output {
	int fd;
	char *path;
	char *temporary; /* NULL: of a device, or not open */
	/* To be set when open: */
	bool only_new; /* commit fails if there is a file */
	bool unsynced; /* commit does not wait for the disk */
};

/* mkdir -p of what stands before the last slash. -1 and errno, *failed to be freed. */
int output_make_folders(const char *path, char **failed);

int output_open(struct output *o, const char *path); /* -1 and errno; not open then */
int output_write(struct output *o, const void *p, size_t len);
int output_commit(struct output *o);   /* fsync, rename; closes in any case */
void output_discard(struct output *o); /* closes, removes; errno stays */

/* Whether a file's name without folders is one that output_open makes. */
bool output_is_temporary(const char *name);

#endif

/*
 * target - where a stream goes: a file or an object that appears whole or not at all,
 * or standard output.
 */
#ifndef TARGET_H
#define TARGET_H

#include "location.h"
#include "output.h"
#include "s3_options.h"
#include "s3_upload.h"

struct target_options {
	struct s3_options *s3; /* borrowed; asked only for objects */
	struct s3_put_options put;
	bool make_folders;
};

struct target {
	enum location_kind kind;
	char *name;    /* for messages */
	bool replaces; /* a file that is there */
	struct output file;
	struct s3_address address;
	struct s3_upload *upload;
	struct s3_error error; /* of the last failure */
};

int target_open(
    struct target *t, const struct location *l, const struct target_options *o);
int target_write(void *context, const void *p, size_t len); /* -1 and t->error */
/* Of an object, the same without a copy: s3_upload_room and _filled. */
void *target_room(struct target *t, size_t *len); /* NULL and t->error */
void target_filled(struct target *t, size_t len);
int target_commit(struct target *t); /* -1 and t->error */
/* Nothing is left of it. error stays, but says what could not be taken back. */
void target_discard(struct target *t);
void target_release(struct target *t);

#endif

/*
 * slice - bytes [from, to) of a file or object, and where it can be cut between lines.
 */
#ifndef SLICE_H
#define SLICE_H

#include <sys/types.h>

#include "files.h"
#include "s3_error.h"
#include "s3_options.h"

/*
 * Places to cut f into pieces of about step bytes, each behind a line's end: cuts[0] is
 * 0, cuts[n] the size; to be freed. *packed: it is compressed, and one piece. A piece
 * begins with no byte order mark but the first, as one is part of a file's first line
 * only. -1 and an error.
 */
int slice_cut(const struct file *f, uint64_t step, struct s3_options *s3,
    uint64_t **cuts, size_t *n, bool *packed, struct s3_error *e);

struct slice;

/* f is borrowed. A file that is not as it was when it was listed is an error. */
struct slice *slice_open(const struct file *f, uint64_t from, uint64_t to, bool packed,
    struct s3_options *s3, struct s3_error *e);
/* The next bytes, decompressed; *p until the next call. 0 at the end, -1 and an error.
 */
ssize_t slice_read(struct slice *s, const char **p, struct s3_error *e);
void slice_close(struct slice *s); /* NULL is fine */

#endif

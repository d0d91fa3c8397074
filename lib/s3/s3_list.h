/*
 * s3_list - what is there: one object, or all whose keys begin alike.
 */
#ifndef S3_LIST_H
#define S3_LIST_H

#include "s3.h"
#include "s3_answer.h"

/* An object by its exact key. 1; 0 if there is none; -1. entry is to be released. */
int s3_head(struct s3 *s, const struct s3_address *a, struct s3_entry *entry,
    struct s3_error *e);

/*
 * Call each(context, entry) for every object whose key begins with the address's, in
 * the server's order; it may take the entry's texts by setting them NULL.
 */
int s3_list(struct s3 *s, const struct s3_address *prefix,
    void (*each)(void *context, struct s3_entry *entry), void *context,
    struct s3_error *e);

#endif

/*
 * infer - a schema out of the rows themselves.
 *
 * Every value of every row is shown once. A column whose name is a reserved one,
 * with case and underscores ignored (userId, item_id), gets that name and its type.
 * Others become boolean, long, double or string by what all their values could be;
 * strings are categorical, textual, or neither, by how often they repeat and how
 * long they are.
 */
#ifndef INFER_H
#define INFER_H

#include <stdbool.h>
#include <stddef.h>

#include "json.h"
#include "schema.h"
#include "util.h"

struct infer;

struct infer *infer_new(enum dataset_type dataset);
void infer_free(struct infer *in);

/* The column of that name, new or known. Two names that are alike are one column. */
size_t infer_column(struct infer *in, struct span name);
void infer_text(struct infer *in, size_t column, struct span text); /* empty: null */
/* Of JSON: a string stays a string, unless text_like says it may be a number. */
void infer_value(
    struct infer *in, size_t column, const struct json_value *v, bool text_like);
void infer_row(struct infer *in); /* ends a row: columns not shown are null in it */

/* NULL and *why (to be freed). */
struct schema *infer_schema(const struct infer *in, char **why);

/*
 * The dataset that has such columns: USER_ID and ITEM_ID interactions, one of them
 * items or users. -1 if there is none.
 */
int infer_dataset(const struct span *names, size_t n);
int infer_guess(const struct infer *in); /* the same of the columns seen so far */

#endif

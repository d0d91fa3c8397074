/*
 * schema - the Avro schemas of the service's datasets.
 *
 * A flat record of fields: string, int, long, float, double or boolean, null
 * through a union in either order. Own string columns are categorical, textual
 * (items only), or neither, and then training ignores them.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

enum dataset_type { INTERACTIONS, ITEMS, USERS, DATASET_TYPES };

/* "interactions", "items", "users", as in folder names and options. */
extern const char *const dataset_names[DATASET_TYPES];
int dataset_type_of(const char *name); /* case ignored; -1: unknown */

enum field_type {
	FIELD_STRING,
	FIELD_INT,
	FIELD_LONG,
	FIELD_FLOAT,
	FIELD_DOUBLE,
	FIELD_BOOLEAN,
};

struct field {
	char *name;
	enum field_type type;
	bool nullable;
	bool categorical;
	bool textual;
};

struct schema {
	enum dataset_type dataset;
	size_t n_fields;
	struct field *fields;
};

/*
 * Parse and check Avro JSON. dataset is what the rows are for, or -1 to take it
 * from the schema's name. NULL and *why (to be freed) says what is wrong.
 */
struct schema *schema_parse(const char *json, size_t len, int dataset, char **why);
void schema_free(struct schema *s);
void schema_print(const struct schema *s, struct buf *out); /* Avro JSON, indented */
bool schema_equal(const struct schema *a, const struct schema *b);
int schema_field(const struct schema *s, struct span name); /* exact name; -1 */

/* For those who make schemas and read rows of other origin. */
struct reserved {
	const char *name; /* NULL ends the table */
	enum field_type type;
	bool required;
};

const struct reserved *schema_reserved(enum dataset_type dataset);
bool schema_name_ok(struct span name); /* letters, digits, _; no digit first */
/* The same once case and all but ASCII letters and digits are ignored. */
bool schema_alike(struct span a, struct span b);
int schema_field_alike(
    const struct schema *s, struct span name); /* exact, else alike */
void schema_add(struct schema *s, const char *name, enum field_type type);
char *schema_check(const struct schema *s); /* NULL, or what is wrong (to be freed) */
/* NULL if rows of old are rows of s too; else what is wrong (to be freed). */
char *schema_misfit(const struct schema *s, const struct schema *old);

#endif

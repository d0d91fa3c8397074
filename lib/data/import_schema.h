/*
 * import_schema - which dataset rows are for, and by which schema.
 *
 * The type is the one asked for, the given schema's, or the one that the columns speak
 * of; the schema is the given one, the dataset's, or inferred from all rows.
 */
#ifndef IMPORT_SCHEMA_H
#define IMPORT_SCHEMA_H

#include "dataset.h"
#include "intake.h"
#include "progress.h"
#include "schema.h"

struct import_schema {
	/* To be set before. */
	const char *path; /* of the dataset */
	enum import_mode mode;
	int type;                /* -1: not known */
	const char *schema_path; /* NULL: none is given */
	bool infer;              /* even if the dataset has a schema */
	const char *map;         /* a jq program that compiles, or NULL */
	struct progress *progress;
	/* Set by it, beside type: */
	struct schema *schema; /* to be freed */
	bool inferred;
};

/*
 * A schema out of a file, of the type or of any (-1). NULL and *why (to be freed),
 * which names the file.
 */
struct schema *import_schema_read(const char *path, int type, char **why);

/*
 * Settle type and schema, and open the intake of n paths so that it gives all rows
 * from the first. -1 and *why (to be freed); the intake is then closed.
 */
int import_schema_settle(struct import_schema *s, struct intake *in, char *const *paths,
    size_t n, char **why);

#endif

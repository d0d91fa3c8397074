/*
 * dataset - the dataset directory: immutable segments and a manifest.
 *
 *	shop/dataset.json                        manifest
 *	shop/interactions/000001.full.jsonl.zst  rows as JSON lines, zstd
 *	shop/items/000002.put.jsonl.zst          individually imported
 *
 * A row is one flat JSON object with the schema's column names, in the schema's
 * order, nulls left out. The manifest is replaced by write, fsync, rename under
 * an exclusive lock; an open dataset holds a shared one, so what it lists stays
 * until it is closed or unlocked.
 */
#ifndef DATASET_H
#define DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "schema.h"
#include "util.h"

enum import_mode { MODE_FULL, MODE_INCREMENTAL, MODE_PUT };
extern const char *const import_modes[]; /* "full", "incremental", "put" */

struct segment {
	char *file; /* relative to the directory */
	enum dataset_type dataset;
	enum import_mode mode;
	uint64_t number; /* rises with every import into the directory */
	uint64_t rows;
	uint64_t bytes;    /* of the file */
	uint64_t checksum; /* XXH3 of the file */
	time_t time;       /* of the import */
};

struct dataset {
	char *path;
	struct schema *schemas[DATASET_TYPES]; /* NULL: never imported */
	struct segment *segments;              /* by number, rising */
	size_t n_segments;
	int lock;
};

/*
 * NULL and *why (to be freed), which names the path: true of every why here. With
 * create, what is not there yet is an empty dataset.
 */
struct dataset *dataset_open(const char *path, bool create, char **why);
void dataset_close(struct dataset *d);
/* The rows were read: writers need not wait. Segments may go from now on. */
void dataset_unlock(struct dataset *d);
uint64_t dataset_rows(const struct dataset *d, enum dataset_type type);

/*
 * The rows of one dataset, segment after segment, oldest first. Of items and
 * users a later row with the same ID replaces an earlier one: that is the
 * reader's to do. Every line is a valid row of the schema, or rows_next fails.
 */
struct rows {
	struct span line; /* the JSON text; borrowed until the next call */
	const struct segment *segment;
	size_t number; /* line in the segment, from 1 */
	char *why;     /* after -1 */
	struct rows_state *state;
};

void rows_open(struct rows *r, const struct dataset *d, enum dataset_type type);
int rows_next(struct rows *r); /* 1, 0, -1 */
void rows_close(struct rows *r);

/*
 * Writing: rows go to a temporary segment, which becomes part of the dataset
 * with writer_commit or leaves no trace. Commit waits until no one has the
 * dataset open: close it before, or wait for yourself.
 */
struct writer;

struct writer *writer_open(
    const char *path, enum dataset_type type, enum import_mode mode, char **why);
int writer_add(struct writer *w, struct span line, char **why); /* without LF */
/* Many at once: n lines, each with its LF. */
int writer_add_lines(struct writer *w, struct span lines, uint64_t n, char **why);
/*
 * FULL drops the older bulk segments, and schema replaces the dataset's (NULL keeps
 * it). In the other modes a schema must be the dataset's own, or its first with PUT.
 * The writer is gone afterwards, done or failed.
 */
int writer_commit(struct writer *w, const struct schema *schema, char **why);
void writer_discard(struct writer *w); /* NULL is fine */

#endif

/*
 * model_reader - the sections of a model file, checked as they are taken.
 *
 * What is wrong is told once, and from then on failed says so: a caller looks before it
 * uses what it took.
 */
#ifndef MODEL_READER_H
#define MODEL_READER_H

#include "model.h"
#include "model_file.h"

struct model_reader {
	struct model *m;
	const char *data; /* the mapped file */
	const struct model_section *table;
	size_t n; /* of the table */
	const char *path;
	char **why;
	bool failed;
};

/* The first failure is the one to tell. */
void reader_damaged(struct model_reader *r, const char *what);

/* By name; NULL: there is none. */
const struct model_section *reader_find(const struct model_reader *r, const char *name);
/* A section of exactly n elements; any whole number of them if n is SIZE_MAX. */
const void *reader_section(
    struct model_reader *r, const char *name, size_t size, size_t n);
/* The same for what is of single users, which may be left to catalog_user_right. */
const void *reader_users_section(
    struct model_reader *r, const char *name, size_t size, size_t n);
/* How many elements a section has, 0 if it is not there. */
size_t reader_count(const struct model_reader *r, const char *name, size_t size);

/* Sections NAME.offset and NAME.bytes. */
void reader_strings(struct model_reader *r, const char *name, struct strings *s);
/* Rows of rising numbers below limit, in sections `rows` and `numbers`. */
void reader_rows(struct model_reader *r, const char *rows, const char *numbers,
    size_t n, size_t limit, const uint64_t **row, const uint32_t **number);

/* offset[0] = 0, never falling, ending at the size of what it points into. */
bool reader_offsets_fit(const uint64_t *offset, size_t n, uint64_t end);
bool reader_all_below(const uint32_t *x, size_t n, size_t limit);
/* Event types below n_types, or UINT16_MAX. */
bool reader_types_fit(const uint16_t *type, size_t n, size_t n_types);
/* A power of two of them, below n or NONE, which one at least is: searches end there.
 */
bool reader_slots_fit(const uint32_t *slot, size_t n_slots, size_t n);
bool reader_rising(const uint32_t *x, size_t n);
bool reader_all_finite(const float *x, size_t n);

/* Whether interactions from .. to of the history can be used. */
bool reader_history_fits(const struct catalog *c, uint64_t from, uint64_t to);

/* IDs, columns and histories: m->catalog (model_catalog.c). */
void reader_catalog(struct model_reader *r);
/* All that a file holds into m (model_read.c). */
void reader_all(struct model_reader *r);

#endif

/* model_reader - the sections of a model file, checked as they are taken. */
#include "model_reader.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The first failure is the one to tell. */
void
reader_damaged(struct model_reader *r, const char *what)
{
	if (!r->failed)
		*r->why = xasprintf("%s: damaged model file: %s", r->path, what);
	r->failed = true;
}

const struct model_section *
reader_find(const struct model_reader *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strncmp(r->table[i].name, name, MODEL_NAME))
			return &r->table[i];
	return NULL;
}

static const struct model_section *
find_elements(struct model_reader *r, const char *name, size_t size, size_t n)
{
	const struct model_section *s = reader_find(r, name);

	if (s && s->size % size == 0 && (n == SIZE_MAX || s->size / size == n))
		return s;
	reader_damaged(r, name);
	return NULL;
}

/* A section of exactly n elements; any whole number of them if n is SIZE_MAX. */
const void *
reader_section(struct model_reader *r, const char *name, size_t size, size_t n)
{
	const struct model_section *s = find_elements(r, name, size, n);

	if (!s)
		return NULL;
	if (!model_blocks_right(&r->m->blocks, r->data + s->offset, s->size))
		reader_damaged(r, name);
	return r->data + s->offset;
}

const void *
reader_users_section(struct model_reader *r, const char *name, size_t size, size_t n)
{
	const struct model_section *s;

	if (!r->m->catalog.right)
		return reader_section(r, name, size, n);
	s = find_elements(r, name, size, n);
	return s ? r->data + s->offset : NULL;
}

size_t
reader_count(const struct model_reader *r, const char *name, size_t size)
{
	const struct model_section *s = reader_find(r, name);

	return s ? s->size / size : 0;
}

/* offset[0] = 0, never falling, ending at the size of what it points into. */
bool
reader_offsets_fit(const uint64_t *offset, size_t n, uint64_t end)
{
	if (offset[0] || offset[n] != end)
		return false;
	for (size_t i = 0; i < n; i++)
		if (offset[i] > offset[i + 1])
			return false;
	return true;
}

/* What follows looks at so many at once, which compilers have instructions for. */
enum { BLOCK = 64 };

static inline bool
any_not_below(const uint32_t *x, size_t n, uint32_t limit)
{
	uint32_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= x[i] >= limit;
	return any;
}

bool
reader_all_below(const uint32_t *x, size_t n, size_t limit)
{
	uint32_t most = (uint32_t)MIN(limit, (size_t)UINT32_MAX);
	bool any = false;

	for (; n >= BLOCK; n -= BLOCK, x += BLOCK)
		any |= any_not_below(x, BLOCK, most);
	return !any && !any_not_below(x, n, most);
}

/* UINT16_MAX, which is no type, becomes 0. */
static inline bool
any_type_above(const uint16_t *type, size_t n, uint16_t n_types)
{
	uint16_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= (uint16_t)(type[i] + 1) > n_types;
	return any;
}

bool
reader_types_fit(const uint16_t *type, size_t n, size_t n_types)
{
	uint16_t most = (uint16_t)MIN(n_types, (size_t)UINT16_MAX);
	bool any = false;

	for (; n >= BLOCK; n -= BLOCK, type += BLOCK)
		any |= any_type_above(type, BLOCK, most);
	return !any && !any_type_above(type, n, most);
}

/* 1: one that is neither below n nor NONE, which becomes 0; 2: one is NONE. */
static inline unsigned
slot_kinds(const uint32_t *slot, size_t n_slots, uint32_t n)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < n_slots; i++)
		kinds |= (slot[i] + 1 > n) | (unsigned)(slot[i] == NONE) << 1;
	return kinds;
}

bool
reader_slots_fit(const uint32_t *slot, size_t n_slots, size_t n)
{
	unsigned kinds = 0;

	if (n_slots & (n_slots - 1))
		return false;
	for (; n_slots >= BLOCK; n_slots -= BLOCK, slot += BLOCK)
		kinds |= slot_kinds(slot, BLOCK, (uint32_t)n);
	return (kinds | slot_kinds(slot, n_slots, (uint32_t)n)) == 2;
}

bool
reader_rising(const uint32_t *x, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (x[i - 1] >= x[i])
			return false;
	return true;
}

static inline bool
any_not_finite(const float *x, size_t n)
{
	int any = 0;

	for (size_t i = 0; i < n; i++)
		any |= !(fabsf(x[i]) <= FLT_MAX);
	return any;
}

bool
reader_all_finite(const float *x, size_t n)
{
	bool any = false;

	for (; n >= BLOCK; n -= BLOCK, x += BLOCK)
		any |= any_not_finite(x, BLOCK);
	return !any && !any_not_finite(x, n);
}

void
reader_strings(struct model_reader *r, const char *name, struct strings *s)
{
	char full[MODEL_NAME];
	size_t n;

	snprintf(full, sizeof full, "%s.offset", name);
	n = reader_count(r, full, sizeof *s->offset);
	s->offset = reader_section(r, full, sizeof *s->offset, SIZE_MAX);
	if (!n || n > (size_t)NONE)
		reader_damaged(r, full);
	snprintf(full, sizeof full, "%s.bytes", name);
	s->bytes = reader_section(r, full, 1, SIZE_MAX);
	if (r->failed)
		return;
	s->n = n - 1;
	if (!reader_offsets_fit(s->offset, s->n, reader_count(r, full, 1)))
		reader_damaged(r, name);
}

/*
 * Rows of rising numbers below limit, in sections `rows` and `numbers`. That none
 * comes twice in a row bounds what counting them can reach.
 */
void
reader_rows(struct model_reader *r, const char *rows, const char *numbers, size_t n,
    size_t limit, const uint64_t **row, const uint32_t **number)
{
	size_t n_numbers = reader_count(r, numbers, sizeof **number);

	*row = reader_section(r, rows, sizeof **row, n + 1);
	*number = reader_section(r, numbers, sizeof **number, SIZE_MAX);
	if (r->failed)
		return;
	if (!reader_offsets_fit(*row, n, n_numbers) ||
	    !reader_all_below(*number, n_numbers, limit))
		reader_damaged(r, rows);
	for (size_t i = 0; i < n && !r->failed; i++)
		if (!reader_rising(*number + (*row)[i], (*row)[i + 1] - (*row)[i]))
			reader_damaged(r, numbers);
}

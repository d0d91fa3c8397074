/*
 * idmap - byte strings to dense numbers in order of arrival, and back.
 *
 * Open addressing with linear probing, at most half full. A slot keeps 32 bits
 * of the hash beside the number, so that a probe rarely touches the bytes.
 */
#include "idmap.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct slot {
	uint32_t hash;
	uint32_t number; /* IDMAP_NONE: empty */
};

struct idmap {
	struct buf bytes;
	uint64_t *offset; /* [n + 1] into bytes */
	size_t n, cap;
	struct slot *slots; /* [mask + 1] */
	size_t mask;
	uint32_t last; /* the one added or found last: rows often come by user */
};

static struct slot *
empty_slots(size_t n)
{
	struct slot *slots = xrealloc(NULL, n, sizeof *slots);

	memset(slots, 0xff, n * sizeof *slots);
	return slots;
}

struct idmap *
idmap_new(void)
{
	struct idmap *m = xcalloc(1, sizeof *m);

	m->cap = 64;
	m->offset = xcalloc(m->cap + 1, sizeof *m->offset);
	m->mask = 127;
	m->slots = empty_slots(m->mask + 1);
	return m;
}

void
idmap_free(struct idmap *m)
{
	if (!m)
		return;
	buf_release(&m->bytes);
	free(m->offset);
	free(m->slots);
	free(m);
}

struct span
idmap_get(const struct idmap *m, uint32_t number)
{
	uint64_t from = m->offset[number];

	return (struct span){ m->bytes.data + from, m->offset[number + 1] - from };
}

/* The slot that holds id, or the empty one where it would go. */
static struct slot *
probe(const struct idmap *m, struct span id, uint32_t hash)
{
	size_t i = hash & m->mask;

	for (;; i = (i + 1) & m->mask) {
		struct slot *s = &m->slots[i];

		if (s->number == IDMAP_NONE ||
		    (s->hash == hash && span_equal(idmap_get(m, s->number), id)))
			return s;
	}
}

static void
grow_slots(struct idmap *m)
{
	struct slot *old = m->slots;
	size_t n = m->mask + 1, i;

	m->mask = 2 * n - 1;
	m->slots = empty_slots(2 * n);
	for (size_t k = 0; k < n; k++) {
		if (old[k].number == IDMAP_NONE)
			continue;
		i = old[k].hash & m->mask;
		while (m->slots[i].number != IDMAP_NONE)
			i = (i + 1) & m->mask;
		m->slots[i] = old[k];
	}
	free(old);
}

uint32_t
idmap_hash(struct span id)
{
	return (uint32_t)XXH3_64bits(id.data, id.len);
}

void
idmap_expect(const struct idmap *m, uint32_t hash)
{
	__builtin_prefetch(&m->slots[hash & m->mask]);
}

void
idmap_expect_text(const struct idmap *m, uint32_t hash)
{
	const struct slot *s = &m->slots[hash & m->mask];

	if (s->number != IDMAP_NONE)
		__builtin_prefetch(m->bytes.data + m->offset[s->number]);
}

uint32_t
idmap_add(struct idmap *m, struct span id)
{
	if (m->last < m->n && span_equal(idmap_get(m, m->last), id))
		return m->last;
	return idmap_add_hashed(m, id, idmap_hash(id));
}

uint32_t
idmap_add_hashed(struct idmap *m, struct span id, uint32_t hash)
{
	struct slot *s = probe(m, id, hash);

	if (s->number != IDMAP_NONE)
		return m->last = s->number;
	if (m->n == IDMAP_NONE)
		errx(1, "more than %zu different IDs", m->n);
	*s = (struct slot){ hash, (uint32_t)m->n };
	if (m->n == m->cap) {
		m->cap *= 2;
		m->offset = xrealloc(m->offset, m->cap + 1, sizeof *m->offset);
	}
	buf_add(&m->bytes, id.data, id.len);
	m->offset[++m->n] = m->bytes.len;
	if (2 * m->n > m->mask)
		grow_slots(m);
	return m->last = (uint32_t)m->n - 1;
}

uint32_t
idmap_find(const struct idmap *m, struct span id)
{
	return probe(m, id, idmap_hash(id))->number;
}

size_t
idmap_count(const struct idmap *m)
{
	return m->n;
}

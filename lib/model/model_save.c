/* model_save - write a model to a file that appears whole or not at all. */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "json.h"
#include "model.h"
#include "model_file.h"
#include "output.h"
#include "vec.h"

struct parts {
	struct model_section *sections;
	const void **data;
	size_t n;
	int64_t *first_met;
};

static void
add(struct parts *p, const char *name, const void *data, size_t n, size_t size)
{
	struct model_section *s;

	p->sections = xrealloc(p->sections, p->n + 1, sizeof *p->sections);
	p->data = xrealloc(p->data, p->n + 1, sizeof *p->data);
	s = &p->sections[p->n];
	*s = (struct model_section){ .size = n * size };
	strncpy(s->name, name, sizeof s->name - 1);
	p->data[p->n++] = data;
}

static void
add_strings(struct parts *p, const char *name, const struct strings *s)
{
	static const uint64_t zero;
	char full[MODEL_NAME];

	snprintf(full, sizeof full, "%s.offset", name);
	add(p, full, s->offset ? s->offset : &zero, s->n + 1, sizeof(uint64_t));
	snprintf(full, sizeof full, "%s.bytes", name);
	add(p, full, s->bytes, s->offset ? s->offset[s->n] : 0, 1);
}

static void
add_ids(struct parts *p, const char *name, const struct ids *ids)
{
	char full[MODEL_NAME];

	add_strings(p, name, &ids->strings);
	snprintf(full, sizeof full, "%s.slot", name);
	add(p, full, ids->slot, ids->mask + 1, sizeof *ids->slot);
}

static void
add_table(struct parts *p, const char *name, const struct table *t)
{
	char full[MODEL_NAME];

	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column *c = &t->columns[i];

		if (c->type != COLUMN_STRING) {
			snprintf(full, sizeof full, "%s.%zu.number", name, i);
			add(p, full, c->number, t->n_rows, sizeof *c->number);
			continue;
		}
		snprintf(full, sizeof full, "%s.%zu.row", name, i);
		add(p, full, c->offset, t->n_rows + 1, sizeof *c->offset);
		snprintf(full, sizeof full, "%s.%zu.code", name, i);
		add(p, full, c->code, c->offset[t->n_rows], sizeof *c->code);
		snprintf(full, sizeof full, "%s.%zu.value", name, i);
		add_strings(p, full, &c->values);
	}
}

static void
add_history(struct parts *p, const struct history *h, size_t n_users)
{
	uint64_t n = h->offset[n_users];

	add(p, "history.offset", h->offset, n_users + 1, sizeof *h->offset);
	add(p, "history.item", h->item, n, sizeof *h->item);
	add(p, "history.type", h->type, n, sizeof *h->type);
	add(p, "history.time", h->time, n, sizeof *h->time);
	if (h->value)
		add(p, "history.value", h->value, n, sizeof *h->value);
	add_strings(p, "history.types", &h->types);
}

static void
add_first_met(struct parts *p, const struct catalog *c)
{
	p->first_met = catalog_first_met(c);
	add(p, "history.first", p->first_met, c->items.strings.n + 1,
	    sizeof *p->first_met);
}

static void
add_columns(struct buf *b, const char *name, const struct table *t)
{
	static const char *const types[] = { "number", "boolean", "string" };

	buf_addf(b, ",\"%s\":[", name);
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column *c = &t->columns[i];

		buf_adds(b, i ? ",{\"name\":" : "{\"name\":");
		json_quote(b, c->name, strlen(c->name));
		buf_addf(b, ",\"type\":\"%s\"%s%s}", types[c->type],
		    c->categorical ? ",\"categorical\":true" : "",
		    c->textual ? ",\"textual\":true" : "");
	}
	buf_addc(b, ']');
}

/* The given object, with what the reader needs to know of the layout. */
static void
full_meta(struct buf *b, const struct model *m, struct span meta)
{
	buf_add(b, meta.data, meta.len - 1);
	buf_addf(b, ",\"dim\":%zu,\"factors\":%zu,\"events\":%llu,\"weights\":{",
	    m->dim, m->factors, (unsigned long long)m->n_events);
	for (size_t i = 0; i < WEIGHTS; i++)
		buf_addf(b, "%s\"%s\":%.17g", i ? "," : "", weight_names[i],
		    m->weights.of[i]);
	buf_addc(b, '}');
	if (m->links.bend > 0)
		buf_addf(b, ",\"bend\":%.17g", m->links.bend);
	add_columns(b, "item_columns", &m->catalog.item_table);
	add_columns(b, "user_columns", &m->catalog.user_table);
	buf_adds(b, ",\"contexts\":[");
	for (size_t i = 0; i < m->n_contexts; i++) {
		buf_adds(b, i ? "," : "");
		json_quote(b, m->contexts[i].name, strlen(m->contexts[i].name));
	}
	buf_addc(b, ']');
	buf_addc(b, '}');
}

static void
add_texts(struct parts *p, const struct texts *t)
{
	uint64_t n = t->item_row[t->n_items];

	add(p, "texts.item_row", t->item_row, t->n_items + 1, sizeof *t->item_row);
	add(p, "texts.item_term", t->item_term, n, sizeof *t->item_term);
	add(p, "texts.item_weight", t->item_weight, n, sizeof *t->item_weight);
	add(p, "texts.term_row", t->term_row, t->n_terms + 1, sizeof *t->term_row);
	add(p, "texts.term_item", t->term_item, n, sizeof *t->term_item);
	add(p, "texts.term_weight", t->term_weight, n, sizeof *t->term_weight);
}

static void
add_links(struct parts *p, const struct model *m)
{
	const struct links *l = &m->links;
	uint64_t n = l->row[m->n_scored];

	add(p, "links.row", l->row, m->n_scored + 1, sizeof *l->row);
	add(p, "links.at", l->at, n, sizeof *l->at);
	add(p, "links.weight", l->weight, n, sizeof *l->weight);
	if (l->base)
		add(p, "links.base", l->base, m->n_scored, sizeof *l->base);
	if (l->own)
		add(p, "links.own", l->own, m->n_scored, sizeof *l->own);
}

static void
add_context(struct parts *p, size_t i, const struct context *x, size_t n_scored)
{
	uint64_t n = x->row[x->values.n];
	char full[MODEL_NAME];

	snprintf(full, sizeof full, "context.%zu.value", i);
	add_strings(p, full, &x->values);
	snprintf(full, sizeof full, "context.%zu.base", i);
	add(p, full, x->base, n_scored, sizeof *x->base);
	snprintf(full, sizeof full, "context.%zu.row", i);
	add(p, full, x->row, x->values.n + 1, sizeof *x->row);
	snprintf(full, sizeof full, "context.%zu.at", i);
	add(p, full, x->at, n, sizeof *x->at);
	snprintf(full, sizeof full, "context.%zu.weight", i);
	add(p, full, x->weight, n, sizeof *x->weight);
}

static void
collect(struct parts *p, const struct model *m, const struct buf *meta)
{
	const struct catalog *c = &m->catalog;
	size_t n_users = c->users.strings.n, n_items = c->items.strings.n;

	add(p, "meta", meta->data, meta->len, 1);
	add_ids(p, "items", &c->items);
	add_ids(p, "users", &c->users);
	add_table(p, "item_column", &c->item_table);
	add_table(p, "user_column", &c->user_table);
	add_history(p, &c->history, n_users);
	add_first_met(p, c);
	add(p, "count", m->count, n_items, sizeof *m->count);
	if (m->shown)
		add(p, "shown", m->shown, n_items, sizeof *m->shown);
	add(p, "popular", m->popular, n_items, sizeof *m->popular);
	if (m->pairs.user_row) {
		const struct pairs *x = &m->pairs;

		add(p, "pairs.user_row", x->user_row, n_users + 1, sizeof(uint64_t));
		add(p, "pairs.user_item", x->user_item, x->user_row[n_users],
		    sizeof(uint32_t));
		add(p, "pairs.item_row", x->item_row, n_items + 1, sizeof(uint64_t));
		add(p, "pairs.item_user", x->item_user, x->item_row[n_items],
		    sizeof(uint32_t));
	}
	if (m->texts.item_row)
		add_texts(p, &m->texts);
	for (size_t i = 0; i < m->n_contexts; i++)
		add_context(p, i, &m->contexts[i], m->n_scored);
	if (m->links.row)
		add_links(p, m);
	if (m->dim || m->links.row)
		add(p, "scored", m->scored, m->n_scored, sizeof *m->scored);
	if (!m->dim)
		return;
	add(p, "panels", m->panels, vec_padded(m->n_scored) * m->dim,
	    sizeof *m->panels);
	if (m->user_base)
		add(p, "user_base", m->user_base, n_users, sizeof *m->user_base);
	if (m->users)
		add(p, "user_factors", m->users, n_users * m->dim, sizeof *m->users);
}

static uint64_t
aligned(uint64_t at)
{
	return (at + MODEL_ALIGN - 1) / MODEL_ALIGN * MODEL_ALIGN;
}

/* Where everything stands: the header but for its checksum. */
static struct model_header
place(struct parts *p)
{
	struct model_header h = { .magic = MODEL_MAGIC,
		.version = MODEL_VERSION,
		.n_sections = (uint32_t)p->n };
	uint64_t at = 0;

	for (size_t i = 0; i < p->n; i++)
		at = aligned(at) + p->sections[i].size;
	h.first = aligned(sizeof h + p->n * sizeof *p->sections +
			  model_blocks_in(at) * sizeof(uint64_t));
	h.file_size = at = h.first;
	for (size_t i = 0; i < p->n; i++) {
		p->sections[i].offset = aligned(at);
		h.file_size = at = p->sections[i].offset + p->sections[i].size;
	}
	return h;
}

static const char zeros[MODEL_ALIGN];

/* Bytes that come one after the other into the checksums of blocks. */
struct summing {
	XXH3_state_t *state;
	size_t n; /* of the block */
	uint64_t *sum;
};

static void
sum_block(struct summing *s)
{
	*s->sum++ = XXH3_64bits_digest(s->state);
	XXH3_64bits_reset(s->state);
	s->n = 0;
}

static void
sum_bytes(struct summing *s, const char *data, size_t size)
{
	while (size) {
		size_t n = MIN(size, MODEL_BLOCK - s->n);

		XXH3_64bits_update(s->state, data, n);
		data += n;
		size -= n;
		s->n += n;
		if (s->n == MODEL_BLOCK)
			sum_block(s);
	}
}

/* The checksums of all blocks, [model_blocks_in(file_size - first)], to be freed. */
static uint64_t *
sum_parts(const struct parts *p, const struct model_header *h)
{
	uint64_t at = h->first, *sums;
	struct summing s = { XXH3_createState(), 0, NULL };

	s.sum = sums = xcalloc(model_blocks_in(h->file_size - at) + 1, sizeof *sums);
	if (!s.state)
		errx(1, "out of memory");
	XXH3_64bits_reset(s.state);
	for (size_t i = 0; i < p->n; i++) {
		sum_bytes(&s, zeros, p->sections[i].offset - at);
		sum_bytes(&s, p->data[i], p->sections[i].size);
		at = p->sections[i].offset + p->sections[i].size;
	}
	if (s.n)
		sum_block(&s);
	XXH3_freeState(s.state);
	return sums;
}

/* The table and the checksums, and their own. */
static void
begin(struct buf *b, const struct parts *p, struct model_header *h)
{
	uint64_t *sums = sum_parts(p, h);

	buf_add(b, p->sections, p->n * sizeof *p->sections);
	buf_add(b, sums, model_blocks_in(h->file_size - h->first) * sizeof *sums);
	h->checksum = XXH3_64bits(b->data, b->len);
	free(sums);
}

static int
write_parts(struct output *o, const struct parts *p, struct model_header *h)
{
	struct buf table = { 0 };
	uint64_t at;
	int status = -1;

	begin(&table, p, h);
	at = sizeof *h + table.len;
	if (output_write(o, h, sizeof *h) < 0 ||
	    output_write(o, table.data, table.len) < 0)
		goto out;
	for (size_t i = 0; i < p->n; i++) {
		const struct model_section *s = &p->sections[i];

		if (output_write(o, zeros, s->offset - at) < 0 ||
		    output_write(o, p->data[i], s->size) < 0)
			goto out;
		at = s->offset + s->size;
	}
	status = 0;
out:
	buf_release(&table);
	return status;
}

int
model_save(const struct model *m, struct span meta, const char *path, char **why)
{
	struct buf full = { 0 };
	struct parts p = { 0 };
	struct model_header h;
	struct output o;
	int status = -1;

	full_meta(&full, m, meta);
	collect(&p, m, &full);
	h = place(&p);
	if (output_open(&o, path) == 0) {
		if (write_parts(&o, &p, &h) == 0)
			status = output_commit(&o);
		else {
			int saved = errno;

			output_discard(&o);
			errno = saved;
		}
	}
	if (status < 0)
		*why = xasprintf("%s: %s", path, strerror(errno));
	buf_release(&full);
	free(p.first_met);
	free(p.sections);
	free(p.data);
	return status;
}

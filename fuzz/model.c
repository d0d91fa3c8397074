/*
 * model - any model file whose checksums are right: an error, or a model of which
 * every part can be used.
 *
 * Checksums keep chance away, not malice: they are put right here, so that what is
 * behind them is tried.
 */
#include "model.h"

#include <xxhash.h>

#include "cointeraction.h"
#include "explore.h"
#include "fuzz.h"
#include "json.h"
#include "model_file.h"
#include "text_search.h"

static void
repair(char *file, size_t size)
{
	struct model_header h;
	size_t table, sums = 0;
	uint64_t sum;

	memcpy(&h, file, sizeof h);
	memcpy(h.magic, MODEL_MAGIC, sizeof h.magic);
	h.version = MODEL_VERSION;
	h.file_size = size;
	h.n_sections %= 64;
	h.n_sections = (uint32_t)MIN(
	    (size_t)h.n_sections, (size - sizeof h) / sizeof(struct model_section));
	table = h.n_sections * sizeof(struct model_section);
	h.first = sizeof h + table + model_blocks_in(size) * sizeof sum;
	h.first = (h.first + MODEL_ALIGN - 1) / MODEL_ALIGN * MODEL_ALIGN;
	h.first = MIN(h.first, size);
	for (size_t at = h.first; at < size; at += MODEL_BLOCK, sums += sizeof sum) {
		sum = XXH3_64bits(file + at, MIN((size_t)MODEL_BLOCK, size - at));
		memcpy(file + sizeof h + table + sums, &sum, sizeof sum);
	}
	h.checksum = XXH3_64bits(file + sizeof h, table + sums);
	memcpy(file, &h, sizeof h);
}

static volatile uint64_t sum;

static void
add(const void *p, size_t len)
{
	if (len)
		sum += XXH3_64bits(p, len);
}

static void
use_strings(const struct strings *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct span text = strings_get(s, i);

		add(text.data, text.len);
		sum += strings_find_sorted(s, text);
	}
}

static void
use_ids(const struct ids *ids)
{
	use_strings(&ids->strings);
	for (uint32_t i = 0; i < ids->strings.n; i++)
		sum += ids_find(ids, strings_get(&ids->strings, i));
	sum += ids_find(ids, span_of("nobody"));
}

static void
use_table(const struct table *t)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column *c = &t->columns[i];

		sum += table_column(t, span_of(c->name)) != c;
		if (c->type != COLUMN_STRING) {
			add(c->number, t->n_rows * sizeof *c->number);
			continue;
		}
		use_strings(&c->values);
		for (size_t r = 0; r < t->n_rows; r++)
			for (uint64_t k = c->offset[r]; k < c->offset[r + 1]; k++)
				sum += strings_get(&c->values, c->code[k]).len;
	}
}

static void
use_events(const struct catalog *c, uint64_t from, uint64_t to)
{
	const struct history *h = &c->history;

	for (uint64_t k = from; k < to; k++) {
		sum += strings_get(&c->items.strings, h->item[k]).len;
		sum += (uint64_t)h->time[k];
		if (h->type[k] != UINT16_MAX)
			sum += strings_get(&h->types, h->type[k]).len;
		if (h->value)
			add(&h->value[k], sizeof h->value[k]);
	}
}

static void
use_history(const struct catalog *c)
{
	const struct history *h = &c->history;

	use_strings(&h->types);
	use_events(c, 0, h->offset[c->users.strings.n]);
	if (h->first)
		add(h->first, (c->items.strings.n + 1) * sizeof *h->first);
}

static void
use_factors(const struct model *m)
{
	size_t n_items = m->catalog.items.strings.n,
	       n_users = m->catalog.users.strings.n;

	add(m->count, n_items * sizeof *m->count);
	for (size_t i = 0; i < n_items; i++)
		sum += m->count[m->popular[i]];
	for (uint32_t u = 0; u < n_users; u++)
		sum += model_user(m, u) != NULL;
	if (!m->dim)
		return;
	for (size_t i = 0; i < m->n_scored; i++) {
		sum += m->count[m->scored[i]];
		add(model_item(m, i) + (m->dim - 1) * (model_item(m, 1) - m->panels),
		    sizeof(float));
	}
	if (m->users)
		add(m->users, n_users * m->dim * sizeof *m->users);
}

/* As deep as the algorithm goes, for a few items. */
static void
use_pairs(const struct model *m)
{
	struct cointeraction *c;
	const struct candidate *best;

	if (!m->pairs.user_row)
		return;
	c = cointeraction_new(m);
	for (uint32_t i = 0; i < MIN(m->catalog.items.strings.n, (size_t)50); i++)
		sum += cointeraction_of(c, i, NULL, 5, &best);
	cointeraction_free(c);
}

static void
use_texts(const struct model *m)
{
	struct text_search *s;
	const struct candidate *best;

	if (!m->texts.item_row)
		return;
	s = text_search_new(m, NULL);
	for (uint32_t i = 0; i < MIN(m->catalog.items.strings.n, (size_t)50); i++)
		sum += text_search_of(s, i, NULL, 5, &best);
	text_search_free(s);
}

/* All models that open open so too, and others of which only some users are right. */
static void
use_by_user(const char *path, bool whole)
{
	char *why = NULL;
	struct model *m = model_open_by_user(path, &why);
	const uint64_t *offset = m ? m->catalog.history.offset : NULL;
	double latest, *start = m ? explore_starts(&m->catalog, &latest) : NULL;

	REQUIRE(m || (why && *why && !whole));
	for (uint32_t u = 0; m && u < m->catalog.users.strings.n; u++) {
		if (!catalog_user_right(&m->catalog, u))
			REQUIRE(!whole);
		else
			use_events(&m->catalog, offset[u], offset[u + 1]);
	}
	free(start);
	free(why);
	model_close(m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32], *file, *why = NULL;
	struct model *m;
	int fd;

	if (size < sizeof(struct model_header))
		return 0;
	file = exact_copy(data, size);
	repair(file, size);
	fd = memory_file(file, size, path);
	free(file);
	if ((m = model_open(path, &why))) {
		use_ids(&m->catalog.items);
		use_ids(&m->catalog.users);
		use_table(&m->catalog.item_table);
		use_table(&m->catalog.user_table);
		use_history(&m->catalog);
		use_factors(m);
		use_pairs(m);
		use_texts(m);
		sum += model_meta(m, "metrics").raw.len;
	} else
		REQUIRE(why && *why);
	use_by_user(path, m != NULL);
	free(why);
	model_close(m);
	close(fd);
	return 0;
}

/* blend - output records in, one output record out. */
#include "blend.h"

#include <stdlib.h>
#include <string.h>

#include "number.h"

#define PROMOTED "\"Promoted item\"" /* the service's words */

struct blend {
	struct rules *rules;
	struct fusion fusion;
	size_t n; /* sources */
	struct entries *sources;
	struct candidates candidates;
	struct span *cells;
	size_t cells_cap;
	struct buf numbers;      /* texts of new scores and reasons */
	size_t reasons;          /* which list is called that, n_lists: none */
	struct buf input, other; /* to be compared */
	/* Of the lines at hand. */
	const struct abreast_line *lines;
	struct buf *out;
};

struct blend *
blend_new(struct rules *rules, struct fusion f)
{
	struct blend *b = xcalloc(1, sizeof *b);

	b->rules = rules;
	b->fusion = f;
	b->n = f.n;
	b->sources = xcalloc(f.n, sizeof *b->sources);
	b->cells_cap = 64; /* never none: an empty list has a place too */
	b->cells = xcalloc(b->cells_cap, sizeof *b->cells);
	return b;
}

void
blend_free(struct blend *b)
{
	if (!b)
		return;
	for (size_t s = 0; s < b->n; s++)
		entries_release(&b->sources[s]);
	free(b->sources);
	rules_free(b->rules);
	free(b->fusion.weights);
	candidates_release(&b->candidates);
	free(b->cells);
	buf_release(&b->numbers);
	buf_release(&b->input);
	buf_release(&b->other);
	free(b);
}

static void
pass(struct blend *b, struct span line)
{
	buf_add(b->out, line.data, line.len);
	buf_addc(b->out, '\n');
}

/* An error record of the first source's input; why is about source s. */
static void
fail(struct blend *b, size_t s, const char *why)
{
	const struct abreast_line *l = &b->lines[s];
	const struct record *bad = l->text.data ? &b->sources[s].record : NULL;
	struct buf text = { 0 };
	size_t first = 0;

	while (!b->lines[first].text.data)
		first++;
	if (b->n > 1)
		buf_addf(&text, "%s:%zu: ", l->path, l->number);
	buf_adds(&text, why);
	if (bad && bad->why)
		buf_addf(&text, " at byte %zu", bad->at + 1);
	record_error(b->out, &b->sources[first].record, "%s", text.data);
	buf_release(&text);
}

/* Every line taken apart. The first source that cannot be, n: all can. */
static size_t
read_sources(struct blend *b, const char **why)
{
	size_t bad = b->n;

	for (size_t s = b->n; s-- > 0;) {
		struct entries *e = &b->sources[s];

		if (!b->lines[s].text.data) {
			*why = "it ends here, without a record for this input";
			bad = s;
		} else if (entries_read(e, b->lines[s].text) < 0) {
			*why = e->why;
			bad = s;
		}
	}
	return bad;
}

static void
add_input(struct buf *out, const struct entries *e)
{
	const struct span input = e->record.input.raw;

	buf_clear(out);
	if (input.len) /* not every output record has one */
		json_compact(out, input.data, input.len);
}

/* The first source whose input is not that of source 0; n: all are the same. */
static size_t
other_input(struct blend *b)
{
	size_t s = 1;

	add_input(&b->input, &b->sources[0]);
	for (; s < b->n; s++) {
		add_input(&b->other, &b->sources[s]);
		if (!span_equal((struct span){ b->other.data, b->other.len },
			(struct span){ b->input.data, b->input.len }))
			break;
	}
	return s;
}

/* The entry of a list like `list` that candidate x has in the first source with both.
 */
static struct span
cell_of(struct blend *b, const struct candidate *x, const struct entry_list *list)
{
	const uint32_t *places = b->candidates.places + x->row * b->n;

	for (size_t s = 0; s < b->n; s++) {
		const struct entries *e = &b->sources[s];

		if (places[s] == FUSE_NOWHERE)
			continue;
		for (size_t i = 0; i < e->n_lists; i++) {
			const struct entry_list *l = &e->lists[i];

			if (span_equal(l->name.raw, list->name.raw) || list == l)
				return e->value[l->first + places[s]].raw;
		}
	}
	return span_of("null");
}

/* Room is made before, so that the text stays where it is. */
static struct span
number_text(struct buf *b, double value)
{
	char *from = b->data + b->len;
	size_t len = number_score(from, value);

	b->len += len;
	return (struct span){ from, len };
}

/* An array of reasons, or null, with one more. Room is made before. */
static struct span
promoted_text(struct buf *b, struct span reasons)
{
	char *from = b->data + b->len;
	size_t at = 1;

	if (*reasons.data != '[')
		reasons = span_of("[]");
	while (strchr(" \t\r\n", reasons.data[at]))
		at++;
	buf_add(b, reasons.data, reasons.len - 1);
	buf_adds(b, reasons.data[at] == ']' ? PROMOTED "]" : "," PROMOTED "]");
	return (struct span){ from, (size_t)(b->data + b->len - from) };
}

/* Which list is called reason, and how much its new texts may take. */
static size_t
room_for_reasons(struct blend *b, const uint32_t *chosen, size_t n)
{
	const struct entries *e = &b->sources[0];
	size_t room = 0, i = 0;

	while (i < e->n_lists && !json_is(&e->lists[i].name, "reason"))
		i++;
	b->reasons = i;
	for (size_t k = 0; i < e->n_lists && k < n; k++)
		room += cell_of(b, &b->candidates.list[chosen[k]], &e->lists[i]).len +
			sizeof PROMOTED + 2;
	return room;
}

static void
fill_cells(struct blend *b, const uint32_t *chosen, size_t n, bool add_scores)
{
	const struct entries *e = &b->sources[0];
	size_t n_lists = e->n_lists + add_scores;
	struct span *cell;

	if (n_lists * n > b->cells_cap) {
		b->cells_cap = MAX(n_lists * n, 2 * b->cells_cap);
		b->cells = xrealloc(b->cells, b->cells_cap, sizeof *b->cells);
	}
	buf_clear(&b->numbers);
	buf_reserve(&b->numbers, n * NUMBER_SIZE + room_for_reasons(b, chosen, n));
	cell = b->cells;
	for (size_t i = 0; i < n_lists; i++)
		for (size_t k = 0; k < n; k++, cell++) {
			const struct candidate *x = &b->candidates.list[chosen[k]];

			if (i == e->n_lists || (i == e->scores && x->changed))
				*cell = number_text(&b->numbers, x->score);
			else
				*cell = cell_of(b, x, &e->lists[i]);
			if (x->promoted && i == b->reasons)
				*cell = promoted_text(&b->numbers, *cell);
		}
}

/* Nothing was changed, left out or moved. */
static bool
is_same(const struct blend *b, const uint32_t *chosen, size_t n)
{
	if (n != b->sources[0].n || b->fusion.how != FUSE_NONE)
		return false;
	for (size_t k = 0; k < n; k++) {
		const struct candidate *x = &b->candidates.list[chosen[k]];

		if (x->changed || x->row != k)
			return false;
	}
	return true;
}

static void
write_record(struct blend *b, const uint32_t *chosen, size_t n)
{
	const struct entries *e = &b->sources[0];
	bool add_scores =
	    b->fusion.how != FUSE_NONE && e->is_items && e->scores == e->n_lists;

	if (is_same(b, chosen, n)) {
		pass(b, b->lines[0].text);
		return;
	}
	fill_cells(b, chosen, n, add_scores);
	entries_write(
	    b->out, e, b->cells, n, add_scores ? b->cells + e->n_lists * n : NULL);
	buf_addc(b->out, '\n');
}

/* The sources are records of one input without errors. false: they cannot be joined. */
static bool
join(struct blend *b)
{
	const char *why;
	const uint32_t *chosen;
	size_t n;

	for (size_t s = 1; s < b->n; s++)
		if (b->sources[s].is_items != b->sources[0].is_items) {
			fail(b, s, "a list of items and a list of users do not mix");
			return false;
		}
	if (rules_need_items(b->rules) && !b->sources[0].is_items) {
		record_error(b->out, &b->sources[0].record,
		    "the rules are for items, and this is a list of users");
		return false;
	}
	if (fuse(&b->candidates, &b->fusion, b->sources, &why) < 0 ||
	    rules_choose(b->rules, &b->candidates, &b->sources[0].record, &chosen, &n,
		&why) < 0) {
		record_error(b->out, &b->sources[0].record, "%s", why);
		return false;
	}
	write_record(b, chosen, n);
	return true;
}

bool
blend_lines(struct blend *b, const struct abreast_line *lines, struct buf *out)
{
	const char *why = NULL;
	size_t s;

	b->lines = lines;
	b->out = out;
	if ((s = read_sources(b, &why)) < b->n) {
		fail(b, s, why);
		return false;
	}
	if ((s = other_input(b)) < b->n) {
		fail(b, s, "its input is another one");
		return false;
	}
	for (s = 0; s < b->n; s++)
		if (b->sources[s].record.has_error) {
			pass(b, b->lines[s].text);
			return false;
		}
	return join(b);
}

/*
 * filter - an expression, then a line of filterValues, then a record.
 *
 * What parses must print as itself, what is bound must parse, and no expression and
 * no record may harm a run over a catalog.
 */
#include "filter.h"

#include <math.h>

#include "filter_eval.h"
#include "filter_record.h"
#include "fuzz.h"

static const struct filter_options options = { .now = 1000, .history_limit = 2 };

static void
set_strings(struct strings *s, const char *const *texts, size_t n)
{
	uint64_t *offset = xcalloc(n + 1, sizeof *offset);
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++) {
		buf_adds(&b, texts[i]);
		offset[i + 1] = b.len;
	}
	*s = (struct strings){ n, offset, b.data };
}

static void
set_ids(struct ids *ids, const char *const *texts, size_t n)
{
	size_t slots = ids_slots(n);
	uint32_t *slot = xcalloc(slots, sizeof *slot);

	set_strings(&ids->strings, texts, n);
	ids->mask = slots - 1;
	ids_index(ids, slot);
}

/* Four items and two users with columns of every type. It lives for ever. */
static const struct catalog *
catalog(void)
{
	static const char *const items[] = { "a", "b", "c", "d" };
	static const char *const users[] = { "u", "v" };
	static const char *const genres[] = { "Crime", "Drama" };
	static const char *const types[] = { "buy", "view" };
	static const double prices[] = { 1, 2.5, NAN, 4 }, fresh[] = { 0, 1, 1, NAN };
	static const double ages[] = { 17, NAN };
	static const uint64_t genre_rows[] = { 0, 1, 3, 3, 4 },
			      user_events[] = { 0, 3, 4 };
	static const uint64_t user_genre[] = { 0, 1, 2 };
	static const uint32_t genre_codes[] = { 0, 0, 1, 1 }, events[] = { 0, 2, 0, 1 };
	static const uint16_t event_types[] = { 0, 1, UINT16_MAX, 1 };
	static const int64_t times[] = { 30, 20, 10, 5 };
	static const float values[] = { 1, NAN, 0.5f, 3 };
	static char price[] = "PRICE", new[] = "NEW", genre[] = "GENRE", age[] = "AGE";
	static struct column item_columns[3], user_columns[2];
	static struct catalog c;

	if (c.items.mask)
		return &c;
	set_ids(&c.items, items, LENGTH(items));
	set_ids(&c.users, users, LENGTH(users));
	item_columns[0] = (struct column){ .name = price, .number = prices };
	item_columns[1] =
	    (struct column){ .name = new, .type = COLUMN_BOOLEAN, .number = fresh };
	item_columns[2] = (struct column){ .name = genre,
		.type = COLUMN_STRING,
		.categorical = true,
		.offset = genre_rows,
		.code = genre_codes };
	set_strings(&item_columns[2].values, genres, LENGTH(genres));
	user_columns[0] = (struct column){ .name = age, .number = ages };
	user_columns[1] = item_columns[2];
	user_columns[1].offset = user_genre;
	c.item_table = (struct table){ LENGTH(items), 3, item_columns };
	c.user_table = (struct table){ LENGTH(users), 2, user_columns };
	c.history = (struct history){ .offset = user_events,
		.item = events,
		.type = event_types,
		.time = times,
		.value = values };
	set_strings(&c.history.types, types, LENGTH(types));
	return &c;
}

static void
check_error(const struct filter_error *e, struct span text)
{
	struct buf out = { 0 };

	REQUIRE(*e->text && memchr(e->text, 0, sizeof e->text) && e->at <= text.len);
	filter_point(&out, text, e);
	REQUIRE(out.len && out.data[out.len - 1] == '\n');
	buf_release(&out);
}

/* What is printed is the normal form: it parses, and prints as itself. */
static void
check_print(const struct filter *f)
{
	struct buf once = { 0 }, twice = { 0 };
	struct filter_error e;
	struct filter *again;

	filter_print(f, &once);
	if (f->n_placeholders)
		again = filter_parse((struct span){ once.data, once.len }, &e);
	else
		again = filter_parse_bound((struct span){ once.data, once.len }, &e);
	REQUIRE(again || (f->n_placeholders && once.len > FILTER_LENGTH));
	if (again) {
		filter_print(again, &twice);
		REQUIRE(
		    once.len == twice.len && !memcmp(once.data, twice.data, once.len));
	}
	filter_free(again);
	buf_release(&once);
	buf_release(&twice);
}

/* Whatever the expression is called for: an itemAttributes, too. */
static void
check_attributes(struct span text)
{
	struct filter_error e = { 0 };
	struct filter *f = filter_parse_attributes(text, &e);

	if (f) {
		check_print(f);
		filter_check(f, catalog(), &e);
	} else
		check_error(&e, text);
	filter_free(f);
}

/* Every combination of users and items, known, unknown and none. */
static void
check_runs(const char *quoted, size_t len)
{
	struct filter_cache *cache;
	struct filter_error e;
	struct filter_set set;
	struct json_value v;
	struct json j;
	size_t allowed = 0;

	/* A process a jq program would be too slow. */
	if (memmem(quoted, len, "jq", 2) || memmem(quoted, len, "JQ", 2) ||
	    memmem(quoted, len, "Jq", 2) || memmem(quoted, len, "jQ", 2) ||
	    memmem(quoted, len, "\\u", 2))
		return;
	cache = filter_cache_new(catalog(), &options, 0);
	json_open(&j, quoted, len);
	if (json_value(&j, &v) == 0 && json_finish(&j) == 0)
		for (int target = 0; target < 2; target++)
			for (uint32_t k = 0; k < 15; k++) {
				uint32_t user = k % 3 < 2 ? k % 3 : NONE;
				uint32_t item = k / 3 < 4 ? k / 3 : NONE;

				if (filter_cache_run(cache, &v,
					(enum filter_target)target, user, item, &set,
					&e) < 0) {
					REQUIRE(*e.text);
					continue;
				}
				REQUIRE(!set.words || set.n == (target ? 2 : 4));
				for (uint32_t i = 0; i < (target ? 2 : 4); i++)
					allowed += filter_allows(&set, i);
				allowed += filter_allows(&set, NONE);
			}
	REQUIRE(allowed <= 2 * 15 * 5);
	filter_cache_free(cache);
}

static void
check_bind(const struct filter *f, struct span values)
{
	struct json_value v = { 0 };
	struct buf out = { 0 };
	struct filter_error e;
	struct filter *bound;
	struct json j;

	json_open(&j, values.data, values.len);
	if (json_value(&j, &v) < 0 || json_finish(&j) < 0)
		v = (struct json_value){ 0 };
	if (filter_bind(f, &v, 0, &out, &e) < 0)
		REQUIRE(*e.text);
	else if (out.len) {
		struct buf quoted = { 0 };

		bound = filter_parse_bound((struct span){ out.data, out.len }, &e);
		REQUIRE(bound);
		check_print(bound);
		filter_free(bound);
		json_quote(&quoted, out.data, out.len);
		check_runs(quoted.data, quoted.len);
		buf_release(&quoted);
	}
	buf_release(&out);
}

static void
check_record(struct span line)
{
	static const uint64_t words[] = { 1 | 4 };
	struct filter_set set = { words, 4, 0 };
	struct span quoted = span_of("\"INCLUDE ItemID WHERE Items.PRICE > 1\"");
	struct filter_cut cut = { 0 };
	struct buf out = { 0 };
	struct record r, again;
	const char *why = NULL;

	if (record_parse(&r, line.data, line.len) < 0)
		return;
	if (r.filter.type)
		check_runs(r.filter.raw.data, r.filter.raw.len);
	if (filter_record_add(&out, &r, quoted, &why) == 0) {
		REQUIRE(record_parse(&again, out.data, out.len - 1) == 0);
		REQUIRE(again.filter.type == JSON_STRING ||
			again.filter.type == JSON_ARRAY);
	} else
		REQUIRE(why && !out.len);
	for (int target = 0; target < 2; target++) {
		buf_clear(&out);
		if (filter_record_cut(&out, &r, (enum filter_target)target, catalog(),
			&set, &cut) == 0)
			REQUIRE(record_parse(&again, out.data, out.len - 1) == 0);
		else
			REQUIRE(*cut.why && !out.len);
	}
	filter_cut_release(&cut);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact_copy(data, size);
	struct span rest = { text, size }, expression = first_line(&rest);
	struct span values = first_line(&rest);
	struct filter_error e = { 0 };
	struct filter *f = filter_parse(expression, &e);

	if (f) {
		check_print(f);
		check_bind(f, values);
		if (filter_check(f, catalog(), &e) < 0)
			REQUIRE(*e.text);
	} else
		check_error(&e, expression);
	filter_free(f);
	check_attributes(expression);
	check_record(first_line(&rest));
	free(text);
	return 0;
}

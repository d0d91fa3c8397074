/* entries - taking a record apart and putting it together is choosing by index. */
#include "entries.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jqrun.h"
#include "random.h"

static const char *const spaces[] = { "", " ", "\t ", "" };

static void
add_space(struct buf *b)
{
	buf_adds(b, spaces[random_below(LENGTH(spaces))]);
}

static void
add_list(struct buf *b, const char *const *kinds, size_t n_kinds, size_t n)
{
	buf_addc(b, '[');
	add_space(b);
	for (size_t i = 0; i < n; i++) {
		if (i) {
			buf_addc(b, ',');
			add_space(b);
		}
		buf_adds(b, kinds[random_below(n_kinds)]);
		add_space(b);
	}
	buf_addc(b, ']');
}

static size_t
add_record(struct buf *b)
{
	static const char *const ids[] = { "\"a\"", "\"\\u0061\\\"\"", "\"\"",
		"\"b,]\"", "\"\xc3\xa9\"" };
	static const char *const any[] = { "1", "[1,[2]]", "{\"x\":[]}", "null",
		"\"\\\"\"" };
	static const char *const numbers[] = { "0.25", "-1", "1.0E-4", "7" };
	static const char *const names[] = { "reason", "x", "y" };
	size_t n = random_below(6);

	buf_adds(
	    b, "{\"input\":{\"userId\":\"1\",\"l\":[1,2]},\"output\":{\"theme\":1");
	if (one_in(2)) {
		buf_adds(b, ",\"scores\":");
		add_list(b, numbers, LENGTH(numbers), n);
	}
	buf_addf(b, " , \"%s\":", one_in(2) ? "recommendedItems" : "usersList");
	add_list(b, ids, LENGTH(ids), n);
	for (size_t i = 0; i < LENGTH(names); i++) {
		buf_addf(b, ",\"%s\":", names[i]);
		add_space(b);
		add_list(b, any, LENGTH(any), one_in(2) ? n : random_below(6));
	}
	buf_adds(b, "}, \"error\":null}");
	return n;
}

/* The entries at the places in chosen [m], as cells. */
static void
write_chosen(struct buf *out, const struct entries *e, const uint32_t *chosen, size_t m)
{
	struct span *cells = xcalloc(e->n_lists * m + 1, sizeof *cells);

	for (size_t i = 0; i < e->n_lists; i++)
		for (size_t k = 0; k < m; k++)
			cells[i * m + k] = e->value[e->lists[i].first + chosen[k]].raw;
	entries_write(out, e, cells, m, NULL);
	free(cells);
}

static bool
run(struct jqrun *jq, const struct buf *text, struct buf *out)
{
	buf_clear(out);
	return jqrun_start(jq, text->data, text->len) == 0 && jqrun_next(jq, out) == 1;
}

/* Some of n places into the record, before its last brace, where jq finds them too. */
static size_t
add_picks(struct buf *record, size_t n, uint32_t picks[8])
{
	size_t m = n ? random_below(8) : 0;

	record->len--;
	buf_adds(record, ",\"picks\":[");
	for (size_t k = 0; k < m; k++) {
		picks[k] = (uint32_t)random_below(n);
		buf_addf(record, "%s%u", k ? "," : "", picks[k]);
	}
	buf_adds(record, "]}");
	return m;
}

static void
entries_written_are_entries_picked_by_jq(void)
{
	struct buf record = { 0 }, got = { 0 }, a = { 0 }, b = { 0 };
	struct jqrun *plain, *pick;
	struct entries e = { 0 };
	uint32_t picks[8];
	bool same = true;
	char *why;

	plain = jqrun_open(".", &why);
	pick =
	    jqrun_open("(.output | (.recommendedItems // .usersList) | length) as $n | "
		       ".picks as $p"
		       " | .output |= map_values(if type == \"array\" and length == $n"
		       " then [.[$p[]]] else . end)",
		&why);
	for (int i = 0; same && i < 1000; i++) {
		size_t n, m;

		buf_clear(&record);
		buf_clear(&got);
		n = add_record(&record);
		m = add_picks(&record, n, picks);
		same =
		    entries_read(&e, (struct span){ record.data, record.len }) == 0 &&
		    e.n == n;
		write_chosen(&got, &e, picks, m);
		same = same && run(pick, &record, &a) && run(plain, &got, &b) &&
		       !strcmp(a.data, b.data);
		if (!same)
			printf("# %s\n# %s\n", record.data, got.data);
	}
	CHECK(same);
	entries_release(&e);
	jqrun_close(plain);
	jqrun_close(pick);
	buf_release(&record);
	buf_release(&got);
	buf_release(&a);
	buf_release(&b);
}

static void
all_entries_in_order_are_the_line_itself(void)
{
	static const uint32_t all[] = { 0, 1, 2, 3, 4, 5 };
	struct buf record = { 0 }, got = { 0 };
	struct entries e = { 0 };
	bool same = true;

	for (int i = 0; same && i < 300; i++) {
		buf_clear(&record);
		buf_clear(&got);
		add_record(&record);
		same = entries_read(&e, (struct span){ record.data, record.len }) == 0;
		if (e.n > 2)
			continue; /* what stands between later entries is made regular
				   */
		write_chosen(&got, &e, all, e.n);
		same = same && (!e.n || !strcmp(got.data, record.data));
	}
	CHECK(same);
	entries_release(&e);
	buf_release(&record);
	buf_release(&got);
}

static int
read_text(struct entries *e, const char *text)
{
	return entries_read(e, span_of(text));
}

static void
ids_are_text_without_escapes(void)
{
	struct entries e = { 0 };

	CHECK(read_text(&e, "{\"output\":{\"recommendedItems\":"
			    "[\"a\",\"\\u0062\\n\",\"\",\"\\\\\"]}}") == 0);
	CHECK(e.is_items && e.n == 4 && span_is(e.ids[0], "a") &&
	      span_is(e.ids[1], "b\n") && span_is(e.ids[2], "") &&
	      span_is(e.ids[3], "\\"));
	entries_release(&e);
}

static void
what_has_no_list_or_crooked_scores_is_refused(void)
{
	struct entries e = { 0 };

	CHECK(read_text(&e, "{\"output\":{\"recommendedItems\":[1]}}") < 0);
	CHECK(read_text(&e, "{\"output\":{\"x\":[]}}") < 0);
	CHECK(read_text(&e, "{\"userId\":\"1\"}") < 0);
	CHECK(read_text(&e, "{\"output\":") < 0);
	CHECK(read_text(&e, "{\"output\":{\"usersList\":[\"a\"],\"scores\":[]}}") < 0);
	CHECK(
	    read_text(&e, "{\"output\":{\"usersList\":[\"a\"],\"scores\":null}}") < 0);
	CHECK(read_text(&e, "{\"output\":{\"usersList\":[\"a\"],\"scores\":[null]}}") ==
		  0 &&
	      !e.scored && e.scores == 1 && !e.is_items);
	CHECK(
	    read_text(&e, "{\"output\":{\"scores\":[1],\"usersList\":[\"a\"]}}") == 0 &&
	    e.scored && e.scores == 0 && e.named == 1);
	CHECK(read_text(&e, "{\"output\":null,\"error\":\"x\"}") == 0 &&
	      e.record.has_error && !e.n_lists);
	entries_release(&e);
}

static void
scores_are_put_behind_the_ids(void)
{
	struct span cells[] = { span_of("\"b\""), span_of("\"c\"") };
	struct span scores[] = { span_of("2"), span_of("1") };
	struct entries e = { 0 };
	struct buf out = { 0 };

	CHECK(read_text(&e, "{\"output\":{\"recommendedItems\":[ ],\"t\":1}}") == 0);
	entries_write(&out, &e, cells, 2, scores);
	CHECK(!strcmp(out.data, "{\"output\":{\"recommendedItems\":[\"b\",\"c\"],"
				"\"scores\":[2,1],\"t\":1}}"));
	buf_release(&out);
	entries_release(&e);
}

int
main(void)
{
	entries_written_are_entries_picked_by_jq();
	all_entries_in_order_are_the_line_itself();
	ids_are_text_without_escapes();
	what_has_no_list_or_crooked_scores_is_refused();
	scores_are_put_behind_the_ids();
	return check_end();
}

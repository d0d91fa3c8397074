/* key - plain paths against libjq, and the bytes' order against jq's sort. */
#include "key.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jqrun.h"

static uint64_t state = 1;

/* xorshift64: the same documents on every machine. */
static unsigned
below(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % n;
}

static void
add_random(struct buf *b, int depth)
{
	static const char *const scalars[] = { "null", "true", "false", "0", "-0",
		"-0.0", "1", "1.5", "-2", "1e3", "1000", "1e400", "-1e400", "5e-324",
		"12345678901234567890", "12345678901234567000", "0.1", "\"\"", "\"a\"",
		"\"b\"", "\"ab\"", "\"a\\u0000\"", "\"a\\u0000b\"", "\"\\u00e9\"",
		"\"\xc3\xa9\"", "\"\\ud83d\\ude00\"", "\"\\uffff\"", "\"x y\"" };
	static const char *const names[] = { "\"a\"", "\"b\"", "\"\\u0061\"", "\"x y\"",
		"\"c\"", "\"\"", "\"\xc3\xa9\"", "\"a\\u0000\"" };
	unsigned kind = depth > 4 ? 0 : below(10), n;

	if (kind < 5) {
		buf_adds(b, scalars[below(LENGTH(scalars))]);
		return;
	}
	buf_addc(b, kind < 9 ? '{' : '[');
	n = below(4);
	for (unsigned i = 0; i < n; i++) {
		if (i)
			buf_adds(b, below(2) ? "," : " , ");
		if (kind < 9) {
			buf_adds(b, names[below(LENGTH(names))]);
			buf_addc(b, ':');
		}
		add_random(b, depth + 1);
	}
	buf_addc(b, kind < 9 ? '}' : ']');
}

/* Whether both ways give the same key, or the same words. */
static bool
same_key(struct key *plain, struct key *jq, struct buf *text)
{
	struct span line = { text->data, text->len };
	struct buf a = { 0 }, b = { 0 };
	int first = key_add(plain, line, &a), second = key_add(jq, line, &b);
	bool same =
	    first == second && (first < 0 ? !strcmp(key_why(plain), key_why(jq))
					  : span_equal((struct span){ a.data, a.len },
						(struct span){ b.data, b.len }));

	if (!same)
		printf("# %s: %d %s, %d %s\n", line.data, first,
		    first ? key_why(plain) : "", second, second ? key_why(jq) : "");
	buf_release(&a);
	buf_release(&b);
	return same;
}

static void
plain_paths_give_what_libjq_gives(void)
{
	static const char *const paths[] = { ".", ".a", ".a.b", ".[\"x y\"]",
		".a[\"a\"].b", ".\"\xc3\xa9\".a", ".\"\"", ".c.c.c", ".a.\"b\"" };
	struct buf text = { 0 };

	for (size_t p = 0; p < LENGTH(paths); p++) {
		char *why;
		struct key *plain = key_open(paths[p], &why);
		struct key *jq = key_open_jq(paths[p], &why);
		bool same = plain && jq;

		for (int i = 0; same && i < 2000; i++) {
			buf_clear(&text);
			add_random(&text, 0);
			if (!below(8)) /* broken ones too */
				text.data[below((unsigned)text.len)] =
				    "}]x\",\xff"[below(6)];
			same = same_key(plain, jq, &text);
		}
		CHECK(same);
		key_close(plain);
		key_close(jq);
	}
	buf_release(&text);
}

static bool
opens(const char *program)
{
	char *why = NULL;
	struct key *k = key_open(program, &why);
	bool good = k;

	key_close(k);
	free(why);
	return good;
}

static void
what_is_no_plain_path_is_left_to_jq(void)
{
	CHECK(opens(".a?"));
	CHECK(opens(".a | length"));
	CHECK(opens(".\"a\\n\""));
	CHECK(opens(".[0]"));
	CHECK(!opens("a"));
	CHECK(!opens(".a."));
	CHECK(!opens(".[\"a\""));
	CHECK(!opens(".a.[\"b\"]") || opens(".a.[\"b\"]")); /* 1.7 takes it, 1.6 not */
}

static struct key *sorting;
static struct buf values[2000]; /* each value's text, as jq prints it */
static struct buf keys[LENGTH(values)];

static int
by_key(const void *a, const void *b)
{
	size_t i = *(const size_t *)a, j = *(const size_t *)b;
	int order = span_compare((struct span){ keys[i].data, keys[i].len },
	    (struct span){ keys[j].data, keys[j].len });

	return order ? order : (i > j) - (i < j);
}

static void
bytes_have_the_order_of_jq_sort(void)
{
	struct buf all = { 0 }, expected = { 0 }, got = { 0 };
	size_t order[LENGTH(values)];
	char *why;
	struct jqrun *print = jqrun_open(".", &why), *sort = jqrun_open("sort", &why);

	sorting = key_open_jq(".", &why);
	buf_addc(&all, '[');
	for (size_t i = 0; i < LENGTH(values); i++) {
		struct buf text = { 0 };

		add_random(&text, 0);
		jqrun_start(print, text.data, text.len);
		jqrun_next(print, &values[i]);
		buf_release(&text);
		key_add(
		    sorting, (struct span){ values[i].data, values[i].len }, &keys[i]);
		order[i] = i;
		buf_addf(&all, "%s%s", i ? "," : "", values[i].data);
	}
	buf_addc(&all, ']');
	qsort(order, LENGTH(values), sizeof *order, by_key);
	for (size_t i = 0; i < LENGTH(values); i++)
		buf_addf(&got, "%c%s", i ? ',' : '[', values[order[i]].data);
	buf_addc(&got, ']');
	CHECK(jqrun_start(sort, all.data, all.len) == 0);
	CHECK(jqrun_next(sort, &expected) == 1);
	CHECK(!strcmp(got.data, expected.data));
	for (size_t i = 0; i < LENGTH(values); i++) {
		buf_release(&values[i]);
		buf_release(&keys[i]);
	}
	buf_release(&all);
	buf_release(&expected);
	buf_release(&got);
	jqrun_close(print);
	jqrun_close(sort);
	key_close(sorting);
}

static void
several_results_are_one_list(void)
{
	char *why;
	struct key *two = key_open(".a, .b", &why), *none = key_open("empty", &why);
	struct buf ab = { 0 }, ba = { 0 }, nothing = { 0 };

	key_add(two, span_of("{\"a\":1,\"b\":2}"), &ab);
	key_add(two, span_of("{\"a\":2,\"b\":1}"), &ba);
	key_add(none, span_of("{}"), &nothing);
	CHECK(memcmp(ab.data, ba.data, ab.len) < 0);
	CHECK(memcmp(nothing.data, ab.data, nothing.len) < 0);
	buf_release(&ab);
	buf_release(&ba);
	buf_release(&nothing);
	key_close(two);
	key_close(none);
}

int
main(void)
{
	plain_paths_give_what_libjq_gives();
	what_is_no_plain_path_is_left_to_jq();
	bytes_have_the_order_of_jq_sort();
	several_results_are_one_list();
	return check_end();
}

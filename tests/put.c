/* put - individually imported rows: what comes in, in which order, in which files. */
#include "put.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "put_ids.h"
#include "random.h"
#include "scratch.h"

static const char schema_text[] =
    "{\"type\":\"record\",\"name\":\"Interactions\",\"fields\":["
    "{\"name\":\"USER_ID\",\"type\":\"string\"},"
    "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
    "{\"name\":\"TIMESTAMP\",\"type\":\"long\"}]}";

static struct schema *schema;
static char *why;

static char *
row_text(uint64_t n)
{
	return xasprintf(
	    "{\"USER_ID\":\"u\",\"ITEM_ID\":\"i\",\"TIMESTAMP\":%ju}\n", (uintmax_t)n);
}

static void
forget_why(void)
{
	free(why);
	why = NULL;
}

static bool
why_says(const char *part)
{
	bool said = why && strstr(why, part);

	if (!said)
		printf("# why: %s\n", why ? why : "(nothing)");
	return said;
}

static int
bulk(enum import_mode mode, uint64_t row)
{
	struct writer *w = writer_open("shop", INTERACTIONS, mode, &why);
	char *line = row_text(row);
	int status = writer_add_lines(w, span_of(line), 1, &why);

	free(line);
	return status | writer_commit(w, schema, &why);
}

static void
start_afresh(void)
{
	if (system("rm -rf shop") || bulk(MODE_FULL, 0))
		abort();
	forget_why();
}

static void
add(struct put *p, uint64_t row, const char *id)
{
	char *line = row_text(row);

	if (put_add(p, span_of(line), span_of(id), &why) < 0)
		abort();
	free(line);
}

/* n rows, the first named by row, with the ID "e<row>"; -1 or how many were left out.
 */
static int64_t
put(uint64_t row, size_t n)
{
	struct put *p = put_open("shop", INTERACTIONS, &why);
	uint64_t repeated;

	for (size_t i = 0; p && i < n; i++) {
		char *id = xasprintf("e%ju", (uintmax_t)(row + i));

		add(p, row + i, id);
		free(id);
	}
	return !p || put_commit(p, schema, &repeated, &why) < 0 ? -1
								: (int64_t)repeated;
}

/* The rows' numbers, with blanks. NULL: why. To be freed. */
static char *
all_rows(void)
{
	struct dataset *d = dataset_open("shop", false, &why);
	struct buf b = { 0 };
	struct rows r;
	int more;

	if (!d)
		return NULL;
	buf_adds(&b, "");
	rows_open(&r, d, INTERACTIONS);
	while ((more = rows_next(&r)) > 0) {
		const char *number = strstr(r.line.data, "STAMP\":") + 7;

		buf_addf(&b, "%ld ", strtol(number, NULL, 10));
	}
	if (more < 0) {
		why = xstrdup(r.why);
		buf_release(&b);
	}
	rows_close(&r);
	dataset_close(d);
	return b.data;
}

static bool
rows_are(const char *expected)
{
	char *rows = all_rows();
	bool same = rows && !strcmp(rows, expected);

	if (!same)
		printf("# rows: %s\n# not:  %s\n", rows ? rows : why, expected);
	free(rows);
	return same;
}

static size_t
count_segments(void)
{
	struct dataset *d = dataset_open("shop", false, &why);
	size_t n = d->n_segments;

	dataset_close(d);
	return n;
}

static void
the_first_of_an_id_wins_in_a_call_and_across(void)
{
	struct put *p;
	uint64_t repeated;

	start_afresh();
	p = put_open("shop", INTERACTIONS, &why);
	add(p, 1, "a");
	add(p, 2, "b");
	add(p, 3, "a");
	add(p, 4, "");
	add(p, 5, "");
	CHECK(put_commit(p, schema, &repeated, &why) == 0 && repeated == 1);
	CHECK(rows_are("0 1 2 4 5 "));
	p = put_open("shop", INTERACTIONS, &why);
	add(p, 6, "b");
	add(p, 7, "c");
	add(p, 8, "");
	CHECK(put_commit(p, schema, &repeated, &why) == 0 && repeated == 1);
	CHECK(rows_are("0 1 2 4 5 7 8 "));
	p = put_open("shop", INTERACTIONS, &why);
	add(p, 9, "c");
	add(p, 10, "c");
	CHECK(put_commit(p, schema, &repeated, &why) == 0 && repeated == 2);
	CHECK(rows_are("0 1 2 4 5 7 8 ") && scratch_files("shop/interactions") == 2);
}

static void
bulk_data_does_not_know_events_and_full_leaves_them(void)
{
	start_afresh();
	CHECK(put(1, 2) == 0);
	CHECK(bulk(MODE_INCREMENTAL, 10) == 0);
	CHECK(put(2, 2) == 1);
	CHECK(rows_are("0 1 2 10 3 "));
	/* A bulk segment between keeps them apart. */
	CHECK(count_segments() == 4);
	CHECK(bulk(MODE_FULL, 11) == 0);
	CHECK(rows_are("1 2 3 11 "));
	CHECK(put(1, 4) == 3);
	CHECK(rows_are("1 2 3 11 4 "));
}

static void
discard_leaves_no_trace(void)
{
	struct put *p;

	start_afresh();
	p = put_open("shop", INTERACTIONS, &why);
	add(p, 1, "a");
	put_discard(p);
	put_discard(NULL);
	CHECK(scratch_files("shop/interactions") == 1 && rows_are("0 "));
	CHECK(put(1, 0) == 0 && rows_are("0 "));
}

static void
many_small_calls_make_few_segments(void)
{
	enum { CALLS = 300, ROWS = 7 };
	struct buf expected = { 0 };
	bool good = true;

	start_afresh();
	for (int i = 0; i < CALLS; i++)
		good &= put((uint64_t)(1 + i * ROWS), ROWS) == 0;
	for (int i = 0; i <= CALLS * ROWS; i++)
		buf_addf(&expected, "%d ", i);
	/* 2,100 rows: one that is beyond "small", one that grows. */
	CHECK(good && rows_are(expected.data) && count_segments() <= 4);
	CHECK(scratch_files("shop/interactions") == count_segments());
	for (int i = 0; i < CALLS; i += 10)
		good &= put((uint64_t)(1 + i * ROWS), ROWS) == ROWS;
	CHECK(good && rows_are(expected.data));
	buf_release(&expected);
}

static void
large_segments_stay_as_they_are(void)
{
	enum { ROWS = 600000 };

	start_afresh();
	CHECK(put(1, ROWS) == 0 && count_segments() == 2);
	CHECK(put(ROWS, ROWS) == 1 && count_segments() == 3);
	CHECK(put(2 * ROWS, 2000) == 0 && count_segments() == 4);
	CHECK(put(1, 2 * ROWS + 1999) == 2 * ROWS + 1999);
}

struct known {
	uint64_t row, id;
	bool bulk;
};

/* All that ever came, by the definition: a list that is searched from the front. */
static bool
any_order_gives_what_a_plain_list_gives(void)
{
	enum { STEPS = 150, MOST = 40 * STEPS };
	struct known *list = xcalloc(MOST, sizeof *list);
	struct buf expected = { 0 };
	size_t n = 1, kept;
	uint64_t row = 1, repeated, seen;
	bool good = true;

	start_afresh();
	list[0] = (struct known){ 0, 0, true };
	for (int step = 0; step < STEPS && good; step++) {
		struct put *p;

		if (one_in(5)) {
			enum import_mode mode =
			    one_in(3) ? MODE_FULL : MODE_INCREMENTAL;

			kept = 0;
			for (size_t i = 0; i < n; i++)
				if (mode != MODE_FULL || !list[i].bulk)
					list[kept++] = list[i];
			n = kept;
			list[n++] = (struct known){ row, 0, true };
			good = bulk(mode, row++) == 0;
			continue;
		}
		p = put_open("shop", INTERACTIONS, &why);
		seen = 0;
		for (uint64_t k = random_below(40); k > 0; k--) {
			struct known new = { row++, random_below(300), false };
			char *id =
			    new.id ? xasprintf("%ju", (uintmax_t) new.id) : xstrdup("");
			bool known = false;

			add(p, new.row, id);
			free(id);
			for (size_t i = 0; new.id &&i < n; i++)
				known |= list[i].id == new.id;
			seen += known;
			if (!known)
				list[n++] = new;
		}
		good = put_commit(p, schema, &repeated, &why) == 0 && repeated == seen;
		buf_clear(&expected);
		for (size_t i = 0; i < n; i++)
			buf_addf(&expected, "%ju ", (uintmax_t)list[i].row);
		good = good && rows_are(expected.data);
	}
	buf_release(&expected);
	free(list);
	return good;
}

static void
writers_at_once_lose_nothing_and_repeat_nothing(void)
{
	enum { WRITERS = 8, CALLS = 10, ROWS = 20 };
	int status, failed = 0;
	size_t n = 0;
	char *rows;

	start_afresh();
	for (int w = 0; w < WRITERS; w++)
		if (!fork()) {
			int64_t bad = 0;

			/* Two of them at a time send the same events. */
			for (int i = 0; i < CALLS; i++)
				bad |= put((uint64_t)(1 + (w / 2 * CALLS + i) * ROWS),
					   ROWS) < 0;
			_exit(bad != 0);
		}
	while (wait(&status) > 0)
		failed += status != 0;
	CHECK(!failed);
	rows = all_rows();
	for (const char *p = rows; p && *p; p++)
		n += *p == ' ';
	CHECK(n == 1 + WRITERS / 2 * CALLS * ROWS);
	free(rows);
	CHECK(count_segments() == 2 && scratch_files("shop/interactions") == 2);
}

/* Killed at any moment: a call is there as a whole or not at all. */
static void
a_killed_writer_leaves_the_old_dataset_or_the_new_one(void)
{
	enum { ROWS = 300, KILLS = 30 };
	bool good = true;
	int done = 0;

	start_afresh();
	for (int i = 0; i < KILLS && good; i++) {
		uint64_t from = 1 + (uint64_t)done * ROWS;
		char *rows, last[32];
		pid_t child = fork();

		if (!child)
			_exit(put(from, ROWS) != 0);
		usleep((useconds_t)random_below(1000U << random_below(6)));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		rows = all_rows();
		snprintf(last, sizeof last, " %ju ", (uintmax_t)(from + ROWS - 1));
		if (rows && strstr(rows, last))
			done++;
		snprintf(last, sizeof last, "%d ", done * ROWS);
		good = rows && strlen(rows) >= strlen(last) &&
		       !strcmp(rows + strlen(rows) - strlen(last), last);
		free(rows);
	}
	printf("# %d of %d were done before they were killed\n", done, KILLS);
	CHECK(good);
	CHECK(put(1, (size_t)done * ROWS + 1) == done * ROWS);
	CHECK(scratch_files("shop/interactions") == count_segments());
}

static void
the_schema_must_still_be_the_datasets(void)
{
	static const char other_text[] =
	    "{\"type\":\"record\",\"name\":\"Interactions\",\"fields\":["
	    "{\"name\":\"USER_ID\",\"type\":\"string\"},"
	    "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
	    "{\"name\":\"EVENT_TYPE\",\"type\":\"string\"},"
	    "{\"name\":\"TIMESTAMP\",\"type\":\"long\"}]}";
	struct schema *mine = schema;

	start_afresh();
	schema = schema_parse(other_text, strlen(other_text), INTERACTIONS, &why);
	CHECK(put(1, 1) < 0 && why_says("the schema of interactions is another one"));
	schema_free(schema);
	schema = mine;
	CHECK(rows_are("0 ") && scratch_files("shop/interactions") == 1);
	/* The first schema of a dataset may come with individual rows. */
	if (system("rm -rf shop"))
		abort();
	CHECK(put(1, 2) == 0 && rows_are("1 2 "));
	forget_why();
}

static void
a_damaged_segment_is_told(void)
{
	static const char file[] = "shop/interactions/000002.put.jsonl.zst";
	char byte;
	int fd;

	start_afresh();
	CHECK(put(1, 100) == 0);
	fd = open(file, O_RDWR);
	/* The number of events, 16 bytes before the end: more than the file has. */
	CHECK(lseek(fd, -9, SEEK_END) > 0 && write(fd, "\1", 1) == 1);
	CHECK(
	    put(200, 1) < 0 && why_says("put.jsonl.zst: damaged: its list of events"));
	forget_why();
	CHECK(pwrite(fd, "", 0, 0) == 0);
	CHECK(lseek(fd, -9, SEEK_END) > 0 && write(fd, "\0", 1) == 1);
	CHECK(pread(fd, &byte, 1, 30) == 1);
	byte ^= 1;
	CHECK(pwrite(fd, &byte, 1, 30) == 1);
	CHECK(put(200, 1) < 0 && why_says("damaged: its checksum"));
	forget_why();
	close(fd);
	CHECK(scratch_files("shop/interactions") == 2);
	unlink(file);
	CHECK(put(200, 1) < 0 && why_says("No such file"));
	forget_why();
}

static bool
seek_finds_what_a_scan_finds(void)
{
	enum { MOST = 300 };
	uint64_t hashes[MOST];
	bool good = true;

	for (int round = 0; round < 500 && good; round++) {
		size_t n = (size_t)random_below(MOST), at, expected;
		struct put_ids ids;
		struct buf b = { 0 };
		uint64_t hash = 0;

		buf_adds(&b, "rows");
		for (size_t i = 0; i < n; i++)
			hashes[i] = hash += 1 + random_below(4);
		put_ids_print(&b, hashes, n);
		good = put_ids_parse(&ids, b.data, b.len) == 0 && ids.n == n;
		at = n ? (size_t)random_below(n) : 0;
		hash = random_below(3 * MOST);
		for (expected = at; expected < n && hashes[expected] < hash;)
			expected++;
		good = good && put_ids_seek(&ids, at, hash) == expected;
		buf_release(&b);
	}
	return good;
}

int
main(void)
{
	scratch_enter();
	schema = schema_parse(schema_text, strlen(schema_text), INTERACTIONS, &why);
	the_first_of_an_id_wins_in_a_call_and_across();
	bulk_data_does_not_know_events_and_full_leaves_them();
	discard_leaves_no_trace();
	many_small_calls_make_few_segments();
	large_segments_stay_as_they_are();
	CHECK(any_order_gives_what_a_plain_list_gives());
	writers_at_once_lose_nothing_and_repeat_nothing();
	a_killed_writer_leaves_the_old_dataset_or_the_new_one();
	the_schema_must_still_be_the_datasets();
	a_damaged_segment_is_told();
	CHECK(seek_finds_what_a_scan_finds());
	forget_why();
	schema_free(schema);
	return check_end();
}

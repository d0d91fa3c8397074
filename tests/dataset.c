/* dataset - segments and manifest: what is written is read, or an error says why. */
#include "dataset.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "scratch.h"

static const char items_schema[] =
    "{\"type\":\"record\",\"name\":\"Items\",\"fields\":["
    "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
    "{\"name\":\"PRICE\",\"type\":[\"null\",\"double\"]}]}";
static const char other_schema[] =
    "{\"type\":\"record\",\"name\":\"Items\",\"fields\":["
    "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
    "{\"name\":\"COLOR\",\"type\":[\"string\",\"null\"],\"categorical\":true}]}";

static struct schema *
parse(const char *text)
{
	char *why;

	return schema_parse(text, strlen(text), -1, &why);
}

/* Write the rows "<name><i>" for i < n. What commit said; *why is kept for contains. */
static char *why;

static int
put(enum import_mode mode, const char *schema_text, const char *name, size_t n)
{
	struct schema *s = schema_text ? parse(schema_text) : NULL;
	struct writer *w;
	int status = 0;

	free(why);
	why = NULL;
	if (!(w = writer_open("shop", ITEMS, mode, &why)))
		return -1;
	for (size_t i = 0; i < n; i++) {
		char *line = xasprintf("{\"ITEM_ID\":\"%s%zu\"}", name, i);

		status |= writer_add(w, span_of(line), &why);
		free(line);
	}
	status |= writer_commit(w, s, &why);
	schema_free(s);
	return status;
}

static struct dataset *
open_shop(bool create)
{
	free(why);
	why = NULL;
	return dataset_open("shop", create, &why);
}

static bool
why_says(const char *part)
{
	bool said = why && strstr(why, part);

	if (!said)
		printf("# why: %s\n", why ? why : "(nothing)");
	return said;
}

/* All rows joined by spaces (to be freed); NULL on error, why says. */
static char *
all_rows(void)
{
	struct dataset *d;
	struct buf b = { 0 };
	struct rows r;
	int more;

	if (!(d = open_shop(false)))
		return NULL;
	buf_adds(&b, "");
	rows_open(&r, d, ITEMS);
	while ((more = rows_next(&r)) > 0) {
		buf_add(&b, r.line.data, r.line.len);
		buf_addc(&b, ' ');
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
		printf("# rows: %s\n", rows ? rows : why);
	free(rows);
	return same;
}

static void
start_afresh(void)
{
	if (system("rm -rf shop"))
		abort();
}

static void
a_missing_directory_is_empty_only_with_create(void)
{
	struct dataset *d;

	start_afresh();
	d = open_shop(true);
	CHECK(d && !d->n_segments && !d->schemas[ITEMS]);
	dataset_close(d);
	CHECK(!open_shop(false) && why_says("shop: No such file"));
	mkdir("shop", 0777);
	CHECK(!open_shop(false) && why_says("not a dataset"));
	CHECK(scratch_files("shop") == 0);
}

static void
modes_replace_append_and_keep(void)
{
	struct dataset *d;

	start_afresh();
	CHECK(put(MODE_INCREMENTAL, items_schema, "x", 1) < 0 &&
	      why_says("the first import must be FULL"));
	CHECK(access("shop", F_OK) != 0);
	CHECK(!put(MODE_FULL, items_schema, "a", 2));
	CHECK(rows_are("{\"ITEM_ID\":\"a0\"} {\"ITEM_ID\":\"a1\"} "));
	CHECK(!put(MODE_INCREMENTAL, NULL, "b", 1));
	CHECK(!put(MODE_PUT, NULL, "p", 1));
	CHECK(rows_are("{\"ITEM_ID\":\"a0\"} {\"ITEM_ID\":\"a1\"} {\"ITEM_ID\":\"b0\"} "
		       "{\"ITEM_ID\":\"p0\"} "));
	CHECK(!put(MODE_FULL, NULL, "c", 1));
	CHECK(rows_are("{\"ITEM_ID\":\"p0\"} {\"ITEM_ID\":\"c0\"} "));
	CHECK(scratch_files("shop/items") == 2);
	d = open_shop(false);
	CHECK(d->n_segments == 2 && d->segments[0].mode == MODE_PUT &&
	      d->segments[0].number == 3 && d->segments[1].number == 4);
	CHECK(dataset_rows(d, ITEMS) == 2 && dataset_rows(d, USERS) == 0);
	CHECK(d->segments[1].time > 1500000000);
	dataset_close(d);
}

static void
schemas_are_guarded(void)
{
	start_afresh();
	CHECK(put(MODE_FULL, NULL, "a", 1) < 0);
	CHECK(!put(MODE_FULL, items_schema, "a", 1));
	CHECK(put(MODE_INCREMENTAL, other_schema, "b", 1) < 0 &&
	      why_says("schema of items is another one"));
	CHECK(!put(MODE_FULL, other_schema, "b", 1));
	CHECK(!put(MODE_PUT, other_schema, "p", 1));
	CHECK(put(MODE_FULL, items_schema, "c", 1) < 0 &&
	      why_says("does not fit the individually imported ones: field COLOR"));
	CHECK(rows_are("{\"ITEM_ID\":\"b0\"} {\"ITEM_ID\":\"p0\"} "));
	CHECK(scratch_files("shop/items") == 2);
}

/* Overwrite the file's byte at an offset. */
static void
spoil(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	char c;

	if (pread(fd, &c, 1, at) != 1)
		abort();
	c ^= 1;
	if (pwrite(fd, &c, 1, at) != 1)
		abort();
	close(fd);
}

static void
damage_is_told_before_any_row(void)
{
	static const char file[] = "shop/items/000001.full.jsonl.zst";

	start_afresh();
	put(MODE_FULL, items_schema, "a", 1000);
	spoil(file, 100);
	CHECK(
	    !all_rows() && why_says("shop/items/000001.full.jsonl.zst: damaged: its"));
	spoil(file, 100);
	CHECK(
	    !truncate(file, 50) && !all_rows() && why_says("50 bytes long, expected"));
	unlink(file);
	CHECK(!all_rows() && why_says("000001.full.jsonl.zst: No such file"));
	CHECK(!truncate("shop/dataset.json", 20) && !all_rows() &&
	      why_says("shop/dataset.json: byte"));
}

static void
a_manifest_cannot_point_outside(void)
{
	static const char *const bad[] = { "../../etc/passwd",
		"items/../x.full.jsonl.zst", "items/1.full.jsonl.zst",
		"items/000001.full.jsonl.zst.x", "places/000001.full.jsonl.zst",
		"items/000001.FULL.jsonl.zst", "" };
	struct dataset *d;

	start_afresh();
	put(MODE_FULL, items_schema, "a", 1);
	for (size_t i = 0; i < LENGTH(bad); i++) {
		FILE *f = fopen("shop/dataset.json", "w");

		fprintf(f, "{\"version\":1,\"schemas\":{\"items\":%s},", items_schema);
		fprintf(f, "\"segments\":[{\"file\":\"%s\"}]}", bad[i]);
		fclose(f);
		d = open_shop(false);
		CHECK(!d && why_says("segment 1: bad \"file\""));
		dataset_close(d);
	}
}

static void
a_dead_writer_leaves_nothing_for_long(void)
{
	struct writer *live;
	struct schema *s = parse(items_schema);

	start_afresh();
	put(MODE_FULL, items_schema, "a", 1);
	if (!fork()) {
		struct writer *w = writer_open("shop", ITEMS, MODE_FULL, &why);

		_exit(!w);
	}
	wait(NULL);
	CHECK(scratch_files("shop/items") == 2);
	live = writer_open("shop", ITEMS, MODE_FULL, &why);
	CHECK(scratch_files("shop/items") == 2);
	CHECK(!put(MODE_FULL, NULL, "b", 1));
	CHECK(scratch_files("shop/items") == 2);
	CHECK(!writer_add(live, span_of("{\"ITEM_ID\":\"live\"}"), &why));
	CHECK(!writer_commit(live, s, &why));
	CHECK(rows_are("{\"ITEM_ID\":\"live\"} "));
	CHECK(scratch_files("shop/items") == 1);
	schema_free(s);
}

static void
writers_queue_and_readers_keep_what_they_opened(void)
{
	enum { WRITERS = 8 };
	struct dataset *d;
	struct rows r;
	size_t n = 0;
	int status, failed = 0;

	start_afresh();
	put(MODE_FULL, items_schema, "a", 1);
	d = open_shop(false);
	for (int i = 0; i < WRITERS; i++)
		if (!fork()) {
			close(d->lock); /* else it would wait for itself */
			_exit(put(i ? MODE_INCREMENTAL : MODE_FULL, NULL, "b", 1) != 0);
		}
	usleep(100000);
	rows_open(&r, d, ITEMS);
	while (rows_next(&r) > 0)
		n++;
	CHECK(n == 1 && !r.why);
	rows_close(&r);
	dataset_close(d);
	while (wait(&status) > 0)
		failed += status != 0;
	CHECK(!failed);
	d = open_shop(false);
	/* Those before the FULL one are replaced; every number was given once. */
	CHECK(d->segments[d->n_segments - 1].number == WRITERS + 1);
	CHECK(dataset_rows(d, ITEMS) == d->n_segments);
	CHECK(d->n_segments == scratch_files("shop/items"));
	dataset_close(d);
}

static void
long_rows_and_no_rows(void)
{
	enum { LONG = 5000000 };
	char *line = xmalloc(LONG + 1);
	struct schema *s = parse(items_schema);
	struct writer *w;
	char *rows;

	start_afresh();
	memset(line, 'x', LONG);
	w = writer_open("shop", ITEMS, MODE_FULL, &why);
	CHECK(!writer_add(w, (struct span){ line, LONG }, &why));
	CHECK(!writer_commit(w, s, &why));
	rows = all_rows();
	CHECK(rows && strlen(rows) == LONG + 1);
	free(rows);
	CHECK(!put(MODE_FULL, items_schema, "a", 0) && rows_are(""));
	free(line);
	schema_free(s);
}

static void
discard_leaves_no_trace(void)
{
	struct writer *w;

	start_afresh();
	w = writer_open("shop", USERS, MODE_FULL, &why);
	CHECK(w && scratch_files("shop/users") == 1);
	writer_discard(w);
	writer_discard(NULL);
	CHECK(access("shop", F_OK) != 0);
}

int
main(void)
{
	scratch_enter();
	a_missing_directory_is_empty_only_with_create();
	modes_replace_append_and_keep();
	schemas_are_guarded();
	damage_is_told_before_any_row();
	a_manifest_cannot_point_outside();
	a_dead_writer_leaves_nothing_for_long();
	writers_queue_and_readers_keep_what_they_opened();
	long_rows_and_no_rows();
	discard_leaves_no_trace();
	free(why);
	return check_end();
}

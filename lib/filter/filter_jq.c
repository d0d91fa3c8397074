/* filter_jq - the items or users for which a jq program holds. */
#include "filter_jq.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bitset.h"
#include "catalog_print.h"
#include "filter_lex.h"
#include "jqrows.h"

enum { MOST_BYTES = 64 << 20 };

/* What a program gave, be it an error. */
struct result {
	struct result *next; /* the one before it */
	enum filter_target of;
	struct span program;
	size_t bytes;
	uint64_t *rows;
	size_t failed;
	char *why; /* NULL: it ran */
};

struct filter_jq {
	const struct catalog *catalog;
	int64_t now;
	pthread_mutex_t
	    lock; /* held while a program runs: who wants it, waits for it */
	struct result *newest;
	size_t bytes;
};

struct filter_jq *
filter_jq_new(const struct catalog *c, int64_t now)
{
	struct filter_jq *x = xcalloc(1, sizeof *x);

	x->catalog = c;
	x->now = now;
	pthread_mutex_init(&x->lock, NULL);
	return x;
}

static void
forget(struct filter_jq *x)
{
	struct result *next;

	for (struct result *r = x->newest; r; r = next) {
		next = r->next;
		free((char *)r->program.data);
		free(r->rows);
		free(r->why);
		free(r);
	}
	x->newest = NULL;
	x->bytes = 0;
}

void
filter_jq_free(struct filter_jq *x)
{
	if (!x)
		return;
	forget(x);
	pthread_mutex_destroy(&x->lock);
	free(x);
}

/* The object of a row; all columns are null in that of the row behind the last. */
struct rows {
	const struct catalog *catalog;
	enum filter_target of;
};

static void
print_unknown(const struct table *t, const char *id, struct buf *json)
{
	buf_addf(json, "{\"%s\":null", id);
	for (size_t i = 0; i < t->n_columns; i++) {
		buf_addc(json, ',');
		json_quote(json, t->columns[i].name, strlen(t->columns[i].name));
		buf_adds(json, ":null");
	}
	buf_addc(json, '}');
}

static void
print_row(void *context, size_t row, struct buf *json)
{
	const struct rows *r = context;
	const struct catalog *c = r->catalog;

	if (r->of == FILTER_ITEMS && row < c->items.strings.n)
		catalog_print_item(json, c, (uint32_t)row);
	else if (r->of == FILTER_USERS && row < c->users.strings.n)
		catalog_print_user(json, c, (uint32_t)row);
	else if (r->of == FILTER_ITEMS)
		print_unknown(&c->item_table, "ITEM_ID", json);
	else
		print_unknown(&c->user_table, "USER_ID", json);
}

static size_t
n_rows(const struct filter_jq *x, enum filter_target of)
{
	return (of == FILTER_ITEMS ? x->catalog->items : x->catalog->users).strings.n +
	       1;
}

static struct result *
run(struct filter_jq *x, enum filter_target of, struct span program)
{
	struct rows rows = { x->catalog, of };
	struct jqrows q = { program, x->now, n_rows(x, of), print_row, &rows };
	struct result *r = xcalloc(1, sizeof *r);
	size_t bytes = bitset_words(q.n) * sizeof *r->rows + program.len + sizeof *r;

	if (x->bytes + bytes > MOST_BYTES)
		forget(x);
	*r = (struct result){ .next = x->newest,
		.of = of,
		.program = { xmemdup(program.data, program.len), program.len },
		.rows = bitset_new(q.n) };
	jqrows_run(&q, r->rows, &r->failed, &r->why);
	x->newest = r;
	x->bytes += bytes;
	return r;
}

static struct result *
result_of(struct filter_jq *x, enum filter_target of, struct span program)
{
	for (struct result *r = x->newest; r; r = r->next)
		if (r->of == of && span_equal(r->program, program))
			return r;
	return run(x, of, program);
}

int
filter_jq_rows(struct filter_jq *x, enum filter_target of, struct span program,
    uint64_t *rows, size_t *failed, struct filter_error *e)
{
	struct result *r;
	int status = 0;

	pthread_mutex_lock(&x->lock);
	r = result_of(x, of, program);
	if (r->why)
		status = filter_fail(e, 0, "jq: %s", r->why);
	else {
		bitset_copy(rows, r->rows, n_rows(x, of));
		*failed = r->failed;
	}
	pthread_mutex_unlock(&x->lock);
	return status;
}

static int
check_test(void *context, const struct filter_test *t)
{
	struct jqrows q = { .program = t->program };
	size_t failed;
	char *why;

	if (t->subject != OF_JQ || jqrows_run(&q, NULL, &failed, &why) == 0)
		return 0;
	filter_fail(context, t->at, "jq: %s", why);
	free(why);
	return -1;
}

int
filter_jq_check(const struct filter *f, struct filter_error *e)
{
	for (size_t i = 0; f->has_jq && i < f->n_exprs; i++)
		if (filter_each_test(f->exprs[i].where, check_test, e) < 0 ||
		    filter_each_test(f->exprs[i].condition, check_test, e) < 0)
			return -1;
	return 0;
}

/* pz-show - look inside a model or a dataset, as JSON lines */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_load.h"
#include "dataset.h"
#include "json.h"
#include "model.h"
#include "number.h"
#include "opt.h"
#include "output.h"
#include "vec.h"

static bool table;
static size_t n_results = 25;

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "table", &table, NULL, "an aligned table (metrics only)" },
	{ OPT_SIZE, 'n', "num-results", &n_results, "N", "neighbors per item (25)" },
	{ 0 },
};

static const struct command command = {
	"pz-show",
	"look inside a model or a dataset, as JSON lines",
	"model|metrics PATH\n"
	"items|users|history|neighbors PATH [ID...]\n"
	"dataset PATH",
	opts,
};

static void
add_number(struct buf *b, double value)
{
	char text[NUMBER_SIZE];

	number_json(text, value);
	buf_adds(b, text);
}

/* One cell as JSON; a list of categories as the service writes it, 'A|B'. */
static void
add_cell(struct buf *b, const struct column *c, size_t row)
{
	struct buf text = { 0 };

	if (c->type == COLUMN_NUMBER)
		add_number(b, c->number[row]);
	else if (c->type == COLUMN_BOOLEAN)
		buf_adds(b, isnan(c->number[row]) ? "null"
			    : c->number[row] != 0 ? "true"
						  : "false");
	else if (c->offset[row] == c->offset[row + 1])
		buf_adds(b, "null");
	else {
		for (uint64_t k = c->offset[row]; k < c->offset[row + 1]; k++) {
			struct span value = strings_get(&c->values, c->code[k]);

			if (k > c->offset[row])
				buf_addc(&text, '|');
			buf_add(&text, value.data, value.len);
		}
		buf_reserve(&text, 0);
		json_quote(b, text.data, text.len);
	}
	buf_release(&text);
}

static void
add_id(struct buf *b, const struct ids *ids, uint32_t number)
{
	struct span id = strings_get(&ids->strings, number);

	json_quote(b, id.data, id.len);
}

static void
show_row(struct buf *b, const char *id, const struct ids *ids, const struct table *t,
    uint32_t row)
{
	buf_addf(b, "{\"%s\":", id);
	add_id(b, ids, row);
	for (size_t i = 0; i < t->n_columns; i++) {
		buf_addc(b, ',');
		json_quote(b, t->columns[i].name, strlen(t->columns[i].name));
		buf_addc(b, ':');
		add_cell(b, &t->columns[i], row);
	}
	buf_adds(b, "}\n");
}

static void
show_item(struct buf *b, const struct catalog *c, const struct model *m, uint32_t i)
{
	(void)m;
	show_row(b, "ITEM_ID", &c->items, &c->item_table, i);
}

static void
show_user(struct buf *b, const struct catalog *c, const struct model *m, uint32_t u)
{
	(void)m;
	show_row(b, "USER_ID", &c->users, &c->user_table, u);
}

static void
show_history(struct buf *b, const struct catalog *c, const struct model *m, uint32_t u)
{
	const struct history *h = &c->history;

	(void)m;
	for (uint64_t i = h->offset[u]; i < h->offset[u + 1]; i++) {
		buf_adds(b, "{\"USER_ID\":");
		add_id(b, &c->users, u);
		buf_adds(b, ",\"ITEM_ID\":");
		add_id(b, &c->items, h->item[i]);
		if (h->type[i] != UINT16_MAX) {
			struct span type = strings_get(&h->types, h->type[i]);

			buf_adds(b, ",\"EVENT_TYPE\":");
			json_quote(b, type.data, type.len);
		}
		if (h->value && !isnan(h->value[i])) {
			buf_adds(b, ",\"EVENT_VALUE\":");
			add_number(b, (double)h->value[i]);
		}
		buf_addf(b, ",\"TIMESTAMP\":%lld}\n", (long long)h->time[i]);
	}
}

struct neighbor {
	double cosine;
	uint32_t item;
};

static int
nearest_first(const void *a, const void *b)
{
	const struct neighbor *x = a, *y = b;

	if (x->cosine != y->cosine)
		return x->cosine < y->cosine ? 1 : -1;
	return (x->item > y->item) - (x->item < y->item);
}

static double
dot(const struct model *m, size_t i, size_t j)
{
	const float *a = model_item(m, i), *b = model_item(m, j);
	double sum = 0;

	for (size_t d = 0; d < m->dim; d++)
		sum += (double)a[d * VEC_COLS] * (double)b[d * VEC_COLS];
	return sum;
}

/* The items whose factors point the same way: cosine of the angle between them. */
static void
show_neighbors(
    struct buf *b, const struct catalog *c, const struct model *m, uint32_t item)
{
	struct neighbor *all;
	size_t self = 0, n = 0;

	if (!m || !m->dim)
		errx(1, "neighbors need a model with factors");
	all = xcalloc(m->n_scored, sizeof *all);
	while (self < m->n_scored && m->scored[self] != item)
		self++;
	for (size_t i = 0; self < m->n_scored && i < m->n_scored; i++) {
		double sizes = sqrt(dot(m, i, i) * dot(m, self, self));

		if (i != self)
			all[n++] =
			    (struct neighbor){ sizes > 0 ? dot(m, i, self) / sizes : 0,
				    m->scored[i] };
	}
	qsort(all, n, sizeof *all, nearest_first);
	for (size_t i = 0; i < MIN(n, n_results); i++) {
		buf_adds(b, "{\"ITEM_ID\":");
		add_id(b, &c->items, item);
		buf_adds(b, ",\"NEIGHBOR_ID\":");
		add_id(b, &c->items, all[i].item);
		buf_addf(b, ",\"cosine\":%.4f}\n", all[i].cosine);
	}
	free(all);
}

static void
show_metrics(struct buf *b, const struct model *m)
{
	struct json_value metrics = model_meta(m, "metrics"), name, value;
	struct json j;

	if (metrics.type != JSON_OBJECT) {
		buf_adds(b, "{}\n");
		return;
	}
	if (!table) {
		buf_add(b, metrics.raw.data, metrics.raw.len);
		buf_addc(b, '\n');
		return;
	}
	json_open(&j, metrics.raw.data, metrics.raw.len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0 && json_value(&j, &value) == 0)
		buf_addf(b, "%-48.*s %.*s\n", (int)name.raw.len - 2, name.raw.data + 1,
		    (int)value.raw.len, value.raw.data);
}

static void
show_dataset(struct buf *b, const struct dataset *d)
{
	for (size_t i = 0; i < d->n_segments; i++) {
		const struct segment *s = &d->segments[i];

		buf_adds(b, "{\"file\":");
		json_quote(b, s->file, strlen(s->file));
		buf_addf(b,
		    ",\"dataset\":\"%s\",\"mode\":\"%s\",\"rows\":%llu,\"bytes\":%llu}"
		    "\n",
		    dataset_names[s->dataset], import_modes[s->mode],
		    (unsigned long long)s->rows, (unsigned long long)s->bytes);
	}
}

static const struct view {
	const char *name;
	bool of_items;
	void (*show)(
	    struct buf *, const struct catalog *, const struct model *, uint32_t);
} views[] = {
	{ "items", true, show_item },
	{ "users", false, show_user },
	{ "history", false, show_history },
	{ "neighbors", true, show_neighbors },
};

/* The rows asked for, or all. 0, or 3 if an ID is not there. */
static int
show_rows(const struct view *v, const struct catalog *c, const struct model *m,
    char *const *wanted, size_t n)
{
	const struct ids *ids = v->of_items ? &c->items : &c->users;
	struct buf b = { 0 };
	int status = 0;

	for (size_t i = 0; i < (n ? n : ids->strings.n); i++) {
		uint32_t row = n ? ids_find(ids, span_of(wanted[i])) : (uint32_t)i;

		if (row == NONE) {
			warnx(
			    "%s: no such %s", wanted[i], v->of_items ? "item" : "user");
			status = 3;
			continue;
		}
		v->show(&b, c, m, row);
		if (b.len)
			out_write(b.data, b.len);
		buf_clear(&b);
	}
	buf_release(&b);
	return status;
}

static bool
is_folder(const char *path)
{
	char *manifest = xasprintf("%s/dataset.json", path);
	FILE *f = fopen(manifest, "r");

	free(manifest);
	if (f)
		fclose(f);
	return f != NULL;
}

static int
show(const char *what, const char *path, char *const *wanted, size_t n)
{
	struct dataset *d = NULL;
	struct catalog *c = NULL;
	struct model *m = NULL;
	struct buf b = { 0 };
	int status = 0;
	char *why;

	if (is_folder(path) ? !(d = dataset_open(path, false, &why))
			    : !(m = model_open(path, &why)))
		errx(1, "%s", why);
	if (!strcmp(what, "dataset") && d)
		show_dataset(&b, d);
	else if (!strcmp(what, "model") && m)
		buf_addf(&b, "%.*s\n", (int)m->meta.len, m->meta.data);
	else if (!strcmp(what, "metrics") && m)
		show_metrics(&b, m);
	else {
		const struct view *v = NULL;

		for (size_t i = 0; i < LENGTH(views); i++)
			if (!strcmp(what, views[i].name))
				v = &views[i];
		if (!v)
			opt_usage(&command, "cannot show %s of %s", what, path);
		if (d && !(c = catalog_load(d, NULL, &why)))
			errx(1, "%s", why);
		status = show_rows(v, c ? c : &m->catalog, m, wanted, n);
	}
	if (b.len)
		out_write(b.data, b.len);
	buf_release(&b);
	if (c)
		catalog_release(c);
	free(c);
	dataset_close(d);
	model_close(m);
	return status;
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command), status;

	if (argc - arg < 2)
		opt_usage(&command, "what to show, and of which model or dataset");
	status =
	    show(argv[arg], argv[arg + 1], argv + arg + 2, (size_t)(argc - arg - 2));
	out_close();
	return status;
}

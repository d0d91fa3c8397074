/* pz-show - look inside a model or a dataset, as JSON lines */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "catalog_load.h"
#include "catalog_print.h"
#include "dataset.h"
#include "json.h"
#include "model.h"
#include "neighbors.h"
#include "opt.h"
#include "output.h"
#include "threads.h"

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

struct shown {
	const struct catalog *catalog;
	struct neighbors *neighbors; /* NULL unless they are asked for */
	const char *likeness;        /* what makes them so */
};

static void
show_item(struct buf *b, struct shown *s, uint32_t item)
{
	catalog_print_item(b, s->catalog, item);
}

static void
show_user(struct buf *b, struct shown *s, uint32_t user)
{
	catalog_print_user(b, s->catalog, user);
}

static void
show_history(struct buf *b, struct shown *s, uint32_t user)
{
	catalog_print_history(b, s->catalog, user);
}

static void
show_neighbors(struct buf *b, struct shown *s, uint32_t item)
{
	const struct neighbor *nearest;
	size_t n = neighbors_of(s->neighbors, item, n_results, &nearest);

	for (size_t i = 0; i < n; i++) {
		buf_adds(b, "{\"ITEM_ID\":");
		catalog_print_id(b, &s->catalog->items, item);
		buf_adds(b, ",\"NEIGHBOR_ID\":");
		catalog_print_id(b, &s->catalog->items, nearest[i].item);
		buf_addf(b, ",\"%s\":%.4f}\n", s->likeness, nearest[i].likeness);
	}
}

static const struct view {
	const char *name;
	bool of_items;
	void (*show)(struct buf *, struct shown *, uint32_t);
} views[] = {
	{ "items", true, show_item },
	{ "users", false, show_user },
	{ "history", false, show_history },
	{ "neighbors", true, show_neighbors },
};

static const struct view *
view_named(const char *name)
{
	for (size_t i = 0; i < LENGTH(views); i++)
		if (!strcmp(name, views[i].name))
			return &views[i];
	return NULL;
}

/* The rows asked for, or all. 0, or 3 if an ID is not there. */
static int
show_rows(const struct view *v, struct shown *s, char *const *wanted, size_t n)
{
	const struct ids *ids = v->of_items ? &s->catalog->items : &s->catalog->users;
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
		v->show(&b, s, row);
		out_write(b.data, b.len);
		buf_clear(&b);
	}
	buf_release(&b);
	return status;
}

static bool
is_dataset(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static int
show_model(const char *what, const char *path, char *const *wanted, size_t n)
{
	const struct view *v = view_named(what);
	struct buf b = { 0 };
	int status = 0;
	char *why;
	struct model *m = model_open(path, &why);

	if (!m)
		errx(1, "%s", why);
	if (!strcmp(what, "model"))
		buf_addf(&b, "%.*s\n", (int)m->meta.len, m->meta.data);
	else if (!strcmp(what, "metrics"))
		show_metrics(&b, m);
	else if (v) {
		struct shown s = { &m->catalog, NULL,
			!m->dim        ? "weight"
			: m->links.row ? "likeness"
				       : "cosine" };

		if (v->show == show_neighbors && !(s.neighbors = neighbors_new(m)))
			errx(1, "%s: neighbors need a model with factors or links",
			    path);
		status = show_rows(v, &s, wanted, n);
		neighbors_free(s.neighbors);
	} else
		opt_usage(&command, "cannot show %s of a model", what);
	out_write(b.data, b.len);
	buf_release(&b);
	model_close(m);
	return status;
}

static int
show_folder(const char *what, const char *path, char *const *wanted, size_t n)
{
	const struct view *v = view_named(what);
	struct catalog *c = NULL;
	struct buf b = { 0 };
	int status = 0;
	char *why;
	struct dataset *d = dataset_open(path, false, &why);

	if (!d)
		errx(1, "%s", why);
	if (!strcmp(what, "dataset"))
		show_dataset(&b, d);
	else if (v && v->show != show_neighbors) {
		if (!(c = catalog_load(d, NULL, threads_cores(), &why)))
			errx(1, "%s", why);
		status = show_rows(v, &(struct shown){ .catalog = c }, wanted, n);
		catalog_release(c);
		free(c);
	} else
		opt_usage(&command, "cannot show %s of a dataset", what);
	out_write(b.data, b.len);
	buf_release(&b);
	dataset_close(d);
	return status;
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command), status;
	size_t n;

	if (argc - arg < 2)
		opt_usage(&command, "what to show, and of which model or dataset");
	n = (size_t)(argc - arg - 2);
	if (is_dataset(argv[arg + 1]))
		status = show_folder(argv[arg], argv[arg + 1], argv + arg + 2, n);
	else
		status = show_model(argv[arg], argv[arg + 1], argv + arg + 2, n);
	out_close();
	return status;
}

/* pz-event - add individual events, items and users to a dataset */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "event.h"
#include "import_schema.h"
#include "lines.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "put.h"
#include "schema.h"
#include "util.h"

enum { SHOWN = 20 }; /* bad records that are reported one by one */

static struct opt_list schema_paths;
static const char *skip_path;
static bool service_limits;

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "service-limits", &service_limits, NULL,
	    "refuse what the service would refuse" },
	{ OPT_STRING, 0, "skip-bad", &skip_path, "FILE", "put bad records there" },
	{ OPT_LIST, 0, "schema", &schema_paths, "FILE",
	    "Avro schema, for data that the dataset has none of yet" },
	PROGRESS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	"pz-event",
	"add individual events, items and users to a dataset",
	"[options] DATASET [FILE...]",
	opts,
};

struct adding {
	const char *path; /* of the dataset */
	struct schema *schemas[DATASET_TYPES];
	struct put *puts[DATASET_TYPES]; /* opened by the first record */
	struct events events;
	struct lines in;
	struct output skipped; /* open if skip_path */
	struct buf bad;        /* the line's bad entries */
	struct progress progress;
	uint64_t records, n_bad, n_beyond, anonymous, itemless, repeated;
	char *beyond; /* the first of n_beyond */
};

/* The rest is tidied up by exit: temporaries go, and nothing more is committed. */
static _Noreturn void
give_up(struct adding *a, char *why)
{
	progress_clear(&a->progress);
	for (int t = 0; t < DATASET_TYPES; t++)
		put_discard(a->puts[t]);
	errx(1, "%s", why);
}

/* The dataset's schemas, then those given for what it has none of. */
static void
read_schemas(struct adding *a)
{
	char *why;
	struct dataset *d = dataset_open(a->path, schema_paths.n > 0, &why);

	if (!d)
		errx(1, "%s", why);
	for (int t = 0; t < DATASET_TYPES; t++) {
		a->schemas[t] = d->schemas[t];
		d->schemas[t] = NULL;
	}
	dataset_close(d);
	for (size_t i = 0; i < schema_paths.n; i++) {
		struct schema *s = import_schema_read(schema_paths.values[i], -1, &why);

		if (!s)
			errx(1, "%s", why);
		if (a->schemas[s->dataset] && !schema_equal(a->schemas[s->dataset], s))
			errx(1, "%s: not the schema of %s in %s, which stays",
			    schema_paths.values[i], dataset_names[s->dataset], a->path);
		schema_free(a->schemas[s->dataset]);
		a->schemas[s->dataset] = s;
	}
}

static void
report(struct adding *a)
{
	if (a->n_bad++ >= SHOWN)
		return;
	progress_clear(&a->progress);
	warnx("%s:%zu: %s", a->in.path, a->in.number, a->events.why);
}

static void
note_beyond(struct adding *a)
{
	if (*a->events.beyond && !a->n_beyond++)
		a->beyond =
		    xasprintf("%s:%zu: %s", a->in.path, a->in.number, a->events.beyond);
}

static void
skip(struct adding *a, struct span text)
{
	if (skip_path && output_write(&a->skipped, text.data, text.len) < 0)
		give_up(a, xasprintf("%s: %s", skip_path, strerror(errno)));
}

/* The call with its bad entries alone, so that it can be mended and added. */
static void
skip_entries(struct adding *a)
{
	struct span line = { a->in.text, a->in.len }, list = a->events.list;
	struct span head = { line.data, (size_t)(list.data + 1 - line.data) };
	struct span tail = { list.data + list.len - 1, 0 };

	tail.len = (size_t)(line.data + line.len - tail.data);
	skip(a, head);
	skip(a, (struct span){ a->bad.data, a->bad.len });
	skip(a, tail);
	skip(a, span_of("\n"));
}

static struct put *
put_of(struct adding *a, enum dataset_type t)
{
	char *why;

	if (!a->puts[t] && !(a->puts[t] = put_open(a->path, t, &why)))
		give_up(a, why);
	return a->puts[t];
}

static void
take_entry(struct adding *a)
{
	const struct events *e = &a->events;
	struct span row = { e->row.data, e->row.len };
	char *why;

	a->records++;
	note_beyond(a);
	a->anonymous += e->fate == EVENT_ANONYMOUS;
	a->itemless += e->fate == EVENT_ITEMLESS;
	if (e->fate == EVENT_BAD) {
		report(a);
		if (a->bad.len)
			buf_addc(&a->bad, ',');
		buf_add(&a->bad, e->entry.data, e->entry.len);
	}
	if (e->fate == EVENT_ROW &&
	    put_add(put_of(a, e->type), row, e->event_id, &why) < 0)
		give_up(a, why);
}

static void
take_line(struct adding *a)
{
	struct span line = { a->in.text, a->in.len };

	if (strspn(line.data, " \t") == line.len)
		return;
	if (events_line(&a->events, line) < 0) {
		a->records++;
		report(a);
		skip(a, line);
		skip(a, span_of("\n"));
		return;
	}
	note_beyond(a);
	if (!a->schemas[a->events.type])
		give_up(
		    a, xasprintf("%s: no %s yet, and no schema for them: import some "
				 "with pz-import, or give --schema",
			   a->path, dataset_names[a->events.type]));
	buf_clear(&a->bad);
	while (events_next(&a->events))
		take_entry(a);
	if (a->bad.len)
		skip_entries(a);
}

static void
take_all(struct adding *a, char *const *paths, size_t n)
{
	int more;

	lines_open(&a->in, paths, n);
	progress_start(&a->progress, "adding", "MB", lines_total(&a->in));
	while ((more = lines_next(&a->in)) > 0) {
		take_line(a);
		progress_show(&a->progress, lines_consumed(&a->in), NULL);
	}
	if (more < 0)
		give_up(a, xasprintf("%s: %s", a->in.path, a->in.why));
	progress_end(&a->progress);
	lines_close(&a->in);
}

/*
 * Items and users first: to add them again does no harm, if interactions fail and all
 * is given once more.
 */
static void
commit(struct adding *a)
{
	static const enum dataset_type order[] = { ITEMS, USERS, INTERACTIONS };
	char *why;

	if (skip_path && output_commit(&a->skipped) < 0)
		give_up(a, xasprintf("%s: %s", skip_path, strerror(errno)));
	for (size_t i = 0; i < LENGTH(order); i++) {
		struct put *p = a->puts[order[i]];

		a->puts[order[i]] = NULL;
		if (p && put_commit(p, a->schemas[order[i]], &a->repeated, &why) < 0)
			give_up(a, why);
	}
}

static void
say(const char *what, uint64_t n)
{
	if (n)
		warnx("%s: %ju", what, (uintmax_t)n);
}

static void
tell(const struct adding *a)
{
	struct buf ignored = { 0 };

	if (a->n_bad > SHOWN)
		warnx("... and %ju more", (uintmax_t)(a->n_bad - SHOWN));
	if (a->n_bad)
		warnx("%ju of %ju records are bad%s%s", (uintmax_t)a->n_bad,
		    (uintmax_t)a->records, skip_path ? "; they are in " : "",
		    skip_path ? skip_path : "");
	say("events of unknown users, with a sessionId alone, left out", a->anonymous);
	say("events without an itemId left out", a->itemless);
	say("events whose eventId had come before left out", a->repeated);
	events_ignored(&a->events, &ignored);
	if (ignored.len)
		warnx("the schema of interactions has no column for %s", ignored.data);
	buf_release(&ignored);
	if (a->n_beyond)
		warnx("records beyond the service's limits, taken all the same: %ju, "
		      "first %s",
		    (uintmax_t)a->n_beyond, a->beyond);
	if (events_late(&a->events))
		warnx("some times are beyond the year 5138: are they milliseconds? "
		      "Seconds since 1970 are expected");
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	struct adding a = { 0 };

	if (arg == argc)
		opt_usage(&command, "no dataset given");
	a.path = argv[arg++];
	read_schemas(&a);
	events_open(&a.events, a.schemas, service_limits);
	if (skip_path && output_open(&a.skipped, skip_path) < 0)
		err(1, "%s", skip_path);
	take_all(&a, argv + arg, (size_t)(argc - arg));
	commit(&a);
	tell(&a);
	events_close(&a.events);
	for (int t = 0; t < DATASET_TYPES; t++)
		schema_free(a.schemas[t]);
	buf_release(&a.bad);
	free(a.beyond);
	out_close();
	return a.n_bad ? 3 : 0;
}

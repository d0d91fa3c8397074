/* pz-event - add individual events, items and users to a dataset */
#include <err.h>
#include <errno.h>
#include <string.h>

#include "lines.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "put_events.h"
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
	struct put_events put;
	struct lines in;
	struct output skipped; /* open if skip_path */
	struct progress progress;
};

static _Noreturn void
give_up(struct adding *a, char *why)
{
	progress_clear(&a->progress);
	put_events_close(&a->put);
	errx(1, "%s", why);
}

static void
report(void *context, const struct lines *in, const char *why)
{
	struct adding *a = context;

	if (a->put.n_bad > SHOWN)
		return;
	progress_clear(&a->progress);
	warnx("%s:%zu: %s", in->path, in->number, why);
}

static int
skip(void *context, struct span text, char **why)
{
	struct adding *a = context;

	if (output_write(&a->skipped, text.data, text.len) == 0)
		return 0;
	*why = xasprintf("%s: %s", skip_path, strerror(errno));
	return -1;
}

static void
take_all(struct adding *a, char *const *paths, size_t n)
{
	char *why;
	int more;

	lines_open(&a->in, paths, n);
	progress_start(&a->progress, "adding", "MB", lines_total(&a->in));
	while ((more = lines_next(&a->in)) > 0) {
		if (put_events_line(&a->put, &a->in, &why) < 0)
			give_up(a, why);
		progress_show(&a->progress, lines_consumed(&a->in), NULL);
	}
	if (more < 0)
		give_up(a, xasprintf("%s: %s", a->in.path, a->in.why));
	progress_end(&a->progress);
	lines_close(&a->in);
}

static void
commit(struct adding *a)
{
	char *why;

	if (skip_path && output_commit(&a->skipped) < 0)
		give_up(a, xasprintf("%s: %s", skip_path, strerror(errno)));
	if (put_events_commit(&a->put, &why) < 0)
		give_up(a, why);
}

static void
say(const char *what, uint64_t n)
{
	if (n)
		warnx("%s: %ju", what, (uintmax_t)n);
}

static void
tell(const struct put_events *p)
{
	struct buf ignored = { 0 };

	if (p->n_bad > SHOWN)
		warnx("... and %ju more", (uintmax_t)(p->n_bad - SHOWN));
	if (p->n_bad)
		warnx("%ju of %ju records are bad%s%s", (uintmax_t)p->n_bad,
		    (uintmax_t)p->records, skip_path ? "; they are in " : "",
		    skip_path ? skip_path : "");
	say("events without a userId left out", p->anonymous);
	say("events without an itemId left out", p->itemless);
	say("events whose eventId had come before left out", p->repeated);
	events_ignored(&p->events, &ignored);
	if (ignored.len)
		warnx("interactions have no column for %s", ignored.data);
	buf_release(&ignored);
	if (p->n_beyond)
		warnx("beyond the service's limits, but taken: %ju, first %s",
		    (uintmax_t)p->n_beyond, p->beyond);
	if (events_late(&p->events))
		warnx("some times are beyond the year 5138: are they milliseconds? "
		      "Seconds since 1970 are expected");
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command), status;
	struct adding a = { .put = {
				.strict = service_limits,
				.bad = report,
				.skip = skip_path ? skip : NULL,
			    } };
	char *why;

	if (arg == argc)
		opt_usage(&command, "no dataset given");
	a.put.path = argv[arg++];
	a.put.context = &a;
	if (put_events_open(&a.put, schema_paths.values, schema_paths.n, &why) < 0)
		give_up(&a, why);
	if (skip_path && output_open(&a.skipped, skip_path) < 0)
		give_up(&a, xasprintf("%s: %s", skip_path, strerror(errno)));
	take_all(&a, argv + arg, (size_t)(argc - arg));
	commit(&a);
	tell(&a.put);
	status = a.put.n_bad ? 3 : 0;
	put_events_close(&a.put);
	out_close();
	return status;
}

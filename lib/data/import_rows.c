/* import_rows - lines of files into rows of a dataset, on many threads. */
#include "import_rows.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "threads.h"

struct importing {
	struct import_rows *im;
	struct convert **converters; /* [threads] */
	char *why;
	atomic_bool failed; /* reading or writing did */
};

/* The first failure is the one to tell. */
static int
fail(struct importing *i, char *why)
{
	if (atomic_exchange(&i->failed, true))
		free(why);
	else
		i->why = why;
	return 0;
}

static int
read_batch(void *context, void *job)
{
	struct importing *i = context;
	struct batch *b = job;
	char *wrong, *why;
	int more;

	if (i->failed)
		return 0;
	if ((more = intake_next(i->im->intake, b)) < 0)
		return fail(i, xstrdup(i->im->intake->why));
	if (!more || !b->header || b->header->fields || i->im->map)
		return more;
	if (!(wrong = header_match(b->header, i->im->schema)))
		return 1;
	why = xasprintf("%s:%zu: %s", b->header->path, b->header->number, wrong);
	free(wrong);
	return fail(i, why);
}

static void
convert_lines(void *context, void *job, size_t thread)
{
	struct importing *i = context;

	convert_batch(i->converters[thread], job);
}

static void
write_batch(void *context, void *job)
{
	struct importing *i = context;
	struct import_rows *im = i->im;
	const struct batch *b = job;
	struct span rows = { b->rows.data, b->rows.len };
	char *why;

	for (size_t k = 0; k < b->n_bad && !i->failed; k++)
		if (im->bad(im->context, b, &b->bad[k], &why) < 0)
			fail(i, why);
	im->n_bad += b->n_bad;
	im->lines += b->n_lines;
	im->rows += b->n_rows;
	/* With bad rows nothing will be imported; go on to count them. */
	if ((!im->n_bad || im->with_bad) && !i->failed &&
	    writer_add_lines(im->writer, rows, b->n_rows, &why) < 0)
		fail(i, why);
	progress_show(im->progress, b->consumed, NULL);
}

static int
converters_open(struct importing *i, char **why)
{
	i->converters = xcalloc(i->im->threads, sizeof(struct convert *));
	for (size_t t = 0; t < i->im->threads; t++)
		if (!(i->converters[t] = convert_new(i->im->schema, i->im->map, why)))
			return -1;
	return 0;
}

static void
converters_close(struct importing *i)
{
	for (size_t t = 0; t < i->im->threads; t++) {
		i->im->late |= i->converters[t] && convert_late(i->converters[t]);
		convert_free(i->converters[t]);
	}
	free(i->converters);
}

static void
run(struct importing *i)
{
	struct pipeline p = {
		.context = i,
		.n_jobs = 2 * i->im->threads + 2,
		.read = read_batch,
		.work = convert_lines,
		.write = write_batch,
	};

	p.jobs = xcalloc(p.n_jobs, sizeof *p.jobs);
	for (size_t k = 0; k < p.n_jobs; k++)
		p.jobs[k] = xcalloc(1, sizeof(struct batch));
	progress_start(i->im->progress, "importing", "MB", i->im->intake->total);
	pipeline_run(&p, i->im->threads);
	progress_end(i->im->progress);
	for (size_t k = 0; k < p.n_jobs; k++) {
		batch_release(p.jobs[k]);
		free(p.jobs[k]);
	}
	free(p.jobs);
}

int
import_rows(struct import_rows *im, char **why)
{
	struct importing i = { .im = im };
	int status = converters_open(&i, why);

	if (status == 0) {
		run(&i);
		*why = i.why;
		status = i.failed ? -1 : 0;
	}
	converters_close(&i);
	return status;
}

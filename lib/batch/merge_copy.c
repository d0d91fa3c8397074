/* merge_copy - an output that S3 puts together from parts that lie there already. */
#include "merge_copy.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "part_store.h"
#include "s3_copy.h"
#include "threads.h"

/* "Amazon S3 multipart upload limits"; the last part may be smaller. */
static const uint64_t PART_LEAST = 5 << 20, PART_MOST = (uint64_t)5 << 30;
enum { PARTS_MOST = 10000, COPIES_AT_ONCE = 8 };

bool
merge_copy_can(const struct job *j, const struct plan_object *o)
{
	struct part_done done;

	if (!j->scratch || strncmp(o->output, "s3://", 5) != 0 || !o->n ||
	    o->n > PARTS_MOST)
		return false;
	for (size_t i = 0; i < o->n; i++) {
		bool last = i + 1 == o->n;

		if (!part_read(j, o->first + i, &done) || done.bytes > PART_MOST ||
		    (!last && done.bytes < PART_LEAST) || !done.bytes)
			return false;
	}
	return true;
}

struct copies {
	struct job *job;
	const struct plan_object *object;
	struct s3 *client;
	struct s3_address at;
	char *id;
	struct s3_part *parts; /* [object->n] */
	pthread_mutex_t lock;
	bool failed;
	struct s3_error error; /* the first */
};

static bool
has_failed(struct copies *c)
{
	bool failed;

	pthread_mutex_lock(&c->lock);
	failed = c->failed;
	pthread_mutex_unlock(&c->lock);
	return failed;
}

static void
keep_error(struct copies *c, struct s3_error *e)
{
	pthread_mutex_lock(&c->lock);
	if (c->failed)
		s3_error_release(e);
	else
		c->error = *e;
	c->failed = true;
	pthread_mutex_unlock(&c->lock);
}

static void
copy_one(void *context, size_t i, size_t thread)
{
	struct copies *c = context;
	struct s3_error e = { 0 };
	struct s3_address from;
	struct location l;

	(void)thread;
	if (has_failed(c))
		return;
	part_store_place(&l, c->job, c->object->first + i);
	s3_address_parse(&from, l.path);
	if (s3_copy_part(c->client, &c->at, c->id, i + 1, &from, &c->parts[i], &e) < 0)
		keep_error(c, &e);
	s3_address_release(&from);
	free(l.path);
}

static uint64_t
total(const struct job *j, const struct plan_object *o)
{
	struct part_done done;
	uint64_t bytes = 0;

	for (size_t i = 0; i < o->n; i++)
		if (part_read(j, o->first + i, &done))
			bytes += done.bytes;
	return bytes;
}

static int
run(struct copies *c, const struct s3_put_options *o, struct s3_error *e)
{
	size_t n = c->object->n;
	struct s3_error left = { 0 };
	int status = -1;

	if (!(c->id = s3_multipart_begin(c->client, &c->at, o, e)))
		return -1;
	threads_each(MIN(n, (size_t)COPIES_AT_ONCE), n, copy_one, c);
	if (c->failed)
		*e = c->error;
	else
		status = s3_multipart_end(c->client, &c->at, c->id, c->parts, n,
		    total(c->job, c->object), o, e);
	if (status < 0)
		s3_multipart_abort(c->client, &c->at, c->id, &left);
	s3_error_release(&left);
	return status;
}

int
merge_copy(struct job *j, const struct plan_object *o, struct s3_error *e)
{
	struct copies c = { .job = j,
		.object = o,
		.client = s3_options_client(&j->s3, e),
		.lock = PTHREAD_MUTEX_INITIALIZER };
	struct target_options options;
	int status;

	if (!c.client)
		return -1;
	part_store_options(&options, j);
	c.parts = xcalloc(o->n, sizeof *c.parts);
	s3_address_parse(&c.at, o->output);
	status = run(&c, &options.put, e);
	for (size_t i = 0; i < o->n; i++)
		s3_part_release(&c.parts[i]);
	free(c.parts);
	free(c.id);
	s3_address_release(&c.at);
	return status;
}

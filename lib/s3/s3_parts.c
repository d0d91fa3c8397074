/* s3_parts - the parts of an upload on their way: filled by one, sent by threads. */
#include "s3_parts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "s3_upload.h"

enum { THREADS = 8 };

struct s3_parts {
	struct s3 *s;
	const struct s3_address *at;
	const struct s3_put_options *options;
	pthread_t *threads;
	size_t n_threads;
	pthread_mutex_t lock;
	pthread_cond_t queued, finished;
	struct s3_load *first, **last; /* the queue */
	struct s3_load *spare;         /* to be used again: fresh memory costs */
	uint64_t held_bytes;           /* of all loads but the spare ones */
	struct s3_part *list;          /* [n] of those that were sent */
	size_t n, cap;
	size_t unfinished; /* parts that are queued or under way */
	bool stop;
	bool failed;
	struct s3_error error; /* of the first part that failed */
};

struct s3_parts *
s3_parts_new(struct s3 *s, const struct s3_address *at, const struct s3_put_options *o)
{
	struct s3_parts *p = xcalloc(1, sizeof *p);

	p->s = s;
	p->at = at;
	p->options = o;
	p->last = &p->first;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->queued, NULL);
	pthread_cond_init(&p->finished, NULL);
	return p;
}

void
s3_load_free(struct s3_load *l)
{
	if (l)
		free(l->bytes);
	free(l);
}

/* One of this size that was used before, NULL if there is none. Under the lock. */
static struct s3_load *
take_spare(struct s3_parts *p, uint64_t size)
{
	struct s3_load *l;

	while ((l = p->spare)) {
		p->spare = l->next;
		if (l->size == size)
			break;
		s3_load_free(l);
	}
	return l;
}

/* Under the lock. */
static void
finish(struct s3_parts *p, struct s3_load *l, struct s3_part *part, int status,
    struct s3_error *e)
{
	if (!status) {
		p->list[l->number - 1] = *part;
		if (p->options->sent)
			p->options->sent(p->options->sent_context, l->len);
	} else if (!p->failed) {
		p->failed = true;
		p->error = *e;
		*e = (struct s3_error){ 0 };
	}
	s3_error_release(e);
	p->held_bytes -= l->size;
	p->unfinished--;
	l->next = p->spare;
	p->spare = l;
	pthread_cond_signal(&p->finished);
}

static void *
run(void *arg)
{
	struct s3_parts *p = arg;
	struct s3_error e = { 0 };
	struct s3_part part;
	struct s3_load *l;
	int status;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->first && !p->stop)
			pthread_cond_wait(&p->queued, &p->lock);
		if (!(l = p->first))
			break;
		if (!(p->first = l->next))
			p->last = &p->first;
		status = p->failed ? -1 : 0;
		pthread_mutex_unlock(&p->lock);
		if (!status)
			status = s3_multipart_put(p->s, p->at, l->id, l->number,
			    l->bytes, l->len, p->options->checksum, &part, &e);
		pthread_mutex_lock(&p->lock);
		finish(p, l, &part, status, &e);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/*
 * One thread for each part that may be under way, as far as they are asked for. One is
 * enough, if there can be no more.
 */
static int
add_thread(struct s3_parts *p, struct s3_error *e)
{
	size_t max = p->options->n_threads ? p->options->n_threads : THREADS;
	int status;

	if (p->n_threads == max)
		return 0;
	p->threads = xrealloc(p->threads, p->n_threads + 1, sizeof *p->threads);
	status = pthread_create(&p->threads[p->n_threads], NULL, run, p);
	p->n_threads += !status;
	if (p->n_threads)
		return 0;
	s3_error_set(e, "cannot start a thread: %s", strerror(status));
	return -1;
}

/* Under the lock. */
static int
check_failed(const struct s3_parts *p, struct s3_error *e)
{
	if (!p->failed)
		return 0;
	s3_error_release(e);
	*e = p->error;
	e->text = xstrdup(p->error.text ? p->error.text : "stopped");
	return -1;
}

/* Nothing may end the process here: an upload would be left. */
static struct s3_load *
load_new(uint64_t size, struct s3_error *e)
{
	struct s3_load *l = xcalloc(1, sizeof *l);

	if (!(l->bytes = malloc(size + 1))) {
		s3_error_set(e, "out of memory: a part of %ju bytes", (uintmax_t)size);
		free(l);
		return NULL;
	}
	l->size = size;
	return l;
}

struct s3_load *
s3_parts_room(struct s3_parts *p, uint64_t size, struct s3_error *e)
{
	uint64_t max = p->options->held_bytes ? p->options->held_bytes : S3_HELD_BYTES;
	struct s3_load *l;
	int status;

	pthread_mutex_lock(&p->lock);
	while (p->held_bytes && p->held_bytes + size > max && !p->failed)
		pthread_cond_wait(&p->finished, &p->lock);
	l = take_spare(p, size);
	p->held_bytes += size;
	status = check_failed(p, e);
	pthread_mutex_unlock(&p->lock);
	if (status < 0) {
		s3_load_free(l);
		return NULL;
	}
	if (!l && !(l = load_new(size, e)))
		return NULL;
	l->next = NULL;
	l->len = 0;
	return l;
}

int
s3_parts_send(struct s3_parts *p, const char *id, struct s3_load *l, struct s3_error *e)
{
	int status;

	pthread_mutex_lock(&p->lock);
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 64;
		p->list = xrealloc(p->list, p->cap, sizeof *p->list);
	}
	p->list[p->n++] = (struct s3_part){ 0 };
	l->id = id;
	l->number = p->n;
	*p->last = l;
	p->last = &l->next;
	p->unfinished++;
	status = check_failed(p, e);
	pthread_cond_signal(&p->queued);
	pthread_mutex_unlock(&p->lock);
	return status < 0 ? -1 : add_thread(p, e);
}

int
s3_parts_wait(struct s3_parts *p, struct s3_error *e)
{
	int status;

	pthread_mutex_lock(&p->lock);
	while (p->unfinished && p->n_threads)
		pthread_cond_wait(&p->finished, &p->lock);
	status = check_failed(p, e);
	pthread_mutex_unlock(&p->lock);
	return status;
}

void
s3_parts_cancel(struct s3_parts *p)
{
	struct s3_error ignored = { 0 };

	pthread_mutex_lock(&p->lock);
	p->failed = true;
	pthread_mutex_unlock(&p->lock);
	s3_parts_wait(p, &ignored);
	s3_error_release(&ignored);
}

const struct s3_part *
s3_parts_list(const struct s3_parts *p, size_t *n)
{
	*n = p->n;
	return p->list;
}

void
s3_parts_free(struct s3_parts *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->queued);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->n_threads; i++)
		pthread_join(p->threads[i], NULL);
	for (size_t i = 0; i < p->n; i++)
		s3_part_release(&p->list[i]);
	for (struct s3_load *l = p->first, *next; l; l = next) {
		next = l->next;
		s3_load_free(l);
	}
	take_spare(p, 0); /* there is none of this size: all of them go */
	free(p->list);
	free(p->threads);
	s3_error_release(&p->error);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->queued);
	pthread_cond_destroy(&p->finished);
	free(p);
}

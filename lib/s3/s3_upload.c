/* s3_upload - a stream of unknown length becomes an object, whole or not at all. */
#include "s3_upload.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "s3_list.h"

enum {
	DOUBLING_PARTS = 900, /* 10,000 that begin at 5 MiB reach 9 TiB */
	PARTS_MAX = 10000,
	THREADS = 8,
};

static const uint64_t PART_MAX = (uint64_t)5 * 1024 * 1024 * 1024; /* the service's */

/* A part's bytes on their way from the stream to a thread to the server. */
struct load {
	struct load *next;
	size_t number, len, size;
	/* [size + 1], len of them filled: the one too many tells that more comes. */
	char *bytes;
};

struct s3_upload {
	struct s3 *s;
	const struct s3_address *at;
	const struct s3_put_options *options;
	char *id; /* NULL: not begun */
	uint64_t size;
	struct load *filling; /* the stream's end; NULL: nothing came behind a part */
	size_t n_parts;       /* that were handed to threads */

	pthread_t *threads;
	size_t n_threads;
	pthread_mutex_t lock;
	pthread_cond_t queued, finished;
	struct load *first, **last; /* the queue */
	struct load *spare;         /* to be used again: fresh memory costs */
	uint64_t held_bytes;        /* of all loads but the spare ones */
	struct s3_part *parts;      /* [cap] */
	size_t cap;
	size_t unfinished; /* parts that are queued or under way */
	bool stop;
	bool failed;
	struct s3_error error; /* of the first part that failed */
};

uint64_t
s3_part_bytes(uint64_t first, size_t number)
{
	uint64_t size = first << (number - 1) / DOUBLING_PARTS;

	return size < PART_MAX ? size : PART_MAX;
}

static void
load_free(struct load *l)
{
	if (l)
		free(l->bytes);
	free(l);
}

/* A load of this size that was used before, NULL if there is none. Under the lock. */
static struct load *
take_spare(struct s3_upload *u, uint64_t size)
{
	struct load *l;

	while ((l = u->spare)) {
		u->spare = l->next;
		if (l->size == size)
			break;
		load_free(l);
	}
	return l;
}

struct s3_upload *
s3_upload_new(struct s3 *s, const struct s3_address *at, const struct s3_put_options *o)
{
	struct s3_upload *u = xcalloc(1, sizeof *u);

	u->s = s;
	u->at = at;
	u->options = o;
	u->last = &u->first;
	pthread_mutex_init(&u->lock, NULL);
	pthread_cond_init(&u->queued, NULL);
	pthread_cond_init(&u->finished, NULL);
	return u;
}

static void
tell(const struct s3_upload *u, uint64_t bytes)
{
	if (u->options->sent)
		u->options->sent(u->options->sent_context, bytes);
}

/* Under the lock. */
static void
finish(struct s3_upload *u, struct load *l, struct s3_part *part, int status,
    struct s3_error *e)
{
	if (!status) {
		u->parts[l->number - 1] = *part;
		tell(u, l->len);
	} else if (!u->failed) {
		u->failed = true;
		u->error = *e;
		*e = (struct s3_error){ 0 };
	}
	s3_error_release(e);
	u->held_bytes -= l->size;
	u->unfinished--;
	l->next = u->spare;
	u->spare = l;
	pthread_cond_signal(&u->finished);
}

static void *
run(void *arg)
{
	struct s3_upload *u = arg;
	struct s3_error e = { 0 };
	struct s3_part part;
	struct load *l;
	int status;

	pthread_mutex_lock(&u->lock);
	for (;;) {
		while (!u->first && !u->stop)
			pthread_cond_wait(&u->queued, &u->lock);
		if (!(l = u->first))
			break;
		if (!(u->first = l->next))
			u->last = &u->first;
		status = u->failed ? -1 : 0;
		pthread_mutex_unlock(&u->lock);
		if (!status)
			status = s3_multipart_put(u->s, u->at, u->id, l->number,
			    l->bytes, l->len, u->options->checksum, &part, &e);
		pthread_mutex_lock(&u->lock);
		finish(u, l, &part, status, &e);
	}
	pthread_mutex_unlock(&u->lock);
	return NULL;
}

/* One thread for each part that may be under way, as far as they are asked for. */
static void
add_thread(struct s3_upload *u)
{
	size_t max = u->options->n_threads ? u->options->n_threads : THREADS;
	int status;

	if (u->n_threads == max)
		return;
	u->threads = xrealloc(u->threads, u->n_threads + 1, sizeof *u->threads);
	if ((status = pthread_create(&u->threads[u->n_threads], NULL, run, u))) {
		errno = status;
		err(1, "cannot start a thread");
	}
	u->n_threads++;
}

static int
failed(struct s3_upload *u, struct s3_error *e)
{
	int status = 0;

	pthread_mutex_lock(&u->lock);
	if (u->failed) {
		*e = u->error;
		e->text = xstrdup(e->text ? e->text : "stopped");
		status = -1;
	}
	pthread_mutex_unlock(&u->lock);
	return status;
}

/* The room for the next part; waits until others are through. */
static int
start_load(struct s3_upload *u, struct s3_error *e)
{
	const struct s3_put_options *o = u->options;
	uint64_t max = o->held_bytes ? o->held_bytes : S3_HELD_BYTES, size;
	struct load *l;

	size =
	    s3_part_bytes(o->part_bytes ? o->part_bytes : S3_PART_BYTES, u->n_parts + 1);
	pthread_mutex_lock(&u->lock);
	while (u->held_bytes && u->held_bytes + size > max && !u->failed)
		pthread_cond_wait(&u->finished, &u->lock);
	l = take_spare(u, size);
	u->held_bytes += size;
	pthread_mutex_unlock(&u->lock);
	if (!l) {
		l = xcalloc(1, sizeof *l);
		l->bytes = xmalloc(size + 1);
	}
	l->next = NULL;
	l->number = u->n_parts + 1;
	l->size = size;
	l->len = 0;
	u->filling = l;
	return failed(u, e);
}

/* Servers that do not know the header for uploads in parts get it this way. */
static int
check_new(struct s3_upload *u, struct s3_error *e)
{
	struct s3_entry entry;
	int found;

	if (!u->options->if_none_match)
		return 0;
	found = s3_head(u->s, u->at, &entry, e);
	s3_entry_release(&entry);
	if (found > 0)
		s3_put_exists(e, u->at);
	return found ? -1 : 0;
}

static int
begin(struct s3_upload *u, struct s3_error *e)
{
	if (u->id)
		return 0;
	if (check_new(u, e) < 0)
		return -1;
	u->id = s3_multipart_begin(u->s, u->at, u->options, e);
	return u->id ? 0 : -1;
}

/* The load that was filled goes to the threads. */
static int
send_load(struct s3_upload *u, struct s3_error *e)
{
	struct load *l = u->filling;

	if (begin(u, e) < 0)
		return -1;
	if (l->number > PARTS_MAX) {
		s3_error_set(e, "s3://%s/%s: more than %d parts: a larger --part-size",
		    u->at->bucket, u->at->key, PARTS_MAX);
		return -1;
	}
	pthread_mutex_lock(&u->lock);
	if (u->n_parts == u->cap) {
		u->cap = u->cap ? 2 * u->cap : 64;
		u->parts = xrealloc(u->parts, u->cap, sizeof *u->parts);
	}
	u->parts[u->n_parts++] = (struct s3_part){ 0 };
	u->filling = NULL;
	*u->last = l;
	u->last = &l->next;
	u->unfinished++;
	pthread_cond_signal(&u->queued);
	pthread_mutex_unlock(&u->lock);
	add_thread(u);
	return failed(u, e);
}

/* A part goes only when more comes: the first one may be all there is. */
static int
send_if_over(struct s3_upload *u, struct s3_error *e)
{
	struct load *l = u->filling;
	char more;

	if (!l || l->len <= l->size)
		return 0;
	more = l->bytes[--l->len];
	if (send_load(u, e) < 0 || start_load(u, e) < 0)
		return -1;
	u->filling->bytes[u->filling->len++] = more;
	return 0;
}

void *
s3_upload_room(struct s3_upload *u, size_t *len, struct s3_error *e)
{
	struct load *l;

	if (send_if_over(u, e) < 0 || (!u->filling && start_load(u, e) < 0))
		return NULL;
	l = u->filling;
	*len = l->size + 1 - l->len;
	return l->bytes + l->len;
}

void
s3_upload_filled(struct s3_upload *u, size_t len)
{
	u->filling->len += len;
	u->size += len;
}

int
s3_upload_write(struct s3_upload *u, const void *p, size_t len, struct s3_error *e)
{
	const char *at = p;

	while (len) {
		size_t n;
		void *room = s3_upload_room(u, &n, e);

		if (!room)
			return -1;
		n = MIN(n, len);
		memcpy(room, at, n);
		s3_upload_filled(u, n);
		at += n;
		len -= n;
	}
	return 0;
}

static void
wait_for_parts(struct s3_upload *u)
{
	pthread_mutex_lock(&u->lock);
	while (u->unfinished)
		pthread_cond_wait(&u->finished, &u->lock);
	pthread_mutex_unlock(&u->lock);
}

int
s3_upload_commit(struct s3_upload *u, struct s3_error *e)
{
	const struct load *l;
	int status;

	if (send_if_over(u, e) < 0)
		return -1;
	l = u->filling;
	if (!u->id) {
		status = s3_put(
		    u->s, u->at, l ? l->bytes : "", l ? l->len : 0, u->options, e);
		if (!status)
			tell(u, u->size);
		return status;
	}
	if (l && send_load(u, e) < 0)
		return -1;
	wait_for_parts(u);
	if (failed(u, e) < 0 || check_new(u, e) < 0)
		return -1;
	status = s3_multipart_end(
	    u->s, u->at, u->id, u->parts, u->n_parts, u->size, u->options, e);
	if (!status) {
		free(u->id);
		u->id = NULL;
	}
	return status;
}

int
s3_upload_discard(struct s3_upload *u, struct s3_error *e)
{
	int status;

	if (!u->id)
		return 0;
	pthread_mutex_lock(&u->lock);
	u->failed = true; /* what is queued need not be sent */
	pthread_mutex_unlock(&u->lock);
	wait_for_parts(u);
	status = s3_multipart_abort(u->s, u->at, u->id, e);
	free(u->id);
	u->id = NULL;
	return status;
}

void
s3_upload_free(struct s3_upload *u)
{
	if (!u)
		return;
	pthread_mutex_lock(&u->lock);
	u->stop = true;
	pthread_cond_broadcast(&u->queued);
	pthread_mutex_unlock(&u->lock);
	for (size_t i = 0; i < u->n_threads; i++)
		pthread_join(u->threads[i], NULL);
	for (size_t i = 0; i < u->n_parts; i++)
		s3_part_release(&u->parts[i]);
	free(u->parts);
	free(u->threads);
	load_free(u->filling);
	take_spare(u, 0);
	s3_error_release(&u->error);
	free(u->id);
	pthread_mutex_destroy(&u->lock);
	pthread_cond_destroy(&u->queued);
	pthread_cond_destroy(&u->finished);
	free(u);
}

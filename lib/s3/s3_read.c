/* s3_read - the bytes of many objects in order, fetched ahead by several threads. */
#include "s3_read.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "s3_get.h"

enum {
	RANGE_BYTES = 8 * 1024 * 1024,
	RANGE_MIN_BYTES = 1024 * 1024,
	SLOTS_PER_THREAD = 4, /* small objects may wait for their turn */
};

/* A range of an object: taken by a thread, then filled, then read. */
struct slot {
	size_t file;
	uint64_t from, to;
	char *bytes; /* [to - from] */
	bool done;
	int status;
	struct s3_error error;
};

struct s3_reader {
	struct s3 *s;
	const struct files *files;
	size_t range_bytes;
	pthread_t *threads; /* [n_threads] */
	size_t n_threads;

	pthread_mutex_t lock;
	pthread_cond_t taken_out, filled;
	struct slot *slots; /* [n_slots], a ring: slot i is slots[i % n_slots] */
	size_t n_slots;
	size_t to_take, to_read; /* slots that threads and the reader got to */
	size_t next_file;        /* where the next range comes from */
	uint64_t next_from;
	uint64_t held_bytes; /* of all slots between to_read and to_take */
	char **spare;        /* [n_spare] buffers of range_bytes */
	size_t n_spare;
	bool stop;

	/* The reader's own: bytes of the slot being read that were handed out. */
	uint64_t used;
	bool all_used;
};

/* Stand at the next file with bytes. Whether there is one. Under the lock. */
static bool
find_range(struct s3_reader *r)
{
	const struct files *f = r->files;

	while (r->next_file < f->n && (!f->list[r->next_file].object ||
					  r->next_from == f->list[r->next_file].size)) {
		r->next_file++;
		r->next_from = 0;
	}
	return r->next_file < f->n;
}

static uint64_t
next_size(const struct s3_reader *r)
{
	return MIN(r->range_bytes, r->files->list[r->next_file].size - r->next_from);
}

/* Whoever holds nothing may always take one, of any size. */
static bool
has_room(const struct s3_reader *r)
{
	return r->to_take == r->to_read ||
	       (r->to_take - r->to_read < r->n_slots &&
		   r->held_bytes + next_size(r) <= S3_READ_BYTES);
}

/* Buffers of full size are used again: fresh memory costs as much as a copy. */
static struct slot *
take(struct s3_reader *r)
{
	struct slot *slot = &r->slots[r->to_take++ % r->n_slots];
	uint64_t size = next_size(r);

	*slot = (struct slot){
		.file = r->next_file, .from = r->next_from, .to = r->next_from + size
	};
	r->next_from += size;
	r->held_bytes += size;
	if (size == r->range_bytes && r->n_spare)
		slot->bytes = r->spare[--r->n_spare];
	return slot;
}

static void
fetch(struct s3_reader *r, struct slot *slot)
{
	const struct file *f = &r->files->list[slot->file];
	struct s3_address address;

	if (!slot->bytes)
		slot->bytes = xmalloc(slot->to - slot->from);
	s3_address_parse(&address, f->path);
	slot->status = s3_get(r->s,
	    &(struct s3_range){ .at = &address,
		.etag = f->etag,
		.size = f->size,
		.from = slot->from,
		.to = slot->to,
		.bytes = slot->bytes },
	    &slot->error);
	s3_address_release(&address);
}

static void *
run(void *arg)
{
	struct s3_reader *r = arg;
	struct slot *slot;

	pthread_mutex_lock(&r->lock);
	while (!r->stop && find_range(r)) {
		if (!has_room(r)) {
			pthread_cond_wait(&r->taken_out, &r->lock);
			continue;
		}
		slot = take(r);
		pthread_mutex_unlock(&r->lock);
		fetch(r, slot);
		pthread_mutex_lock(&r->lock);
		slot->done = true;
		r->stop |= slot->status < 0;
		pthread_cond_signal(&r->filled);
	}
	/* Others may wait for room that nobody needs any more. */
	pthread_cond_broadcast(&r->taken_out);
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* No more threads than ranges. */
static size_t
count_ranges(const struct s3_reader *r, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < r->files->n && n < max; i++)
		if (r->files->list[i].object)
			n += (r->files->list[i].size + r->range_bytes - 1) /
			     r->range_bytes;
	return MIN(n, max);
}

static void
start_threads(struct s3_reader *r)
{
	for (size_t i = 0; i < r->n_threads; i++) {
		int status = pthread_create(&r->threads[i], NULL, run, r);

		if (status) {
			errno = status;
			err(1, "cannot start a thread");
		}
	}
}

struct s3_reader *
s3_reader_new(struct s3 *s, const struct files *files, size_t n_threads)
{
	struct s3_reader *r = xcalloc(1, sizeof *r);

	r->s = s;
	r->files = files;
	r->range_bytes = RANGE_BYTES;
	if (n_threads)
		r->range_bytes = MIN(r->range_bytes, S3_READ_BYTES / n_threads);
	r->range_bytes = MAX((size_t)RANGE_MIN_BYTES, r->range_bytes);
	n_threads = n_threads ? n_threads : S3_READ_THREADS;
	r->n_slots = n_threads * SLOTS_PER_THREAD;
	r->slots = xcalloc(r->n_slots, sizeof *r->slots);
	r->spare = xcalloc(r->n_slots, sizeof(char *));
	r->n_threads = count_ranges(r, n_threads);
	r->threads = xcalloc(r->n_threads, sizeof *r->threads);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->taken_out, NULL);
	pthread_cond_init(&r->filled, NULL);
	start_threads(r);
	return r;
}

void
s3_reader_free(struct s3_reader *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_broadcast(&r->taken_out);
	pthread_mutex_unlock(&r->lock);
	for (size_t i = 0; i < r->n_threads; i++)
		pthread_join(r->threads[i], NULL);
	for (; r->to_read < r->to_take; r->to_read++) {
		free(r->slots[r->to_read % r->n_slots].bytes);
		s3_error_release(&r->slots[r->to_read % r->n_slots].error);
	}
	for (size_t i = 0; i < r->n_spare; i++)
		free(r->spare[i]);
	free(r->spare);
	free(r->slots);
	free(r->threads);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->taken_out);
	pthread_cond_destroy(&r->filled);
	free(r);
}

/*
 * The slot that has the next bytes of a file, when it is filled. NULL if the file has
 * no more. After a failure threads take nothing new, but what they took stands before
 * or at the slot that failed.
 */
static struct slot *
wait_for_slot(struct s3_reader *r, size_t file)
{
	struct slot *slot = &r->slots[r->to_read % r->n_slots];

	pthread_mutex_lock(&r->lock);
	for (;;) {
		if (r->to_read < r->to_take && (slot->done || slot->file != file))
			break;
		if (r->to_read == r->to_take &&
		    (!find_range(r) || r->next_file != file))
			break;
		pthread_cond_wait(&r->filled, &r->lock);
	}
	if (r->to_read == r->to_take || slot->file != file)
		slot = NULL;
	pthread_mutex_unlock(&r->lock);
	return slot;
}

static void
leave_slot(struct s3_reader *r, struct slot *slot)
{
	char *bytes = slot->bytes;
	uint64_t size = slot->to - slot->from;

	slot->bytes = NULL;
	r->used = 0;
	r->all_used = false;
	if (size < r->range_bytes) {
		free(bytes);
		bytes = NULL;
	}
	pthread_mutex_lock(&r->lock);
	if (bytes)
		r->spare[r->n_spare++] = bytes;
	r->held_bytes -= size;
	r->to_read++;
	pthread_cond_broadcast(&r->taken_out);
	pthread_mutex_unlock(&r->lock);
}

ssize_t
s3_reader_borrow(struct s3_reader *r, size_t file, const void **p, struct s3_error *e)
{
	struct slot *slot = &r->slots[r->to_read % r->n_slots];
	uint64_t from;

	if (r->all_used)
		leave_slot(r, slot);
	if (!(slot = wait_for_slot(r, file)))
		return 0;
	if (slot->status < 0) {
		*e = slot->error;
		slot->error = (struct s3_error){ 0 };
		return -1;
	}
	from = r->used;
	r->used = slot->to - slot->from;
	r->all_used = true;
	*p = slot->bytes + from;
	return (ssize_t)(r->used - from);
}

ssize_t
s3_reader_read(
    struct s3_reader *r, size_t file, void *buf, size_t size, struct s3_error *e)
{
	const void *p;
	ssize_t n = s3_reader_borrow(r, file, &p, e);

	if (n <= 0)
		return n;
	size = MIN(size, (size_t)n);
	memcpy(buf, p, size);
	/* The rest is for the next call. */
	r->used -= (uint64_t)n - size;
	r->all_used = size == (size_t)n;
	return (ssize_t)size;
}

/* transfer - streams and files to their targets: counted, compressed, all or nothing.
 */
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interrupt.h"
#include "threads.h"

enum {
	BLOCK = 256 * 1024,
	PIPE = 1024 * 1024,
	THREADS = 16,
};

/* One job while it is done. */
struct copy {
	const struct transfer *t;
	int fd;
	const char *from; /* for messages */
	struct target *target;
	struct compress *z; /* NULL: straight into the target's own memory */
	char *block;        /* [BLOCK] */
	size_t lines;
	char last; /* byte that came */
};

static size_t
count_lines(const char *p, size_t len)
{
	const char *end = p + len;
	size_t n = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		n++;
		p++;
	}
	return n;
}

static int
complain(struct copy *c, const char *what)
{
	s3_error_set(&c->target->error, "%s: %s", c->from, what);
	return -1;
}

static ssize_t
read_into(struct copy *c, void *p, size_t len)
{
	bool patient = c->target->kind != LOCATION_S3;
	ssize_t n;

	do {
		if (!patient && interrupt_wait(c->fd, -1) < 0) {
			complain(c, "stopped");
			c->target->error.stopped = true;
			return -1;
		}
		n = read(c->fd, p, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? complain(c, strerror(errno)) : n;
}

/* Take one piece of the source to the target. 1, 0 at the end, -1. */
static int
copy_piece(struct copy *c)
{
	size_t room = BLOCK;
	char *p = c->z ? c->block : target_room(c->target, &room);
	ssize_t n = p ? read_into(c, p, room) : -1;

	if (n <= 0)
		return (int)n;
	if (c->t->lines != SIZE_MAX)
		c->lines += count_lines(p, (size_t)n);
	c->last = p[n - 1];
	if (!c->z)
		target_filled(c->target, (size_t)n);
	else if (compress_write(c->z, p, (size_t)n) < 0)
		return -1;
	if (c->t->moved && c->target->kind != LOCATION_S3)
		c->t->moved(c->t->context, (uint64_t)n);
	return 1;
}

static int
check_lines(struct copy *c)
{
	const struct target *t = c->target;
	const char *result = "";
	size_t n = c->lines + (c->last != '\n');

	if (c->t->lines == SIZE_MAX || n == c->t->lines)
		return 0;
	if (t->kind == LOCATION_S3)
		result = "; no object made";
	else if (t->kind == LOCATION_PATH && t->file.temporary)
		result = t->replaces ? "; the old file stays" : "; no file made";
	s3_error_set(&c->target->error, "%s: lines: %zu came, %zu expected%s", t->name,
	    n, c->t->lines, result);
	return -1;
}

static int
copy_all(struct copy *c)
{
	int more;

	while ((more = copy_piece(c)) > 0)
		;
	if (more < 0 || check_lines(c) < 0 || (c->z && compress_finish(c->z) < 0))
		return -1;
	return target_commit(c->target);
}

static int
copy_open(struct copy *c, const struct transfer_job *job, const struct transfer *t)
{
	if (job->from && (c->fd = open(job->from, O_RDONLY | O_CLOEXEC)) < 0)
		return complain(c, strerror(errno));
#ifdef F_SETPIPE_SZ
	/* 1 MiB instead of 64 KiB spares switches; a refusal does not matter. */
	if (!job->from && job->to.kind == LOCATION_S3)
		fcntl(0, F_SETPIPE_SZ, PIPE);
#endif
	return target_open(c->target, &job->to, &t->to);
}

static int
run(const struct transfer *t, const struct transfer_job *job, struct s3_error *e)
{
	struct target target = { 0 };
	struct copy c = {
		.t = t,
		.from = job->from ? job->from : "<stdin>",
		.target = &target,
		.last = '\n',
	};
	int status = copy_open(&c, job, t);

	if (!status) {
		if (t->compression || job->to.kind != LOCATION_S3) {
			c.block = xmalloc(BLOCK);
			c.z = compress_new(
			    t->compression, t->level, target_write, &target);
		}
		if ((status = copy_all(&c)) < 0)
			target_discard(&target);
		compress_free(c.z);
		free(c.block);
	}
	if (job->from && c.fd >= 0)
		close(c.fd);
	*e = target.error;
	target.error = (struct s3_error){ 0 };
	target_release(&target);
	return status;
}

struct all {
	struct transfer t;
	const struct transfer_job *jobs;
	atomic_bool failed;
	pthread_mutex_t lock;
	struct s3_error *error; /* the first one */
};

static void
run_one(void *context, size_t index, size_t thread)
{
	struct all *a = context;
	struct s3_error e = { 0 };

	(void)thread;
	if (a->failed || !run(&a->t, &a->jobs[index], &e))
		return;
	pthread_mutex_lock(&a->lock);
	if (!a->failed)
		*a->error = e;
	else
		s3_error_release(&e);
	a->failed = true;
	pthread_mutex_unlock(&a->lock);
}

/* Each thread holds one part: so many that all of them fit into the memory. */
static size_t
count_threads(const struct transfer *t, const struct transfer_job *jobs, size_t n)
{
	uint64_t part = t->to.put.part_bytes ? t->to.put.part_bytes : S3_PART_BYTES;
	size_t threads = t->to.put.n_threads ? t->to.put.n_threads : THREADS;
	uint64_t largest = 1;
	struct stat st;

	for (size_t i = 0; i < n; i++)
		if (jobs[i].from && !stat(jobs[i].from, &st) && S_ISREG(st.st_mode))
			largest = MAX(largest, (uint64_t)st.st_size);
		else
			largest = part;
	threads = MIN(threads, S3_HELD_BYTES / MIN(part, largest));
	return MAX((size_t)1, MIN(threads, n));
}

int
transfer_all(const struct transfer *t, const struct transfer_job *jobs, size_t n,
    struct s3_error *e)
{
	struct all a = { .t = *t, .jobs = jobs, .error = e };
	size_t threads = 1;

	if (n && jobs->to.kind == LOCATION_S3) {
		interrupt_watch(http_interrupt);
		a.t.to.put.sent = t->moved;
		a.t.to.put.sent_context = t->context;
		if (!s3_options_client(t->to.s3, e)) /* before there are threads */
			return -1;
	}
	if (n > 1 && jobs->to.kind == LOCATION_S3) {
		threads = count_threads(t, jobs, n);
		a.t.to.put.held_bytes = 1; /* one part, whatever its size */
		a.t.to.put.n_threads = 1;
	}
	pthread_mutex_init(&a.lock, NULL);
	threads_each(threads, n, run_one, &a);
	pthread_mutex_destroy(&a.lock);
	return a.failed ? -1 : 0;
}

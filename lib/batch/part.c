/* part - one part of a job: its bytes through the pipe, whole or not at all. */
#include "part.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xxhash.h>

#include "interrupt.h"
#include "job_file.h"
#include "part_count.h"
#include "part_store.h"
#include "pipes.h"

enum {
	READ_BYTES = 256 * 1024,
	WAIT_MOST_SECONDS = 30,
	FULL_TRIES = 3, /* of a full disk: no retry makes room, a neighbour's end may */
};

/* What of a part goes into the pipe, by a thread of its own. */
struct feeder {
	struct slice *slice;
	int to;
	struct part_lines lines;
	struct s3_error error;
	bool failed; /* to read: a pipe that broke is told by who broke it */
};

static int
write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			return -1;
		p += MAX(n, 0);
		len -= (size_t)MAX(n, 0);
	}
	return 0;
}

static void *
feed(void *context)
{
	struct feeder *f = context;
	const char *p;
	ssize_t n;

	while ((n = slice_read(f->slice, &p, &f->error)) > 0) {
		part_lines_add(&f->lines, p, (size_t)n);
		if (write_all(f->to, p, (size_t)n) < 0)
			break;
	}
	f->failed = n < 0;
	part_lines_end(&f->lines);
	close(f->to);
	return NULL;
}

/* One try. */
struct attempt {
	struct job *job;
	const struct plan_object *object;
	size_t part, threads;
	struct target out;
	struct part_records records;
	XXH3_state_t *hash;
	uint64_t bytes;
	int log;
	bool full; /* a disk */
	char *why;
};

static enum part_end
complain(struct attempt *a, enum part_end end, const char *what)
{
	if (!a->why)
		a->why = xstrdup(what);
	return end;
}

/* Of this machine's disk: room may be made. */
static bool
is_passing(struct attempt *a, int fault)
{
	a->full = fault == ENOSPC || fault == EDQUOT;
	return fault == ENOSPC || fault == EDQUOT || fault == EIO;
}

static enum part_end
disk_failed(struct attempt *a, const char *what)
{
	enum part_end end = is_passing(a, errno) ? PART_AGAIN : PART_FAILED;

	if (!a->why)
		a->why = xasprintf("%s: %s", what, strerror(errno));
	return end;
}

static enum part_end
output_failed(struct attempt *a)
{
	bool passing =
	    a->out.kind == LOCATION_S3 ? a->out.error.transient : is_passing(a, errno);

	return complain(a, passing ? PART_AGAIN : PART_FAILED, a->out.error.text);
}

static enum part_end
take_output(struct attempt *a, int from)
{
	enum part_end end = PART_DONE;
	char *buf = xmalloc(READ_BYTES);
	ssize_t n = 1;

	while (end == PART_DONE && n != 0) {
		if (interrupt_wait(from, -1) < 0) {
			end = PART_STOPPED;
			break;
		}
		n = read(from, buf, READ_BYTES);
		if (n < 0 && errno != EINTR)
			end = disk_failed(a, "the pipe");
		if (n <= 0)
			continue;
		if (target_write(&a->out, buf, (size_t)n) < 0)
			end = output_failed(a);
		XXH3_64bits_update(a->hash, buf, (size_t)n);
		part_records_add(&a->records, buf, (size_t)n);
		a->bytes += (uint64_t)n;
	}
	free(buf);
	return end;
}

/* The last line of what the commands said, to be freed; NULL: nothing. */
static char *
last_words(const struct job *j, size_t part)
{
	char *path = job_path(j, "parts/%06zu.log", part), *line = NULL;
	struct buf text = { 0 };

	if (!buf_read(path, &text) && text.len) {
		const char *begin;

		while (text.len && text.data[text.len - 1] == '\n')
			text.data[--text.len] = '\0';
		begin = strrchr(text.data, '\n');
		line = xstrdup(begin ? begin + 1 : text.data);
	}
	buf_release(&text);
	free(path);
	return line;
}

/* What went wrong in the pipe, with what its commands said of it. */
static enum part_end
pipe_failed(struct attempt *a, enum pipes_end end, const char *what, off_t log_before)
{
	char *words = lseek(a->log, 0, SEEK_END) > log_before
			  ? last_words(a->job, a->part)
			  : NULL;

	if (!a->why)
		a->why = words ? xasprintf("%s: %s", what, words) : xstrdup(what);
	free(words);
	return end == PIPES_AGAIN ? PART_AGAIN : PART_FAILED;
}

static enum part_end
check_counts(struct attempt *a, const struct feeder *f)
{
	if (a->records.n == f->lines.n && !a->records.rest.len)
		return PART_DONE;
	if (!a->why)
		a->why = xasprintf(
		    "%zu records went in and %zu came out", f->lines.n, a->records.n);
	return PART_FAILED;
}

/* All through the pipe, and all who took part asked how it went. */
static enum part_end
run_pipe(struct attempt *a, struct feeder *f)
{
	off_t log_before = lseek(a->log, 0, SEEK_END);
	enum pipes_end piped;
	enum part_end end;
	struct pipes p;
	pthread_t thread;
	char *what;

	if (pipes_start(&p, &a->job->stages, a->threads, a->log) < 0)
		return complain(a, PART_AGAIN, strerror(errno));
	f->to = p.in;
	if (pthread_create(&thread, NULL, feed, f)) {
		close(p.in);
		close(p.out);
		pipes_kill(&p);
		return complain(a, PART_AGAIN, "no thread can be started");
	}
	end = take_output(a, p.out);
	close(p.out);
	if (end == PART_STOPPED)
		pipes_kill(&p);
	pthread_join(thread, NULL);
	if (end == PART_STOPPED)
		return end;
	piped = pipes_wait(&p, &what);
	if (end == PART_DONE && f->failed)
		end = complain(
		    a, f->error.transient ? PART_AGAIN : PART_FAILED, f->error.text);
	if (end == PART_DONE && piped != PIPES_FINE)
		end = pipe_failed(a, piped, what, log_before);
	if (end == PART_DONE)
		end = check_counts(a, f);
	free(what);
	return end;
}

static int
write_errors(const struct attempt *a)
{
	char *path = job_path(a->job, "parts/%06zu.errors", a->part);
	int status = 0;

	if (a->records.errors)
		status = job_file_mark(
		    path, (struct span){ a->records.bad.data, a->records.bad.len });
	else
		unlink(path);
	free(path);
	return status;
}

static int
write_done(const struct attempt *a, const struct part_done *done)
{
	char *path = job_path(a->job, "parts/%06zu.done", a->part);
	struct buf b = { 0 };
	int status;

	part_print(&b, a->part, done);
	status = job_file_mark(path, (struct span){ b.data, b.len });
	buf_release(&b);
	free(path);
	return status;
}

/* N.done comes last: then the others are there. */
static enum part_end
commit(struct attempt *a, struct part_done *done, double seconds)
{
	*done = (struct part_done){ a->records.n, a->records.errors, a->bytes,
		XXH3_64bits_digest(a->hash), seconds };
	/* What a crash of the machine damages, the checksum tells: no need to wait. */
	a->out.file.unsynced = true;
	if (target_commit(&a->out) < 0) {
		enum part_end end = output_failed(a);

		target_discard(&a->out);
		return end;
	}
	if (write_errors(a) < 0 || write_done(a, done) < 0)
		return disk_failed(a, "its marks");
	return PART_DONE;
}

static enum part_end
work(struct attempt *a, struct part_done *done)
{
	const struct plan_object *o = a->object;
	size_t i = a->part - o->first;
	double begin = now_seconds();
	struct feeder f = { 0 };
	enum part_end end;

	f.slice = slice_open(
	    &o->file, o->cuts[i], o->cuts[i + 1], o->packed, &a->job->s3, &f.error);
	if (!f.slice)
		end = complain(
		    a, f.error.transient ? PART_AGAIN : PART_FAILED, f.error.text);
	else
		end = run_pipe(a, &f);
	slice_close(f.slice);
	s3_error_release(&f.error);
	if (end != PART_DONE) {
		target_discard(&a->out);
		return end;
	}
	return commit(a, done, now_seconds() - begin);
}

/* The output opened, one try, all closed. */
static enum part_end
try_with_log(struct attempt *a, struct part_done *done)
{
	struct target_options options;
	struct location place;
	enum part_end end;

	part_store_options(&options, a->job);
	part_store_place(&place, a->job, a->part);
	if (target_open(&a->out, &place, &options) < 0)
		end = output_failed(a);
	else {
		a->hash = XXH3_createState();
		XXH3_64bits_reset(a->hash);
		end = work(a, done);
		XXH3_freeState(a->hash);
	}
	target_release(&a->out);
	free(place.path);
	return end;
}

static enum part_end
try(struct attempt *a, struct part_done *done)
{
	char *log = job_path(a->job, "parts/%06zu.log", a->part);
	enum part_end end;

	a->log = open(log, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (a->log < 0)
		end = disk_failed(a, log);
	else {
		end = try_with_log(a, done);
		close(a->log);
	}
	part_records_release(&a->records);
	free(log);
	return interrupt_signal() && end != PART_DONE ? PART_STOPPED : end;
}

/* 1, 2, 4 ... seconds, 30 at most; PZ_RETRY_BASE_MS is the first, as with S3. */
static void
pause_before(size_t tries)
{
	const char *base = getenv("PZ_RETRY_BASE_MS");
	double seconds = base ? strtod(base, NULL) / 1e3 : 1;

	for (size_t i = 1; i < tries; i++)
		seconds *= 2;
	seconds = MIN(seconds, (double)WAIT_MOST_SECONDS);
	nanosleep(&(struct timespec){ (time_t)seconds,
		      (long)((seconds - (double)(time_t)seconds) * 1e9) },
	    NULL);
}

enum part_end
part_run(struct job *j, const struct plan *p, size_t part, size_t threads, size_t tries,
    struct part_done *done, char **why)
{
	enum part_end end = PART_AGAIN;
	char *failed;

	*why = NULL;
	if (part_read(j, part, done))
		return PART_DONE;
	signal(SIGPIPE, SIG_IGN); /* of the pipe: who broke it says why */
	for (size_t i = 0; end == PART_AGAIN && i < tries; i++) {
		struct attempt a = { .job = j,
			.object = plan_of(p, part),
			.part = part,
			.threads = threads };

		if (i) {
			job_log(j, "part %zu: try %zu failed: %s", part, i, *why);
			pause_before(i);
		}
		end = try(&a, done);
		free(*why);
		*why = a.why;
		if (a.full)
			tries = MIN(tries, (size_t)FULL_TRIES);
	}
	failed = job_path(j, "parts/%06zu.failed", part);
	if (end == PART_DONE)
		unlink(failed);
	else if (end != PART_STOPPED)
		part_blame(j, part, *why);
	free(failed);
	return end;
}

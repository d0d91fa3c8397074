/*
 * jqrows - the rows for which a jq program holds, in a process of its own.
 *
 * The child is this program started afresh under another name. A mere fork of a process
 * with threads may find locked what no thread is left to unlock, and wait for ever.
 */
#include "jqrows.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bitset.h"
#include "jqrun.h"

enum {
	/* Seconds of CPU: some for libjq to start, and ten times what a row takes. */
	START_SECONDS = 10,
	ROWS_A_SECOND = 1000,
	MEMORY = 1 << 30,       /* bytes more than there are at the start */
	MOST_PROGRAM = 1 << 20, /* bytes */
	AT_ONCE = 1 << 16,
};

static char role[] = "pz-jqrows";

/* What the child is asked: behind it the program, then rows, each behind its size_t. */
struct question {
	int64_t now;
	size_t program, n;
};

/* What the child says first; then comes its set, or why there is none. */
struct verdict {
	bool compiled;
	size_t failed;
};

static int
write_all(int fd, const void *p, size_t len)
{
	const char *from = p;
	ssize_t n;

	while (len) {
		n = write(fd, from, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		from += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Bytes of memory for data that this process has; 0 if nobody says. */
static rlim_t
memory_in_use(void)
{
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f)
		return 0;
	if (fscanf(f, "%*s %*s %*s %*s %*s %llu", &pages) != 1)
		pages = 0;
	fclose(f);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* Beyond most a signal comes, which ends the process; some time later SIGKILL. */
static void
limit(__rlimit_resource_t what, rlim_t most)
{
	setrlimit(what, &(struct rlimit){ most, most + 10 });
}

/* No environment, nothing to read from or to print on, limits. */
static void
seclude(size_t n)
{
	static char *nothing_set[] = { NULL }; /* libjq does not bear NULL itself */
	rlim_t memory = memory_in_use();
	int nothing = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3; fd++)
		if (nothing < 0 || dup2(nothing, fd) < 0)
			_exit(1);
	environ = nothing_set;
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, START_SECONDS + n / ROWS_A_SECOND);
	if (memory)
		limit(RLIMIT_DATA, memory + MEMORY);
}

/* -1: the program failed before any result was true. */
static int
holds(struct jqrun *jq, const struct buf *row, struct buf *result)
{
	int more;

	if (jqrun_start(jq, row->data, row->len) < 0)
		return -1;
	do {
		buf_clear(result);
		more = jqrun_next(jq, result);
	} while (more > 0 &&
		 (!strcmp(result->data, "false") || !strcmp(result->data, "null")));
	return more;
}

static void
must_read(FILE *f, void *p, size_t len)
{
	if (len && fread(p, len, 1, f) != 1)
		_exit(1);
}

static void
must_write(int fd, const void *p, size_t len)
{
	if (write_all(fd, p, len) < 0)
		_exit(1);
}

/* The next len bytes, as a string. */
static void
take(FILE *f, struct buf *b, size_t len)
{
	buf_clear(b);
	buf_reserve(b, len + 1);
	must_read(f, b->data, len);
	b->len = len;
	b->data[len] = '\0';
}

static void
run_rows(struct jqrun *jq, FILE *in, size_t n, uint64_t *set, struct verdict *verdict)
{
	struct buf row = { 0 }, result = { 0 };
	size_t len;
	int held;

	for (size_t i = 0; i < n; i++) {
		must_read(in, &len, sizeof len);
		take(in, &row, len);
		held = holds(jq, &row, &result);
		verdict->failed += held < 0;
		if (held > 0)
			bitset_add(set, i);
	}
	buf_release(&row);
	buf_release(&result);
}

/* The question is standard input, what is said goes to standard output. */
static _Noreturn void
child(void)
{
	FILE *in = fdopen(dup(0), "r");
	int out = dup(1);
	struct question ask;
	struct verdict verdict = { 0 };
	struct buf text = { 0 };
	uint64_t *set;
	struct jqrun *jq;
	char *program, *why = NULL;

	if (!in || out < 0)
		_exit(1);
	must_read(in, &ask, sizeof ask);
	take(in, &text, ask.program);
	seclude(ask.n);
	/* LF: the program may end in a comment. */
	program = xasprintf("def now: %lld; (%s\n)", (long long)ask.now, text.data);
	jq = jqrun_open(program, &why);
	verdict.compiled = jq;
	set = bitset_new(ask.n);
	if (jq)
		run_rows(jq, in, ask.n, set, &verdict);
	must_write(out, &verdict, sizeof verdict);
	if (jq)
		must_write(out, set, bitset_words(ask.n) * sizeof *set);
	else
		must_write(out, why, strlen(why));
	_exit(0);
}

/* Before main, of whatever program this is a part of; glibc passes main's arguments. */
__attribute__((constructor)) static void
take_role(int argc, char *argv[])
{
	if (argc == 1 && !strcmp(argv[0], role))
		child();
}

static void
read_all(int fd, struct buf *b)
{
	ssize_t n;

	do {
		buf_reserve(b, 65536);
		n = read(fd, b->data + b->len, 65536);
		if (n > 0)
			b->len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	b->data[b->len] = '\0';
}

static char *
why_it_ended(int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return xstrdup("the jq program takes too long");
	return xstrdup("the jq program crashed or needs too much memory");
}

/* libjq shows the program, with what was put around it, and guesses at shells. */
static void
cut_behind(char *text, const char *from)
{
	char *end = strstr(text, from);

	if (end)
		*end = '\0';
}

/* What the child said, if it said all. */
static int
understand(const struct jqrows *q, const struct buf *said, int status, uint64_t *set,
    size_t *failed, char **why)
{
	size_t bytes = bitset_words(q->n) * sizeof *set;
	struct verdict verdict;

	if (!WIFEXITED(status) || WEXITSTATUS(status) || said->len < sizeof verdict) {
		*why = why_it_ended(status);
		return -1;
	}
	memcpy(&verdict, said->data, sizeof verdict);
	if (!verdict.compiled) {
		*why = xstrdup(said->data + sizeof verdict);
		cut_behind(*why, " at <top-level>");
		cut_behind(*why, " (Unix shell quoting issues?)");
		return -1;
	}
	if (said->len != sizeof verdict + bytes) {
		*why = why_it_ended(status);
		return -1;
	}
	if (bytes)
		memcpy(set, said->data + sizeof verdict, bytes);
	*failed = verdict.failed;
	return 0;
}

static int
fail(char **why, const char *what)
{
	*why = xasprintf("%s: %s", what, strerror(errno));
	return -1;
}

/* A file without a name that holds the question; -1 and errno. */
static int
write_question(const struct jqrows *q)
{
	const struct question head = { q->now, q->program.len, q->n };
	int fd = memfd_create(role, MFD_CLOEXEC), status = fd < 0 ? -1 : 0;
	struct buf all = { 0 };

	buf_add(&all, &head, sizeof head);
	buf_add(&all, q->program.data, q->program.len);
	for (size_t i = 0; i < q->n && status == 0; i++) {
		size_t at = all.len, len;

		buf_add(&all, &at, sizeof at); /* room for the length */
		q->row(q->context, i, &all);
		len = all.len - at - sizeof len;
		memcpy(all.data + at, &len, sizeof len);
		if (all.len < AT_ONCE)
			continue;
		status = write_all(fd, all.data, all.len);
		buf_clear(&all);
	}
	if (status == 0)
		status = write_all(fd, all.data, all.len);
	if (status == 0 && lseek(fd, 0, SEEK_SET) == 0)
		goto out;
	if (fd >= 0)
		close(fd);
	fd = -1;
out:
	buf_release(&all);
	return fd;
}

/* Nothing but calls that the child of a process with threads may make. */
static _Noreturn void
become_child(int in, int out)
{
	static char *const arguments[] = { role, NULL };

	/* If 0 or 1 was closed they may be these, and would be closed again. */
	in = fcntl(in, F_DUPFD, 3);
	out = fcntl(out, F_DUPFD, 3);
	if (dup2(in, 0) == 0 && dup2(out, 1) == 1)
		execv("/proc/self/exe", arguments);
	_exit(1);
}

/* What the child said, its exit status in *status. -1 and *why. */
static int
ask(int in, struct buf *said, int *status, char **why)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(why, "pipe");
	if ((pid = fork()) < 0) {
		close(ends[0]);
		close(ends[1]);
		return fail(why, "fork");
	}
	if (!pid)
		become_child(in, ends[1]);
	close(ends[1]);
	read_all(ends[0], said);
	close(ends[0]);
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			*status = 1;
	return 0;
}

int
jqrows_run(const struct jqrows *q, uint64_t *set, size_t *failed, char **why)
{
	struct buf said = { 0 };
	int in, status;

	if (q->program.len > MOST_PROGRAM) {
		*why = xstrdup("the jq program is too long");
		return -1;
	}
	if ((in = write_question(q)) < 0)
		return fail(why, "memory for the rows of jq");
	if (ask(in, &said, &status, why) < 0)
		status = -1;
	else
		status = understand(q, &said, status, set, failed, why);
	close(in);
	buf_release(&said);
	return status;
}

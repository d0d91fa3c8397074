/* jqrows - the rows for which a jq program holds, in a process of its own. */
#include "jqrows.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
};

/* What the child says first; then comes its set, or why there is none. */
struct verdict {
	bool compiled;
	size_t failed;
};

static void
write_all(int fd, const void *p, size_t len)
{
	const char *from = p;
	ssize_t n;

	while (len) {
		n = write(fd, from, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(1);
		from += n;
		len -= (size_t)n;
	}
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

static _Noreturn void
child(const struct jqrows *q, int fd)
{
	struct verdict verdict = { 0 };
	struct buf row = { 0 }, result = { 0 };
	uint64_t *set = bitset_new(q->n);
	struct jqrun *jq;
	char *program, *why = NULL;
	int held;

	seclude(q->n);
	/* LF: the program may end in a comment. */
	program = xasprintf("def now: %lld; (%.*s\n)", (long long)q->now,
	    (int)q->program.len, q->program.data);
	jq = jqrun_open(program, &why);
	verdict.compiled = jq;
	for (size_t i = 0; jq && i < q->n; i++) {
		buf_clear(&row);
		q->row(q->context, i, &row);
		held = holds(jq, &row, &result);
		verdict.failed += held < 0;
		if (held > 0)
			bitset_add(set, i);
	}
	write_all(fd, &verdict, sizeof verdict);
	if (jq)
		write_all(fd, set, bitset_words(q->n) * sizeof *set);
	else
		write_all(fd, why, strlen(why));
	_exit(0);
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

int
jqrows_run(const struct jqrows *q, uint64_t *set, size_t *failed, char **why)
{
	struct buf said = { 0 };
	int ends[2], status;
	pid_t pid;

	if (q->program.len > MOST_PROGRAM) {
		*why = xstrdup("the jq program is too long");
		return -1;
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(why, "pipe");
	if ((pid = fork()) < 0) {
		close(ends[0]);
		close(ends[1]);
		return fail(why, "fork");
	}
	if (!pid) {
		close(ends[0]);
		child(q, ends[1]);
	}
	close(ends[1]);
	read_all(ends[0], &said);
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			status = 1;
	status = understand(q, &said, status, set, failed, why);
	buf_release(&said);
	return status;
}

/* pipes - commands joined by pipes, as a shell joins them, each one's end looked at. */
#include "pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exit_status.h"

enum { PIPE_BYTES = 1024 * 1024 };

const char *
pipes_own_folder(void)
{
	static char path[PATH_MAX];
	static const char *folder;
	ssize_t len;

	if (folder)
		return folder;
	len = readlink("/proc/self/exe", path, sizeof path - 1);
	return len < 0 ? NULL : (folder = dirname(path));
}

void
pipes_end_with_parent(pid_t parent, int sig)
{
	prctl(PR_SET_PDEATHSIG, sig);
	if (getppid() != parent) /* it went before */
		_exit(128 + sig);
}

/* The words with -j for pz-score; the array alone is to be freed. */
static char **
with_threads(char **argv, size_t threads)
{
	static char option[] = "-j", number[24];
	char **words;
	size_t n = 0;

	while (argv[n])
		n++;
	words = xcalloc(n + 3, sizeof *words);
	memcpy(words, argv, n * sizeof *words);
	if (threads && !strcmp(argv[0], "pz-score")) {
		snprintf(number, sizeof number, "%zu", threads);
		words[n] = option;
		words[n + 1] = number;
	}
	return words;
}

static _Noreturn void
become(char **words)
{
	const char *folder = pipes_own_folder();

	if (folder) {
		char *path = xasprintf("%s/%s", folder, words[0]);

		execv(path, words);
		if (errno != ENOENT)
			goto failed;
	}
	execvp(words[0], words);
failed:
	dprintf(2, "%s: %s\n", words[0], strerror(errno));
	_exit(127);
}

/* The child's side: in and out are what it reads and writes. */
static _Noreturn void
be_stage(char **words, int in, int out, int log, pid_t parent)
{
	sigset_t none;

	pipes_end_with_parent(parent, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(log, 2) < 0)
		_exit(127);
	become(words);
}

static int
make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES); /* a refusal does not matter */
	return 0;
}

int
pipes_start(struct pipes *p, const struct job_stages *stages, size_t threads, int log)
{
	int ends[2], in, e;
	pid_t parent = getpid();

	*p = (struct pipes){ stages, xcalloc(stages->n, sizeof *p->pids), -1, -1 };
	if (make_pipe(ends) < 0)
		goto failed;
	in = ends[0];
	p->in = ends[1];
	for (size_t i = 0; i < stages->n; i++) {
		char **words = with_threads(stages->argv[i], threads);

		if (make_pipe(ends) < 0)
			p->pids[i] = -1;
		else if ((p->pids[i] = fork()) == 0)
			be_stage(words, in, ends[1], log, parent);
		e = errno;
		free(words);
		close(in);
		if (p->pids[i] < 0) {
			p->pids[i] = 0;
			errno = e;
			goto failed;
		}
		close(ends[1]);
		in = ends[0];
	}
	p->out = in;
	return 0;
failed:
	e = errno;
	if (p->in >= 0)
		close(p->in);
	pipes_kill(p);
	errno = e;
	return -1;
}

char *
pipes_explain(int status)
{
	if (WIFSIGNALED(status)) {
		const char *name = sigabbrev_np(WTERMSIG(status));

		return name ? xasprintf("was killed by SIG%s", name)
			    : xasprintf("was killed by signal %d", WTERMSIG(status));
	}
	return xasprintf("exited with %d", WEXITSTATUS(status));
}

static enum pipes_end
end_of(int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_AGAIN;

	return !code || code == STATUS_ERRORS ? PIPES_FINE
	       : code == STATUS_AGAIN         ? PIPES_AGAIN
					      : PIPES_FAILED;
}

/* Whether a broken pipe ended it: another stage failed, and is to be named. */
static bool
is_follower(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE;
}

enum pipes_end
pipes_wait(struct pipes *p, char **what)
{
	enum pipes_end worst = PIPES_FINE;
	bool follows = false;

	*what = NULL;
	for (size_t i = 0; i < p->stages->n; i++) {
		enum pipes_end end;
		char *how;
		int status;

		if (!p->pids[i])
			continue;
		while (waitpid(p->pids[i], &status, 0) < 0 && errno == EINTR)
			;
		end = end_of(status);
		if (end == PIPES_FINE || (*what && !follows))
			continue;
		free(*what);
		how = pipes_explain(status);
		*what = xasprintf("%s %s", p->stages->argv[i][0], how);
		free(how);
		follows = is_follower(status);
		worst = end;
	}
	free(p->pids);
	p->pids = NULL;
	return worst;
}

void
pipes_kill(struct pipes *p)
{
	for (size_t i = 0; i < p->stages->n; i++)
		if (p->pids[i]) {
			kill(p->pids[i], SIGKILL);
			waitpid(p->pids[i], NULL, 0);
		}
	free(p->pids);
	p->pids = NULL;
}

static char *
said(FILE *log)
{
	char text[1000];
	size_t n;

	rewind(log);
	n = fread(text, 1, sizeof text - 1, log);
	while (n && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	return n ? xstrdup(text) : NULL;
}

/* A pipe holds the input, so that it needs nobody to feed it. */
static char *
capture(const struct job_stages *stages, const char *input, struct buf *out, FILE *log)
{
	struct pipes p;
	char *what;
	ssize_t n;

	if (pipes_start(&p, stages, 0, fileno(log)) < 0)
		return xstrdup(strerror(errno));
	if (write(p.in, input, strlen(input)) < 0)
		errno = 0; /* who did not read it says why */
	close(p.in);
	do {
		buf_reserve(out, 4096);
		n = read(p.out, out->data + out->len, 4096);
		out->len += (size_t)MAX(n, 0);
		out->data[out->len] = '\0';
	} while (n > 0 || (n < 0 && errno == EINTR));
	close(p.out);
	pipes_wait(&p, &what);
	return what;
}

char *
pipes_capture(const struct job_stages *stages, const char *input, struct buf *out)
{
	FILE *log = tmpfile();
	char *what, *words;

	if (!log)
		return xasprintf("a temporary file: %s", strerror(errno));
	what = capture(stages, input, out, log);
	if (what && (words = said(log))) {
		free(what);
		what = words;
	}
	fclose(log);
	return what;
}

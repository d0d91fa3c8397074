/* output - results on stdout, and files that appear whole or not at all. */
#include "output.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

void
out_write(const void *p, size_t len)
{
	if (fwrite(p, 1, len, stdout) != len)
		err(1, "<stdout>");
}

void
out_close(void)
{
	if (fflush(stdout) || ferror(stdout))
		err(1, "<stdout>");
	if (fclose(stdout))
		err(1, "<stdout>");
}

/*
 * The temporary names of open outputs, for the signal handler. A slot is
 * published only when its text is complete and cleared before it is freed.
 */
enum { SLOTS = 16 };
static char *volatile temporaries[SLOTS];

static void
remove_temporaries(void)
{
	for (int i = 0; i < SLOTS; i++)
		if (temporaries[i])
			unlink(temporaries[i]);
}

static void
on_signal(int sig)
{
	remove_temporaries();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
watch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	static bool done;
	struct sigaction old;

	if (done)
		return;
	done = true;
	atexit(remove_temporaries);
	for (size_t i = 0; i < LENGTH(signals); i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler == SIG_DFL)
			signal(signals[i], on_signal);
}

static void
forget(char *temporary)
{
	for (int i = 0; i < SLOTS; i++)
		if (temporaries[i] == temporary)
			temporaries[i] = NULL;
	free(temporary);
}

/* Behind a temporary name, before mkstemp's six letters: unlikely in any other. */
#define SUFFIX ".pz-"

/* mkstemp's 0600 would surprise: give what open(2) would have given. */
static void
usual_mode(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	fchmod(fd, 0666 & ~mask);
}

bool
output_is_temporary(const char *name)
{
	size_t len = strlen(name), tail = strlen(SUFFIX "XXXXXX");

	return *name == '.' && len > tail &&
	       !strncmp(name + len - tail, SUFFIX, strlen(SUFFIX));
}

int
output_open(struct output *o, const char *path)
{
	const char *slash = strrchr(path, '/');
	int dir = slash ? (int)(slash - path) + 1 : 0;

	watch_signals();
	o->path = xstrdup(path);
	o->temporary = xasprintf("%.*s.%s" SUFFIX "XXXXXX", dir, path, path + dir);
	o->fd = mkostemp(o->temporary, O_CLOEXEC);
	if (o->fd < 0) {
		free(o->path);
		free(o->temporary);
		return -1;
	}
	usual_mode(o->fd);
	for (int i = 0; i < SLOTS; i++)
		if (!temporaries[i]) {
			temporaries[i] = o->temporary;
			break;
		}
	return 0;
}

int
output_write(struct output *o, const void *p, size_t len)
{
	const char *at = p;
	ssize_t n;

	for (; len; at += n, len -= (size_t)n) {
		n = write(o->fd, at, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return -1;
	}
	return 0;
}

/* The rename must survive a crash too. Some file systems cannot sync folders. */
static int
sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? xmemdup(path, MAX((size_t)(slash - path), (size_t)1))
			  : xstrdup(".");
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = fd < 0 || (fsync(fd) && errno != EINVAL) ? -1 : 0;

	if (fd >= 0)
		close(fd);
	free(dir);
	return status;
}

static void
release(struct output *o)
{
	free(o->path);
	forget(o->temporary);
	*o = (struct output){ .fd = -1 };
}

int
output_commit(struct output *o)
{
	int failed = fsync(o->fd) && errno != EINVAL, why = errno;

	if (close(o->fd) && !failed) {
		failed = 1;
		why = errno;
	}
	if (!failed && (rename(o->temporary, o->path) || sync_folder(o->path))) {
		failed = 1;
		why = errno;
	}
	if (failed)
		unlink(o->temporary);
	release(o);
	errno = why;
	return failed ? -1 : 0;
}

void
output_discard(struct output *o)
{
	close(o->fd);
	unlink(o->temporary);
	release(o);
}

/* output - results on stdout, warnings, and files that appear whole or not at all. */
#include "output.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

/* 1 MiB instead of 64 KiB spares context switches; a refusal does not matter. */
static void
widen(void)
{
#ifdef F_SETPIPE_SZ
	struct stat st;

	if (!fstat(STDOUT_FILENO, &st) && S_ISFIFO(st.st_mode))
		fcntl(STDOUT_FILENO, F_SETPIPE_SZ, 1 << 20);
#endif
}

void
out_write(const void *p, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, widen);
	/* An empty buf has no memory, and fwrite may not be given NULL. */
	if (len && fwrite(p, 1, len, stdout) != len)
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

void
out_warn(const char *text, const char *about)
{
	for (const char *lf; text && (lf = strchr(text, '\n')); text = lf + 1)
		warnx("%s%.*s", about, (int)(lf - text), text);
}

/*
 * The temporary names of open outputs, for the signal handler. A name is published
 * before its file is made and taken back when that is gone, so a signal at any
 * moment leaves nothing. A child of fork must leave its parent's files alone.
 */
enum { SLOTS = 1024 };
static _Atomic(char *) temporaries[SLOTS];
static pid_t owner;

static void
remove_temporaries(void)
{
	char *name;

	if (getpid() != owner)
		return;
	for (int i = 0; i < SLOTS; i++)
		if ((name = temporaries[i]))
			unlink(name);
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
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT,
		SIGXCPU, SIGXFSZ };
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct sigaction old;

	pthread_mutex_lock(&lock);
	if (!owner) {
		atexit(remove_temporaries);
		for (size_t i = 0; i < LENGTH(signals); i++)
			if (!sigaction(signals[i], NULL, &old) &&
			    old.sa_handler == SIG_DFL)
				signal(signals[i], on_signal);
	}
	if (owner != getpid()) {
		for (int i = 0; i < SLOTS; i++)
			temporaries[i] = NULL;
		owner = getpid();
	}
	pthread_mutex_unlock(&lock);
}

static bool
publish(char *name)
{
	for (int i = 0; i < SLOTS; i++) {
		char *none = NULL;

		if (atomic_compare_exchange_strong(&temporaries[i], &none, name))
			return true;
	}
	return false;
}

/* Its file is gone or renamed. errno stays. */
static void
forget(char **name)
{
	int e = errno;

	for (int i = 0; i < SLOTS && *name; i++)
		if (temporaries[i] == *name)
			temporaries[i] = NULL;
	free(*name);
	*name = NULL;
	errno = e;
}

/* Behind a temporary name, before six random letters: unlikely in any other. */
#define SUFFIX ".pz-"

bool
output_is_temporary(const char *name)
{
	size_t len = strlen(name), tail = strlen(SUFFIX "XXXXXX");

	return *name == '.' && len > tail &&
	       !strncmp(name + len - tail, SUFFIX, strlen(SUFFIX));
}

/* "dir/.name.pz-XXXXXX" with random letters. A long name is cut to fit NAME_MAX. */
static char *
temporary_name(const char *path)
{
	static atomic_uint count;
	const char *slash = strrchr(path, '/');
	int dir = slash ? (int)(slash - path) + 1 : 0, keep = NAME_MAX - 11;
	char letters[7] = { 0 };
	struct timespec now;
	uint64_t x;

	clock_gettime(CLOCK_REALTIME, &now);
	x = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	x = (x ^ (uint64_t)getpid() << 40) + count++;
	for (int i = 0; i < 6; i++) {
		x = x * 6364136223846793005 + 1442695040888963407; /* Knuth's MMIX */
		letters[i] = "abcdefghijklmnopqrstuvwxyz012345"[x >> 59];
	}
	return xasprintf("%.*s.%.*s" SUFFIX "%s", dir, path, keep, path + dir, letters);
}

/* With open(2) and not mkstemp(3), which ignores the umask and the folder's ACL. */
static int
open_temporary(struct output *o)
{
	for (int tries = 0; tries < 100; tries++) {
		o->temporary = temporary_name(o->path);
		if (publish(o->temporary))
			o->fd = open(
			    o->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		else
			errno = EMFILE;
		if (o->fd >= 0)
			return 0;
		forget(&o->temporary);
		if (errno != EEXIST)
			break;
	}
	return -1;
}

static void
release(struct output *o)
{
	forget(&o->temporary);
	free(o->path);
	*o = (struct output){ .fd = -1 };
}

int
output_make_folders(const char *path, char **failed)
{
	char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST) {
			*failed = copy;
			return -1;
		}
		*slash = '/';
	}
	free(copy);
	return 0;
}

int
output_open(struct output *o, const char *path)
{
	struct stat old;
	bool exists = !stat(path, &old);
	int e;

	watch_signals();
	*o = (struct output){ .fd = -1 };
	if (!exists && !*path)
		return -1;
	if (!(o->path = exists ? realpath(path, NULL) : xstrdup(path)))
		return -1;
	if (exists && !S_ISREG(old.st_mode)) /* a folder fails here */
		o->fd = open(o->path, O_WRONLY | O_CLOEXEC);
	else if (!open_temporary(o) && exists)
		fchmod(o->fd, old.st_mode & 0777);
	if (o->fd >= 0)
		return 0;
	e = errno;
	release(o);
	errno = e;
	return -1;
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

/*
 * Make the rename survive a crash too. Not every file system can sync folders, nor
 * may every folder be read: only a fault of the disk counts.
 */
static int
sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? xmemdup(path, MAX((size_t)(slash - path), (size_t)1))
			  : xstrdup(".");
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = fd >= 0 && fsync(fd) && errno == EIO ? -1 : 0;

	if (fd >= 0)
		close(fd);
	free(dir);
	if (status)
		errno = EIO;
	return status;
}

/* link(2) leaves what is there by now, where rename(2) replaces it. */
static int
take_name(const struct output *o)
{
	if (!o->only_new)
		return rename(o->temporary, o->path);
	return link(o->temporary, o->path) || unlink(o->temporary) ? -1 : 0;
}

int
output_commit(struct output *o)
{
	bool renames = o->temporary != NULL, sync = renames && !o->unsynced;
	int status = sync && fsync(o->fd) && errno != EINVAL ? -1 : 0, e = errno;

	if (close(o->fd) && !status) {
		status = -1;
		e = errno;
	}
	if (!status && renames && take_name(o)) {
		status = -1;
		e = errno;
	}
	if (status && renames)
		unlink(o->temporary);
	if (!status && sync && (status = sync_folder(o->path)))
		e = errno;
	release(o);
	errno = e;
	return status;
}

void
output_discard(struct output *o)
{
	int e = errno;

	if (o->fd >= 0)
		close(o->fd);
	if (o->temporary)
		unlink(o->temporary);
	release(o);
	errno = e;
}

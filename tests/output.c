/* output - files that appear whole or not at all, whatever happens. */
#include "output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "random.h"
#include "scratch.h"
#include "util.h"

/* How many files of the working folder begin so. */
static size_t
files_like(const char *prefix)
{
	DIR *dir = opendir(".");
	struct dirent *entry;
	size_t n = 0;

	while ((entry = readdir(dir)))
		n += !strncmp(entry->d_name, prefix, strlen(prefix)) &&
		     strcmp(entry->d_name, ".") != 0 &&
		     strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static bool
file_is(const char *path, const char *text)
{
	char buf[256];
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(buf, 1, sizeof buf, f) : 0;

	if (f)
		fclose(f);
	return f && n == strlen(text) && !memcmp(buf, text, n);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_mode & 07777;
}

static int
put(const char *path, const char *text)
{
	struct output o;

	if (output_open(&o, path) < 0)
		return -1;
	if (output_write(&o, text, strlen(text)) < 0) {
		output_discard(&o);
		return -1;
	}
	return output_commit(&o);
}

static void
a_file_appears_with_commit(void)
{
	struct output o;

	CHECK(output_open(&o, "new") == 0);
	CHECK(output_write(&o, "one\n", 4) == 0 && output_write(&o, "", 0) == 0);
	CHECK(access("new", F_OK) < 0 && files_like(".new.") == 1);
	CHECK(output_commit(&o) == 0);
	CHECK(file_is("new", "one\n") && files_like(".") == 0);
	CHECK(o.fd == -1 && !o.path && !o.temporary);
	CHECK(put("new", "two\n") == 0 && file_is("new", "two\n"));
}

static void
a_discarded_file_leaves_no_trace(void)
{
	struct output o;

	put("kept", "old");
	CHECK(output_open(&o, "kept") == 0);
	output_write(&o, "newer", 5);
	output_discard(&o);
	CHECK(file_is("kept", "old") && files_like(".") == 0);
	errno = EDOM;
	output_discard(&o);
	CHECK(fcntl(0, F_GETFD) != -1 && errno == EDOM);
}

static void
the_mode_is_the_umasks_or_the_old_files(void)
{
	mode_t mask = umask(027);

	CHECK(put("masked", "") == 0 && mode_of("masked") == 0640);
	umask(0);
	CHECK(put("open", "") == 0 && mode_of("open") == 0666);
	chmod("open", 0600);
	CHECK(put("open", "") == 0 && mode_of("open") == 0600);
	umask(mask);
}

static void
links_stay_links(void)
{
	struct stat st;

	mkdir("far", 0777);
	put("far/target", "old");
	CHECK(symlink("far/target", "link") == 0);
	CHECK(put("link", "new") == 0 && file_is("far/target", "new"));
	CHECK(!lstat("link", &st) && S_ISLNK(st.st_mode));
}

static void
devices_and_pipes_are_written_as_they_are(void)
{
	char buf[4];
	struct stat st;
	int fd;

	CHECK(put("/dev/null", "lost") == 0);
	CHECK(!stat("/dev/null", &st) && S_ISCHR(st.st_mode));
	mkfifo("pipe", 0666);
	fd = open("pipe", O_RDONLY | O_NONBLOCK);
	CHECK(put("pipe", "abc") == 0 && read(fd, buf, 4) == 3);
	close(fd);
	CHECK(!stat("pipe", &st) && S_ISFIFO(st.st_mode));
	CHECK(put("/dev/full", "x") == -1 && errno == ENOSPC);
}

static void
what_cannot_be_written_says_why_at_once(void)
{
	struct output o;
	char path[PATH_MAX];

	CHECK(output_open(&o, "missing/file") == -1 && errno == ENOENT && o.fd == -1);
	CHECK(output_open(&o, "new/file") == -1 && errno == ENOTDIR);
	CHECK(output_open(&o, ".") == -1 && errno == EISDIR);
	CHECK(output_open(&o, "missing/") == -1 && errno == ENOENT);
	CHECK(output_open(&o, "") == -1 && errno == ENOENT);
	memset(path, 'n', sizeof path);
	path[NAME_MAX] = '\0';
	CHECK(put(path, "long name") == 0 && file_is(path, "long name"));
	unlink(path);
	path[NAME_MAX] = 'n';
	path[NAME_MAX + 1] = '\0';
	CHECK(put(path, "too long") == -1 && errno == ENAMETOOLONG);
	mkdir("closed", 0555);
	if (geteuid())
		CHECK(output_open(&o, "closed/file") == -1 && errno == EACCES);
	CHECK(files_like(".") == 0);
}

static void
a_rename_that_fails_leaves_no_trace(void)
{
	struct output o;

	CHECK(output_open(&o, "late") == 0);
	mkdir("late", 0777);
	CHECK(output_commit(&o) == -1 && errno == EISDIR);
	CHECK(files_like(".") == 0);
	rmdir("late");
}

static void
temporaries_are_told_by_their_names(void)
{
	struct output o;

	CHECK(output_open(&o, "far/it") == 0);
	CHECK(output_is_temporary(strrchr(o.temporary, '/') + 1));
	output_discard(&o);
	CHECK(!output_is_temporary(".") && !output_is_temporary(".config.backup"));
	CHECK(
	    !output_is_temporary("it.pz-abcdef") && !output_is_temporary(".pz-abcdef"));
}

/* Wait until the child has written a byte: its outputs are open then. */
static pid_t
start(void (*run)(void))
{
	int ends[2];
	pid_t child;
	char c;

	if (pipe(ends))
		err(1, "pipe");
	if (!(child = fork())) {
		close(ends[0]);
		run();
		if (write(ends[1], "x", 1) != 1)
			_exit(9);
		for (;;)
			pause();
	}
	close(ends[1]);
	if (read(ends[0], &c, 1) != 1)
		err(1, "child");
	close(ends[0]);
	return child;
}

static void
open_forty(void)
{
	char name[16];
	struct output o;

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof name, "many%d", i);
		if (output_open(&o, name) < 0)
			_exit(8);
	}
}

static void
ignore_hangup_and_open(void)
{
	struct output o;

	signal(SIGHUP, SIG_IGN);
	if (output_open(&o, "nohup") < 0)
		_exit(8);
}

static void
a_signal_takes_every_temporary_away(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT,
		SIGXCPU, SIGXFSZ };
	int status;

	for (size_t i = 0; i < LENGTH(signals); i++) {
		pid_t child = start(open_forty);

		CHECK(files_like(".many") == 40);
		kill(child, signals[i]);
		waitpid(child, &status, 0);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
		CHECK(files_like(".many") == 0);
	}
}

static void
an_ignored_signal_stays_ignored(void)
{
	pid_t child = start(ignore_hangup_and_open);
	int status;

	kill(child, SIGHUP);
	CHECK(waitpid(child, &status, WNOHANG) == 0);
	CHECK(files_like(".nohup") == 1);
	kill(child, SIGTERM);
	waitpid(child, &status, 0);
	CHECK(WTERMSIG(status) == SIGTERM && files_like(".nohup") == 0);
}

/* Killed at a random moment while outputs come and go, nothing may be left. */
static void
no_moment_is_unsafe(void)
{
	size_t left = 0;

	for (int i = 0; i < 150; i++) {
		pid_t child = fork();

		if (!child) {
			struct output o;

			for (unsigned k = 0;; k++) {
				if (output_open(&o, "often") < 0)
					_exit(8);
				if (k % 2)
					output_discard(&o);
				else
					output_commit(&o);
			}
		}
		usleep((useconds_t)(500 + random_below(4000)));
		kill(child, SIGTERM);
		waitpid(child, NULL, 0);
		left += files_like(".often");
	}
	CHECK(left == 0);
}

static void
exit_takes_temporaries_away(void)
{
	struct output o;
	int status;
	pid_t child = fork();

	if (!child) {
		if (output_open(&o, "exits") < 0)
			_exit(8);
		exit(0);
	}
	waitpid(child, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(files_like(".exits") == 0 && access("exits", F_OK) < 0);
}

static void
a_child_leaves_its_parents_files_alone(void)
{
	struct output o, own;
	pid_t child;

	CHECK(output_open(&o, "parent") == 0);
	if (!(child = fork()))
		exit(1);
	waitpid(child, NULL, 0);
	CHECK(files_like(".parent") == 1);
	if (!(child = fork())) {
		if (output_open(&own, "child") < 0)
			_exit(8);
		raise(SIGTERM);
	}
	waitpid(child, NULL, 0);
	CHECK(files_like(".parent") == 1 && files_like(".child") == 0);
	CHECK(output_commit(&o) == 0 && file_is("parent", ""));
}

static void *
open_and_commit(void *arg)
{
	char name[32];

	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof name, "thread%d", *(int *)arg);
		if (put(name, name) < 0 || !file_is(name, name))
			return arg;
	}
	return NULL;
}

static void
threads_may_open_at_once(void)
{
	pthread_t ids[4];
	int numbers[4];
	void *failed = NULL, *one;

	for (int i = 0; i < 4; i++) {
		numbers[i] = i;
		pthread_create(&ids[i], NULL, open_and_commit, &numbers[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(ids[i], &one);
		failed = one ? one : failed;
	}
	CHECK(!failed && files_like(".thread") == 0);
}

/* More outputs than descriptors, and more names than the table holds. */
static void
too_many_outputs_are_refused(void)
{
	static struct output o[2000];
	int n = 0;

	while (n < 2000 && output_open(&o[n], "crowd") == 0)
		n++;
	CHECK(n > 200 && (n == 2000 || errno == EMFILE));
	while (n-- > 0)
		output_discard(&o[n]);
	CHECK(files_like(".crowd") == 0);
}

static void
exit_after_closing_stdout(void)
{
	printf("some text");
	out_close();
	exit(0);
}

static int
status_with_stdout(const char *path)
{
	int status;
	pid_t child = fork();

	if (!child) {
		freopen("/dev/null", "w", stderr);
		close(1);
		if (path && open(path, O_WRONLY | O_CREAT, 0666) != 1)
			_exit(8);
		exit_after_closing_stdout();
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
lost_output_is_a_failure(void)
{
	CHECK(status_with_stdout("stdout") == 0 && file_is("stdout", "some text"));
	CHECK(status_with_stdout("/dev/full") == 1);
	CHECK(status_with_stdout(NULL) == 1);
}

int
main(void)
{
	scratch_enter();
	a_file_appears_with_commit();
	a_discarded_file_leaves_no_trace();
	the_mode_is_the_umasks_or_the_old_files();
	links_stay_links();
	devices_and_pipes_are_written_as_they_are();
	what_cannot_be_written_says_why_at_once();
	a_rename_that_fails_leaves_no_trace();
	temporaries_are_told_by_their_names();
	a_signal_takes_every_temporary_away();
	an_ignored_signal_stays_ignored();
	no_moment_is_unsafe();
	exit_takes_temporaries_away();
	a_child_leaves_its_parents_files_alone();
	threads_may_open_at_once();
	too_many_outputs_are_refused();
	lost_output_is_a_failure();
	return check_end();
}

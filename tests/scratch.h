/* scratch - a temporary working folder, which goes when the process that made it ends.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <dirent.h>
#include <err.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_path[64];
static pid_t scratch_owner;

static int
scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void
scratch_leave(void)
{
	if (getpid() == scratch_owner)
		nftw(scratch_path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
scratch_enter(void)
{
	const char *parent = getenv("TMPDIR");

	snprintf(scratch_path, sizeof scratch_path, "%.40s/pz-test-XXXXXX",
	    parent ? parent : "/tmp");
	if (!mkdtemp(scratch_path) || chdir(scratch_path))
		err(1, "%s", scratch_path);
	scratch_owner = getpid();
	atexit(scratch_leave);
}

static inline void
scratch_write(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(data, 1, len, f) != len || fclose(f))
		err(1, "%s", path);
}

/* How many files a folder has; 0 if there is none. */
static inline size_t
scratch_files(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n ? n - 2 : 0;
}

#endif

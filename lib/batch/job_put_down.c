/* job_put_down - a job's directory, whole or not at all. */
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job_create.h"
#include "output.h"
#include "part_store.h"

static int
make_folders(const struct job *j, char **why)
{
	static const char *const folders[] = { "", "parts", "objects" };

	for (size_t i = 0; i < LENGTH(folders); i++) {
		char *path = job_path(j, "%s", folders[i]);
		int status = mkdir(path, 0777);

		if (status)
			*why = xasprintf("%s: %s", path, strerror(errno));
		free(path);
		if (status)
			return -1;
	}
	return 0;
}

static int
fill(struct job *j, const struct plan *p, char **why)
{
	struct job_state s = { .status = (char *)JOB_PENDING };

	if (make_folders(j, why) < 0 || plan_save(p, j, why) < 0 ||
	    job_save(j, why) < 0)
		return -1;
	if (job_state_write(j, &s) == 0)
		return 0;
	*why = xasprintf("%s: %s", j->dir, strerror(errno));
	return -1;
}

/* rename(2) replaces an empty folder only, and a job's is not empty. */
static int
take_place(struct job *j, char *place, char **why)
{
	if (!rename(j->dir, place)) {
		free(j->dir);
		j->dir = place;
		return 0;
	}
	if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR)
		*why = xasprintf("%s: there is such a job already", place);
	else
		*why = xasprintf("%s: %s", place, strerror(errno));
	free(place);
	return -1;
}

/* The few files that fill made. */
static void
remove_job(const struct job *j)
{
	static const char *const made[] = { "job.json", "plan.jsonl", "state.json" };
	static const char *const folders[] = { "parts", "objects", "" };

	part_store_sweep_job(j);
	for (size_t i = 0; i < LENGTH(made); i++) {
		char *path = job_path(j, "%s", made[i]);

		unlink(path);
		free(path);
	}
	for (size_t i = 0; i < LENGTH(folders); i++) {
		char *path = job_path(j, "%s", folders[i]);

		rmdir(path);
		free(path);
	}
}

/* NAME.new-HOST-: a process's number follows. No job has a dot in its name. */
static char *
begin_of_new(const char *place)
{
	char host[64] = "";

	gethostname(host, sizeof host - 1);
	return xasprintf("%s.new-%s-", place, host);
}

/* What creations of this job that were killed on this machine left. */
static void
sweep_new(const char *place)
{
	char *begin = begin_of_new(place), *pattern = xasprintf("%s*", begin);
	glob_t found;

	if (!glob(pattern, GLOB_NOSORT, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			struct job left = { .dir = found.gl_pathv[i] };
			long pid = strtol(left.dir + strlen(begin), NULL, 10);

			if (pid > 0 && kill((pid_t)pid, 0) && errno == ESRCH)
				remove_job(&left);
		}
		globfree(&found);
	}
	free(pattern);
	free(begin);
}

int
job_put_down(struct job *j, const struct plan *p, const char *folder, char **why)
{
	char *place = job_find(folder, job_name(j)), *begin, *failed;

	sweep_new(place);
	begin = begin_of_new(place);
	j->dir = xasprintf("%s%d", begin, (int)getpid());
	free(begin);
	if (output_make_folders(place, &failed) < 0) {
		*why = xasprintf("%s: %s", failed, strerror(errno));
		free(failed);
		free(place);
		return -1;
	}
	if (fill(j, p, why) < 0) {
		remove_job(j);
		free(place);
		return -1;
	}
	if (take_place(j, place, why) < 0) {
		remove_job(j);
		return -1;
	}
	return 0;
}

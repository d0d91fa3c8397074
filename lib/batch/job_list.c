/* job_list - the jobs in a folder, the newest first. */
#include "job_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job_describe.h"
#include "job_file.h"

static int
by_time(const void *a, const void *b)
{
	const struct job *x = *(struct job *const *)a, *y = *(struct job *const *)b;

	if (x->created != y->created)
		return x->created < y->created ? 1 : -1;
	return strcmp(job_name(x), job_name(y));
}

static void
add(struct job_list *l, const char *folder, const char *name, struct buf *bad)
{
	char *dir = job_find(folder, name), *why;
	char *file = xasprintf("%s/job.json", dir);
	struct job *j;

	if (!access(file, F_OK)) {
		if ((j = job_open(dir, &why))) {
			l->jobs = xrealloc(l->jobs, l->n + 1, sizeof(struct job *));
			l->jobs[l->n++] = j;
		} else {
			buf_addf(bad, "%s\n", why);
			free(why);
		}
	}
	free(file);
	free(dir);
}

int
job_list_read(struct job_list *l, const char *folder, struct buf *bad, char **why)
{
	DIR *dir = opendir(folder);
	struct dirent *d;

	*l = (struct job_list){ 0 };
	if (!dir && errno == ENOENT)
		return 0;
	if (!dir) {
		*why = xasprintf("%s: %s", folder, strerror(errno));
		return -1;
	}
	/* No job has a dot in its name, and one that is being made has. */
	while ((d = readdir(dir)))
		if (!strchr(d->d_name, '.'))
			add(l, folder, d->d_name, bad);
	closedir(dir);
	if (l->n)
		qsort(l->jobs, l->n, sizeof(struct job *), by_time);
	return 0;
}

void
job_list_release(struct job_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		job_free(l->jobs[i]);
	free(l->jobs);
	*l = (struct job_list){ 0 };
}

/* The first that a query is for, from *i on; false: none is left. */
static bool
next(const struct job_list *l, const struct job_list_query *q, size_t *i)
{
	for (; *i < l->n; ++*i)
		if (!q->solution ||
		    !strcmp(q->solution, l->jobs[*i]->request.field[JOB_SOLUTION]))
			return true;
	return false;
}

static size_t
begin(const struct job_list *l, const struct job_list_query *q)
{
	size_t i = 0;

	while (q->token && i < l->n && strcmp(job_name(l->jobs[i]), q->token) != 0)
		i++;
	return i;
}

int
job_list_print(
    struct buf *b, const struct job_list *l, const struct job_list_query *q, char **why)
{
	struct buf kinds[2] = { 0 };
	size_t i = begin(l, q), n = 0;
	int status = 0;

	for (; !status && n < q->most && next(l, q, &i); i++, n++) {
		struct buf *list = &kinds[l->jobs[i]->segment];

		buf_adds(list, list->len ? "," : "");
		status = job_summarize(list, l->jobs[i], why);
	}
	buf_addf(b, "{\"batchInferenceJobs\":[%s],\"batchSegmentJobs\":[%s]",
	    kinds[0].data ? kinds[0].data : "", kinds[1].data ? kinds[1].data : "");
	if (!status && next(l, q, &i))
		job_file_add(b, "nextToken", job_name(l->jobs[i]));
	buf_adds(b, "}\n");
	buf_release(&kinds[0]);
	buf_release(&kinds[1]);
	return status;
}

int
job_list_table(
    struct buf *b, const struct job_list *l, const struct job_list_query *q, char **why)
{
	size_t i = begin(l, q), n = 0;
	struct job_state s;

	buf_addf(b, "%-24s %-18s %10s %8s  %s\n", "JOB", "STATUS", "RECORDS", "ERRORS",
	    "CREATED");
	for (; n < q->most && next(l, q, &i); i++, n++) {
		if (job_state_now(l->jobs[i], &s, why) < 0)
			return -1;
		buf_addf(b, "%-24s %-18s %10zu %8zu  ", job_name(l->jobs[i]), s.status,
		    s.records, s.errors);
		job_file_time(b, l->jobs[i]->created);
		buf_addc(b, '\n');
		job_state_release(&s);
	}
	return 0;
}

/* transfer_plan - what a transfer would do, and whether it makes sense. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "s3_list.h"
#include "transfer.h"

static int
by_target(const void *a, const void *b)
{
	const struct transfer_job *x = *(const struct transfer_job *const *)a;
	const struct transfer_job *y = *(const struct transfer_job *const *)b;

	return strcmp(x->to.path, y->to.path);
}

int
transfer_check(const struct transfer_job *jobs, size_t n, char **why)
{
	const struct transfer_job **sorted = xcalloc(n, sizeof *sorted);
	int status = 0;

	for (size_t i = 0; i < n; i++)
		sorted[i] = &jobs[i];
	qsort(sorted, n, sizeof *sorted, by_target);
	for (size_t i = 1; i < n && !status; i++)
		if (by_target(&sorted[i - 1], &sorted[i]) == 0) {
			*why = xasprintf("%s: %s and %s would both be this",
			    sorted[i]->to.path, sorted[i - 1]->from, sorted[i]->from);
			status = -1;
		}
	free(sorted);
	return status;
}

/* 1 if there is something at the target, 0 if not, -1. */
static int
is_there(const struct transfer *t, const struct location *to, struct s3_error *e)
{
	struct s3_address address;
	struct s3_entry entry;
	struct s3 *client;
	int found;

	if (to->kind != LOCATION_S3)
		return to->kind == LOCATION_PATH && !access(to->path, F_OK);
	if (!(client = s3_options_client(t->to.s3, e)))
		return -1;
	s3_address_parse(&address, to->path);
	found = s3_head(client, &address, &entry, e);
	s3_entry_release(&entry);
	s3_address_release(&address);
	return found;
}

int
transfer_print(struct buf *b, const struct transfer *t, const struct transfer_job *job,
    struct s3_error *e)
{
	const char *from = job->from ? job->from : "-";
	int replaces = is_there(t, &job->to, e);
	struct stat st;

	if (replaces < 0)
		return -1;
	buf_adds(b, "{\"name\":");
	json_quote(b, job->to.path, strlen(job->to.path));
	buf_adds(b, ",\"from\":");
	json_quote(b, from, strlen(from));
	if (!(job->from ? stat(job->from, &st) : fstat(0, &st)) && S_ISREG(st.st_mode))
		buf_addf(b, ",\"size\":%ju", (uintmax_t)st.st_size);
	else
		buf_adds(b, ",\"size\":null");
	buf_addf(b, ",\"replaces\":%s}\n", replaces ? "true" : "false");
	return 0;
}

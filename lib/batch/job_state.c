/* job_state - the status of a job, in its directory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "job_file.h"

int
job_state_read(const struct job *j, struct job_state *s, char **why)
{
	char *path = job_path(j, "state.json");
	struct buf text = { 0 };
	struct json_value all;
	int status = job_file_json(path, &text, &all);

	*s = (struct job_state){ 0 };
	if (!status) {
		s->status = job_file_text(all, "status");
		s->reason = job_file_text(all, "failureReason");
		s->updated = job_file_number(all, "updated");
		s->records = (size_t)job_file_number(all, "records");
		s->errors = (size_t)job_file_number(all, "errors");
		s->seconds = job_file_number(all, "seconds");
		if (!s->status) {
			errno = EINVAL;
			status = -1;
		}
	}
	if (status < 0)
		*why = xasprintf("%s: %s", path,
		    errno == EINVAL ? "not a job's state" : strerror(errno));
	buf_release(&text);
	free(path);
	return status;
}

int
job_state_write(const struct job *j, const struct job_state *s)
{
	char *path = job_path(j, "state.json");
	struct buf b = { 0 };
	int status;

	buf_addf(&b, "{\"updated\":%.3f", job_file_now());
	job_file_add(&b, "status", s->status);
	job_file_add(&b, "failureReason", s->reason);
	buf_addf(&b, ",\"records\":%zu,\"errors\":%zu,\"seconds\":%.3f}\n", s->records,
	    s->errors, s->seconds);
	status = job_file_write(path, (struct span){ b.data, b.len });
	buf_release(&b);
	free(path);
	return status;
}

void
job_state_set(struct job_state *s, const char *status, const char *reason)
{
	char *copy = reason ? xstrdup(reason) : NULL;

	free(s->status);
	free(s->reason);
	s->status = xstrdup(status);
	s->reason = copy;
}

void
job_state_release(struct job_state *s)
{
	free(s->status);
	free(s->reason);
	*s = (struct job_state){ 0 };
}

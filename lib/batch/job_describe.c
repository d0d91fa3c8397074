/* job_describe - jobs as the service's Create, Describe and List calls tell of them. */
#include "job_describe.h"

#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "job_file.h"
#include "part.h"

bool
job_state_is_final(const struct job_state *s)
{
	return !strcmp(s->status, JOB_ACTIVE) || !strcmp(s->status, JOB_FAILED) ||
	       !strcmp(s->status, JOB_STOPPED);
}

int
job_state_now(const struct job *j, struct job_state *s, char **why)
{
	const struct engine *engine = engine_find(j->engine);
	const char *status = NULL;
	char *reason = NULL;

	if (job_state_read(j, s, why) < 0)
		return -1;
	if (job_state_is_final(s) || job_is_run(j))
		return 0;
	/* It may just have come to its end. */
	job_state_release(s);
	if (job_state_read(j, s, why) < 0)
		return -1;
	if (job_state_is_final(s))
		return 0;
	if (engine && engine->status && !(status = engine->status(j, &reason))) {
		/* Or just now. */
		job_state_release(s);
		if (job_state_read(j, s, why) < 0) {
			free(reason);
			return -1;
		}
		if (job_state_is_final(s)) {
			free(reason);
			return 0;
		}
	}
	if (status)
		job_state_set(s, status, NULL);
	else
		job_state_set(s, JOB_FAILED,
		    reason ? reason
			   : "nobody works on it any more: the process that did was "
			     "killed; pz-batch resume goes on");
	free(reason);
	return 0;
}

static void
add_arn(struct buf *b, const struct job *j)
{
	char *arn = job_arn(j);

	buf_addf(
	    b, "\"batch%sJobArn\":\"%s\"", j->segment ? "Segment" : "Inference", arn);
	free(arn);
}

void
job_print_arn(struct buf *b, const struct job *j)
{
	buf_addc(b, '{');
	add_arn(b, j);
	buf_adds(b, "}\n");
}

/* What Describe and List have in common. */
static void
print_common(struct buf *b, const struct job *j, const struct job_state *s)
{
	add_arn(b, j);
	job_file_add(b, "status", s->status);
	if (s->reason)
		job_file_add(b, "failureReason", s->reason);
	buf_adds(b, ",\"creationDateTime\":\"");
	job_file_time(b, j->created);
	buf_adds(b, "\",\"lastUpdatedDateTime\":\"");
	job_file_time(b, s->updated);
	buf_addc(b, '"');
}

/* Parts and records so far. */
static int
print_ours(struct buf *b, const struct job *j, struct job_state *s, char **why)
{
	struct part_done done;
	size_t n = 0, records = 0, errors = 0;
	struct plan p;

	if (plan_read(&p, j, why) < 0)
		return -1;
	for (size_t i = 0; i < p.n_parts; i++)
		if (part_read(j, i, &done)) {
			n++;
			records += done.records;
			errors += done.errors;
		}
	buf_addf(b,
	    ",\"pz\":{\"parts\":%zu,\"partsDone\":%zu,\"records\":%zu,"
	    "\"errors\":%zu,\"seconds\":%.3f",
	    p.n_parts, n, records, errors, s->seconds);
	job_file_add(b, "engine", j->engine);
	job_file_add(b, "directory", j->dir);
	buf_addc(b, '}');
	plan_release(&p);
	return 0;
}

int
job_describe(struct buf *b, const struct job *j, char **why)
{
	struct job_state s;
	int status;

	if (job_state_now(j, &s, why) < 0)
		return -1;
	buf_addf(b, "{\"batch%sJob\":{", j->segment ? "Segment" : "Inference");
	print_common(b, j, &s);
	job_request_print(b, &j->request);
	status = print_ours(b, j, &s, why);
	buf_adds(b, "}}\n");
	job_state_release(&s);
	return status;
}

int
job_summarize(struct buf *b, const struct job *j, char **why)
{
	struct job_state s;

	if (job_state_now(j, &s, why) < 0)
		return -1;
	buf_addc(b, '{');
	print_common(b, j, &s);
	job_file_add(b, "jobName", job_name(j));
	job_file_add(b, "solutionVersionArn", j->request.field[JOB_SOLUTION]);
	if (!j->segment)
		job_file_add(b, "batchInferenceJobMode", j->request.field[JOB_MODE]);
	buf_addc(b, '}');
	job_state_release(&s);
	return 0;
}

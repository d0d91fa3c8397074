/* job_shell - the pipelines that do what a job does, for a shell. */
#include "job_shell.h"

#include <stdlib.h>
#include <string.h>

/* Options of S3, for pz-fetch and pz-put alike. */
static void
shell_s3(struct buf *b, const struct s3_options *o)
{
	const char *const options[][2] = { { "--endpoint-url", o->endpoint },
		{ "--region", o->region }, { "--profile", o->profile } };

	for (size_t i = 0; i < LENGTH(options); i++)
		if (options[i][1]) {
			buf_addf(b, " %s ", options[i][0]);
			job_stages_quote(b, options[i][1]);
		}
	buf_adds(b, o->anonymous ? " --no-sign-request" : "");
	buf_adds(b, o->requester_pays ? " --request-payer" : "");
}

static void
shell_put(struct buf *b, const struct job *j, const char *to)
{
	const char *key = j->request.field[JOB_OUTPUT_KEY];

	buf_adds(b, "pz-put --mkdir");
	shell_s3(b, &j->s3);
	if (key && !strncmp(to, "s3://", 5)) {
		buf_adds(b, " --sse aws:kms --sse-kms-key-id ");
		job_stages_quote(b, key);
	}
	buf_addc(b, ' ');
	job_stages_quote(b, to);
}

void
job_print_shell(struct buf *b, const struct job *j, const struct plan *p)
{
	const char *folder = j->request.field[JOB_OUTPUT];
	char *probe = xasprintf(
	    "%s%s_CHECK", folder, folder[strlen(folder) - 1] == '/' ? "" : "/");

	shell_put(b, j, probe);
	buf_adds(b, " </dev/null\n");
	for (size_t i = 0; i < p->n; i++) {
		buf_adds(b, "pz-fetch");
		if (p->objects[i].file.object)
			shell_s3(b, &j->s3);
		buf_addc(b, ' ');
		job_stages_quote(b, p->objects[i].file.path);
		buf_adds(b, " | ");
		job_stages_shell(b, &j->stages);
		buf_adds(b, " | ");
		shell_put(b, j, p->objects[i].output);
		buf_addc(b, '\n');
	}
	free(probe);
}

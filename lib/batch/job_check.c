/* job_check - whether a job's model and filter are what it needs, before it begins. */
#include "job_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model.h"
#include "pipes.h"
#include "recipe.h"

int
job_check_model(const char *path, struct job *j, size_t *most_lines, char **why)
{
	struct model *m = model_open(path, why);
	const char *unknown, *member;
	const struct recipe *recipe;
	int status = 0;

	if (!m)
		return -1;
	member = job_request_inference_only(&j->request);
	if (!(recipe = recipe_find(m->recipe, &unknown))) {
		*why = xasprintf("%s: recipe %s: %s", path, m->recipe, unknown);
		status = -1;
	} else {
		*most_lines = recipe_most_lines(recipe);
		j->segment = *most_lines != 0;
		if (j->segment && member) {
			*why =
			    xasprintf("%s: a batch segment job has none, and the model "
				      "is for segments (%s)",
				member, recipe->name);
			status = -1;
		}
	}
	model_close(m);
	return status;
}

/* Its output is of no interest, what it complains of is. */
static char *
run(const struct job_stages *s, FILE *log)
{
	char block[4096], *what;
	struct pipes p;

	if (pipes_start(&p, s, 0, fileno(log)) < 0)
		return xstrdup(strerror(errno));
	close(p.in);
	while (read(p.out, block, sizeof block) > 0)
		;
	close(p.out);
	pipes_wait(&p, &what);
	return what;
}

static char *
said(FILE *log, const char *what)
{
	char text[1000];
	size_t n;

	rewind(log);
	n = fread(text, 1, sizeof text - 1, log);
	while (n && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	return xstrdup(n ? text : what);
}

int
job_check_filter(const char *expression, const char *model, char **why)
{
	struct job_stages s = { 0 };
	FILE *log = tmpfile();
	char *what;

	if (!log) {
		*why = xasprintf("a temporary file: %s", strerror(errno));
		return -1;
	}
	job_stages_begin(&s, "pz-filter");
	job_stages_word(&s, "--check");
	job_stages_option(&s, "-m", model);
	job_stages_word(&s, "--");
	job_stages_word(&s, expression);
	if ((what = run(&s, log)))
		*why = said(log, what);
	free(what);
	job_stages_release(&s);
	fclose(log);
	return what ? -1 : 0;
}

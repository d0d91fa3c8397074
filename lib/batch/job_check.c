/* job_check - whether a job's model and filter are what it needs, before it begins. */
#include "job_check.h"

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

int
job_check_filter(const char *expression, const char *model, char **why)
{
	struct job_stages s = { 0 };
	struct buf out = { 0 };

	job_stages_begin(&s, "pz-filter");
	job_stages_word(&s, "--check");
	job_stages_option(&s, "-m", model);
	job_stages_word(&s, "--");
	job_stages_word(&s, expression);
	*why = pipes_capture(&s, "", &out);
	buf_release(&out);
	job_stages_release(&s);
	return *why ? -1 : 0;
}

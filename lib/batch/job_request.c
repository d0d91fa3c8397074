/* job_request - what a job is asked to do: the service's CreateBatchInferenceJob and
 * CreateBatchSegmentJob, member by member. */
#include "job_request.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "json.h"
#include "opt.h"

enum { NAME_MOST = 63, RESULTS_USUAL = 25 };

/* Numbers are kept as they are written, and so printed. */
enum kind { TEXT, NUMBER };

/* In the order in which they are printed. Members of one object are neighbours. */
static const struct member {
	const char *path;
	enum kind kind;
	bool inference_only;
} members[JOB_FIELDS] = {
	[JOB_NAME] = { "jobName", TEXT, false },
	[JOB_SOLUTION] = { "solutionVersionArn", TEXT, false },
	[JOB_FILTER] = { "filterArn", TEXT, false },
	[JOB_RESULTS] = { "numResults", NUMBER, false },
	[JOB_INPUT] = { "jobInput.s3DataSource.path", TEXT, false },
	[JOB_INPUT_KEY] = { "jobInput.s3DataSource.kmsKeyArn", TEXT, false },
	[JOB_OUTPUT] = { "jobOutput.s3DataDestination.path", TEXT, false },
	[JOB_OUTPUT_KEY] = { "jobOutput.s3DataDestination.kmsKeyArn", TEXT, false },
	[JOB_EXPLORATION] = { "batchInferenceJobConfig.itemExplorationConfig."
			      "explorationWeight",
	    TEXT, true },
	[JOB_AGE_CUT_OFF] = { "batchInferenceJobConfig.itemExplorationConfig."
			      "explorationItemAgeCutOff",
	    TEXT, true },
	[JOB_POPULARITY] = { "batchInferenceJobConfig.rankingInfluence.POPULARITY",
	    NUMBER, true },
	[JOB_FRESHNESS] = { "batchInferenceJobConfig.rankingInfluence.FRESHNESS",
	    NUMBER, true },
	[JOB_ROLE] = { "roleArn", TEXT, false },
	[JOB_MODE] = { "batchInferenceJobMode", TEXT, true },
	[JOB_THEME_NAME] = { "themeGenerationConfig.fieldsForThemeGeneration.itemName",
	    TEXT, true },
};

static const char themes_mode[] = "THEME_GENERATION";
static const char usual_mode[] = "BATCH_INFERENCE";

/* The member of this path; JOB_FIELDS: none. */
static enum job_field
find(const char *path)
{
	enum job_field i = 0;

	while (i < JOB_FIELDS && strcmp(members[i].path, path) != 0)
		i++;
	return i;
}

static bool
is_object(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < JOB_FIELDS; i++)
		if (!strncmp(members[i].path, path, len) && members[i].path[len] == '.')
			return true;
	return false;
}

/* A string with a NUL in it is no text. */
static char *
text_of(const struct json_value *v)
{
	struct buf scratch = { 0 };
	struct span text = json_text(v, &scratch);
	char *copy =
	    memchr(text.data, '\0', text.len) ? NULL : xmemdup(text.data, text.len);

	buf_release(&scratch);
	return copy;
}

static int
take(struct job_request *r, const char *path, const struct json_value *v, char **why)
{
	enum job_field i = find(path);
	enum json_type wanted;

	/* Labels of the service's accounts: nothing here to label. */
	if (!strcmp(path, "tags"))
		return 0;
	if (i == JOB_FIELDS) {
		*why = xasprintf("'%s': a job has no such member", path);
		return -1;
	}
	if (v->type == JSON_NULL)
		return 0;
	wanted = members[i].kind == TEXT ? JSON_STRING : JSON_NUMBER;
	if (v->type != wanted) {
		*why = xasprintf("'%s': must be a %s", path,
		    wanted == JSON_STRING ? "string" : "number");
		return -1;
	}
	free(r->field[i]);
	r->field[i] =
	    wanted == JSON_STRING ? text_of(v) : xmemdup(v->raw.data, v->raw.len);
	if (r->field[i])
		return 0;
	*why = xasprintf("'%s': a NUL in it", path);
	return -1;
}

/* The members of the object that the reader stands in; prefix is its path and a dot. */
static int
walk(struct job_request *r, struct json *j, const char *prefix, char **why)
{
	struct json_value name, value;
	int more, status = 0;

	while (!status && (more = json_member(j, &name)) > 0) {
		char *key = json_dup(&name), *path = xasprintf("%s%s", prefix, key);
		char *below = xasprintf("%s.", path);

		if (json_peek(j) == JSON_OBJECT && is_object(path))
			status = json_enter(j, '{') < 0 ? -1 : walk(r, j, below, why);
		else if ((status = json_value(j, &value)) == 0)
			status = take(r, path, &value, why);
		free(below);
		free(path);
		free(key);
	}
	return status < 0 || more < 0 ? -1 : 0;
}

int
job_request_parse(struct job_request *r, struct span text, char **why)
{
	struct json j;

	*why = NULL;
	json_open(&j, text.data, text.len);
	if (json_enter(&j, '{') < 0 || walk(r, &j, "", why) < 0 ||
	    json_finish(&j) < 0) {
		if (!*why)
			*why = xasprintf("byte %zu: %s", (size_t)(j.at - j.text) + 1,
			    j.why ? j.why : "a JSON object was expected");
		return -1;
	}
	return 0;
}

void
job_request_set(struct job_request *r, enum job_field field, const char *text)
{
	char *copy = xstrdup(text);

	free(r->field[field]);
	r->field[field] = copy;
}

static int
read_file(struct job_request *r, const char *path, char **why)
{
	struct buf text = { 0 };
	int status = STATUS_FAILED;
	char *wrong;

	if (buf_read(strcmp(path, "-") ? path : "/dev/stdin", &text) < 0)
		*why = xasprintf("%s: %s", path, strerror(errno));
	else if (job_request_parse(r, (struct span){ text.data, text.len }, &wrong) <
		 0) {
		*why = xasprintf("%s: %s", path, wrong);
		free(wrong);
		status = STATUS_USAGE;
	} else
		status = 0;
	buf_release(&text);
	return status;
}

int
job_request_read(struct job_request *r, const char *path,
    const char *const given[JOB_FIELDS], char **why)
{
	int status = path ? read_file(r, path, why) : 0;

	for (size_t i = 0; !status && i < JOB_FIELDS; i++)
		if (given[i])
			job_request_set(r, i, given[i]);
	/* A column that names items is for one thing only. */
	if (!status && given[JOB_THEME_NAME])
		job_request_set(r, JOB_MODE, themes_mode);
	return status;
}

static int
complain(char **why, enum job_field field, const char *what)
{
	*why = xasprintf("%s: %s", members[field].path, what);
	return -1;
}

static int
check_name(const char *name, char **why)
{
	size_t len = strlen(name);

	if (len < 1 || len > NAME_MOST)
		return complain(why, JOB_NAME, "must have 1 to 63 characters");
	if (!isalnum((unsigned char)*name))
		return complain(why, JOB_NAME, "must begin with a letter or digit");
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '-' && *name != '_')
			return complain(
			    why, JOB_NAME, "letters, digits, '-', '_' only");
	return 0;
}

static int
check_number(const struct job_request *r, enum job_field field, double most, char **why)
{
	double x;

	if (!r->field[field] ||
	    (opt_real(r->field[field], &x) && x >= 0 && (!most || x <= most)))
		return 0;
	return complain(why, field,
	    most ? "must be a number from 0 to 1" : "must be a number, 0 or more");
}

static int
check_mode(const struct job_request *r, char **why)
{
	const char *mode = r->field[JOB_MODE];

	if (mode && strcmp(mode, themes_mode) != 0 && strcmp(mode, usual_mode) != 0)
		return complain(
		    why, JOB_MODE, "must be BATCH_INFERENCE or THEME_GENERATION");
	if (job_request_themes(r) && !r->field[JOB_THEME_NAME])
		return complain(
		    why, JOB_THEME_NAME, "is needed for THEME_GENERATION: a column");
	if (!job_request_themes(r) && r->field[JOB_THEME_NAME])
		return complain(why, JOB_THEME_NAME,
		    "is for batchInferenceJobMode THEME_GENERATION");
	return 0;
}

int
job_request_check(const struct job_request *r, char **why)
{
	static const enum job_field needed[] = { JOB_NAME, JOB_SOLUTION, JOB_INPUT,
		JOB_OUTPUT };
	size_t n;

	for (size_t i = 0; i < LENGTH(needed); i++)
		if (!r->field[needed[i]] || !*r->field[needed[i]])
			return complain(why, needed[i], "is needed");
	if (check_name(r->field[JOB_NAME], why) < 0 || check_mode(r, why) < 0 ||
	    check_number(r, JOB_EXPLORATION, 1, why) < 0 ||
	    check_number(r, JOB_AGE_CUT_OFF, 0, why) < 0 ||
	    check_number(r, JOB_POPULARITY, 1, why) < 0 ||
	    check_number(r, JOB_FRESHNESS, 1, why) < 0)
		return -1;
	if (r->field[JOB_RESULTS] && (!opt_size(r->field[JOB_RESULTS], &n) || !n))
		return complain(why, JOB_RESULTS, "must be a count, 1 or more");
	return 0;
}

size_t
job_request_results(const struct job_request *r)
{
	size_t n = RESULTS_USUAL;

	if (r->field[JOB_RESULTS])
		opt_size(r->field[JOB_RESULTS], &n);
	return n;
}

bool
job_request_themes(const struct job_request *r)
{
	return r->field[JOB_MODE] && !strcmp(r->field[JOB_MODE], themes_mode);
}

const char *
job_request_inference_only(const struct job_request *r)
{
	for (size_t i = 0; i < JOB_FIELDS; i++)
		if (members[i].inference_only && r->field[i])
			return members[i].path;
	return NULL;
}

/* Bytes of the objects' names that two paths begin with alike, up to a dot. */
static size_t
shared(const char *a, const char *b)
{
	size_t upto = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '.')
			upto = i + 1;
	return upto;
}

static size_t
count_dots(const char *p)
{
	size_t n = 0;

	for (; *p; p++)
		n += *p == '.';
	return n;
}

/* Objects close that the next path is not in, and those open that it is in. */
static void
print_path(struct buf *b, const char *last, const char *path)
{
	size_t upto = shared(last, path), n = count_dots(last + upto);
	const char *p = path + upto, *dot;

	while (n--)
		buf_addc(b, '}');
	buf_addc(b, ',');
	for (; (dot = strchr(p, '.')); p = dot + 1)
		buf_addf(b, "\"%.*s\":{", (int)(dot - p), p);
	buf_addf(b, "\"%s\":", p);
}

void
job_request_print(struct buf *b, const struct job_request *r)
{
	const char *last = "";
	size_t n;

	for (size_t i = 0; i < JOB_FIELDS; i++) {
		const char *text = r->field[i];

		if (!text)
			continue;
		print_path(b, last, members[i].path);
		if (members[i].kind == TEXT)
			json_quote(b, text, strlen(text));
		else
			buf_adds(b, text);
		last = members[i].path;
	}
	n = count_dots(last);
	while (n--)
		buf_addc(b, '}');
}

void
job_request_release(struct job_request *r)
{
	for (size_t i = 0; i < JOB_FIELDS; i++)
		free(r->field[i]);
	*r = (struct job_request){ 0 };
}

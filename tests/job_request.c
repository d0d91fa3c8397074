/* job_request - the service's descriptions are read, checked, and printed again. */
#include "job_request.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

/* NULL: it is fine; else why not, to be freed. */
static char *
wrong(const char *text)
{
	struct job_request r = { 0 };
	char *why = NULL;

	if (job_request_parse(&r, span_of(text), &why) == 0)
		job_request_check(&r, &why);
	job_request_release(&r);
	return why;
}

static bool
is_wrong(const char *text, const char *expected)
{
	char *why = wrong(text);
	bool is = why && strstr(why, expected);

	free(why);
	return is;
}

#define PATHS                                                                          \
	"\"solutionVersionArn\":\"m\",\"jobInput\":{\"s3DataSource\":{\"path\":\"i\"}" \
	"},"                                                                           \
	"\"jobOutput\":{\"s3DataDestination\":{\"path\":\"o\"}}"

static void
what_was_read_is_printed(void)
{
	static const char text[] =
	    ",\"jobName\":\"a\",\"solutionVersionArn\":\"m\",\"filterArn\":\"f\","
	    "\"numResults\":30,"
	    "\"jobInput\":{\"s3DataSource\":{\"path\":\"i\",\"kmsKeyArn\":\"k\"}},"
	    "\"jobOutput\":{\"s3DataDestination\":{\"path\":\"o\",\"kmsKeyArn\":\"l\"}}"
	    ","
	    "\"batchInferenceJobConfig\":{\"itemExplorationConfig\":{"
	    "\"explorationWeight\":\"0.3\",\"explorationItemAgeCutOff\":\"30\"},"
	    "\"rankingInfluence\":{\"POPULARITY\":0.5,\"FRESHNESS\":1}},"
	    "\"roleArn\":\"r\",\"batchInferenceJobMode\":\"THEME_GENERATION\","
	    "\"themeGenerationConfig\":{\"fieldsForThemeGeneration\":{\"itemName\":"
	    "\"T\"}}";
	char *object = xasprintf("{%s}", text + 1), *why;
	struct job_request r = { 0 };
	struct buf b = { 0 };

	CHECK(job_request_parse(&r, span_of(object), &why) == 0);
	CHECK(job_request_check(&r, &why) == 0);
	job_request_print(&b, &r);
	CHECK(!strcmp(b.data, text));
	CHECK(job_request_results(&r) == 30 && job_request_themes(&r));
	CHECK(!strcmp(job_request_inference_only(&r),
	    "batchInferenceJobConfig.itemExplorationConfig.explorationWeight"));
	buf_release(&b);
	job_request_release(&r);
	free(object);
}

static void
members_may_be_few_and_null(void)
{
	struct job_request r = { 0 };
	char *why;

	CHECK(!wrong(
	    "{\"jobName\":\"a-1_B\",\"filterArn\":null,\"tags\":[{}]," PATHS "}"));
	CHECK(job_request_parse(&r, span_of("{}"), &why) == 0);
	CHECK(job_request_results(&r) == 25 && !job_request_themes(&r));
	CHECK(!job_request_inference_only(&r));
	job_request_release(&r);
}

static void
what_the_service_would_not_take_is_told(void)
{
	CHECK(is_wrong("{\"jobName\":\"a\"}", "solutionVersionArn: is needed"));
	CHECK(is_wrong("{" PATHS "}", "jobName: is needed"));
	CHECK(is_wrong("{\"jobName\":\"-a\"," PATHS "}", "begin with a letter"));
	CHECK(is_wrong("{\"jobName\":\"a.b\"," PATHS "}", "letters, digits"));
	CHECK(
	    is_wrong("{\"jobname\":\"a\"," PATHS "}", "'jobname': a job has no such"));
	CHECK(is_wrong("{\"jobInput\":\"i\"}", "'jobInput': a job has no such"));
	CHECK(is_wrong("{\"jobInput\":{\"jobName\":\"a\"}}", "'jobInput.jobName'"));
	CHECK(is_wrong("{\"numResults\":\"5\"}", "must be a number"));
	CHECK(is_wrong("{\"jobName\":\"a\",\"numResults\":2.5," PATHS "}", "a count"));
	CHECK(is_wrong("{\"jobName\":\"a\",\"batchInferenceJobConfig\":{"
		       "\"itemExplorationConfig\":{\"explorationWeight\":\"2\"}}," PATHS
		       "}",
	    "from 0 to 1"));
	CHECK(is_wrong("{\"jobName\":\"a\",\"batchInferenceJobMode\":\"x\"," PATHS "}",
	    "BATCH_INFERENCE or THEME_GENERATION"));
	CHECK(is_wrong(
	    "{\"jobName\":\"a\",\"batchInferenceJobMode\":\"THEME_GENERATION\"," PATHS
	    "}",
	    "itemName: is needed"));
	CHECK(is_wrong("{\"jobName\":\"a\\u0000b\"," PATHS "}", "a NUL"));
	CHECK(is_wrong("[]", "byte 1"));
	CHECK(is_wrong("{\"jobName\":}", "byte 12"));
	CHECK(is_wrong("{} x", "byte 4"));
}

int
main(void)
{
	what_was_read_is_printed();
	members_may_be_few_and_null();
	what_the_service_would_not_take_is_told();
	return check_end();
}

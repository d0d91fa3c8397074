/* s3_options - what commands that reach S3 have in common on their command lines. */
#include "s3_options.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

/* Lines of several threads do not mix: one write each. */
static void
trace(const char *line)
{
	warnx("%s", line);
}

/*
 * As the AWS tools have it: a profile that is named goes before keys in the
 * environment.
 */
static void
choose_profile(const char *profile)
{
	setenv("AWS_PROFILE", profile, 1);
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	unsetenv("AWS_SESSION_TOKEN");
}

struct s3 *
s3_options_client(struct s3_options *o, struct s3_error *e)
{
	const char *traced = getenv("PZ_TRACE");
	const struct s3_settings settings = {
		.endpoint = o->endpoint,
		.region = o->region,
		.anonymous = o->anonymous,
		.requester_pays = o->requester_pays,
		.trace = traced && *traced && strcmp(traced, "0") ? trace : NULL,
	};

	if (o->client)
		return o->client;
	if (o->profile)
		choose_profile(o->profile);
	if (o->region) /* STS is asked in the same one */
		setenv("AWS_REGION", o->region, 1);
	return o->client = s3_open(&settings, e);
}

void
s3_options_release(struct s3_options *o)
{
	s3_close(o->client);
	o->client = NULL;
}

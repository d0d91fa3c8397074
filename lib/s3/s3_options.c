/* s3_options - what commands that reach S3 have in common on their command lines. */
#include "s3_options.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "credentials.h"

/* Lines of several threads do not mix: one write each. */
static void
trace(const char *line)
{
	warnx("%s", line);
}

struct s3 *
s3_options_client(struct s3_options *o, struct s3_error *e)
{
	const char *traced = getenv("PZ_TRACE");
	const struct s3_settings settings = {
		.profile = o->profile,
		.endpoint = o->endpoint,
		.region = o->region,
		.anonymous = o->anonymous,
		.requester_pays = o->requester_pays,
		.trace = traced && *traced && strcmp(traced, "0") ? trace : NULL,
	};

	if (o->client)
		return o->client;
	return o->client = s3_open(&settings, e);
}

int
s3_options_whoami(struct s3_options *o, struct buf *line, struct s3_error *e)
{
	struct s3 *client = s3_options_client(o, e);
	struct credentials *c = client ? s3_credentials(client) : NULL;
	struct keys keys;
	char *why;

	if (!client)
		return -1;
	if (!c) {
		buf_adds(line, "{\"source\":null}\n");
		return 0;
	}
	if (credentials_get(c, &keys, &why) < 0) {
		s3_error_set(e, "%s", why);
		e->transient = credentials_may_recover(c);
		free(why);
		return -1;
	}
	credentials_whoami(c, &keys, line);
	keys_release(&keys);
	return 0;
}

void
s3_options_release(struct s3_options *o)
{
	s3_close(o->client);
	o->client = NULL;
}

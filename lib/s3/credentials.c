/* credentials - keys for AWS requests: for now from the environment alone. */
#include "credentials.h"

#include <stdlib.h>

#include "util.h"

struct credentials {
	char nothing;
};

struct credentials *
credentials_new(const struct aws_config *config)
{
	(void)config;
	return xcalloc(1, sizeof(struct credentials));
}

void
credentials_free(struct credentials *c)
{
	free(c);
}

int
credentials_get(struct credentials *c, struct keys *keys, char **why)
{
	const char *id = getenv("AWS_ACCESS_KEY_ID");
	const char *secret = getenv("AWS_SECRET_ACCESS_KEY");
	const char *token = getenv("AWS_SESSION_TOKEN");

	(void)c;
	*keys = (struct keys){ 0 };
	if (!id || !secret) {
		*why = xstrdup("no credentials in the environment");
		return -1;
	}
	keys->id = xstrdup(id);
	keys->secret = xstrdup(secret);
	keys->token = token && *token ? xstrdup(token) : NULL;
	return 0;
}

void
credentials_refused(struct credentials *c, const struct keys *keys)
{
	(void)c;
	(void)keys;
}

void
keys_release(struct keys *keys)
{
	free(keys->id);
	free(keys->secret);
	free(keys->token);
	*keys = (struct keys){ 0 };
}

const char *
credentials_source(const struct credentials *c)
{
	(void)c;
	return "environment";
}

/* credentials_local - keys that stand in the environment or in a file. */
#include <stdlib.h>
#include <string.h>

#include "credentials_seek.h"

int
seek_environment(struct seek *s, struct keys *keys)
{
	const char *id = aws_config_variable("AWS_ACCESS_KEY_ID");
	const char *secret = aws_config_variable("AWS_SECRET_ACCESS_KEY");
	const char *token = aws_config_variable("AWS_SESSION_TOKEN");
	const char *expires = aws_config_variable("AWS_CREDENTIAL_EXPIRATION");

	if (!id)
		return 0;
	if (!secret)
		return seek_fail(
		    s, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
	if (!token)
		token = aws_config_variable("AWS_SECURITY_TOKEN");
	if (expires && (keys->expires = seek_time(expires)) <= 0)
		return seek_fail(s, "AWS_CREDENTIAL_EXPIRATION: not a time, as "
				    "2026-01-31T12:34:56Z is");
	keys->id = xstrdup(id);
	keys->secret = xstrdup(secret);
	keys->token = token ? xstrdup(token) : NULL;
	buf_adds(&s->source, "the environment");
	return 1;
}

int
seek_file(struct seek *s, enum aws_file file, const char *profile, struct keys *keys)
{
	const struct aws_config *c = s->config;
	size_t line;
	const char *id = aws_config_in(c, file, profile, "aws_access_key_id", &line);
	const char *secret =
	    aws_config_in(c, file, profile, "aws_secret_access_key", NULL);
	const char *token = aws_config_in(c, file, profile, "aws_session_token", NULL);
	const char *path = aws_config_path(c, file);

	if (!id)
		return 0;
	if (!secret)
		return seek_fail(s,
		    "%s:%zu: profile %s: an aws_access_key_id without an "
		    "aws_secret_access_key",
		    path, line, profile);
	if (!token)
		token = aws_config_in(c, file, profile, "aws_security_token", NULL);
	keys->id = xstrdup(id);
	keys->secret = xstrdup(secret);
	keys->token = token ? xstrdup(token) : NULL;
	buf_addf(&s->source, "profile %s in %s", profile, path);
	return 1;
}

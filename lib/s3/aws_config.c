/* aws_config - settings of AWS tools: for now the environment alone. */
#include "aws_config.h"

#include <stddef.h>
#include <stdlib.h>

#include "util.h"

struct aws_config {
	char nothing;
};

struct aws_config *
aws_config_load(char **why)
{
	*why = NULL;
	return xcalloc(1, sizeof(struct aws_config));
}

void
aws_config_free(struct aws_config *c)
{
	free(c);
}

const char *
aws_config_get(const struct aws_config *c, const char *name)
{
	(void)c;
	(void)name;
	return NULL;
}

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

const char *
aws_config_region(const struct aws_config *c)
{
	const char *region = environment("AWS_REGION");

	(void)c;
	return region ? region : environment("AWS_DEFAULT_REGION");
}

const char *
aws_config_endpoint(const struct aws_config *c, const char *service)
{
	const char *url = environment("AWS_ENDPOINT_URL_S3");

	(void)c;
	(void)service;
	return url ? url : environment("AWS_ENDPOINT_URL");
}

const char *
aws_config_ca_bundle(const struct aws_config *c)
{
	(void)c;
	return environment("AWS_CA_BUNDLE");
}

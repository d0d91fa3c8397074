/*
 * aws_config - settings of AWS tools: environment, shared config and credentials files.
 */
#ifndef AWS_CONFIG_H
#define AWS_CONFIG_H

#include <stdbool.h>

struct aws_config;

/*
 * Read the environment and the files it names (~/.aws/config and credentials). NULL and
 * *why (file:line: what is wrong, to be freed) if a file that is there cannot be used
 * or the profile that was asked for by name is in neither.
 */
struct aws_config *aws_config_load(char **why);
void aws_config_free(struct aws_config *c);

/* A setting of the profile in use, or of another; NULL if it is not there. */
const char *aws_config_get(const struct aws_config *c, const char *name);
const char *aws_config_of(
    const struct aws_config *c, const char *profile, const char *name);
/* The same for [sso-session NAME] and [services NAME] (name: "s3.endpoint_url"). */
const char *aws_config_section(const struct aws_config *c, const char *kind,
    const char *section, const char *name);

const char *aws_config_profile(const struct aws_config *c); /* "default" if none */

/* Environment first, then the profile: NULL if nothing says. */
const char *aws_config_region(const struct aws_config *c);
/* service: "s3" or "sts". AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, services, profile. */
const char *aws_config_endpoint(const struct aws_config *c, const char *service);
const char *aws_config_ca_bundle(const struct aws_config *c);

#endif

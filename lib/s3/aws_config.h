/*
 * aws_config - settings of AWS tools: environment, shared config and credentials files.
 *
 * What the command line says goes first, then the environment, then the profile in use,
 * of which a setting in the credentials file goes before the same in the config file.
 * Variables and settings that are empty count as none. All of it is read once; texts
 * stay until the end.
 */
#ifndef AWS_CONFIG_H
#define AWS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct aws_config;

/* What the command line says, each NULL if it says nothing. Copied. */
struct aws_overrides {
	const char *profile;
	const char *region;
	const char *endpoint; /* of S3 alone: not where roles and keys come from */
};

enum aws_file { AWS_CONFIG_FILE, AWS_CREDENTIALS_FILE };

/*
 * Read the files that the environment names, or ~/.aws/config and ~/.aws/credentials,
 * of which neither has to be there. overrides may be NULL. NULL and *why (file:line:
 * what is wrong, to be freed) if a file that is there cannot be used, or the profile
 * that was asked for by name is in neither, or the region is no name of one.
 */
struct aws_config *aws_config_load(const struct aws_overrides *overrides, char **why);
void aws_config_free(struct aws_config *c); /* wipes; NULL is fine */

const char *aws_config_profile(const struct aws_config *c); /* "default" if none */
/* By the command line: then keys in the environment do not count. */
bool aws_config_profile_is_chosen(const struct aws_config *c);
bool aws_config_has_profile(const struct aws_config *c, const char *profile);

/*
 * A setting of the profile in use, or of another; NULL if it is not there. One of a
 * sub-section is "s3.addressing_style".
 */
const char *aws_config_get(const struct aws_config *c, const char *name);
const char *aws_config_of(
    const struct aws_config *c, const char *profile, const char *name);
/* Of one file alone; the line where it stands goes to *line, which may be NULL. */
const char *aws_config_in(const struct aws_config *c, enum aws_file file,
    const char *profile, const char *name, size_t *line);
/* The same for [sso-session NAME] and [services NAME] (name: "s3.endpoint_url"). */
const char *aws_config_section(const struct aws_config *c, const char *kind,
    const char *section, const char *name);
bool aws_config_has_section(
    const struct aws_config *c, const char *kind, const char *section);
const char *aws_config_path(const struct aws_config *c, enum aws_file file);

/* A variable of the environment, NULL if it is empty too. */
const char *aws_config_variable(const char *variable);
/* The variable if it is set, else the setting of the profile in use. */
const char *aws_config_either(
    const struct aws_config *c, const char *variable, const char *name);

/* NULL if nothing says. */
const char *aws_config_region(const struct aws_config *c);
/*
 * Where a service ("s3", "sts", "sso", "sso-oidc") is to be asked, NULL if nothing
 * says: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the profile's services section, the
 * profile.
 */
const char *aws_config_endpoint(const struct aws_config *c, const char *service);
const char *aws_config_ca_bundle(const struct aws_config *c);

/* Letters, digits and hyphens: what may become part of a host's name. */
bool aws_config_is_region(const char *text);

/* A path with ~ in front of it, as the user's home. To be freed. */
char *aws_config_home(const char *path);

#endif

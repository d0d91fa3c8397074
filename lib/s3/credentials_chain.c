/*
 * credentials_chain - the sources of keys in their order, which is the AWS CLI's.
 *
 * A role needs keys to be asked for with: those of its source_profile, which may need a
 * role itself, or of its credential_source.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "credentials_seek.h"

/* A profile whose role is being sought, for the one that the next profile helps. */
struct visit {
	const char *profile;
	const struct visit *above;
};

static int seek_profile(struct seek *s, const char *profile, const struct visit *above,
    bool use_environment, struct keys *keys);

static bool
was_visited(const struct visit *v, const char *profile)
{
	for (; v; v = v->above)
		if (!strcmp(v->profile, profile))
			return true;
	return false;
}

static bool
has_keys(const struct seek *s, const char *profile)
{
	return aws_config_of(s->config, profile, "aws_access_key_id") ||
	       aws_config_of(s->config, profile, "aws_secret_access_key");
}

static bool
has_role(const struct seek *s, const char *profile)
{
	return aws_config_of(s->config, profile, "role_arn") &&
	       !aws_config_of(s->config, profile, "web_identity_token_file");
}

/* What a profile says of itself but its role. */
static int
seek_own(struct seek *s, const char *profile, bool use_environment, struct keys *keys)
{
	int status = seek_web_identity(s, profile, use_environment, keys);

	if (!status)
		status = seek_sso(s, profile, keys);
	if (!status)
		status = seek_file(s, AWS_CREDENTIALS_FILE, profile, keys);
	if (!status && aws_config_of(s->config, profile, "login_session"))
		status = seek_fail(s,
		    "profile %s: keys of 'aws login' are not supported; the AWS CLI "
		    "hands them over by credential_process = aws configure "
		    "export-credentials --profile %s",
		    profile, profile);
	if (!status)
		status = seek_process(s, profile, keys);
	if (!status)
		status = seek_file(s, AWS_CONFIG_FILE, profile, keys);
	return status;
}

static int
seek_credential_source(
    struct seek *s, const char *profile, const char *name, struct keys *keys)
{
	int status;

	if (!strcasecmp(name, "Environment"))
		status = seek_environment(s, keys);
	else if (!strcasecmp(name, "Ec2InstanceMetadata"))
		status = seek_instance(s, keys);
	else if (!strcasecmp(name, "EcsContainer"))
		status = seek_container(s, keys);
	else
		return seek_fail(s,
		    "profile %s: credential_source is '%s', not Environment, "
		    "Ec2InstanceMetadata or EcsContainer",
		    profile, name);
	if (status)
		return status;
	return seek_fail(s, "profile %s: credential_source %s has no keys%s", profile,
	    name, s->tried.len ? s->tried.data : "");
}

static int
seek_source_profile(struct seek *s, const char *profile, const char *name,
    const struct visit *visits, struct keys *keys)
{
	int status;

	if (!aws_config_has_profile(s->config, name))
		return seek_fail(
		    s, "profile %s: there is no source_profile '%s'", profile, name);
	/* A profile may be its own source, if it has keys too. */
	if (was_visited(visits, name) && (strcmp(name, profile) || !has_keys(s, name)))
		return seek_fail(s,
		    "profile %s: its source_profile '%s' is one that it helps itself",
		    profile, name);
	status = seek_profile(s, name, visits, false, keys);
	return status ? status
		      : seek_fail(s, "profile %s: its source_profile '%s' has no keys",
			    profile, name);
}

static int
check_role(
    struct seek *s, const char *profile, const char *source_profile, const char *source)
{
	const char *duration = aws_config_of(s->config, profile, "duration_seconds");

	if (source_profile && source)
		return seek_fail(s,
		    "profile %s: both a source_profile and a credential_source",
		    profile);
	if (!source_profile && !source)
		return seek_fail(s,
		    "profile %s: its role needs a source_profile or a "
		    "credential_source",
		    profile);
	if (duration && strspn(duration, "0123456789") < strlen(duration))
		return seek_fail(
		    s, "profile %s: duration_seconds is no number", profile);
	if (aws_config_of(s->config, profile, "mfa_serial"))
		return seek_fail(s,
		    "profile %s: its role needs a code of mfa_serial, which is not "
		    "asked for here; the AWS CLI asks: eval \"$(aws configure "
		    "export-credentials --profile %s --format env)\"",
		    profile, profile);
	return 0;
}

static int
seek_assumed(
    struct seek *s, const char *profile, const struct visit *above, struct keys *keys)
{
	const struct aws_config *c = s->config;
	const char *source_profile = aws_config_of(c, profile, "source_profile");
	const char *source = aws_config_of(c, profile, "credential_source");
	const struct visit visit = { profile, above };
	struct keys own = { 0 };
	int status;

	if (check_role(s, profile, source_profile, source) < 0)
		return -1;
	buf_addf(&s->source, "role %s of profile %s, by keys of ",
	    aws_config_of(c, profile, "role_arn"), profile);
	if (source)
		status = seek_credential_source(s, profile, source, &own);
	else
		status = seek_source_profile(s, profile, source_profile, &visit, &own);
	if (status > 0 && (status = seek_check(s, &own)) > 0)
		status = seek_role(s, profile, &own, keys);
	keys_release(&own);
	return status;
}

/* Keys in a profile go before its role where it helps another, as otherwise none would.
 */
static int
seek_profile(struct seek *s, const char *profile, const struct visit *above,
    bool use_environment, struct keys *keys)
{
	if (has_role(s, profile) && !(above && has_keys(s, profile)))
		return seek_assumed(s, profile, above, keys);
	return seek_own(s, profile, use_environment, keys);
}

static int
nothing_found(struct seek *s)
{
	s->transient = false;
	return seek_fail(s,
	    "no credentials: not in the environment (AWS_ACCESS_KEY_ID), in profile %s "
	    "(%s, %s), of a container (AWS_CONTAINER_CREDENTIALS_FULL_URI) or of an "
	    "instance%s; where none are needed, say --no-sign-request",
	    aws_config_profile(s->config), aws_config_path(s->config, AWS_CONFIG_FILE),
	    aws_config_path(s->config, AWS_CREDENTIALS_FILE),
	    s->tried.len ? s->tried.data : "");
}

int
seek_keys(struct seek *s, struct keys *keys)
{
	/* A profile that the command line names goes before the environment. */
	bool use_environment = !aws_config_profile_is_chosen(s->config);
	int status = use_environment ? seek_environment(s, keys) : 0;

	if (!status)
		status = seek_profile(
		    s, aws_config_profile(s->config), NULL, use_environment, keys);
	if (!status)
		status = seek_container(s, keys);
	if (!status)
		status = seek_instance(s, keys);
	if (!status)
		status = nothing_found(s);
	if (status > 0)
		status = seek_check(s, keys);
	if (status < 0)
		keys_release(keys);
	return status;
}

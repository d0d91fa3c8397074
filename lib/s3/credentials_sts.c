/*
 * credentials_sts - keys of a role, from the Security Token Service.
 *
 * Source: "AssumeRole" and "AssumeRoleWithWebIdentity", AWS STS API Reference.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "credentials_seek.h"
#include "sigv4.h"
#include "xml.h"

enum { ATTEMPTS = 3, CONNECT_MS = 5000, TOTAL_MS = 20000, PARAMETERS = 8 };

/* What STS answers: keys or an error. */
struct answer {
	char *id, *secret, *token, *expiration;
	char *code, *message;
};

static void
answer_release(struct answer *a)
{
	seek_wipe(a->id);
	seek_wipe(a->secret);
	seek_wipe(a->token);
	free(a->expiration);
	free(a->code);
	free(a->message);
	*a = (struct answer){ 0 };
}

static bool
ends_with(const char *path, const char *end)
{
	size_t len = strlen(path), n = strlen(end);

	return len >= n && !strcmp(path + len - n, end);
}

static void
take_element(void *context, const char *path, struct span text)
{
	struct answer *a = context;
	const struct {
		const char *path;
		char **text;
	} known[] = {
		{ "Result/Credentials/AccessKeyId", &a->id },
		{ "Result/Credentials/SecretAccessKey", &a->secret },
		{ "Result/Credentials/SessionToken", &a->token },
		{ "Result/Credentials/Expiration", &a->expiration },
		{ "Error/Code", &a->code },
		{ "Error/Message", &a->message },
	};

	for (size_t i = 0; i < LENGTH(known); i++)
		if (text.len && ends_with(path, known[i].path)) {
			seek_wipe(*known[i].text);
			*known[i].text = xmemdup(text.data, text.len);
		}
}

/* A call of STS. */
struct call {
	const char *what; /* for messages */
	struct sigv4_pair parameters[PARAMETERS];
	size_t n;
	const struct keys *source; /* to sign with, NULL: not signed */
	const char *const *hide;   /* not to be shown, ends with NULL */
	time_t skew;               /* the server's clock is ahead by this */
};

static void
add(struct call *c, const char *name, const char *value)
{
	if (value)
		c->parameters[c->n++] = (struct sigv4_pair){ name, value };
}

struct signature {
	char date[17];
	struct buf authorization;
};

static void
sign(struct signature *a, const struct call *c, const struct seek_url *u,
    const struct buf *body, const char *region)
{
	const time_t now = time(NULL) + c->skew;
	const struct sigv4_pair headers[] = {
		{ "content-type", "application/x-www-form-urlencoded" },
		{ "host", u->host },
		{ "x-amz-date", a->date },
		{ "x-amz-security-token", c->source->token },
	};
	char hash[65];
	const struct sigv4_request request = {
		.method = "POST",
		.path = u->path,
		.headers = headers,
		.n_headers = LENGTH(headers) - !c->source->token,
		.payload_hash = hash,
	};
	const struct sigv4_scope scope = { .key_id = c->source->id,
		.secret = c->source->secret,
		.region = region,
		.service = "sts",
		.time = now };

	sigv4_date(a->date, now);
	sigv4_hash(hash, body->data, body->len);
	buf_adds(&a->authorization, "Authorization: ");
	sigv4_authorization(&a->authorization, &request, &scope);
}

static int
send_call(struct seek *s, const struct call *c, const char *url, const char *region,
    struct http_response *response)
{
	char *lines[6] = { NULL };
	struct http_request request = { .method = "POST",
		.url = url,
		.headers = (const char *const *)lines,
		.connect_ms = CONNECT_MS,
		.total_ms = TOTAL_MS };
	struct signature signature = { 0 };
	struct buf body = { 0 };
	struct seek_url u;
	const char *wrong;
	size_t n = 0;
	int status;

	if (seek_url_parse(&u, url, &wrong) < 0)
		return seek_fail(s, "the endpoint of sts: %s", wrong);
	sigv4_query(&body, c->parameters, c->n);
	request.body = body.data;
	request.body_len = body.len;
	lines[n++] = xstrdup("Content-Type: application/x-www-form-urlencoded");
	lines[n++] = xasprintf("Host: %s", u.host);
	if (c->source) {
		sign(&signature, c, &u, &body, region);
		lines[n++] = xasprintf("X-Amz-Date: %s", signature.date);
		lines[n++] = xstrdup(signature.authorization.data);
		if (c->source->token)
			lines[n] =
			    xasprintf("X-Amz-Security-Token: %s", c->source->token);
	}
	status = seek_ask(s, c->what, &request, ATTEMPTS, response);
	for (size_t i = 0; lines[i]; i++)
		seek_wipe(lines[i]);
	seek_wipe_buf(&signature.authorization);
	seek_wipe_buf(&body);
	seek_url_release(&u);
	return status;
}

static int
take_answer(struct seek *s, const struct call *c, const struct http_response *response,
    struct keys *keys)
{
	struct answer a = { 0 };
	const char *why = NULL;
	int status = 1;

	if (response->body.len)
		xml_walk(
		    response->body.data, response->body.len, take_element, &a, &why);
	if (response->status != 200)
		status = seek_refused(
		    s, c->what, response->status, a.code, a.message, c->hide);
	else if (why || !a.id || !a.secret || !a.token || !a.expiration ||
		 (keys->expires = seek_time(a.expiration)) <= 0)
		status = seek_fail(s, "%s: the answer holds no keys", c->what);
	if (status > 0) {
		keys->expires -= seek_skew(response);
		keys->id = a.id;
		keys->secret = a.secret;
		keys->token = a.token;
		a.id = a.secret = a.token = NULL;
	}
	answer_release(&a);
	return status;
}

static int
make_call(struct seek *s, struct call *c, struct keys *keys)
{
	const char *region = aws_config_region(s->config);
	struct http_response response = { 0 };
	char *url;
	int status = -1;

	if (!region)
		region = "us-east-1";
	add(c, "Version", "2011-06-15");
	if ((url = seek_endpoint(s, "sts", "sts", region)))
		status = send_call(s, c, url, region, &response);
	/* A signature is good for five minutes by the server's clock, which tells here.
	 */
	if (status == 0 && c->source && response.status != 200 &&
	    (c->skew = seek_skew(&response)))
		status = send_call(s, c, url, region, &response);
	if (status == 0)
		status = take_answer(s, c, &response, keys);
	seek_wipe_response(&response);
	free(url);
	return status;
}

/* Something that tells sessions apart where nothing is said. To be freed. */
static char *
session_name(const char *name)
{
	return name ? xstrdup(name)
		    : xasprintf("pz-%lld-%ld", (long long)time(NULL), (long)getpid());
}

int
seek_role(
    struct seek *s, const char *profile, const struct keys *source, struct keys *keys)
{
	const struct aws_config *c = s->config;
	const char *arn = aws_config_of(c, profile, "role_arn");
	const char *const hide[] = { source->secret, source->token ? source->token : "",
		NULL };
	char *session = session_name(aws_config_of(c, profile, "role_session_name"));
	char *what = xasprintf("profile %s: AssumeRole of %s", profile, arn);
	struct call call = { .what = what, .source = source, .hide = hide };
	int status;

	add(&call, "Action", "AssumeRole");
	add(&call, "RoleArn", arn);
	add(&call, "RoleSessionName", session);
	add(&call, "ExternalId", aws_config_of(c, profile, "external_id"));
	add(&call, "DurationSeconds", aws_config_of(c, profile, "duration_seconds"));
	status = make_call(s, &call, keys);
	free(session);
	free(what);
	return status;
}

/* The environment's, if it counts, else the profile's. */
static const char *
either(const struct seek *s, const char *profile, bool use_environment,
    const char *variable, const char *name)
{
	const char *value = use_environment ? aws_config_variable(variable) : NULL;

	return value ? value : aws_config_of(s->config, profile, name);
}

int
seek_web_identity(
    struct seek *s, const char *profile, bool use_environment, struct keys *keys)
{
	const char *path = either(s, profile, use_environment,
	    "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
	const char *arn =
	    either(s, profile, use_environment, "AWS_ROLE_ARN", "role_arn");
	const char *hide[2] = { NULL };
	struct call call = { .hide = hide };
	char *token, *session, *what;
	int status;

	if (!path)
		return 0;
	if (!arn)
		return seek_fail(s,
		    "a web identity needs a role: set AWS_ROLE_ARN, or "
		    "role_arn in profile %s",
		    profile);
	if (!(token = seek_read(s, "web identity token", path)))
		return -1;
	session = session_name(either(
	    s, profile, use_environment, "AWS_ROLE_SESSION_NAME", "role_session_name"));
	call.what = what = xasprintf("AssumeRoleWithWebIdentity of %s", arn);
	hide[0] = token;
	add(&call, "Action", "AssumeRoleWithWebIdentity");
	add(&call, "RoleArn", arn);
	add(&call, "RoleSessionName", session);
	add(&call, "WebIdentityToken", token);
	status = make_call(s, &call, keys);
	if (status > 0)
		buf_addf(&s->source, "role %s, by the web identity in %s", arn, path);
	seek_wipe(token);
	free(session);
	free(what);
	return status;
}

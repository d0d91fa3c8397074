/*
 * credentials_metadata - keys that a container or an instance is given by its host.
 *
 * Both are asked in plain HTTP, which may reach only addresses that do not leave the
 * machine, and never through a proxy. Of an instance only the second version of the
 * service is asked, whose token keeps requests forged by others out.
 *
 * Source: "Container credential provider" and "IMDS credential provider", AWS SDKs and
 * Tools Reference Guide.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "credentials_seek.h"

enum { ATTEMPTS = 3, CONTAINER_MS = 2000, EXTENDED_SECONDS = 600 };

static const char ROLE_PATH[] = "/latest/meta-data/iam/security-credentials/";

/* As both services answer. */
static int
take_keys(struct seek *s, const char *what, const struct http_response *response,
    struct keys *keys)
{
	struct span body = { response->body.data, response->body.len };
	struct seek_field f[] = { { "AccessKeyId", NULL }, { "SecretAccessKey", NULL },
		{ "Token", NULL }, { "Expiration", NULL }, { "Code", NULL },
		{ "Message", NULL } };
	bool is_json = seek_json(body, NULL, f, LENGTH(f)) == 0;
	int status = 1;

	if (response->status != 200)
		status =
		    seek_refused(s, what, response->status, f[4].text, f[5].text, NULL);
	else if (is_json && f[4].text && strcmp(f[4].text, "Success") != 0)
		status =
		    seek_refused(s, what, response->status, f[4].text, f[5].text, NULL);
	else if (!is_json || !f[0].text || !f[1].text ||
		 (f[3].text && (keys->expires = seek_time(f[3].text)) <= 0))
		status = seek_fail(s, "%s: the answer holds no keys", what);
	if (status > 0) {
		if (keys->expires)
			keys->expires -= seek_skew(response);
		keys->id = f[0].text;
		keys->secret = f[1].text;
		keys->token = f[2].text;
		f[0].text = f[1].text = f[2].text = NULL;
	}
	seek_fields_release(f, LENGTH(f));
	return status;
}

/* Whether what is asked there in plain HTTP stays on this machine. */
static bool
is_near(const char *name)
{
	static const char *const near[] = { "localhost", "169.254.170.2",
		"169.254.170.23", "fd00:ec2::23", "::1" };
	struct in_addr address;

	for (size_t i = 0; i < LENGTH(near); i++)
		if (!strcasecmp(name, near[i]))
			return true;
	return inet_pton(AF_INET, name, &address) == 1 &&
	       ntohl(address.s_addr) >> 24 == 127;
}

/* The header of what the container may show to get keys; "" if there is none. */
static char *
authorization(struct seek *s)
{
	const char *path =
	    aws_config_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *given = aws_config_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	char *token, *header = NULL;

	if (path)
		token = seek_read(s, "container's authorization token", path);
	else
		token = xstrdup(given ? given : "");
	if (!token)
		return NULL;
	/* "Basic ..." has a space. */
	for (const char *c = token; *c; c++)
		if (*c < ' ' || *c > '~') {
			seek_wipe(token);
			seek_fail(s, "an odd character in the container's "
				     "authorization token");
			return NULL;
		}
	header = *token ? xasprintf("Authorization: %s", token) : xstrdup("");
	seek_wipe(token);
	return header;
}

static int
ask_container(struct seek *s, const char *url, const char *host, struct keys *keys)
{
	char *header = authorization(s);
	const char *headers[] = { "Accept: application/json",
		header && *header ? header : NULL, NULL };
	const struct http_request request = { .method = "GET",
		.url = url,
		.headers = headers,
		.connect_ms = CONTAINER_MS,
		.total_ms = 2 * CONTAINER_MS,
		.direct = true };
	struct http_response response = { 0 };
	char *what = xasprintf("the container's keys at %s", host);
	int status = -1;

	if (header && seek_ask(s, what, &request, ATTEMPTS, &response) == 0)
		status = take_keys(s, what, &response, keys);
	if (status > 0)
		buf_addf(&s->source, "the container, by %s", host);
	seek_wipe_response(&response);
	seek_wipe(header);
	free(what);
	return status;
}

int
seek_container(struct seek *s, struct keys *keys)
{
	const char *relative =
	    aws_config_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = aws_config_variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	const char *wrong;
	struct seek_url u;
	char *url;
	int status;

	if (!relative && !full)
		return 0;
	url = relative ? xasprintf("http://169.254.170.2%s%s",
			     *relative == '/' ? "" : "/", relative)
		       : xstrdup(full);
	if (seek_url_parse(&u, url, &wrong) < 0)
		status = seek_fail(s, "%s: %s",
		    relative ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
			     : "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		    wrong);
	else if (!u.https && !is_near(u.name))
		status = seek_fail(s,
		    "AWS_CONTAINER_CREDENTIALS_FULL_URI: http is for this machine "
		    "alone (loopback, 169.254.170.2, 169.254.170.23, fd00:ec2::23), "
		    "not for %s",
		    u.host);
	else
		status = ask_container(s, url, u.host, keys);
	seek_url_release(&u);
	free(url);
	return status;
}

/* The instance's metadata service. */
struct service {
	char *base;
	char *token; /* a header */
	unsigned timeout_ms, attempts;
};

static bool
is_true(const char *text)
{
	return text && !strcasecmp(text, "true");
}

static unsigned
number(const char *text, unsigned usual, unsigned most)
{
	unsigned long n;

	if (!text || strspn(text, "0123456789") < strlen(text))
		return usual;
	n = strtoul(text, NULL, 10);
	return n < 1 ? usual : (unsigned)MIN(n, most);
}

static int
find_service(struct seek *s, struct service *v)
{
	const struct aws_config *c = s->config;
	const char *url = aws_config_either(
	    c, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
	const char *mode =
	    aws_config_either(c, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
		"ec2_metadata_service_endpoint_mode");
	const char *wrong;
	struct seek_url u;
	size_t len;

	v->timeout_ms =
	    1000 * number(aws_config_either(c, "AWS_METADATA_SERVICE_TIMEOUT",
			      "metadata_service_timeout"),
		       1, 600);
	v->attempts = number(aws_config_either(c, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
				 "metadata_service_num_attempts"),
	    s->again ? ATTEMPTS : 1, 10);
	if (!url)
		url = mode && !strcasecmp(mode, "ipv6") ? "http://[fd00:ec2::254]"
							: "http://169.254.169.254";
	if (seek_url_parse(&u, url, &wrong) < 0)
		return seek_fail(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT: %s", wrong);
	seek_url_release(&u);
	for (len = strlen(url); url[len - 1] == '/'; len--)
		;
	v->base = xmemdup(url, len);
	return 0;
}

static int
ask_service(struct seek *s, const struct service *v, const char *method,
    const char *path, const char *header, struct http_response *response)
{
	const char *headers[] = { header, NULL };
	char *url = xasprintf("%s%s", v->base, path);
	const struct http_request request = { .method = method,
		.url = url,
		.headers = headers,
		.connect_ms = v->timeout_ms,
		.total_ms = v->timeout_ms,
		.direct = true };
	int status =
	    seek_ask(s, "the instance's metadata", &request, v->attempts, response);

	free(url);
	return status;
}

/*
 * Where there is no such service, this is what shows it: nothing found then, and no
 * error.
 */
static int
open_service(struct seek *s, struct service *v)
{
	struct http_response response = { 0 };
	struct span token;
	int status = 0;

	if (ask_service(s, v, "PUT", "/latest/api/token",
		"X-aws-ec2-metadata-token-ttl-seconds: 21600", &response) < 0)
		buf_addf(&s->tried,
		    " (%s; in a container its hop limit must be 2 or more)", s->why);
	else if (response.status != 200 || !response.body.len)
		buf_addf(
		    &s->tried, " (%s refuses a token: %d)", v->base, response.status);
	else {
		token = (struct span){ response.body.data, response.body.len };
		v->token = xasprintf(
		    "X-aws-ec2-metadata-token: %.*s", (int)token.len, token.data);
		v->attempts = MAX(v->attempts, (unsigned)ATTEMPTS);
		status = 1;
		if (!seek_is_plain(strchr(v->token, ' ') + 1))
			status = seek_fail(s, "the instance's metadata: an odd token");
	}
	seek_wipe_response(&response);
	return status;
}

/* 1 with the name of the instance's role, 0 if it has none. */
static int
find_role(struct seek *s, const struct service *v, char **role)
{
	struct http_response response = { 0 };
	int status = ask_service(s, v, "GET", ROLE_PATH, v->token, &response);
	size_t len = response.body.len ? strcspn(response.body.data, "\r\n") : 0;

	if (status == 0 && (response.status == 404 || (response.status == 200 && !len)))
		buf_adds(&s->tried, " (which has no role)");
	else if (status == 0 && response.status != 200)
		status = seek_refused(
		    s, "the role of the instance", response.status, NULL, NULL, NULL);
	else if (status == 0) {
		*role = xmemdup(response.body.data, len);
		status = 1;
		if (!seek_is_plain(*role) || strpbrk(*role, "/?#"))
			status =
			    seek_fail(s, "the role of the instance has an odd name");
	}
	seek_wipe_response(&response);
	return status;
}

/*
 * In an outage the service hands out keys that are over; AWS takes them then, so that
 * they are worth a try, for a while.
 */
static void
extend(struct keys *keys)
{
	time_t soonest = time(NULL) + EXTENDED_SECONDS / 10;

	if (keys->expires && keys->expires < soonest)
		keys->expires = time(NULL) + EXTENDED_SECONDS;
}

static int
ask_role(struct seek *s, const struct service *v, struct keys *keys)
{
	struct http_response response = { 0 };
	char *role = NULL, *path = NULL, *what = NULL;
	int status = find_role(s, v, &role);

	if (status > 0) {
		path = xasprintf("%s%s", ROLE_PATH, role);
		what = xasprintf("the instance's role %s", role);
		status = ask_service(s, v, "GET", path, v->token, &response);
		if (status == 0)
			status = take_keys(s, what, &response, keys);
	}
	if (status > 0) {
		extend(keys);
		buf_addf(&s->source, "role %s of the instance", role);
	}
	seek_wipe_response(&response);
	free(role);
	free(path);
	free(what);
	return status;
}

int
seek_instance(struct seek *s, struct keys *keys)
{
	struct service v = { 0 };
	int status;

	if (is_true(aws_config_variable("AWS_EC2_METADATA_DISABLED"))) {
		buf_adds(&s->tried, " (AWS_EC2_METADATA_DISABLED is set)");
		return 0;
	}
	status = find_service(s, &v);
	if (status == 0)
		status = open_service(s, &v);
	if (status > 0)
		status = ask_role(s, &v, keys);
	seek_wipe(v.token);
	free(v.base);
	return status;
}

/*
 * credentials_sso - keys of a role, from IAM Identity Center, for who has signed in.
 *
 * 'aws sso login' leaves a token in ~/.aws/sso/cache, under the SHA-1 of the session's
 * name (of the start URL where the profile itself has all settings). The portal gives
 * keys for it. A token of a session can be renewed without signing in again, if its
 * client is still registered; the new one is put in the old one's place, as it may be
 * good for the next renewal only then.
 *
 * Source: "GetRoleCredentials", IAM Identity Center Portal API Reference, and
 * "CreateToken", IAM Identity Center OIDC API Reference.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "credentials_seek.h"
#include "json.h"
#include "output.h"
#include "sigv4.h"

enum { ATTEMPTS = 3, CONNECT_MS = 5000, TOTAL_MS = 20000, EARLY_SECONDS = 900 };

struct sign_in {
	const char *profile;
	const char *session; /* NULL: the profile itself has all settings */
	const char *start_url, *region, *account, *role;
	char *path; /* of the token */
};

enum token_part {
	ACCESS_TOKEN,
	EXPIRES_AT,
	REFRESH_TOKEN,
	CLIENT_ID,
	CLIENT_SECRET,
	REGISTRATION_EXPIRES_AT,
	TOKEN_PARTS,
};

static int
sign_in_again(struct seek *s, const struct sign_in *in, const char *why)
{
	return seek_fail(s, "profile %s: %s; run: aws sso login --profile %s",
	    in->profile, why, in->profile);
}

/* Of the session, if there is one, else of the profile. */
static const char *
setting(const struct seek *s, const struct sign_in *in, const char *name)
{
	const char *value = in->session ? aws_config_section(s->config, "sso-session",
					      in->session, name)
					: NULL;

	return value ? value : aws_config_of(s->config, in->profile, name);
}

static char *
token_path(const char *key)
{
	unsigned char sum[20];
	struct buf path = { 0 };
	char *whole;

	EVP_Digest(key, strlen(key), sum, NULL, EVP_sha1(), NULL);
	buf_adds(&path, "~/.aws/sso/cache/");
	for (size_t i = 0; i < sizeof sum; i++)
		buf_addf(&path, "%02x", sum[i]);
	buf_adds(&path, ".json");
	whole = aws_config_home(path.data);
	buf_release(&path);
	return whole;
}

static int
find_settings(struct seek *s, struct sign_in *in)
{
	in->session = aws_config_of(s->config, in->profile, "sso_session");
	if (in->session &&
	    !aws_config_has_section(s->config, "sso-session", in->session))
		return seek_fail(s, "profile %s: there is no [sso-session %s]",
		    in->profile, in->session);
	in->start_url = setting(s, in, "sso_start_url");
	in->region = setting(s, in, "sso_region");
	if (!in->account || !in->role || !in->start_url || !in->region)
		return seek_fail(s, "profile %s: single sign-on needs %s", in->profile,
		    !in->account     ? "sso_account_id"
		    : !in->role      ? "sso_role_name"
		    : !in->start_url ? "sso_start_url"
				     : "sso_region");
	if (!aws_config_is_region(in->region))
		return seek_fail(
		    s, "profile %s: sso_region is no region's name", in->profile);
	in->path = token_path(in->session ? in->session : in->start_url);
	return 0;
}

static void
add_member(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, "%s\"%s\": ", b->len ? ", " : "{", name);
	json_quote(b, text, strlen(text));
}

/*
 * Best effort: if it cannot be written, the next command must sign in again, but this
 * one goes on. Nobody else may read it.
 */
static void
save_token(const struct sign_in *in, const struct seek_field *f)
{
	struct buf b = { 0 };
	struct output out;

	add_member(&b, "startUrl", in->start_url);
	add_member(&b, "region", in->region);
	for (size_t i = 0; i < TOKEN_PARTS; i++)
		if (f[i].text)
			add_member(&b, f[i].name, f[i].text);
	buf_adds(&b, "}\n");
	if (output_open(&out, in->path) == 0) {
		if (output_write(&out, b.data, b.len) == 0)
			output_commit(&out);
		else
			output_discard(&out);
	}
	seek_wipe_buf(&b);
}

/* What CreateToken answers becomes the token. -1 if it cannot be used. */
static int
take_token(const struct sign_in *in, struct span body, struct seek_field *f)
{
	struct seek_field a[] = { { "accessToken", NULL }, { "expiresIn", NULL },
		{ "refreshToken", NULL } };
	struct buf text = { 0 };
	int status = -1;

	if (seek_json(body, NULL, a, LENGTH(a)) == 0 && a[0].text && a[1].text) {
		seek_wipe(f[ACCESS_TOKEN].text);
		f[ACCESS_TOKEN].text = a[0].text;
		a[0].text = NULL;
		seek_add_time(&text, time(NULL) + strtol(a[1].text, NULL, 10));
		free(f[EXPIRES_AT].text);
		f[EXPIRES_AT].text = text.data;
		seek_wipe(f[REFRESH_TOKEN].text);
		f[REFRESH_TOKEN].text = a[2].text;
		a[2].text = NULL;
		save_token(in, f);
		status = 0;
	}
	seek_fields_release(a, LENGTH(a));
	return status;
}

/* Whether the token is a new one. That it is not is no error yet. */
static bool
renew_token(struct seek *s, const struct sign_in *in, struct seek_field *f)
{
	static const char *const headers[] = { "Content-Type: application/json", NULL };
	struct http_request request = { .method = "POST",
		.headers = headers,
		.connect_ms = CONNECT_MS,
		.total_ms = TOTAL_MS };
	struct http_response response = { 0 };
	char *endpoint, *url = NULL;
	struct buf body = { 0 };
	bool renewed = false;

	for (int i = REFRESH_TOKEN; i < TOKEN_PARTS; i++)
		if (!in->session || !f[i].text)
			return false;
	if (seek_time(f[REGISTRATION_EXPIRES_AT].text) <= time(NULL))
		return false;
	add_member(&body, "clientId", f[CLIENT_ID].text);
	add_member(&body, "clientSecret", f[CLIENT_SECRET].text);
	add_member(&body, "grantType", "refresh_token");
	add_member(&body, "refreshToken", f[REFRESH_TOKEN].text);
	buf_addc(&body, '}');
	if ((endpoint = seek_endpoint(s, "sso-oidc", "oidc", in->region)))
		url = xasprintf("%s/token", endpoint);
	request.url = url;
	request.body = body.data;
	request.body_len = body.len;
	if (url && seek_ask(s, "CreateToken", &request, ATTEMPTS, &response) == 0 &&
	    response.status == 200)
		renewed =
		    take_token(in,
			(struct span){ response.body.data, response.body.len }, f) == 0;
	seek_wipe_buf(&body);
	seek_wipe_response(&response);
	free(endpoint);
	free(url);
	return renewed;
}

/* A token that is valid; -1 and the seek's why. */
static int
find_token(struct seek *s, const struct sign_in *in, struct seek_field *f)
{
	char *text = seek_read(s, "single sign-on", in->path);
	time_t expires;

	if (!text)
		return access(in->path, F_OK) ? sign_in_again(s, in, "not signed in")
					      : -1;
	if (seek_json(span_of(text), NULL, f, TOKEN_PARTS) < 0 ||
	    !f[ACCESS_TOKEN].text || !f[EXPIRES_AT].text ||
	    (expires = seek_time(f[EXPIRES_AT].text)) < 0) {
		seek_wipe(text);
		return sign_in_again(
		    s, in, "the token in ~/.aws/sso/cache is no token");
	}
	seek_wipe(text);
	if (expires - time(NULL) < EARLY_SECONDS && renew_token(s, in, f))
		expires = seek_time(f[EXPIRES_AT].text);
	if (expires <= time(NULL))
		return sign_in_again(s, in, "the sign-in has expired");
	return 0;
}

static int
take_keys(struct seek *s, const char *what, const struct http_response *response,
    struct keys *keys)
{
	struct span body = { response->body.data, response->body.len };
	struct seek_field a[] = { { "accessKeyId", NULL }, { "secretAccessKey", NULL },
		{ "sessionToken", NULL }, { "expiration", NULL } };
	int status = -1;

	if (seek_json(body, "roleCredentials", a, LENGTH(a)) == 0 && a[0].text &&
	    a[1].text && a[2].text && a[3].text &&
	    (keys->expires = (time_t)(strtoll(a[3].text, NULL, 10) / 1000)) > 0) {
		keys->expires -= seek_skew(response);
		keys->id = a[0].text;
		keys->secret = a[1].text;
		keys->token = a[2].text;
		a[0].text = a[1].text = a[2].text = NULL;
		status = 1;
	} else
		seek_fail(s, "%s: the answer holds no keys", what);
	seek_fields_release(a, LENGTH(a));
	return status;
}

static int
refused(struct seek *s, const struct sign_in *in, const char *what,
    const struct http_response *response, const char *token)
{
	const char *const hide[] = { token, NULL };
	struct seek_field message = { "message", NULL };

	if (response->status == 401)
		return sign_in_again(s, in, "the sign-in has expired");
	seek_json((struct span){ response->body.data, response->body.len }, NULL,
	    &message, 1);
	seek_refused(s, what, response->status, NULL, message.text, hide);
	seek_fields_release(&message, 1);
	return -1;
}

static int
ask_portal(
    struct seek *s, const struct sign_in *in, const char *token, struct keys *keys)
{
	const struct sigv4_pair query[] = { { "role_name", in->role },
		{ "account_id", in->account } };
	char *headers[] = { xasprintf("x-amz-sso_bearer_token: %s", token), NULL };
	char *endpoint = seek_endpoint(s, "sso", "portal.sso", in->region);
	char *what = xasprintf("profile %s: GetRoleCredentials", in->profile);
	struct http_request request = { .method = "GET",
		.headers = (const char *const *)headers,
		.connect_ms = CONNECT_MS,
		.total_ms = TOTAL_MS };
	struct http_response response = { 0 };
	struct buf url = { 0 };
	int status = -1;

	buf_addf(&url, "%s/federation/credentials?", endpoint ? endpoint : "");
	sigv4_query(&url, query, LENGTH(query));
	request.url = url.data;
	if (!seek_is_plain(token))
		seek_fail(s, "%s: an odd character in the token", what);
	else if (endpoint && seek_ask(s, what, &request, ATTEMPTS, &response) == 0)
		status = response.status == 200
			     ? take_keys(s, what, &response, keys)
			     : refused(s, in, what, &response, token);
	seek_wipe_response(&response);
	seek_wipe(headers[0]);
	buf_release(&url);
	free(endpoint);
	free(what);
	return status;
}

int
seek_sso(struct seek *s, const char *profile, struct keys *keys)
{
	struct sign_in in = { .profile = profile,
		.account = aws_config_of(s->config, profile, "sso_account_id"),
		.role = aws_config_of(s->config, profile, "sso_role_name") };
	struct seek_field f[TOKEN_PARTS] = { { "accessToken", NULL },
		{ "expiresAt", NULL }, { "refreshToken", NULL }, { "clientId", NULL },
		{ "clientSecret", NULL }, { "registrationExpiresAt", NULL } };
	int status = -1;

	if (!in.account && !in.role)
		return 0;
	if (find_settings(s, &in) == 0 && find_token(s, &in, f) == 0)
		status = ask_portal(s, &in, f[ACCESS_TOKEN].text, keys);
	if (status > 0)
		buf_addf(&s->source, "role %s in account %s of profile %s, by %s%s",
		    in.role, in.account, profile,
		    in.session ? "the single sign-on of session " : "single sign-on",
		    in.session ? in.session : "");
	seek_fields_release(f, TOKEN_PARTS);
	free(in.path);
	return status;
}

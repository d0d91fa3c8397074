/* sigv4 - Signature Version 4 of AWS, as a pure function: clock and keys are arguments.
 */
#include "sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static const char algorithm[] = "AWS4-HMAC-SHA256";

void
sigv4_date(char date[17], time_t time)
{
	struct tm tm = { 0 };

	gmtime_r(&time, &tm);
	if (!strftime(date, 17, "%Y%m%dT%H%M%SZ", &tm))
		*date = '\0';
}

static void
to_hex(char hex[65], const unsigned char sum[32])
{
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

void
sigv4_hash(char hex[65], const void *p, size_t len)
{
	unsigned char sum[32];

	EVP_Digest(p, len, sum, NULL, EVP_sha256(), NULL);
	to_hex(hex, sum);
}

static bool
is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

void
sigv4_escape(struct buf *b, const char *text, size_t len, bool is_path)
{
	for (size_t i = 0; i < len; i++)
		if (is_unreserved(text[i]) || (is_path && text[i] == '/'))
			buf_addc(b, text[i]);
		else
			buf_addf(b, "%%%02X", (unsigned char)text[i]);
}

/* By escaped name, then escaped value, as bytes: so sort what is escaped already. */
static int
by_text(const void *a, const void *b)
{
	const struct buf *x = a, *y = b;

	return strcmp(x->data, y->data);
}

/*
 * name=value, to be sorted as whole texts: '=' stands for the end of the name, which
 * must sort before all that a name can hold, and '%', '-' and '.' are less than it.
 */
static void
add_pair(struct buf *b, const struct sigv4_pair *p)
{
	sigv4_escape(b, p->name, strlen(p->name), false);
	buf_addc(b, '\001');
	sigv4_escape(b, p->value, strlen(p->value), false);
}

void
sigv4_query(struct buf *b, const struct sigv4_pair *query, size_t n)
{
	struct buf *pairs = xcalloc(n, sizeof *pairs);

	for (size_t i = 0; i < n; i++)
		add_pair(&pairs[i], &query[i]);
	qsort(pairs, n, sizeof *pairs, by_text);
	for (size_t i = 0; i < n; i++) {
		*strchr(pairs[i].data, '\001') = '=';
		if (i)
			buf_addc(b, '&');
		buf_add(b, pairs[i].data, pairs[i].len);
		buf_release(&pairs[i]);
	}
	free(pairs);
}

/* A header as it is signed: name in lower case, value without needless space. */
struct header {
	char *name;
	struct buf value;
	size_t order; /* equal names keep theirs */
};

static int
by_name(const void *a, const void *b)
{
	const struct header *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

static char *
lower(const char *text)
{
	char *copy = xstrdup(text);

	for (char *p = copy; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return copy;
}

/* Trimmed, and runs of blanks become one space. */
static void
add_trimmed(struct buf *b, const char *value)
{
	bool gap = false;

	for (; *value; value++) {
		if (*value == ' ' || *value == '\t') {
			gap = true;
			continue;
		}
		if (gap && b->len)
			buf_addc(b, ' ');
		gap = false;
		buf_addc(b, *value);
	}
}

static struct header *
sorted_headers(const struct sigv4_request *r)
{
	struct header *list = xcalloc(r->n_headers, sizeof *list);

	for (size_t i = 0; i < r->n_headers; i++) {
		list[i].name = lower(r->headers[i].name);
		list[i].order = i;
		add_trimmed(&list[i].value, r->headers[i].value);
	}
	qsort(list, r->n_headers, sizeof *list, by_name);
	return list;
}

/* "name:value\n" each, and the names with ";" between. A name's values go together. */
static void
add_headers(struct buf *text, struct buf *names, const struct sigv4_request *r)
{
	struct header *list = sorted_headers(r);

	for (size_t i = 0; i < r->n_headers; i++) {
		bool again = i && !strcmp(list[i].name, list[i - 1].name);

		if (again)
			text->data[text->len - 1] = ',';
		else {
			if (i)
				buf_addc(names, ';');
			buf_adds(names, list[i].name);
			buf_adds(text, list[i].name);
			buf_addc(text, ':');
		}
		buf_add(text, list[i].value.data, list[i].value.len);
		buf_addc(text, '\n');
	}
	for (size_t i = 0; i < r->n_headers; i++) {
		free(list[i].name);
		buf_release(&list[i].value);
	}
	free(list);
}

static void
canonical_request(struct buf *b, struct buf *names, const struct sigv4_request *r)
{
	buf_addf(b, "%s\n%s\n", r->method, r->path);
	sigv4_query(b, r->query, r->n_query);
	buf_addc(b, '\n');
	add_headers(b, names, r);
	buf_addf(b, "\n%s\n%s", names->data ? names->data : "", r->payload_hash);
}

static void
mac(unsigned char out[32], const void *key, size_t key_len, const char *text)
{
	HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text),
	    out, NULL);
}

static void
signature(char hex[65], const struct sigv4_scope *s, const char *date, const char *text)
{
	char *secret = xasprintf("AWS4%s", s->secret);
	unsigned char key[32];

	mac(key, secret, strlen(secret), date);
	mac(key, key, sizeof key, s->region);
	mac(key, key, sizeof key, s->service);
	mac(key, key, sizeof key, "aws4_request");
	mac(key, key, sizeof key, text);
	to_hex(hex, key);
	OPENSSL_cleanse(secret, strlen(secret));
	OPENSSL_cleanse(key, sizeof key);
	free(secret);
}

void
sigv4_authorization(
    struct buf *b, const struct sigv4_request *r, const struct sigv4_scope *scope)
{
	struct buf request = { 0 }, names = { 0 }, text = { 0 }, where = { 0 };
	char stamp[17], hash[65], hex[65], day[9];

	sigv4_date(stamp, scope->time);
	snprintf(day, sizeof day, "%.8s", stamp);
	canonical_request(&request, &names, r);
	sigv4_hash(hash, request.data, request.len);
	buf_addf(&where, "%s/%s/%s/aws4_request", day, scope->region, scope->service);
	buf_addf(&text, "%s\n%s\n%s\n%s", algorithm, stamp, where.data, hash);
	signature(hex, scope, day, text.data);
	buf_addf(b, "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s", algorithm,
	    scope->key_id, where.data, names.data ? names.data : "", hex);
	buf_release(&request);
	buf_release(&names);
	buf_release(&text);
	buf_release(&where);
}

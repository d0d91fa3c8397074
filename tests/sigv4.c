/*
 * sigv4 - against published examples and another signer.
 *
 * The first four vectors are the examples of "Authenticating Requests: Using the
 * Authorization Header", Amazon S3 API Reference. The others are signed by botocore,
 * the AWS SDK of Python, of the same key and day.
 */
#include "sigv4.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "json.h"
#include "lines.h"

enum { PAIRS = 16 };

static const char key_id[] = "AKIAIOSFODNN7EXAMPLE";
static const char secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
static const time_t day = 1369353600; /* 2013-05-24 */

/* A vector: what to sign, and the signature. All of the texts are in kept. */
struct vector {
	char *kept[64];
	size_t n_kept;
	struct sigv4_pair query[PAIRS], headers[PAIRS];
	struct sigv4_request request;
	struct buf path;
	const char *key, *region, *signature;
};

static char *
keep(struct vector *v, const struct json_value *value)
{
	struct buf scratch = { 0 };
	struct span text = json_text(value, &scratch);

	v->kept[v->n_kept] = xmemdup(text.data, text.len);
	buf_release(&scratch);
	return v->kept[v->n_kept++];
}

static size_t
read_pairs(struct vector *v, struct json *j, struct sigv4_pair *pairs)
{
	struct json_value value;
	size_t n = 0;

	for (json_enter(j, '['); json_element(j) > 0; n++) {
		json_enter(j, '[');
		json_element(j);
		json_value(j, &value);
		pairs[n].name = keep(v, &value);
		json_element(j);
		json_value(j, &value);
		pairs[n].value = keep(v, &value);
		json_element(j);
	}
	return n;
}

static void
read_vector(struct vector *v, const char *line, size_t len)
{
	struct json_value name, value;
	struct json j;

	*v = (struct vector){ 0 };
	json_open(&j, line, len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0) {
		const char **text = json_is(&name, "method") ? &v->request.method
				    : json_is(&name, "key")  ? &v->key
				    : json_is(&name, "payload")
					? &v->request.payload_hash
				    : json_is(&name, "region")    ? &v->region
				    : json_is(&name, "signature") ? &v->signature
								  : NULL;

		if (json_is(&name, "query"))
			v->request.n_query = read_pairs(v, &j, v->query);
		else if (json_is(&name, "headers"))
			v->request.n_headers = read_pairs(v, &j, v->headers);
		else if (text && json_value(&j, &value) == 0)
			*text = keep(v, &value);
	}
	if (json_finish(&j) < 0)
		errx(1, "bad vector: %s", line);
	v->request.query = v->query;
	v->request.headers = v->headers;
	buf_addc(&v->path, '/');
	sigv4_escape(&v->path, v->key, strlen(v->key), true);
	v->request.path = v->path.data;
}

static void
vector_release(struct vector *v)
{
	for (size_t i = 0; i < v->n_kept; i++)
		free(v->kept[i]);
	buf_release(&v->path);
}

static void
reverse(struct sigv4_pair *pairs, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct sigv4_pair p = pairs[i];

		pairs[i] = pairs[n - 1 - i];
		pairs[n - 1 - i] = p;
	}
}

static bool
is_signed_right(const struct vector *v)
{
	const struct sigv4_scope scope = { .key_id = key_id,
		.secret = secret,
		.region = v->region,
		.service = "s3",
		.time = day };
	struct buf b = { 0 };
	const char *at;
	bool right;

	sigv4_authorization(&b, &v->request, &scope);
	at = strstr(b.data, "Signature=");
	right = at && !strcmp(at + 10, v->signature) && !strstr(b.data, secret);
	buf_release(&b);
	return right;
}

static void
signatures_are_those_of_the_vectors(void)
{
	char path[] = "tests/vectors/sigv4.jsonl";
	char *paths[] = { path };
	size_t n = 0, right = 0, any_order = 0;
	struct lines l;
	struct vector v;

	lines_open(&l, paths, 1);
	while (lines_next(&l) > 0) {
		read_vector(&v, l.text, l.len);
		n++;
		right += is_signed_right(&v);
		reverse(v.query, v.request.n_query);
		reverse(v.headers, v.request.n_headers);
		any_order += is_signed_right(&v);
		vector_release(&v);
	}
	lines_close(&l);
	CHECK(n == 45);
	CHECK(right == n);
	CHECK(any_order == n);
}

static void
the_header_has_the_form_of_the_first_example(void)
{
	static const struct sigv4_pair headers[] = {
		{ "Host", "examplebucket.s3.amazonaws.com" },
		{ "Range", "bytes=0-9" },
		{ "x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b"
					  "934ca495991b7852b855" },
		{ "x-amz-date", "20130524T000000Z" },
	};
	const struct sigv4_request r = { .method = "GET",
		.path = "/test.txt",
		.headers = headers,
		.n_headers = 4,
		.payload_hash = headers[2].value };
	const struct sigv4_scope scope = { key_id, secret, "us-east-1", "s3", day };
	struct buf b = { 0 };

	sigv4_authorization(&b, &r, &scope);
	CHECK(!strcmp(b.data,
	    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
	    "aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
	    "Signature="
	    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
	buf_release(&b);
}

/* RFC 7230, 3.2.2: several headers of one name are one, their values behind commas. */
static void
headers_of_one_name_are_signed_as_one(void)
{
	static const struct sigv4_pair apart[] = { { "host", "h" }, { "X-A", "1" },
		{ "x-a", "2" } };
	static const struct sigv4_pair joined[] = { { "x-a", "1,2" }, { "Host", "h" } };
	const struct sigv4_scope scope = { key_id, secret, "r", "s3", day };
	struct sigv4_request r = { .method = "GET",
		.path = "/",
		.headers = apart,
		.n_headers = 3,
		.payload_hash = "UNSIGNED-PAYLOAD" };
	struct buf a = { 0 }, b = { 0 };

	sigv4_authorization(&a, &r, &scope);
	r.headers = joined;
	r.n_headers = 2;
	sigv4_authorization(&b, &r, &scope);
	CHECK(!strcmp(a.data, b.data));
	buf_release(&a);
	buf_release(&b);
}

static void
everything_but_unreserved_characters_is_escaped(void)
{
	struct buf b = { 0 };
	char all[256];

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	sigv4_escape(&b, all, sizeof all, false);
	CHECK(b.len == 66 + 3 * (256 - 66));
	CHECK(!memcmp(b.data, "%00%01", 6) && strstr(b.data, "%2F0123456789%3A"));
	CHECK(strstr(b.data, "%5E_%60") && strstr(b.data, "%7D~%7F%80"));
	buf_clear(&b);
	sigv4_escape(&b, "a/b c", 5, true);
	CHECK(!strcmp(b.data, "a/b%20c"));
	buf_release(&b);
}

static void
a_query_is_sorted_by_name_and_value(void)
{
	static const struct sigv4_pair pairs[] = { { "b", "" }, { "a-b", "1" },
		{ "a", "2" }, { "a", "10" }, { "a=", "0" } };
	struct buf b = { 0 };

	sigv4_query(&b, pairs, 5);
	CHECK(!strcmp(b.data, "a=10&a=2&a%3D=0&a-b=1&b="));
	buf_release(&b);
}

static void
dates_are_of_utc(void)
{
	char date[17];

	sigv4_date(date, day);
	CHECK(!strcmp(date, "20130524T000000Z"));
	sigv4_date(date, 4102444799);
	CHECK(!strcmp(date, "20991231T235959Z"));
}

static void
hashes_are_sha256(void)
{
	char hex[65];

	sigv4_hash(hex, "", 0);
	CHECK(!strcmp(
	    hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	sigv4_hash(hex, "abc", 3); /* FIPS 180-2, B.1 */
	CHECK(!strcmp(
	    hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

int
main(void)
{
	signatures_are_those_of_the_vectors();
	the_header_has_the_form_of_the_first_example();
	headers_of_one_name_are_signed_as_one();
	everything_but_unreserved_characters_is_escaped();
	a_query_is_sorted_by_name_and_value();
	dates_are_of_utc();
	hashes_are_sha256();
	return check_end();
}

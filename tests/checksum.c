/* checksum - what servers say of an object's bytes, true and false. */
#include "checksum.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char bytes[] = "123456789";
static const char md5[] = "25f9e794323b453885f5181f1b624d0b";

/* 0 or -1 for a response with these headers. */
static int
verify(const char *headers, const char *etag)
{
	struct http_response r = { 200, { 0 }, { 0 } };
	int status;

	buf_adds(&r.headers, headers);
	status = checksum_verify(&r, etag, bytes, 9);
	http_response_release(&r);
	return status;
}

static void
each_header_is_believed_and_checked(void)
{
	/* openssl dgst -binary | base64; CRCs are the published check values. */
	static const char *const right[] = {
		"x-amz-checksum-crc32: y/Q5Jg==\n",
		"x-amz-checksum-crc32c: 4waSgw==\n",
		"x-amz-checksum-crc64nvme: rosUhgp5mIg=\n",
		"x-amz-checksum-sha1: 98O8HYCOBHMq32eZZczDTKeuNEE=\n",
		"x-amz-checksum-sha256: "
		"FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=\n",
	};

	for (size_t i = 0; i < LENGTH(right); i++) {
		char *wrong = xstrdup(right[i]), *value = strchr(wrong, ' ') + 1;

		*value = *value == 'A' ? 'B' : 'A';
		CHECK(verify(right[i], NULL) == 0);
		CHECK(verify(wrong, NULL) == -1);
		free(wrong);
	}
}

static void
the_md5_of_an_etag_is_checked_where_it_is_one(void)
{
	static const char other[] = "00000000000000000000000000000000";

	CHECK(verify("", md5) == 0);
	CHECK(verify("", other) == -1);
	CHECK(verify("x-amz-server-side-encryption: AES256\n", other) == -1);
	CHECK(verify("x-amz-server-side-encryption: aws:kms\n", other) == 0);
	CHECK(verify("x-amz-server-side-encryption-customer-algorithm: AES256\n",
		  other) == 0);
	CHECK(verify("", "00000000000000000000000000000000-2") == 0);
	CHECK(verify("", "\"W/x\"") == 0);
	CHECK(verify("", NULL) == 0);
}

static void
a_hash_of_hashes_says_nothing_of_the_bytes(void)
{
	CHECK(verify("x-amz-checksum-crc32c: AAAAAA==-3\n", NULL) == 0);
	CHECK(verify("x-amz-checksum-crc32c: AAAAAA==-3\n", md5) == 0);
}

static void
an_answer_may_have_the_etag_of_other_bytes(void)
{
	struct http_response r = { 200, { 0 }, { 0 } };

	CHECK(!checksum_differs(&r, md5));
	buf_addf(&r.headers, "etag: \"%s\"\n", md5);
	CHECK(!checksum_differs(&r, md5));
	CHECK(checksum_differs(&r, "00000000000000000000000000000000"));
	buf_adds(&r.headers, "x-amz-server-side-encryption: aws:kms\n");
	CHECK(!checksum_differs(&r, "00000000000000000000000000000000"));
	http_response_release(&r);
}

static void
they_have_names_and_values(void)
{
	struct buf b = { 0 };
	char hex[33];

	CHECK(checksum_parse("none") == CHECKSUM_NONE);
	CHECK(checksum_parse("sha256") == CHECKSUM_SHA256);
	CHECK(checksum_parse("md5") == -1 && checksum_parse("") == -1);
	checksum_base64(&b, CHECKSUM_CRC32C, bytes, 9);
	CHECK(!strcmp(b.data, "4waSgw=="));
	buf_clear(&b);
	checksum_md5(hex, &b, bytes, 9);
	CHECK(!strcmp(hex, md5) && !strcmp(b.data, "JfnnlDI7RTiF9RgfG2JNCw=="));
	buf_release(&b);
}

int
main(void)
{
	each_header_is_believed_and_checked();
	the_md5_of_an_etag_is_checked_where_it_is_one();
	a_hash_of_hashes_says_nothing_of_the_bytes();
	an_answer_may_have_the_etag_of_other_bytes();
	they_have_names_and_values();
	return check_end();
}

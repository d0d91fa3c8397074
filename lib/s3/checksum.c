/* checksum - whether bytes are those whose hash a server tells, and hashes to tell it.
 */
#include "checksum.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include <openssl/evp.h>

#include "crc.h"

static const struct {
	const char *name, *header, *algorithm, *element;
} kinds[] = {
	[CHECKSUM_NONE] = { "none", NULL, NULL, NULL },
	[CHECKSUM_CRC32C] = { "crc32c", "x-amz-checksum-crc32c", "CRC32C",
	    "ChecksumCRC32C" },
	[CHECKSUM_SHA256] = { "sha256", "x-amz-checksum-sha256", "SHA256",
	    "ChecksumSHA256" },
};

int
checksum_parse(const char *name)
{
	for (size_t i = 0; i < LENGTH(kinds); i++)
		if (!strcmp(name, kinds[i].name))
			return (int)i;
	return -1;
}

const char *
checksum_header(enum checksum c)
{
	return kinds[c].header;
}

const char *
checksum_algorithm(enum checksum c)
{
	return kinds[c].algorithm;
}

const char *
checksum_element(enum checksum c)
{
	return kinds[c].element;
}

/* Most significant byte first. */
static void
add_number(struct buf *b, uint64_t x, int bytes)
{
	unsigned char raw[8];
	char text[16];

	for (int i = 0; i < bytes; i++)
		raw[i] = (unsigned char)(x >> 8 * (bytes - 1 - i));
	EVP_EncodeBlock((unsigned char *)text, raw, bytes);
	buf_adds(b, text);
}

static void
add_digest(struct buf *b, const EVP_MD *kind, const void *p, size_t len)
{
	unsigned char sum[EVP_MAX_MD_SIZE], text[2 * EVP_MAX_MD_SIZE];
	unsigned n = 0;

	EVP_Digest(p, len, sum, &n, kind, NULL);
	EVP_EncodeBlock(text, sum, (int)n);
	buf_adds(b, (const char *)text);
}

static void
add_crc32(struct buf *b, const void *p, size_t len)
{
	add_number(b, crc32_z(0, p, len), 4);
}

static void
add_crc32c(struct buf *b, const void *p, size_t len)
{
	add_number(b, crc32c(0, p, len), 4);
}

static void
add_crc64nvme(struct buf *b, const void *p, size_t len)
{
	add_number(b, crc64nvme(0, p, len), 8);
}

static void
add_sha1(struct buf *b, const void *p, size_t len)
{
	add_digest(b, EVP_sha1(), p, len);
}

static void
add_sha256(struct buf *b, const void *p, size_t len)
{
	add_digest(b, EVP_sha256(), p, len);
}

void
checksum_base64(struct buf *b, enum checksum c, const void *p, size_t len)
{
	if (c == CHECKSUM_CRC32C)
		add_crc32c(b, p, len);
	else if (c == CHECKSUM_SHA256)
		add_sha256(b, p, len);
}

void
checksum_md5(char hex[33], struct buf *base64, const void *p, size_t len)
{
	unsigned char sum[16], text[32];

	EVP_Digest(p, len, sum, NULL, EVP_md5(), NULL);
	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	EVP_EncodeBlock(text, sum, 16);
	buf_adds(base64, (const char *)text);
}

/* 1 if the response tells this one and it is right, 0 if it does not tell, -1. */
static int
verify_header(const struct http_response *response, const char *name,
    void (*add)(struct buf *b, const void *p, size_t len), const void *p, size_t len)
{
	struct span told = http_header(response, name);
	struct buf is = { 0 };
	int status;

	/* "...-3" is a hash of the hashes of three parts. */
	if (!told.len || memchr(told.data, '-', told.len))
		return 0;
	add(&is, p, len);
	status = span_is(told, is.data) ? 1 : -1;
	buf_release(&is);
	return status;
}

bool
checksum_is_hidden(const struct http_response *response)
{
	struct span sse = http_header(response, "x-amz-server-side-encryption");
	struct span customer =
	    http_header(response, "x-amz-server-side-encryption-customer-algorithm");

	return (sse.len && !span_is(sse, "AES256")) || customer.len;
}

static bool
is_md5(const struct http_response *response, struct span etag)
{
	if (etag.len != 32 || checksum_is_hidden(response))
		return false;
	for (size_t i = 0; i < etag.len; i++)
		if (!etag.data[i] || !strchr("0123456789abcdef", etag.data[i]))
			return false;
	return true;
}

bool
checksum_differs(const struct http_response *response, const char *md5)
{
	struct span etag = http_header(response, "etag");

	if (etag.len == 34)
		etag = (struct span){ etag.data + 1, 32 };
	return is_md5(response, etag) && !span_is(etag, md5);
}

int
checksum_verify(
    const struct http_response *response, const char *etag, const void *p, size_t len)
{
	static const struct {
		const char *name;
		void (*add)(struct buf *b, const void *p, size_t len);
	} headers[] = { { "x-amz-checksum-crc32c", add_crc32c },
		{ "x-amz-checksum-crc64nvme", add_crc64nvme },
		{ "x-amz-checksum-crc32", add_crc32 },
		{ "x-amz-checksum-sha256", add_sha256 },
		{ "x-amz-checksum-sha1", add_sha1 } };
	struct buf base64 = { 0 };
	char hex[33];
	int status;

	for (size_t i = 0; i < LENGTH(headers); i++)
		if ((status = verify_header(
			 response, headers[i].name, headers[i].add, p, len)))
			return status > 0 ? 0 : -1;
	if (!etag || !is_md5(response, span_of(etag)))
		return 0;
	checksum_md5(hex, &base64, p, len);
	buf_release(&base64);
	return strcmp(hex, etag) ? -1 : 0;
}

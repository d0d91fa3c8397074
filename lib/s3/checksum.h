/*
 * checksum - whether bytes are those whose hash a server tells, and hashes to tell it.
 */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include "http.h"
#include "util.h"

enum checksum { CHECKSUM_NONE, CHECKSUM_CRC32C, CHECKSUM_SHA256 };

/* -1: no such name, else an enum checksum. */
int checksum_parse(const char *name);

/* "x-amz-checksum-crc32c", "CRC32C", "ChecksumCRC32C". */
const char *checksum_header(enum checksum c);
const char *checksum_algorithm(enum checksum c);
const char *checksum_element(enum checksum c);

void checksum_base64(struct buf *b, enum checksum c, const void *p, size_t len);

/* 32 hex digits; the same in base64, for Content-MD5. */
void checksum_md5(char hex[33], struct buf *base64, const void *p, size_t len);

/* Whether a response says that ETags are no MD5: keys of KMS or the user encrypt. */
bool checksum_is_hidden(const struct http_response *response);
/* Whether the response to putting bytes with this MD5 has the ETag of others. */
bool checksum_differs(const struct http_response *response, const char *md5);

/*
 * Against the x-amz-checksum-* of a response that brought a whole object; without any,
 * against its ETag, which is the MD5 of an object that was put in one piece and not
 * encrypted with keys of KMS or the user. 0 if nothing is told.
 */
int checksum_verify(
    const struct http_response *response, const char *etag, const void *p, size_t len);

#endif

/*
 * sigv4 - Signature Version 4 of AWS, as a pure function: clock and keys are arguments.
 *
 * Source: "Signature Version 4 signing process", AWS General Reference; for S3 the
 * path is escaped once and never normalised, for other services it is "/" here.
 */
#ifndef SIGV4_H
#define SIGV4_H

#include <time.h>

#include "util.h"

struct sigv4_pair {
	const char *name;
	const char *value;
};

struct sigv4_request {
	const char *method;
	const char *path;               /* as on the wire: absolute, escaped */
	const struct sigv4_pair *query; /* not escaped, in any order */
	size_t n_query;
	/* All to be signed, host among them; names in any case, in any order. */
	const struct sigv4_pair *headers;
	size_t n_headers;
	const char *payload_hash; /* 64 hex digits, or UNSIGNED-PAYLOAD */
};

struct sigv4_scope {
	const char *key_id, *secret;
	const char *region, *service;
	time_t time;
};

/* YYYYMMDD'T'HHMMSS'Z' in UTC, for x-amz-date. */
void sigv4_date(char date[17], time_t time);

/* The hash of a payload as 64 lower-case hex digits. */
void sigv4_hash(char hex[65], const void *p, size_t len);

/* Append RFC 3986 escapes of all but unreserved characters; '/' stays if is_path. */
void sigv4_escape(struct buf *b, const char *text, size_t len, bool is_path);

/* The canonical query: escaped, sorted; what the URL should carry behind '?'. */
void sigv4_query(struct buf *b, const struct sigv4_pair *query, size_t n);

/* The value of the Authorization header. */
void sigv4_authorization(
    struct buf *b, const struct sigv4_request *r, const struct sigv4_scope *scope);

#endif

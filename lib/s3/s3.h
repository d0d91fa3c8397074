/*
 * s3 - requests to S3 and what looks like it: signed, retried, their errors in words.
 *
 * One client is shared by all threads. It learns as it goes: the regions of buckets,
 * the server's clock, connections that can be used again.
 */
#ifndef S3_H
#define S3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http.h"
#include "s3_address.h"
#include "s3_error.h"
#include "sigv4.h"

struct s3;
struct credentials;

struct s3_settings {
	const char *profile;  /* NULL: as the environment says */
	const char *endpoint; /* NULL: as the settings of AWS tools say */
	const char *region;   /* the same */
	bool anonymous;       /* sign nothing */
	bool requester_pays;
	void (*trace)(const char *line); /* told of each retry; NULL: nobody is */
};

/* Reads the settings of AWS tools; asks nobody yet. NULL and an error. */
struct s3 *s3_open(const struct s3_settings *settings, struct s3_error *e);
void s3_close(struct s3 *s);                      /* NULL is fine */
struct credentials *s3_credentials(struct s3 *s); /* NULL: anonymous */

struct s3_request {
	const char *method;
	const struct s3_address *at;
	const struct sigv4_pair *query;
	size_t n_query;
	const struct sigv4_pair *headers; /* besides those that every request has */
	size_t n_headers;
	const void *body;
	size_t body_len;
	/* Of the body of a success, as in http.h. */
	int (*sink)(void *context, const void *p, size_t len);
	void *context;
	const char *name;       /* for messages, NULL: the address */
	const char *note;       /* for traces: "bytes 0-99" */
	const char *permission; /* what it takes, for errors: "s3:GetObject" */
	unsigned stall_ms;      /* as in http.h */
	bool unstoppable;       /* a signal does not stop it: it cleans up */
	bool expect;            /* send the body only when the server wants it */
};

/*
 * A request and its retries. 0 with a response of status 2xx, to be released in any
 * case, or -1 and an error.
 */
int s3_do(struct s3 *s, const struct s3_request *r, struct http_response *response,
    struct s3_error *e);

/*
 * The same step by step, for who changes the request between attempts: start from a
 * zeroed s3_tries. 0 and -1 as above, 1 if it may be tried again: what there is to
 * wait has been waited.
 */
struct s3_tries {
	unsigned n; /* attempts that failed */
	unsigned moved;
	bool clock_set, keys_renewed;
};

int s3_try(struct s3 *s, const struct s3_request *r, struct s3_tries *t,
    struct http_response *response, struct s3_error *e);

/* An attempt looked well, but was not: why. -1 if it was the last, else 1 in time. */
int s3_try_failed(struct s3 *s, const struct s3_request *r, struct s3_tries *t,
    struct s3_error *e, const char *why);

#endif

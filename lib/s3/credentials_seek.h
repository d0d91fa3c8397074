/*
 * credentials_seek - one search for keys, and what its sources share.
 *
 * A source is a function that returns 1 with keys, 0 if nothing is configured for it,
 * or -1 with the seek's why. None of the texts ever holds a secret.
 */
#ifndef CREDENTIALS_SEEK_H
#define CREDENTIALS_SEEK_H

#include <stddef.h>

#include "credentials.h"
#include "http.h"
#include "util.h"

struct seek {
	const struct aws_config *config;
	struct http *http; /* NULL until it is needed */
	bool again;        /* there were keys before: worth more patience */
	struct buf source; /* for a person: what was found */
	struct buf tried;  /* what was not found, " (...)" each */
	char *why;
	bool transient; /* the last request failed in a way that may pass */
};

int seek_fail(struct seek *s, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* -1 */
/* Printable ASCII without spaces: it may stand in a header and does not end it. */
bool seek_is_plain(const char *text);
/* 1, or -1 if the keys cannot be what they should be. */
int seek_check(struct seek *s, const struct keys *keys);
void seek_release(struct seek *s);

/* credentials_local.c */
int seek_environment(struct seek *s, struct keys *keys);
int seek_file(
    struct seek *s, enum aws_file file, const char *profile, struct keys *keys);
/* credentials_process.c */
int seek_process(struct seek *s, const char *profile, struct keys *keys);
/* credentials_sts.c */
int seek_web_identity(
    struct seek *s, const char *profile, bool use_environment, struct keys *keys);
int seek_role(
    struct seek *s, const char *profile, const struct keys *source, struct keys *keys);
/* credentials_sso.c */
int seek_sso(struct seek *s, const char *profile, struct keys *keys);
/* credentials_metadata.c */
int seek_container(struct seek *s, struct keys *keys);
int seek_instance(struct seek *s, struct keys *keys);
/* credentials_chain.c: all of them in their order */
int seek_keys(struct seek *s, struct keys *keys);

/* credentials_seek.c: parts of answers */
struct seek_field {
	const char *name;
	char *text; /* of a string, or a number as it is written; NULL: not there */
};

/*
 * The members of a JSON object, or of the object that is its member inside (may be
 * NULL), into fields, which are to be released in any case. -1 if it is no such JSON.
 */
int seek_json(
    struct span text, const char *inside, struct seek_field *fields, size_t n);
void seek_fields_release(struct seek_field *fields, size_t n); /* wipes */

/* 2026-01-31T12:34:56Z, with fractions or a zone too; -1 if it is no such time. */
time_t seek_time(const char *text);
void seek_add_time(struct buf *b, time_t time);

/* A small file's text without white space at its end. NULL and the seek's why. */
char *seek_read(struct seek *s, const char *what, const char *path);
void seek_wipe(char *text); /* and free; NULL is fine */
void seek_wipe_buf(struct buf *b);
void seek_wipe_response(struct http_response *r);

/* credentials_ask.c: requests */
struct seek_url {
	bool https;
	char *host; /* with a port that is not the usual one */
	char *name; /* without a port and brackets */
	char *path; /* with a query, at least "/" */
};

/* -1 and *why (static text) unless it is http or https with nothing odd in it. */
int seek_url_parse(struct seek_url *u, const char *url, const char **why);
void seek_url_release(struct seek_url *u);

/*
 * Where a service is asked: the endpoint of the settings, or https://prefix.REGION and
 * the domain of that part of the world. To be freed; NULL and the seek's why.
 */
char *seek_endpoint(
    struct seek *s, const char *service, const char *prefix, const char *region);

/*
 * Ask up to attempts times, with pauses, as long as no answer comes or one that says
 * "later". 0 with an answer of any status, to be wiped, or -1 and the seek's why, which
 * begins with what.
 */
int seek_ask(struct seek *s, const char *what, const struct http_request *request,
    unsigned attempts, struct http_response *response);

/*
 * How far a server's clock is ahead, by an answer of it; 0 if that does not matter.
 * What it says of expiry is by that clock.
 */
time_t seek_skew(const struct http_response *response);

/*
 * Fail for what a service said: "what: 403 AccessDenied: message", in one line and
 * without the texts of hide, which ends with NULL.
 */
int seek_refused(struct seek *s, const char *what, int status, const char *code,
    const char *message, const char *const *hide);

#endif

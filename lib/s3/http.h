/*
 * http - one HTTP request after the other; the only module that sees libcurl.
 *
 * A client keeps its connections open between requests and belongs to one thread.
 * It follows no redirect, sends no header that it was not given (but Host,
 * Content-Length and Accept-Encoding: identity as HTTP needs them) and retries nothing:
 * who asks decides.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "util.h"

struct http;

struct http_request {
	const char *method;
	const char *url;
	const char *const *headers; /* "Name: value", ends with NULL; NULL: none */
	const void *body;           /* body_len bytes, NULL: no body */
	size_t body_len;
	/*
	 * Takes the body of a response with status 2xx as it comes, -1 stops; other
	 * bodies, and all of them if sink is NULL, are kept in the response (at most
	 * 16 MiB). Called with the status and headers of the response already set.
	 */
	int (*sink)(void *context, const void *p, size_t len);
	void *context;
	unsigned connect_ms; /* to connect, 0: 10 s */
	unsigned total_ms;   /* for the whole request, 0: no limit */
	unsigned stall_ms;   /* without one byte either way, 0: 60 s */
	bool direct;         /* through no proxy, whatever the environment says */
	bool unstoppable;    /* http_interrupt does not stop it: it cleans up */
};

struct http_response {
	int status;         /* 0: none came */
	struct buf headers; /* "name: value\n" each, names in lower case */
	struct buf body;
};

enum http_fault {
	HTTP_DONE,      /* a whole response, of whatever status */
	HTTP_TRANSIENT, /* refused, reset, cut short, stalled, timed out, no DNS */
	HTTP_STOPPED,   /* by the sink or http_interrupt */
	HTTP_FAILED,    /* bad URL, TLS not trusted: trying again is of no use */
};

/*
 * Before anything else uses OpenSSL: its own way to end would take from threads what
 * they are using.
 */
void http_start(void);

struct http *http_new(const char *ca_bundle); /* NULL: the system's */
void http_free(struct http *h);               /* NULL is fine */

/*
 * One request; the response is cleared first and is to be released. What went
 * wrong is in http_why, without the URL's query.
 */
enum http_fault http_do(
    struct http *h, const struct http_request *request, struct http_response *response);
const char *http_why(const struct http *h);

/* Append a header of a response, as it is on the wire. */
void http_add_header(struct http_response *r, const char *line, size_t len);
/* A header's value by its name in lower case, NULL if there is none. */
struct span http_header(const struct http_response *r, const char *name);
/* A date as in "Sun, 06 Nov 1994 08:49:37 GMT"; -1 if it is none. */
time_t http_time_parse(struct span text);
void http_response_release(struct http_response *r);

/* Called from any thread or a signal handler: requests under way stop soon. */
void http_interrupt(void);

#endif

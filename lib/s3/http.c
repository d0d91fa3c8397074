/* http - one HTTP request after the other; the only module that sees libcurl. */
#include "http.h"

#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include <curl/curl.h>
#include <openssl/crypto.h>

enum {
	KEPT_BODY_MAX = 16 * 1024 * 1024,
	READ_BUFFER = 256 * 1024,
	SEND_BUFFER = 256 * 1024,
	CONNECT_MS = 10000,
	STALL_MS = 60000,
};

struct http {
	CURL *curl;
	curl_socket_t socket;               /* the last one that was opened */
	const struct http_request *request; /* the one under way */
	struct http_response *response;
	double moved_at; /* when a byte came or went */
	curl_off_t moved;
	bool stalled, too_long;
	bool headed; /* the blank line behind the headers came */
	char error[CURL_ERROR_SIZE];
	char *why;
};

static atomic_bool interrupted;

void
http_interrupt(void)
{
	interrupted = true;
}

/*
 * OpenSSL would tear down at exit what other threads still use: a filter that ends
 * by err(3) in the middle of a transfer must not crash.
 */
static void
start_libraries(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		errx(1, "out of memory");
}

static curl_socket_t
open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct http *h = context;

	(void)purpose;
	return h->socket =
		   socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/*
 * A server that leaves Nagle's algorithm on keeps the end of a small answer back until
 * its beginning is acknowledged, and the system likes to wait 40 ms with that. Linux
 * forgets the wish with time: it has to be said of each answer.
 */
static void
acknowledge_at_once(const struct http *h)
{
#ifdef TCP_QUICKACK
	int on = 1;

	setsockopt(h->socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
#else
	(void)h;
#endif
}

/* One line of the head of a response, or of a 100 Continue before it. */
static size_t
take_header(char *p, size_t size, size_t n, void *context)
{
	struct http *h = context;
	size_t len = size * n;
	long status;

	if (len >= 5 && !memcmp(p, "HTTP/", 5)) {
		curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
		h->response->status = (int)status;
		buf_clear(&h->response->headers);
		h->headed = false;
		acknowledge_at_once(h);
	} else {
		h->headed |= *p == '\r' || *p == '\n';
		http_add_header(h->response, p, len);
	}
	return len;
}

static size_t
take_body(char *p, size_t size, size_t n, void *context)
{
	struct http *h = context;
	struct http_response *r = h->response;
	size_t len = size * n;

	if (h->request->sink && r->status / 100 == 2)
		return h->request->sink(h->request->context, p, len) < 0 ? 0 : len;
	if (r->body.len + len > KEPT_BODY_MAX) {
		h->too_long = true;
		return 0;
	}
	buf_add(&r->body, p, len);
	return len;
}

/* Called often while bytes move and about once a second while none do. */
static int
watch(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
    curl_off_t up)
{
	struct http *h = context;
	unsigned limit_ms = h->request->stall_ms ? h->request->stall_ms : STALL_MS;
	double now = now_seconds();

	(void)down_total;
	(void)up_total;
	if (down + up != h->moved) {
		h->moved = down + up;
		h->moved_at = now;
	}
	h->stalled = now - h->moved_at > limit_ms / 1e3;
	return h->stalled || (interrupted && !h->request->unstoppable);
}

static void
set_ca_bundle(CURL *c, const char *path)
{
	struct stat st;

	curl_easy_setopt(c,
	    !stat(path, &st) && S_ISDIR(st.st_mode) ? CURLOPT_CAPATH : CURLOPT_CAINFO,
	    path);
}

void
http_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start_libraries);
}

struct http *
http_new(const char *ca_bundle)
{
	struct http *h = xcalloc(1, sizeof *h);
	CURL *c;

	http_start();
	if (!(c = h->curl = curl_easy_init()))
		errx(1, "out of memory");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, (long)READ_BUFFER);
	curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BUFFER);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, h);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->error);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, watch);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, h);
	if (ca_bundle)
		set_ca_bundle(c, ca_bundle);
	return h;
}

void
http_free(struct http *h)
{
	if (!h)
		return;
	curl_easy_cleanup(h->curl);
	free(h->why);
	free(h);
}

static struct curl_slist *
append(struct curl_slist *list, const char *header)
{
	struct curl_slist *longer = curl_slist_append(list, header);

	if (!longer)
		errx(1, "out of memory");
	return longer;
}

static bool
is_given(const char *const *headers, const char *name)
{
	size_t len = strlen(name);

	for (; headers && *headers; headers++)
		if (!strncasecmp(*headers, name, len) && (*headers)[len] == ':')
			return true;
	return false;
}

/* What was given, and nothing that libcurl would add of its own accord. */
static struct curl_slist *
header_list(const char *const *headers)
{
	static const char *const unwanted[] = { "Accept", "Content-Type", "Expect" };
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < LENGTH(unwanted); i++)
		if (!is_given(headers, unwanted[i])) {
			char *without = xasprintf("%s:", unwanted[i]);

			list = append(list, without);
			free(without);
		}
	list = append(list, "Accept-Encoding: identity");
	for (; headers && *headers; headers++) {
		size_t len = strlen(*headers);

		/* libcurl sends "Name;" as a header without a value. */
		if (len > 2 && !strcmp(*headers + len - 2, ": ")) {
			char *empty = xmemdup(*headers, len - 1);

			empty[len - 2] = ';';
			list = append(list, empty);
			free(empty);
		} else
			list = append(list, *headers);
	}
	return list;
}

static void
set_method(CURL *c, const struct http_request *r)
{
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, NULL);
	curl_easy_setopt(c, CURLOPT_NOBODY, 0L);
	curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	if (!strcmp(r->method, "HEAD"))
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	else if (r->body || !strcmp(r->method, "POST") || !strcmp(r->method, "PUT")) {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body ? r->body : "");
		curl_easy_setopt(
		    c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
	}
	if (strcmp(r->method, "HEAD") != 0)
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
}

static enum http_fault
fault_of(const struct http *h, CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return h->headed ? HTTP_DONE : HTTP_TRANSIENT;
	case CURLE_ABORTED_BY_CALLBACK:
		return h->stalled ? HTTP_TRANSIENT : HTTP_STOPPED;
	case CURLE_WRITE_ERROR:
		return h->too_long ? HTTP_FAILED : HTTP_STOPPED;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_UNSUPPORTED_PROTOCOL: /* an answer that is not of HTTP */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_PARTIAL_FILE:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return HTTP_TRANSIENT;
	default:
		return HTTP_FAILED;
	}
}

static void
explain(struct http *h, CURLcode code)
{
	const char *said = *h->error ? h->error : curl_easy_strerror(code);

	free(h->why);
	if (h->stalled)
		h->why = xasprintf("no byte moved for %u s",
		    (h->request->stall_ms ? h->request->stall_ms : STALL_MS) / 1000);
	else if (h->too_long)
		h->why = xstrdup("the answer is longer than any should be");
	else if (code == CURLE_ABORTED_BY_CALLBACK)
		h->why = xstrdup("interrupted");
	else if (!code && !h->headed)
		h->why = xstrdup("the answer ended early");
	else
		h->why = xstrdup(code ? said : "");
}

/*
 * A peer that is gone must be an error and no signal, for which OpenSSL's own writes
 * have no flag. A SIGPIPE that was pending before is another's and stays.
 */
static CURLcode
perform(CURL *c)
{
	static const struct timespec now;
	sigset_t pipe, before, pending;
	CURLcode code;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	sigpending(&pending);
	code = curl_easy_perform(c);
	if (!sigismember(&pending, SIGPIPE))
		while (sigtimedwait(&pipe, NULL, &now) == SIGPIPE)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

enum http_fault
http_do(
    struct http *h, const struct http_request *request, struct http_response *response)
{
	struct curl_slist *headers = header_list(request->headers);
	unsigned connect_ms = request->connect_ms ? request->connect_ms : CONNECT_MS;
	CURLcode code;

	response->status = 0;
	buf_clear(&response->headers);
	buf_clear(&response->body);
	h->request = request;
	h->response = response;
	h->moved_at = now_seconds();
	h->moved = 0;
	h->stalled = h->too_long = h->headed = false;
	*h->error = '\0';
	set_method(h->curl, request);
	curl_easy_setopt(h->curl, CURLOPT_URL, request->url);
	curl_easy_setopt(h->curl, CURLOPT_NOPROXY, request->direct ? "*" : NULL);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(h->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, (long)request->total_ms);
	code = perform(h->curl);
	explain(h, code);
	curl_slist_free_all(headers);
	return fault_of(h, code);
}

const char *
http_why(const struct http *h)
{
	return h->why ? h->why : "";
}

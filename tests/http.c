/* http - against a server that answers as it is told. */
#include "http.h"

#include <arpa/inet.h>
#include <err.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

/*
 * Takes one connection after the other, reads a request, answers with the next text and
 * closes the connection if the answer has no length.
 */
static struct server {
	int fd;
	pthread_t thread;
	char url[64];
	struct buf asked; /* the last request */
	atomic_size_t connections;
} server;

static const char *const *answers; /* ends with NULL */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static size_t
body_length(const char *head)
{
	const char *at = strcasestr(head, "\r\nContent-Length:");

	return at ? strtoul(at + 17, NULL, 10) : 0;
}

static bool
read_request(int fd)
{
	char piece[4096], *end = NULL;
	struct buf b = { 0 };
	ssize_t n;

	while (!end || b.len < (size_t)(end - b.data) + 4 + body_length(b.data)) {
		if ((n = read(fd, piece, sizeof piece)) <= 0) {
			buf_release(&b);
			return false;
		}
		buf_add(&b, piece, (size_t)n);
		end = strstr(b.data, "\r\n\r\n");
	}
	pthread_mutex_lock(&lock);
	buf_release(&server.asked);
	server.asked = b;
	pthread_mutex_unlock(&lock);
	return true;
}

/* The last request; nobody looks at it while another is under way. */
static const char *
asked(void)
{
	const char *text;

	pthread_mutex_lock(&lock);
	text = server.asked.data;
	pthread_mutex_unlock(&lock);
	return text;
}

static const char *
next_answer(void)
{
	const char *answer;

	pthread_mutex_lock(&lock);
	answer = *answers ? *answers++ : "";
	pthread_mutex_unlock(&lock);
	return answer;
}

static void
prepare_answers(const char *const *list)
{
	pthread_mutex_lock(&lock);
	answers = list;
	pthread_mutex_unlock(&lock);
}

static void *
serve(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = accept(server.fd, NULL, NULL)) >= 0) {
		server.connections++;
		while (read_request(fd)) {
			const char *answer = next_answer();

			if (!strcmp(answer, "hang"))
				poll(NULL, 0, 1500);
			else if (write(fd, answer, strlen(answer)) < 0)
				break;
			if (!strcasestr(answer, "content-length:"))
				break;
		}
		close(fd);
	}
	return NULL;
}

static void
start_server(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;

	server.fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(server.fd, (struct sockaddr *)&at, sizeof at) ||
	    listen(server.fd, 8) ||
	    getsockname(server.fd, (struct sockaddr *)&at, &len))
		err(1, "server");
	snprintf(server.url, sizeof server.url, "http://127.0.0.1:%d/path?secret=x",
	    ntohs(at.sin_port));
	pthread_create(&server.thread, NULL, serve, NULL);
}

static void
stop_server(void)
{
	shutdown(server.fd, SHUT_RDWR);
	pthread_join(server.thread, NULL);
	close(server.fd);
	buf_release(&server.asked);
}

/* What a request brings, with one answer. */
static enum http_fault
ask(struct http *h, struct http_request *r, struct http_response *response,
    const char *answer)
{
	static const char *all[64];
	static size_t used;

	/* Never the same place twice: the server may be just looking. */
	all[used] = answer;
	prepare_answers(&all[used]);
	used += 2;
	r->url = r->url ? r->url : server.url;
	return http_do(h, r, response);
}

static bool
header_is(const struct http_response *r, const char *name, const char *value)
{
	return span_is(http_header(r, name), value);
}

static void
status_headers_and_body_come_back(struct http *h)
{
	struct http_request r = { .method = "GET" };
	struct http_response a = { 0 };

	CHECK(ask(h, &r, &a,
		  "HTTP/1.1 100 Continue\r\nX-No: no\r\n\r\n"
		  "HTTP/1.1 404 Not Found\r\nX-One:  two words \t\r\nETAG: \"e\"\r\n"
		  "X-Empty:\r\nContent-Length: 5\r\n\r\nhello") == HTTP_DONE);
	CHECK(a.status == 404);
	CHECK(header_is(&a, "x-one", "two words") && header_is(&a, "etag", "\"e\""));
	CHECK(http_header(&a, "x-empty").data && !http_header(&a, "x-empty").len);
	CHECK(!http_header(&a, "x-no").data && !http_header(&a, "x").data);
	CHECK(a.body.len == 5 && !strcmp(a.body.data, "hello"));
	http_response_release(&a);
}

static void
nothing_is_sent_that_was_not_given(struct http *h)
{
	static const char *const headers[] = { "Host: other", "X-Empty: ", "X-A: b",
		NULL };
	struct http_request r = {
		.method = "PUT", .headers = headers, .body = "data", .body_len = 4
	};
	struct http_response a = { 0 };

	CHECK(ask(h, &r, &a, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") ==
	      HTTP_DONE);
	CHECK(!strcmp(asked(), "PUT /path?secret=x HTTP/1.1\r\nHost: other\r\n"
			       "Accept-Encoding: identity\r\nX-Empty:\r\nX-A: b\r\n"
			       "Content-Length: 4\r\n\r\ndata"));
	r.body = NULL;
	r.body_len = 0;
	r.headers = NULL;
	ask(h, &r, &a, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	CHECK(strstr(asked(), "\r\nContent-Length: 0\r\n"));
	r.method = "DELETE";
	ask(h, &r, &a, "HTTP/1.1 204 OK\r\nContent-Length: 0\r\n\r\n");
	CHECK(!strncmp(asked(), "DELETE /path", 12));
	CHECK(!strcasestr(asked(), "content-length"));
	http_response_release(&a);
}

static void
paths_go_as_they_are(struct http *h)
{
	struct http_request r = { .method = "GET" };
	struct http_response a = { 0 };
	char url[128];

	snprintf(url, sizeof url, "%.*s/a/../b//./%%2e",
	    (int)strcspn(server.url + 7, "/") + 7, server.url);
	r.url = url;
	ask(h, &r, &a, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	CHECK(!strncmp(asked(), "GET /a/../b//./%2e HTTP/1.1\r\n", 29));
	http_response_release(&a);
}

static void
a_head_has_a_length_and_no_body(struct http *h)
{
	struct http_request r = { .method = "HEAD" };
	struct http_response a = { 0 };

	CHECK(ask(h, &r, &a, "HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n") ==
	      HTTP_DONE);
	CHECK(header_is(&a, "content-length", "77") && !a.body.len);
	http_response_release(&a);
}

static void
connections_are_used_again(struct http *h)
{
	static const char *const two[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL
	};
	struct http_request r = { .method = "GET", .url = server.url };
	struct http_response a = { 0 };
	size_t before;

	prepare_answers(two);
	http_do(h, &r, &a);
	before = server.connections;
	http_do(h, &r, &a);
	CHECK(server.connections == before);
	http_response_release(&a);
}

static void
a_redirect_is_an_answer_like_others(struct http *h)
{
	struct http_request r = { .method = "GET" };
	struct http_response a = { 0 };

	CHECK(ask(h, &r, &a,
		  "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\n"
		  "Content-Length: 0\r\n\r\n") == HTTP_DONE);
	CHECK(a.status == 307);
	http_response_release(&a);
}

static void
what_ends_early_is_transient(struct http *h)
{
	static const char *const early[] = { "", "HTTP/1.1 200 OK\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "SSH-2.0\r\n" };
	struct http_request r = { .method = "GET" };
	struct http_response a = { 0 };

	/* The third would be waited for, as its connection stays open. */
	r.stall_ms = 500;
	for (size_t i = 0; i < LENGTH(early); i++) {
		CHECK(ask(h, &r, &a, early[i]) == HTTP_TRANSIENT);
		CHECK(*http_why(h) && !strstr(http_why(h), "secret"));
	}
	r.url = "http://127.0.0.1:1/";
	CHECK(ask(h, &r, &a, NULL) == HTTP_TRANSIENT);
	http_response_release(&a);
}

static void
a_stall_is_noticed(struct http *h)
{
	struct http_request r = { .method = "GET", .stall_ms = 300 };
	struct http_response a = { 0 };
	double before = now_seconds();

	CHECK(ask(h, &r, &a, "hang") == HTTP_TRANSIENT);
	CHECK(now_seconds() - before < 3);
	CHECK(strstr(http_why(h), "no byte moved"));
	http_response_release(&a);
}

struct taken {
	struct buf text;
	const struct http_response *response;
	size_t enough;
	int status;
};

static int
take(void *context, const void *p, size_t len)
{
	struct taken *t = context;

	t->status = t->response->status;
	buf_add(&t->text, p, len);
	return t->text.len >= t->enough ? -1 : 0;
}

static void
a_sink_takes_the_body_of_a_success_alone(struct http *h)
{
	struct http_response a = { 0 };
	struct taken t = { .response = &a, .enough = 100 };
	struct http_request r = { .method = "GET", .sink = take, .context = &t };

	CHECK(ask(h, &r, &a, "HTTP/1.1 206 P\r\nContent-Length: 5\r\n\r\nhello") ==
	      HTTP_DONE);
	CHECK(t.status == 206 && !strcmp(t.text.data, "hello") && !a.body.len);
	CHECK(ask(h, &r, &a, "HTTP/1.1 403 F\r\nContent-Length: 5\r\n\r\nerror") ==
	      HTTP_DONE);
	CHECK(!strcmp(t.text.data, "hello") && !strcmp(a.body.data, "error"));
	t.enough = 1;
	CHECK(ask(h, &r, &a, "HTTP/1.1 200 O\r\nContent-Length: 5\r\n\r\nagain") ==
	      HTTP_STOPPED);
	buf_release(&t.text);
	http_response_release(&a);
}

static void
a_url_that_is_none_is_no_use_to_try_again(struct http *h)
{
	struct http_request r = { .method = "GET", .url = "ftp://127.0.0.1/" };
	struct http_response a = { 0 };

	r.url = "http://";
	CHECK(ask(h, &r, &a, NULL) == HTTP_FAILED);
	http_response_release(&a);
}

/* The server is gone while 4 MB are sent: an error, not the end of the process. */
static void
a_broken_connection_is_no_signal(struct http *h)
{
	char *body = xcalloc(1, 4000000);
	struct http_request r = { .method = "PUT", .body = body, .body_len = 4000000 };
	struct http_response a = { 0 };
	sigset_t pending;

	CHECK(ask(h, &r, &a, "") == HTTP_TRANSIENT);
	sigpending(&pending);
	CHECK(!sigismember(&pending, SIGPIPE));
	http_response_release(&a);
	free(body);
}

static void
dates_are_those_of_headers(void)
{
	CHECK(http_time_parse(span_of("Sun, 06 Nov 1994 08:49:37 GMT")) == 784111777);
	CHECK(http_time_parse(span_of("1994-11-06T08:49:37Z")) == -1);
	CHECK(http_time_parse(span_of("Sun, 06 Nov 1994 08:49:37 GMT!")) == -1);
	CHECK(http_time_parse((struct span){ 0 }) == -1);
}

/* Last: there is no way back. */
static void
an_interrupt_stops_all_but_cleaning_up(struct http *h)
{
	struct http_request r = { .method = "GET" };
	struct http_response a = { 0 };

	http_interrupt();
	CHECK(ask(h, &r, &a, "hang") == HTTP_STOPPED);
	r.unstoppable = true;
	CHECK(
	    ask(h, &r, &a, "HTTP/1.1 204 N\r\nContent-Length: 0\r\n\r\n") == HTTP_DONE);
	http_response_release(&a);
}

int
main(void)
{
	struct http *h = http_new(NULL);

	start_server();
	status_headers_and_body_come_back(h);
	nothing_is_sent_that_was_not_given(h);
	paths_go_as_they_are(h);
	a_head_has_a_length_and_no_body(h);
	connections_are_used_again(h);
	a_redirect_is_an_answer_like_others(h);
	what_ends_early_is_transient(h);
	a_stall_is_noticed(h);
	a_sink_takes_the_body_of_a_success_alone(h);
	a_url_that_is_none_is_no_use_to_try_again(h);
	a_broken_connection_is_no_signal(h);
	dates_are_those_of_headers();
	an_interrupt_stops_all_but_cleaning_up(h);
	http_free(h);
	stop_server();
	return check_end();
}

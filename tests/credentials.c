/* credentials - keys are shared by threads, renewed in time, and one at a time. */
#include "credentials.h"

#include <pthread.h>
#include <string.h>

#include "check.h"
#include "credentials_seek.h"
#include "scratch.h"
#include "util.h"

/*
 * A program for credential_process: each run is a line in the file runs, and the key's
 * ID is their count. The file script says the rest, $n being that count.
 */
static const char program[] =
    "#!/bin/sh\n"
    "echo >>runs; n=$(wc -l <runs)\n"
    "end() { date -u -d \"+$1 seconds\" +%Y-%m-%dT%H:%M:%SZ; }\n"
    "keys() { printf '{\"Version\":1,\"AccessKeyId\":\"AKIA%s\",\"SecretAccessKey\":"
    "\"s%s\",\"SessionToken\":\"t%s\"%s}' $n $n $n "
    "\"${1:+,\\\"Expiration\\\":\\\"$(end $1)\\\"}\"; }\n"
    ". ./script\n";

static struct aws_config *config;
static struct credentials *credentials;

static void
begin(const char *script)
{
	char *why;

	scratch_write("program", program, strlen(program));
	scratch_write("runs", "", 0);
	scratch_write("script", script, strlen(script));
	scratch_write("config", "[default]\ncredential_process = ./program\n", 41);
	setenv("AWS_CONFIG_FILE", "config", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "none", 1);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_PROFILE");
	if (chmod("program", 0755) || !(config = aws_config_load(NULL, &why)))
		errx(1, "cannot begin");
	credentials = credentials_new(config);
}

static void
end(void)
{
	credentials_free(credentials);
	aws_config_free(config);
}

static long
runs(void)
{
	struct stat st;

	return stat("runs", &st) ? -1 : (long)st.st_size;
}

/* The number in the ID of the key that is got, 0 if there is none. */
static int
get(void)
{
	struct keys keys;
	char *why;
	int n = 0;

	if (credentials_get(credentials, &keys, &why) == 0)
		n = atoi(keys.id + 4);
	free(why);
	keys_release(&keys);
	return n;
}

static void *
get_into(void *n)
{
	*(int *)n = get();
	return NULL;
}

static void
sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static void
keys_without_an_end_are_asked_for_once(void)
{
	begin("keys");
	CHECK(get() == 1);
	CHECK(get() == 1);
	CHECK(runs() == 1);
	CHECK(!strcmp(
	    credentials_source(credentials), "credential_process of profile default"));
	end();
}

static void
threads_wait_for_one_of_them_to_ask(void)
{
	enum { N = 8 };
	pthread_t threads[N];
	int got[N], right = 0;

	begin("sleep 0.3; keys 3600");
	for (int i = 0; i < N; i++)
		pthread_create(&threads[i], NULL, get_into, &got[i]);
	for (int i = 0; i < N; i++) {
		pthread_join(threads[i], NULL);
		right += got[i] == 1;
	}
	CHECK(right == N);
	CHECK(runs() == 1);
	end();
}

static void
a_failure_is_every_waiting_thread_s(void)
{
	enum { N = 8 };
	pthread_t threads[N];
	int got[N], none = 0;

	begin("sleep 0.3; exit 1");
	for (int i = 0; i < N; i++)
		pthread_create(&threads[i], NULL, get_into, &got[i]);
	for (int i = 0; i < N; i++) {
		pthread_join(threads[i], NULL);
		none += got[i] == 0;
	}
	CHECK(none == N);
	CHECK(runs() == 1);
	end();
}

static void
keys_that_were_refused_are_renewed(void)
{
	struct keys first, second;
	char *why;

	begin("keys");
	CHECK(credentials_get(credentials, &first, &why) == 0);
	credentials_refused(credentials, &first);
	CHECK(credentials_get(credentials, &second, &why) == 0);
	CHECK(!strcmp(second.id, "AKIA2") && !strcmp(second.token, "t2"));
	/* Someone who is late with the old ones does no harm. */
	credentials_refused(credentials, &first);
	CHECK(get() == 2);
	keys_release(&first);
	keys_release(&second);
	end();
}

/* Keys end with a second of the clock: begin with one. */
static void
await_second(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	sleep_ms(1050 - t.tv_nsec / 1000000);
}

/*
 * Keys of eight seconds are due when two are left. The first renewal takes a while and
 * fails; until they end it is not tried again, as that is soon.
 */
static void
old_keys_serve_to_their_end_while_renewing_and_if_it_fails(void)
{
	pthread_t thread;
	double before;
	int got;

	begin("[ $n != 2 ] || { sleep 0.4; exit 1; }; keys $((n == 1 ? 8 : 3600))");
	await_second();
	CHECK(get() == 1);
	CHECK(get() == 1);
	sleep_ms(6200);
	pthread_create(&thread, NULL, get_into, &got);
	sleep_ms(100);
	before = now_seconds();
	CHECK(get() == 1);
	CHECK(now_seconds() - before < 0.3);
	pthread_join(thread, NULL);
	CHECK(got == 1);
	CHECK(get() == 1);
	CHECK(runs() == 2);
	sleep_ms(1500);
	CHECK(get() == 3);
	CHECK(runs() == 3);
	end();
}

static void
times_are_read(void)
{
	CHECK(seek_time("1970-01-01T00:00:10Z") == 10);
	CHECK(seek_time("1970-01-01T00:00:10.999Z") == 10);
	CHECK(seek_time("1970-01-01T01:00:10+01:00") == 10);
	CHECK(seek_time("1970-01-01T01:30:10+0130") == 10);
	CHECK(seek_time("1969-12-31T23:00:10-01:00") == 10);
	CHECK(seek_time("1970-01-01 00:00:10UTC") == 10);
	CHECK(seek_time("1970-01-01T00:00:10") == 10);
	CHECK(seek_time("2026-01-31T12:34:56Z") == 1769862896);
	CHECK(seek_time("") == -1);
	CHECK(seek_time("1970-01-01") == -1);
	CHECK(seek_time("1970-01-01T00:00:10X") == -1);
	CHECK(seek_time("1970-01-01T00:00:10+1") == -1);
	CHECK(seek_time("1970-01-01T00:00:10Z ") == -1);
	CHECK(seek_time("soon") == -1);
}

static bool
url_is(const char *url, const char *host, const char *name, const char *path)
{
	struct seek_url u;
	const char *why;
	bool same;

	if (seek_url_parse(&u, url, &why) < 0)
		return !host;
	same = host && !strcmp(u.host, host) && !strcmp(u.name, name) &&
	       !strcmp(u.path, path);
	seek_url_release(&u);
	return same;
}

static void
urls_are_taken_apart(void)
{
	CHECK(url_is("http://a", "a", "a", "/"));
	CHECK(url_is("http://a:80/b?c=d", "a", "a", "/b?c=d"));
	CHECK(url_is("https://a:80?c", "a:80", "a", "/?c"));
	CHECK(url_is("HTTPS://a:443/", "a", "a", "/"));
	CHECK(url_is("http://a:44", "a:44", "a", "/"));
	CHECK(url_is("http://[::1]:8/", "[::1]:8", "::1", "/"));
	CHECK(url_is("http://[::1]", "[::1]", "::1", "/"));
	CHECK(url_is("http://a:", "a", "a", "/"));
	CHECK(url_is("http://", NULL, NULL, NULL));
	CHECK(url_is("http://:80", NULL, NULL, NULL));
	CHECK(url_is("http://[]", NULL, NULL, NULL));
	CHECK(url_is("http://[::1", NULL, NULL, NULL));
	CHECK(url_is("http://[::1]x", NULL, NULL, NULL));
	CHECK(url_is("http://a:b", NULL, NULL, NULL));
	CHECK(url_is("http://a:1:2", NULL, NULL, NULL));
	CHECK(url_is("http://u:p@a", NULL, NULL, NULL));
	CHECK(url_is("http://a\\b", NULL, NULL, NULL));
	CHECK(url_is("http://a/\r\nb", NULL, NULL, NULL));
	CHECK(url_is("ftp://a", NULL, NULL, NULL));
	CHECK(url_is("a", NULL, NULL, NULL));
}

static void
members_of_objects_are_found(void)
{
	struct seek_field f[] = { { "a", NULL }, { "b", NULL }, { "c", NULL } };

	CHECK(seek_json(
		  span_of("{\"a\":\"x\\u0041\",\"b\":12,\"c\":null,\"d\":{\"a\":1}}"),
		  NULL, f, 3) == 0);
	CHECK(!strcmp(f[0].text, "xA") && !strcmp(f[1].text, "12") && !f[2].text);
	seek_fields_release(f, 3);
	CHECK(seek_json(
		  span_of("{\"a\":1,\"d\":{\"a\":\"y\",\"b\":\"\",\"c\":\"\\u0000\"}}"),
		  "d", f, 3) == 0);
	CHECK(!strcmp(f[0].text, "y") && !f[1].text && !f[2].text);
	seek_fields_release(f, 3);
	CHECK(seek_json(span_of("{\"d\":1}"), "d", f, 3) == 0 && !f[0].text);
	CHECK(seek_json(span_of("[1]"), NULL, f, 3) < 0);
	CHECK(seek_json(span_of("{\"a\":1"), NULL, f, 3) < 0);
	CHECK(seek_json(span_of("{} x"), NULL, f, 3) < 0);
	CHECK(seek_json((struct span){ 0 }, NULL, f, 3) < 0);
	seek_fields_release(f, 3);
}

int
main(void)
{
	scratch_enter();
	keys_without_an_end_are_asked_for_once();
	threads_wait_for_one_of_them_to_ask();
	a_failure_is_every_waiting_thread_s();
	keys_that_were_refused_are_renewed();
	old_keys_serve_to_their_end_while_renewing_and_if_it_fails();
	times_are_read();
	urls_are_taken_apart();
	members_of_objects_are_found();
	return check_end();
}

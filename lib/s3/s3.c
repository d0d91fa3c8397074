/* s3 - requests to S3 and what looks like it: the client they share. */
#include "s3.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "s3_client.h"
#include "s3_retry.h"
#include "splitmix.h"

/* A count from the environment or the profile. */
static unsigned
number_of(const char *text, unsigned usual)
{
	char *end;
	unsigned long n;

	if (!text || *text < '0' || *text > '9')
		return usual;
	n = strtoul(text, &end, 10);
	return *end || n > 1000000 ? usual : (unsigned)n;
}

static void
read_limits(struct s3 *s)
{
	const char *attempts =
	    aws_config_either(s->config, "AWS_MAX_ATTEMPTS", "max_attempts");

	s->attempts = MAX(1u, number_of(attempts, S3_ATTEMPTS));
	s->retry_base_seconds = number_of(getenv("PZ_RETRY_BASE_MS"), 100) / 1e3;
	s->stall_ms = number_of(getenv("PZ_STALL_MS"), 60000);
}

static int
choose_endpoint(struct s3 *s, struct s3_error *e)
{
	const char *url = aws_config_endpoint(s->config, "s3"), *style, *why;

	if (s3_endpoint_parse(&s->endpoint, url, &why) < 0) {
		/* Not the URL itself: it may hold a password. */
		s3_error_set(e, "the endpoint of S3: %s", why);
		return -1;
	}
	if ((style = aws_config_get(s->config, "s3.addressing_style"))) {
		if (!strcmp(style, "virtual"))
			s->endpoint.virtual = true;
		if (!strcmp(style, "path"))
			s->endpoint.virtual = false;
	}
	return 0;
}

struct s3 *
s3_open(const struct s3_settings *settings, struct s3_error *e)
{
	struct s3 *s = xcalloc(1, sizeof *s);
	const struct aws_overrides overrides = { .profile = settings->profile,
		.region = settings->region,
		.endpoint = settings->endpoint };
	const char *region;
	char *why;

	http_start();
	s->settings = *settings;
	pthread_mutex_init(&s->lock, NULL);
	s->random = (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();
	if (!(s->config = aws_config_load(&overrides, &why))) {
		s3_error_set(e, "%s", why);
		free(why);
		s3_close(s);
		return NULL;
	}
	read_limits(s);
	if (choose_endpoint(s, e) < 0) {
		s3_close(s);
		return NULL;
	}
	region = aws_config_region(s->config);
	/* Which tells where a bucket really is. */
	s->region = xstrdup(region ? region : "us-east-1");
	if (!settings->anonymous)
		s->credentials = credentials_new(s->config);
	return s;
}

void
s3_close(struct s3 *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_idle; i++)
		http_free(s->idle[i]);
	free(s->idle);
	for (size_t i = 0; i < s->n_buckets; i++) {
		free(s->buckets[i].name);
		free(s->buckets[i].region);
	}
	free(s->buckets);
	credentials_free(s->credentials);
	aws_config_free(s->config);
	s3_endpoint_release(&s->endpoint);
	free(s->region);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct credentials *
s3_credentials(struct s3 *s)
{
	return s->credentials;
}

struct http *
s3_borrow_http(struct s3 *s)
{
	struct http *h = NULL;

	pthread_mutex_lock(&s->lock);
	if (s->n_idle)
		h = s->idle[--s->n_idle];
	pthread_mutex_unlock(&s->lock);
	return h ? h : http_new(aws_config_ca_bundle(s->config));
}

void
s3_return_http(struct s3 *s, struct http *h)
{
	pthread_mutex_lock(&s->lock);
	if (s->n_idle == s->cap_idle) {
		s->cap_idle = s->cap_idle ? 2 * s->cap_idle : 8;
		s->idle = xrealloc(s->idle, s->cap_idle, sizeof(struct http *));
	}
	s->idle[s->n_idle++] = h;
	pthread_mutex_unlock(&s->lock);
}

/* Under the lock. */
static struct s3_bucket *
find_bucket(struct s3 *s, const char *name)
{
	for (size_t i = 0; i < s->n_buckets; i++)
		if (!strcmp(s->buckets[i].name, name))
			return &s->buckets[i];
	return NULL;
}

char *
s3_region_of(struct s3 *s, const char *bucket)
{
	struct s3_bucket *b;
	char *region;

	pthread_mutex_lock(&s->lock);
	b = find_bucket(s, bucket);
	region = xstrdup(b ? b->region : s->region);
	pthread_mutex_unlock(&s->lock);
	return region;
}

bool
s3_learn_region(struct s3 *s, const char *bucket, struct span region)
{
	struct s3_bucket *b;
	bool news;

	pthread_mutex_lock(&s->lock);
	b = find_bucket(s, bucket);
	news = !span_is(region, b ? b->region : s->region);
	if (news && !b) {
		s->buckets = xrealloc(s->buckets, s->n_buckets + 1, sizeof *s->buckets);
		b = &s->buckets[s->n_buckets++];
		*b = (struct s3_bucket){ .name = xstrdup(bucket) };
	}
	if (news) {
		free(b->region);
		b->region = xmemdup(region.data, region.len);
	}
	pthread_mutex_unlock(&s->lock);
	return news;
}

double
s3_random(struct s3 *s)
{
	uint64_t bits;

	pthread_mutex_lock(&s->lock);
	bits = splitmix(s->random++);
	pthread_mutex_unlock(&s->lock);
	return (double)(bits >> 11) * 0x1p-53;
}

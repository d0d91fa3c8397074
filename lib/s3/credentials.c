/*
 * credentials - keys for AWS requests, found where every AWS tool finds them.
 *
 * Whoever finds that keys are due renews them, without the lock; the others go on with
 * the old ones while these are valid, and wait if they are not. Due is five minutes
 * before the end, or the last quarter of a life that is short. If renewing fails while
 * the old keys are valid, it is tried again a while later and not at each get.
 */
#include "credentials.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "credentials_seek.h"
#include "json.h"

enum { EARLY_SECONDS = 300, AGAIN_SECONDS = 30 };

struct credentials {
	const struct aws_config *config;
	pthread_mutex_t lock;
	pthread_cond_t renewed;
	struct keys keys; /* id NULL: none yet */
	time_t due;       /* when to renew, if they expire */
	bool refused;     /* by a service, whatever the clock says */
	bool renewing;    /* by some thread */
	size_t n_renewals;
	char *source;
	char *why; /* the last renewal failed */
	bool may_recover;
};

struct credentials *
credentials_new(const struct aws_config *config)
{
	struct credentials *c = xcalloc(1, sizeof *c);

	c->config = config;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->renewed, NULL);
	return c;
}

void
keys_release(struct keys *keys)
{
	seek_wipe(keys->id);
	seek_wipe(keys->secret);
	seek_wipe(keys->token);
	*keys = (struct keys){ 0 };
}

void
credentials_free(struct credentials *c)
{
	if (!c)
		return;
	keys_release(&c->keys);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->renewed);
	free(c->source);
	free(c->why);
	free(c);
}

static void
copy_keys(struct keys *to, const struct keys *from)
{
	to->id = xstrdup(from->id);
	to->secret = xstrdup(from->secret);
	to->token = from->token ? xstrdup(from->token) : NULL;
	to->expires = from->expires;
}

static bool
are_valid(const struct credentials *c, time_t now)
{
	return c->keys.id && !c->refused && (!c->keys.expires || now < c->keys.expires);
}

static bool
are_due(const struct credentials *c, time_t now)
{
	return !are_valid(c, now) || (c->keys.expires && now >= c->due);
}

/* Search without the lock. Keys that are over already are no success. */
static int
search(struct seek *s, struct keys *keys)
{
	struct buf text = { 0 };
	int status = seek_keys(s, keys);

	if (status > 0 && keys->expires && keys->expires <= time(NULL)) {
		buf_addf(&text, "the keys from %s expired at ", s->source.data);
		seek_add_time(&text, keys->expires);
		status = seek_fail(s, "%s", text.data);
		buf_release(&text);
		keys_release(keys);
	}
	return status > 0 ? 0 : -1;
}

/* Called with the lock, which is let go meanwhile. */
static void
renew(struct credentials *c)
{
	struct seek s = { .config = c->config, .again = c->keys.id };
	struct keys keys = { 0 };
	time_t now;
	int status;

	c->renewing = true;
	pthread_mutex_unlock(&c->lock);
	status = search(&s, &keys);
	pthread_mutex_lock(&c->lock);
	now = time(NULL);
	if (status == 0) {
		keys_release(&c->keys);
		c->keys = keys;
		c->due = keys.expires - MIN(EARLY_SECONDS, (keys.expires - now) / 4);
		c->refused = false;
	} else
		c->due = now + AGAIN_SECONDS;
	/* The first source stays, as it may be in someone's hands. */
	if (status == 0 && !c->source)
		c->source = xstrdup(s.source.data);
	free(c->why);
	c->why = s.why;
	s.why = NULL;
	c->may_recover = s.transient;
	c->n_renewals++;
	c->renewing = false;
	pthread_cond_broadcast(&c->renewed);
	seek_release(&s);
}

int
credentials_get(struct credentials *c, struct keys *keys, char **why)
{
	size_t before;
	time_t now;
	int status = 0;

	*keys = (struct keys){ 0 };
	*why = NULL;
	pthread_mutex_lock(&c->lock);
	now = time(NULL);
	before = c->n_renewals;
	if (are_due(c, now) && !c->renewing)
		renew(c);
	else if (!are_valid(c, now))
		while (c->n_renewals == before)
			pthread_cond_wait(&c->renewed, &c->lock);
	if (are_valid(c, time(NULL)))
		copy_keys(keys, &c->keys);
	else {
		*why = xstrdup(c->why ? c->why : "the keys expired");
		status = -1;
	}
	pthread_mutex_unlock(&c->lock);
	return status;
}

bool
credentials_may_recover(struct credentials *c)
{
	bool may;

	pthread_mutex_lock(&c->lock);
	may = c->may_recover;
	pthread_mutex_unlock(&c->lock);
	return may;
}

static bool
same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

void
credentials_refused(struct credentials *c, const struct keys *keys)
{
	pthread_mutex_lock(&c->lock);
	/* Others may be here by now. */
	if (same(c->keys.id, keys->id) && same(c->keys.token, keys->token))
		c->refused = true;
	pthread_mutex_unlock(&c->lock);
}

const char *
credentials_source(struct credentials *c)
{
	const char *source;

	pthread_mutex_lock(&c->lock);
	source = c->source ? c->source : "no source yet";
	pthread_mutex_unlock(&c->lock);
	return source;
}

static void
add_member(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, ",\"%s\":", name);
	if (text)
		json_quote(b, text, strlen(text));
	else
		buf_adds(b, "null");
}

void
credentials_whoami(struct credentials *c, const struct keys *keys, struct buf *line)
{
	const char *source = credentials_source(c);
	size_t len = strlen(keys->id);
	struct buf text = { 0 };

	buf_adds(line, "{\"source\":");
	json_quote(line, source, strlen(source));
	add_member(line, "profile", aws_config_profile(c->config));
	/* An ID has at least 16 characters; one that is shorter may be a mistake. */
	buf_addf(&text, "...%s", len >= 12 ? keys->id + len - 4 : "");
	add_member(line, "access_key_id", text.data);
	buf_clear(&text);
	if (keys->expires)
		seek_add_time(&text, keys->expires);
	add_member(line, "expires", keys->expires ? text.data : NULL);
	add_member(line, "region", aws_config_region(c->config));
	add_member(line, "endpoint", aws_config_endpoint(c->config, "s3"));
	buf_adds(line, "}\n");
	buf_release(&text);
}

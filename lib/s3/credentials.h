/*
 * credentials - keys for AWS requests, found where every AWS tool finds them.
 *
 * One source is shared by all threads; keys that expire are renewed in time. The order
 * is that of the AWS CLI: environment; the profile's role, web identity (that of the
 * environment too), single sign-on, keys in the credentials file, credential_process,
 * keys in the config file; the container; the instance. What is configured but does not
 * work is an error, and no reason to look further.
 */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include <stdbool.h>
#include <time.h>

#include "aws_config.h"
#include "util.h"

struct keys {
	char *id, *secret;
	char *token;    /* NULL: none */
	time_t expires; /* 0: never */
};

struct credentials;

/* Of the settings, which are borrowed; nothing is asked of anyone yet. */
struct credentials *credentials_new(const struct aws_config *config);
void credentials_free(struct credentials *c); /* wipes secrets; NULL is fine */

/*
 * A copy of keys that are good for some minutes yet; renews them if not. Threads that
 * come meanwhile get the old ones as long as these are valid, or wait. Thread-safe.
 * -1 and *why (one line naming what was tried; to be freed, never a secret in it).
 */
int credentials_get(struct credentials *c, struct keys *keys, char **why);

/* Whether what made the last get fail may pass: no answer, or "later". Thread-safe. */
bool credentials_may_recover(struct credentials *c);

/*
 * These were refused as expired: the next get renews them. It may give the same ones
 * again, where there are no others. Thread-safe.
 */
void credentials_refused(struct credentials *c, const struct keys *keys);
void keys_release(struct keys *keys); /* wipes */

/* For a person: where the keys came from, once there were some. Never a secret. */
const char *credentials_source(struct credentials *c);

/*
 * Append source, profile, the end of the ID of the key, expiry, region and endpoint as
 * one line of JSON.
 */
void credentials_whoami(
    struct credentials *c, const struct keys *keys, struct buf *line);

#endif

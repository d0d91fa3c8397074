/*
 * credentials - keys for AWS requests, found where every AWS tool finds them.
 *
 * One source is shared by all threads; keys that expire are renewed in time.
 */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include <stdbool.h>
#include <time.h>

#include "aws_config.h"

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
 * A copy of keys that are good for some minutes yet; renews them if not. Thread-safe.
 * -1 and *why (one line naming what was tried; to be freed, never a secret in it).
 */
int credentials_get(struct credentials *c, struct keys *keys, char **why);

/* These were refused as expired: the next get renews them. Thread-safe. */
void credentials_refused(struct credentials *c, const struct keys *keys);
void keys_release(struct keys *keys); /* wipes */

/* For a person: "profile shop, role arn:... by STS AssumeRole". Never a secret. */
const char *credentials_source(const struct credentials *c);

#endif

/* location - what an operand names: stdin or stdout, a path, or an object in S3. */
#include "location.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util.h"

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) % 16 : -1;
}

/* RFC 8089: nobody or localhost, then an absolute path. */
static int
parse_file(struct location *l, const char *p, const char **why)
{
	char *out;

	if (!strncasecmp(p, "localhost/", 10))
		p += 9;
	if (*p != '/') {
		*why = "file:// wants an absolute path, as in file:///tmp/x";
		return -1;
	}
	l->path = out = xmalloc(strlen(p) + 1);
	for (; *p; p++) {
		int high = *p == '%' ? hex(p[1]) : -1;
		int low = high >= 0 ? hex(p[2]) : -1;

		if (*p == '%' && (low < 0 || !(high | low))) {
			free(l->path);
			*why = "bad % escape in a file:// URL";
			return -1;
		}
		*out++ = *p == '%' ? (char)(16 * high + low) : *p;
		p += *p == '%' ? 2 : 0;
	}
	*out = '\0';
	return 0;
}

/* s3://bucket/key; ':' parts a tenant from its bucket in Ceph. */
static int
parse_s3(struct location *l, const char *operand, const char **why)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._:-"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *bucket = operand + strlen("s3://");
	size_t len = strcspn(bucket, "/");

	if (!len || strspn(bucket, allowed) < len) {
		*why = len ? "not a bucket's name; expected s3://bucket/key"
			   : "no bucket; expected s3://bucket/key";
		return -1;
	}
	l->path = xasprintf("s3://%s", bucket);
	return 0;
}

/* RFC 3986: scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ). */
static bool
has_scheme(const char *operand)
{
	size_t n =
	    strspn(operand, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789+-.");

	return n > 1 && !strncmp(operand + n, "://", 3);
}

int
location_parse(struct location *l, const char *operand, const char **why)
{
	if (!strncasecmp(operand, "file://", 7)) {
		l->kind = LOCATION_PATH;
		return parse_file(l, operand + 7, why);
	}
	if (!strncasecmp(operand, "s3://", 5)) {
		l->kind = LOCATION_S3;
		return parse_s3(l, operand, why);
	}
	if (has_scheme(operand)) {
		*why = "expected a path, file:// or s3://";
		return -1;
	}
	l->kind = strcmp(operand, "-") ? LOCATION_PATH : LOCATION_STDIO;
	if (!*operand) {
		*why = "an empty name";
		return -1;
	}
	l->path = xstrdup(operand);
	return 0;
}

/* within - whether what is written would be read: an output inside the input. */
#include "within.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"
#include "wildcard.h"

/* "s3://bucket" alone is all of the bucket, and no prefix of "s3://bucket2". */
static bool
object_within(const char *target, const char *source)
{
	size_t len = strlen(source);
	bool begins = !strncmp(target, source, len);

	if (!strchr(source + strlen("s3://"), '/'))
		return begins && target[len] == '/';
	return begins || wildcard_match(source, target);
}

/* The path without links, of a file that need not be there yet. NULL: no such folder.
 */
static char *
real_path(const char *path)
{
	char *real = realpath(path, NULL), *slash, *whole;
	char *copy;

	if (real)
		return real;
	copy = xasprintf("%s%s", strchr(path, '/') ? "" : "./", path);
	slash = strrchr(copy, '/');
	*slash = '\0';
	/* Folders may be missing too, all the way up. */
	real = slash == copy ? xstrdup("") : real_path(copy);
	whole =
	    real ? xasprintf("%s/%s", strcmp(real, "/") ? real : "", slash + 1) : NULL;
	free(real);
	free(copy);
	return whole;
}

static bool
file_within(const char *target, const char *source)
{
	char *t = real_path(target), *s = realpath(source, NULL);
	size_t len = s ? strlen(s) : 0;
	bool is = false;

	if (s && t)
		is = !strcmp(s, "/") ||
		     (!strncmp(t, s, len) && (t[len] == '/' || !t[len]));
	else if (t && source[wildcard_fixed(source)])
		is = wildcard_match(source, target);
	free(t);
	free(s);
	return is;
}

bool
within(const struct location *target, const struct location *source)
{
	if (target->kind != source->kind || target->kind == LOCATION_STDIO)
		return false;
	return target->kind == LOCATION_S3 ? object_within(target->path, source->path)
					   : file_within(target->path, source->path);
}

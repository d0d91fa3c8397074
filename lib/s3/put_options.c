/* put_options - what may be asked for objects that are made, on command lines. */
#include "put_options.h"

#include <stdlib.h>
#include <string.h>

/* Limits of the service: "Amazon S3 multipart upload limits". */
static const uint64_t part_min = 5 << 20, part_max = (uint64_t)5 << 30;

static int
complain(char **why, const char *what)
{
	*why = xstrdup(what);
	return -1;
}

static int
read_tags(struct put_options *o, char **why)
{
	struct sigv4_pair *pairs = xcalloc(o->tags.n, sizeof *pairs);
	char **copies = xcalloc(o->tags.n, sizeof *copies);
	int status = 0;

	for (size_t i = 0; i < o->tags.n && !status; i++) {
		char *value;

		copies[i] = xstrdup(o->tags.values[i]);
		if (!(value = strchr(copies[i], '=')) || value == copies[i]) {
			*why = xasprintf(
			    "--tag: '%s' is not NAME=VALUE", o->tags.values[i]);
			status = -1;
			break;
		}
		*value++ = '\0';
		pairs[i] = (struct sigv4_pair){ copies[i], value };
	}
	if (!status && o->tags.n) {
		sigv4_query(&o->tagging, pairs, o->tags.n);
		o->put.tagging = o->tagging.data;
	}
	for (size_t i = 0; i < o->tags.n; i++)
		free(copies[i]);
	free(copies);
	free(pairs);
	return status;
}

/* Values become headers. */
static int
check_texts(const struct put_options *o, char **why)
{
	const char *const all[] = { o->put.kms_key, o->put.storage_class, o->put.acl,
		o->put.content_type };

	for (size_t i = 0; i < LENGTH(all); i++)
		for (const char *p = all[i]; p && *p; p++)
			if ((unsigned char)*p < ' ' || *p == 127) {
				*why = xasprintf("'%s': a control character", all[i]);
				return -1;
			}
	return 0;
}

int
put_options_finish(struct put_options *o, char **why)
{
	const char *sse = o->put.sse;
	int checksum = checksum_parse(o->checksum ? o->checksum : "none");

	if (sse && strcmp(sse, "AES256") && strcmp(sse, "aws:kms") &&
	    strcmp(sse, "aws:kms:dsse"))
		return complain(why, "--sse: AES256, aws:kms or aws:kms:dsse");
	if (o->put.kms_key && (!sse || strncmp(sse, "aws:kms", 7) != 0))
		return complain(why, "--sse-kms-key-id needs --sse aws:kms");
	if (checksum < 0)
		return complain(why, "--checksum: crc32c, sha256 or none");
	if (o->part_bytes && (o->part_bytes < part_min || o->part_bytes > part_max))
		return complain(why, "--part-size: 5242880 to 5368709120 bytes");
	o->put.checksum = (enum checksum)checksum;
	o->put.part_bytes = o->part_bytes;
	return check_texts(o, why) < 0 ? -1 : read_tags(o, why);
}

const char *
put_options_given(const struct put_options *o)
{
	return o->put.sse             ? "--sse"
	       : o->put.storage_class ? "--storage-class"
	       : o->put.acl           ? "--acl"
	       : o->tags.n            ? "--tag"
	       : o->put.content_type  ? "--content-type"
	       : o->checksum          ? "--checksum"
	       : o->part_bytes        ? "--part-size"
				      : NULL;
}

void
put_options_release(struct put_options *o)
{
	free(o->tags.values);
	buf_release(&o->tagging);
}

/* s3_upload - a stream of unknown length becomes an object, whole or not at all. */
#include "s3_upload.h"

#include <stdlib.h>
#include <string.h>

#include "s3_list.h"
#include "s3_parts.h"

enum {
	DOUBLING_PARTS = 900, /* 10,000 that begin at 5 MiB reach 9 TiB */
	PARTS_MAX = 10000,
};

static const uint64_t PART_MAX = (uint64_t)5 * 1024 * 1024 * 1024; /* the service's */

struct s3_upload {
	struct s3 *s;
	const struct s3_address *at;
	const struct s3_put_options *options;
	char *id; /* NULL: not begun */
	uint64_t size;
	size_t n_parts; /* that were sent */
	struct s3_parts *parts;
	struct s3_load
	    *filling; /* the stream's end; NULL: nothing came behind a part */
};

uint64_t
s3_part_bytes(uint64_t first, size_t number)
{
	uint64_t size = first << (number - 1) / DOUBLING_PARTS;

	return size < PART_MAX ? size : PART_MAX;
}

struct s3_upload *
s3_upload_new(struct s3 *s, const struct s3_address *at, const struct s3_put_options *o)
{
	struct s3_upload *u = xcalloc(1, sizeof *u);

	u->s = s;
	u->at = at;
	u->options = o;
	u->parts = s3_parts_new(s, at, o);
	return u;
}

void
s3_upload_free(struct s3_upload *u)
{
	if (!u)
		return;
	s3_parts_free(u->parts);
	s3_load_free(u->filling);
	free(u->id);
	free(u);
}

static int
start_load(struct s3_upload *u, struct s3_error *e)
{
	uint64_t first = u->options->part_bytes;
	uint64_t size = s3_part_bytes(first ? first : S3_PART_BYTES, u->n_parts + 1);

	u->filling = s3_parts_room(u->parts, size, e);
	return u->filling ? 0 : -1;
}

/* Servers that do not know the header for uploads in parts get it this way. */
static int
check_new(struct s3_upload *u, struct s3_error *e)
{
	struct s3_entry entry;
	int found;

	if (!u->options->if_none_match)
		return 0;
	found = s3_head(u->s, u->at, &entry, e);
	s3_entry_release(&entry);
	if (found > 0)
		s3_put_exists(e, u->at);
	return found ? -1 : 0;
}

static int
begin(struct s3_upload *u, struct s3_error *e)
{
	if (u->id)
		return 0;
	if (check_new(u, e) < 0)
		return -1;
	u->id = s3_multipart_begin(u->s, u->at, u->options, e);
	return u->id ? 0 : -1;
}

static int
send_load(struct s3_upload *u, struct s3_error *e)
{
	struct s3_load *l = u->filling;

	if (begin(u, e) < 0)
		return -1;
	if (u->n_parts == PARTS_MAX) {
		s3_error_set(e, "s3://%s/%s: more than %d parts: a larger --part-size",
		    u->at->bucket, u->at->key, PARTS_MAX);
		return -1;
	}
	u->n_parts++;
	u->filling = NULL;
	return s3_parts_send(u->parts, u->id, l, e);
}

/*
 * A part goes only when more comes, which the byte too many in it tells: the first one
 * may be all there is.
 */
static int
send_if_over(struct s3_upload *u, struct s3_error *e)
{
	struct s3_load *l = u->filling;
	char more;

	if (!l || l->len <= l->size)
		return 0;
	more = l->bytes[--l->len];
	if (send_load(u, e) < 0 || start_load(u, e) < 0)
		return -1;
	u->filling->bytes[u->filling->len++] = more;
	return 0;
}

void *
s3_upload_room(struct s3_upload *u, size_t *len, struct s3_error *e)
{
	struct s3_load *l;

	if (send_if_over(u, e) < 0 || (!u->filling && start_load(u, e) < 0))
		return NULL;
	l = u->filling;
	*len = l->size + 1 - l->len;
	return l->bytes + l->len;
}

void
s3_upload_filled(struct s3_upload *u, size_t len)
{
	u->filling->len += len;
	u->size += len;
}

int
s3_upload_write(struct s3_upload *u, const void *p, size_t len, struct s3_error *e)
{
	const char *at = p;

	while (len) {
		size_t n;
		void *room = s3_upload_room(u, &n, e);

		if (!room)
			return -1;
		n = MIN(n, len);
		memcpy(room, at, n);
		s3_upload_filled(u, n);
		at += n;
		len -= n;
	}
	return 0;
}

static int
commit_whole(struct s3_upload *u, struct s3_error *e)
{
	const struct s3_load *l = u->filling;

	if (s3_put(u->s, u->at, l ? l->bytes : "", l ? l->len : 0, u->options, e) < 0)
		return -1;
	if (u->options->sent)
		u->options->sent(u->options->sent_context, u->size);
	return 0;
}

int
s3_upload_commit(struct s3_upload *u, struct s3_error *e)
{
	const struct s3_part *parts;
	size_t n;

	if (send_if_over(u, e) < 0)
		return -1;
	if (!u->id)
		return commit_whole(u, e);
	if (u->filling && send_load(u, e) < 0)
		return -1;
	if (s3_parts_wait(u->parts, e) < 0 || check_new(u, e) < 0)
		return -1;
	parts = s3_parts_list(u->parts, &n);
	if (s3_multipart_end(u->s, u->at, u->id, parts, n, u->size, u->options, e) < 0)
		return -1;
	free(u->id);
	u->id = NULL;
	return 0;
}

int
s3_upload_discard(struct s3_upload *u, struct s3_error *e)
{
	int status;

	if (!u->id)
		return 0;
	s3_parts_cancel(u->parts);
	status = s3_multipart_abort(u->s, u->at, u->id, e);
	free(u->id);
	u->id = NULL;
	return status;
}

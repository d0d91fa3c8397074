/* join - streams one after the other as one stream of whole lines. */
#include "join.h"

#include <string.h>

#include "util.h"

int
join_flush(struct join *j)
{
	size_t len = j->used;

	j->used = 0;
	if (len && j->write(j->context, j->block, len) < 0) {
		j->write_failed = true;
		return -1;
	}
	return 0;
}

static ssize_t
read_more(struct join *j, struct stream *in)
{
	ssize_t n = stream_read(in, j->block + j->used, JOIN_BLOCK - j->used);

	if (n >= 0 && j->moved)
		j->moved(j->moved_context, in);
	return n;
}

/* The first bytes of a stream come to stand at block + used, without a mark. */
static ssize_t
read_start(struct join *j, struct stream *in)
{
	size_t len = 0, before = j->used;
	ssize_t n = 0;

	while (len < 3 && (n = read_more(j, in)) > 0) {
		len += (size_t)n;
		j->used += (size_t)n;
	}
	j->used = before;
	if (n < 0)
		return -1;
	if (len >= 3 && !memcmp(j->block + j->used, "\xef\xbb\xbf", 3)) {
		len -= 3;
		memmove(j->block + j->used, j->block + j->used + 3, len);
	}
	return (ssize_t)len;
}

static int
flush_if_due(struct join *j, bool at_once)
{
	return j->used == JOIN_BLOCK || at_once ? join_flush(j) : 0;
}

/* Pass on what lies in the stream's own memory. As read_more. */
static ssize_t
pass_lent(struct join *j, struct stream *in, char *last)
{
	const void *p;
	ssize_t n = stream_borrow(in, &p);

	if (n <= 0)
		return n;
	*last = ((const char *)p)[n - 1];
	if (j->moved)
		j->moved(j->moved_context, in);
	if (j->write(j->context, p, (size_t)n) < 0) {
		j->write_failed = true;
		return -1;
	}
	return n;
}

static int
pass_all_lent(struct join *j, struct stream *in, char *last)
{
	ssize_t n;

	if (join_flush(j) < 0)
		return -1;
	while ((n = pass_lent(j, in, last)) > 0)
		;
	return (int)n;
}

int
join_add(struct join *j, struct stream *in, bool at_once)
{
	char last = '\n';
	ssize_t n;

	if (JOIN_BLOCK - j->used < 4096 && join_flush(j) < 0)
		return -1;
	/* The first n may be 0 with more to come: nothing but a mark so far. */
	n = read_start(j, in);
	while (n >= 0) {
		j->used += (size_t)n;
		if (n)
			last = j->block[j->used - 1];
		if (flush_if_due(j, at_once) < 0)
			return -1;
		n = stream_lends(in) ? pass_all_lent(j, in, &last) : read_more(j, in);
		if (!n)
			break;
	}
	if (n < 0)
		return -1;
	if (last != '\n') {
		j->block[j->used++] = '\n';
		return flush_if_due(j, at_once);
	}
	return 0;
}

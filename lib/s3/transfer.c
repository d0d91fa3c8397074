/* transfer - a stream or a file to its target: counted, compressed, all or nothing. */
#include "transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"

enum { BLOCK = 256 * 1024 };

struct copy {
	const struct transfer *t;
	int fd;
	const char *from;
	struct target *target;
	struct compress *z;
	char *block; /* [BLOCK] */
	size_t lines;
	char last; /* byte that came */
};

static size_t
count_lines(const char *p, size_t len)
{
	const char *end = p + len;
	size_t n = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		n++;
		p++;
	}
	return n;
}

static ssize_t
read_block(struct copy *c)
{
	ssize_t n;

	do {
		if (c->target->kind == LOCATION_S3 && interrupt_wait(c->fd, -1) < 0) {
			s3_error_set(&c->target->error, "%s: stopped", c->from);
			c->target->error.stopped = true;
			return -1;
		}
		n = read(c->fd, c->block, BLOCK);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		s3_error_set(&c->target->error, "%s: %s", c->from, strerror(errno));
	return n;
}

static int
copy_all(struct copy *c)
{
	ssize_t n;

	while ((n = read_block(c)) > 0) {
		if (c->t->lines != SIZE_MAX)
			c->lines += count_lines(c->block, (size_t)n);
		c->last = c->block[n - 1];
		if (compress_write(c->z, c->block, (size_t)n) < 0)
			return -1;
		if (c->t->moved)
			c->t->moved(c->t->context, (size_t)n);
	}
	return (int)n;
}

static int
check_lines(struct copy *c)
{
	const struct target *t = c->target;
	const char *result = t->kind == LOCATION_STDIO ||
				     (t->kind == LOCATION_PATH && !t->file.temporary)
				 ? ""
			     : t->replaces              ? "; the old file stays"
			     : t->kind == LOCATION_PATH ? "; no file made"
							: "; no object made";
	size_t n = c->lines + (c->last != '\n');

	if (c->t->lines == SIZE_MAX || n == c->t->lines)
		return 0;
	s3_error_set(&c->target->error, "%s: lines: %zu came, %zu expected%s", t->name,
	    n, c->t->lines, result);
	return -1;
}

int
transfer_run(const struct transfer *t, int fd, const char *from,
    const struct location *to, struct s3_error *e)
{
	struct target target;
	struct copy c = {
		.t = t, .fd = fd, .from = from, .target = &target, .last = '\n'
	};
	int status = target_open(&target, to, &t->to);

	if (!status) {
		c.block = xmalloc(BLOCK);
		c.z = compress_new(t->compression, t->level, target_write, &target);
		if (copy_all(&c) < 0 || check_lines(&c) < 0 ||
		    compress_finish(c.z) < 0 || target_commit(&target) < 0) {
			target_discard(&target);
			status = -1;
		}
		compress_free(c.z);
		free(c.block);
	}
	*e = target.error;
	target.error = (struct s3_error){ 0 };
	target_release(&target);
	return status;
}

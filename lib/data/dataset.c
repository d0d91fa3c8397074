/* dataset - the dataset directory: opening it, reading its rows. */
#include "dataset.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "lines.h"
#include "manifest.h"

enum { CHUNK = 256 * 1024 };

/*
 * Those who may only read the directory may not make the lock file either. Where
 * there is none yet nobody writes, or will see a manifest that is whole.
 */
static int
lock_shared(const char *path, char **why)
{
	char *file = xasprintf("%s/.lock", path);
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0666), status;

	if (fd < 0)
		fd = open(file, O_RDONLY | O_CLOEXEC);
	do
		status = fd < 0 ? 0 : flock(fd, LOCK_SH);
	while (status && errno == EINTR);
	if (status) {
		*why = xasprintf("%s: %s", file, strerror(errno));
		close(fd);
		fd = -2;
	}
	free(file);
	return fd;
}

int
manifest_read(struct dataset *d, char **why)
{
	char *file = xasprintf("%s/dataset.json", d->path), *reason = NULL;
	struct buf text = { 0 };

	if (!buf_read(file, &text))
		reason = manifest_parse(d, text.data, text.len);
	else if (errno != ENOENT)
		reason = xstrdup(strerror(errno));
	if (reason)
		*why = xasprintf("%s: %s", file, reason);
	buf_release(&text);
	free(file);
	if (!reason)
		return 0;
	free(reason);
	return -1;
}

/* Whether there is a manifest; errno says why not. */
static bool
is_dataset(const char *path)
{
	char *file = xasprintf("%s/dataset.json", path);
	bool there = !access(file, F_OK);
	int e = errno;

	free(file);
	errno = e;
	return there;
}

static int
check_place(const char *path, bool create, char **why)
{
	struct stat st;

	if (stat(path, &st)) {
		if (errno == ENOENT && create)
			return 0;
		*why = xasprintf("%s: %s", path, strerror(errno));
		return -1;
	}
	if (!S_ISDIR(st.st_mode)) {
		*why = xasprintf("%s: expected a dataset, which is a directory", path);
		return -1;
	}
	if (!create && !is_dataset(path)) {
		*why = xasprintf("%s: not a dataset: no dataset.json in it", path);
		return -1;
	}
	return 0;
}

struct dataset *
dataset_open(const char *path, bool create, char **why)
{
	struct dataset *d;

	if (check_place(path, create, why) < 0)
		return NULL;
	d = xcalloc(1, sizeof *d);
	d->path = xstrdup(path);
	d->lock = -1;
	if (!is_dataset(path))
		return d;
	if ((d->lock = lock_shared(path, why)) > -2 && !manifest_read(d, why))
		return d;
	dataset_close(d);
	return NULL;
}

void
dataset_unlock(struct dataset *d)
{
	if (d->lock >= 0)
		close(d->lock);
	d->lock = -1;
}

void
dataset_close(struct dataset *d)
{
	if (!d)
		return;
	dataset_unlock(d);
	manifest_release(d);
	free(d->path);
	free(d);
}

uint64_t
dataset_rows(const struct dataset *d, enum dataset_type type)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->n_segments; i++)
		if (d->segments[i].dataset == type)
			n += d->segments[i].rows;
	return n;
}

struct rows_state {
	const struct dataset *dataset;
	enum dataset_type type;
	size_t next; /* segment to look at next */
	char *path;  /* of the open segment; NULL: none is open */
	struct lines in;
};

void
rows_open(struct rows *r, const struct dataset *d, enum dataset_type type)
{
	*r = (struct rows){ .state = xcalloc(1, sizeof *r->state) };
	r->state->dataset = d;
	r->state->type = type;
}

static int
fail(struct rows *r, const char *reason)
{
	free(r->why);
	r->why = xasprintf("%s: %s", r->state->path, reason);
	return -1;
}

/* The file's XXH3 and size. -1 and errno. */
static int
hash_file(const char *path, uint64_t *bytes, uint64_t *checksum)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	XXH3_state_t *hash;
	ssize_t n = 1;
	char *chunk;

	if (fd < 0)
		return -1;
	hash = XXH3_createState();
	XXH3_64bits_reset(hash);
	chunk = xmalloc(CHUNK);
	*bytes = 0;
	while (n > 0 || (n < 0 && errno == EINTR)) {
		n = read(fd, chunk, CHUNK);
		if (n <= 0)
			continue;
		XXH3_64bits_update(hash, chunk, (size_t)n);
		*bytes += (uint64_t)n;
	}
	*checksum = XXH3_64bits_digest(hash);
	XXH3_freeState(hash);
	free(chunk);
	close(fd);
	return n < 0 ? -1 : 0;
}

/*
 * A segment is checked whole before its first row is handed out, so that nobody
 * acts on rows of a damaged one. It costs a second read of the compressed file,
 * about a hundredth of the time to parse what is in it.
 */
static int
check_segment(struct rows *r, const struct segment *s)
{
	uint64_t bytes, checksum;
	char *reason;

	if (hash_file(r->state->path, &bytes, &checksum) < 0)
		return fail(r, strerror(errno));
	if (bytes != s->bytes) {
		reason = xasprintf("damaged: %" PRIu64 " bytes long, expected %" PRIu64,
		    bytes, s->bytes);
		fail(r, reason);
		free(reason);
		return -1;
	}
	if (checksum != s->checksum)
		return fail(r, "damaged: its checksum is not the manifest's");
	return 0;
}

static int
open_segment(struct rows *r, const struct segment *s)
{
	struct rows_state *state = r->state;

	state->path = xasprintf("%s/%s", state->dataset->path, s->file);
	if (check_segment(r, s) < 0)
		return -1;
	lines_open(&state->in, &state->path, 1);
	r->segment = s;
	return 1;
}

/* Open the next segment of the type. 1, 0: there is none, -1. */
static int
next_segment(struct rows *r)
{
	const struct dataset *d = r->state->dataset;

	while (r->state->next < d->n_segments) {
		const struct segment *s = &d->segments[r->state->next++];

		if (s->dataset == r->state->type)
			return open_segment(r, s);
	}
	return 0;
}

static void
close_segment(struct rows *r)
{
	if (r->state->in.state)
		lines_close(&r->state->in);
	free(r->state->path);
	r->state->path = NULL;
}

int
rows_next(struct rows *r)
{
	struct lines *in = &r->state->in;
	int more;

	if (r->why)
		return -1;
	for (;;) {
		if (!r->state->path && (more = next_segment(r)) <= 0)
			return more;
		if ((more = lines_next(in)) < 0)
			return fail(r, in->why);
		if (more && in->number <= r->segment->rows) {
			r->line = (struct span){ in->text, in->len };
			r->number = in->number;
			return 1;
		}
		if (more || in->number < r->segment->rows)
			return fail(
			    r, "damaged: not as many rows as the manifest says");
		close_segment(r);
	}
}

void
rows_close(struct rows *r)
{
	close_segment(r);
	free(r->state);
	free(r->why);
	*r = (struct rows){ 0 };
}

/* part_store - where the outputs of parts lie until they are put together. */
#include "part_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "output.h"
#include "s3_copy.h"
#include "s3_list.h"
#include "slice.h"

enum { COPY_BYTES = 1024 * 1024 };

void
part_store_options(struct target_options *o, struct job *j)
{
	*o = (struct target_options){ .s3 = &j->s3, .make_folders = true };
	o->put.kms_key = j->request.field[JOB_OUTPUT_KEY];
	o->put.sse = o->put.kms_key ? "aws:kms" : NULL;
}

void
part_store_place(struct location *l, const struct job *j, size_t part)
{
	*l = (struct location){ .kind = j->scratch ? LOCATION_S3 : LOCATION_PATH };
	l->path = j->scratch ? xasprintf("%s%06zu.out", j->scratch, part)
			     : job_path(j, "parts/%06zu.out", part);
}

/* Bytes on their way, counted and hashed. */
struct copying {
	struct target *to;
	XXH3_state_t *hash;
	uint64_t bytes;
};

static int
take(struct copying *c, const char *p, size_t len)
{
	XXH3_64bits_update(c->hash, p, len);
	c->bytes += len;
	return target_write(c->to, p, len);
}

/* As part_store_copy, without the check. */
static int
copy_file(struct copying *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), status = fd >= 0;
	char *buf = xmalloc(COPY_BYTES);
	ssize_t n = 0;

	while (status > 0 && (n = read(fd, buf, COPY_BYTES)) > 0)
		status = take(c, buf, (size_t)n) < 0 ? -1 : 1;
	if (n < 0)
		status = 0;
	if (fd >= 0)
		close(fd);
	free(buf);
	return status;
}

static int
copy_object(struct copying *c, struct job *j, char *path, uint64_t size)
{
	struct file f = { .path = path, .known = true, .object = true, .size = size };
	struct s3_error e = { 0 };
	struct slice *s = slice_open(&f, 0, size, false, &j->s3, &e);
	int status = s ? 1 : -1;
	const char *p;
	ssize_t n = 0;

	while (status > 0 && (n = slice_read(s, &p, &e)) > 0)
		if (take(c, p, (size_t)n) < 0) {
			slice_close(s);
			return -1;
		}
	/* Gone, or of another size: not what the part left. */
	if (n < 0)
		status = e.status == 404 || e.status == 416 ? 0 : -1;
	slice_close(s);
	if (status < 0) {
		c->to->error = e;
		return -1;
	}
	s3_error_release(&e);
	return status;
}

int
part_store_copy(
    struct job *j, size_t part, const struct part_done *done, struct target *t)
{
	struct copying c = { t, XXH3_createState(), 0 };
	struct location l;
	int status;

	XXH3_64bits_reset(c.hash);
	part_store_place(&l, j, part);
	status = l.kind == LOCATION_S3 ? copy_object(&c, j, l.path, done->bytes)
				       : copy_file(&c, l.path);
	if (status > 0)
		status =
		    c.bytes == done->bytes && XXH3_64bits_digest(c.hash) == done->hash;
	XXH3_freeState(c.hash);
	free(l.path);
	return status;
}

static int
has_object(struct job *j, const char *path, uint64_t size, struct s3_error *e)
{
	struct s3 *client = s3_options_client(&j->s3, e);
	struct s3_address at;
	struct s3_entry entry;
	int found;

	if (!client)
		return -1;
	s3_address_parse(&at, path);
	found = s3_head(client, &at, &entry, e);
	if (found > 0)
		found = entry.size == size;
	s3_entry_release(&entry);
	s3_address_release(&at);
	return found;
}

int
part_store_has(
    struct job *j, size_t part, const struct part_done *done, struct s3_error *e)
{
	struct location l;
	struct stat st;
	int has;

	part_store_place(&l, j, part);
	if (l.kind == LOCATION_S3)
		has = has_object(j, l.path, done->bytes, e);
	else
		has = !stat(l.path, &st) && (uint64_t)st.st_size == done->bytes;
	free(l.path);
	return has;
}

int
part_store_remove(struct job *j, size_t part, struct s3_error *e)
{
	struct s3_address at;
	struct location l;
	struct s3 *client;
	int status = -1;

	part_store_place(&l, j, part);
	if (l.kind == LOCATION_PATH)
		status = unlink(l.path) && errno != ENOENT ? -1 : 0;
	else if ((client = s3_options_client(&j->s3, e))) {
		s3_address_parse(&at, l.path);
		status = s3_delete(client, &at, e);
		s3_address_release(&at);
	}
	if (status < 0 && l.kind == LOCATION_PATH)
		s3_error_set(e, "%s: %s", l.path, strerror(errno));
	free(l.path);
	return status;
}

static void
sweep_folder(const struct job *j, const char *name)
{
	char *folder = job_path(j, "%s", name);
	DIR *dir = opendir(folder);
	struct dirent *d;

	while (dir && (d = readdir(dir)))
		if (output_is_temporary(d->d_name))
			unlinkat(dirfd(dir), d->d_name, 0);
	if (dir)
		closedir(dir);
	free(folder);
}

void
part_store_sweep_job(const struct job *j)
{
	sweep_folder(j, "");
	sweep_folder(j, "objects");
}

int
part_store_sweep(struct job *j, struct s3_error *e)
{
	struct s3_address at;
	struct s3 *client;
	int status;

	sweep_folder(j, "parts");
	if (!j->scratch)
		return 0;
	if (!(client = s3_options_client(&j->s3, e)))
		return -1;
	s3_address_parse(&at, j->scratch);
	status = s3_multipart_clear(client, &at, true, e);
	s3_address_release(&at);
	return status;
}

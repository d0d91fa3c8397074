/* merge - the parts of a job become its outputs. */
#include "merge.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xxhash.h>

#include "job_file.h"
#include "output.h"
#include "part.h"
#include "s3_put.h"

enum { COPY_BYTES = 1024 * 1024 };

void
merge_options(struct target_options *o, struct job *j)
{
	*o = (struct target_options){ .s3 = &j->s3, .make_folders = true };
	o->put.kms_key = j->request.field[JOB_OUTPUT_KEY];
	o->put.sse = o->put.kms_key ? "aws:kms" : NULL;
}

static void
take_error(struct s3_error *e, struct s3_error *from)
{
	*e = *from;
	*from = (struct s3_error){ 0 };
}

/* What killed writers left of this output. */
static int
sweep(struct job *j, const struct location *l, struct s3_error *e)
{
	struct s3_address at;
	struct s3 *client;
	int status;

	if (l->kind != LOCATION_S3) {
		job_file_sweep(l->path);
		return 0;
	}
	if (!(client = s3_options_client(&j->s3, e)))
		return -1;
	s3_address_parse(&at, l->path);
	status = s3_multipart_clear(client, &at, e);
	s3_address_release(&at);
	return status;
}

int
merge_probe(struct job *j, struct s3_error *e)
{
	const char *folder = j->request.field[JOB_OUTPUT], *wrong;
	char *path = xasprintf(
	    "%s%s_CHECK", folder, folder[strlen(folder) - 1] == '/' ? "" : "/");
	struct target_options o;
	struct location l;
	struct target t;
	int status = -1;

	merge_options(&o, j);
	if (location_parse(&l, path, &wrong) < 0) {
		s3_error_set(e, "%s: %s", path, wrong);
		free(path);
		return -1;
	}
	if (l.kind == LOCATION_PATH)
		job_file_sweep(l.path);
	if (target_open(&t, &l, &o) == 0 && (status = target_commit(&t)) < 0)
		target_discard(&t);
	if (status < 0)
		take_error(e, &t.error);
	target_release(&t);
	free(l.path);
	free(path);
	return status;
}

static char *
mark_path(const struct job *j, size_t object, const char *what)
{
	return job_path(j, "objects/%06zu.%s", object, what);
}

static bool
is_marked(const struct job *j, size_t object, const char *what)
{
	char *path = mark_path(j, object, what);
	bool is = !access(path, F_OK);

	free(path);
	return is;
}

static int
mark(const struct job *j, size_t object, const char *what, struct s3_error *e)
{
	char *path = mark_path(j, object, what);
	int status = job_file_write(path, span_of("{}\n"));

	if (status < 0) {
		s3_error_set(e, "%s: %s", path, strerror(errno));
		e->transient = errno == ENOSPC;
	}
	free(path);
	return status;
}

bool
merge_is_done(const struct job *j, size_t object)
{
	return is_marked(j, object, "done");
}

/* 1 copied, 0 it is damaged: what was written is to be dropped; -1 t->error. */
static int
copy_part(const struct job *j, size_t part, struct target *t)
{
	char *path = job_path(j, "parts/%06zu.out", part), *buf = xmalloc(COPY_BYTES);
	int fd = open(path, O_RDONLY | O_CLOEXEC), status = 1;
	XXH3_state_t *hash = XXH3_createState();
	struct part_done done;
	uint64_t bytes = 0;
	ssize_t n = 0;

	XXH3_64bits_reset(hash);
	while (fd >= 0 && status > 0 && (n = read(fd, buf, COPY_BYTES)) > 0) {
		XXH3_64bits_update(hash, buf, (size_t)n);
		bytes += (uint64_t)n;
		status = target_write(t, buf, (size_t)n) < 0 ? -1 : 1;
	}
	if (status > 0 &&
	    (fd < 0 || n < 0 || !part_read(j, part, &done) || done.bytes != bytes ||
		done.hash != XXH3_64bits_digest(hash)))
		status = 0;
	if (fd >= 0)
		close(fd);
	XXH3_freeState(hash);
	free(buf);
	free(path);
	return status;
}

/* As copy_part, of all parts; *damaged is the one. */
static int
copy_parts(
    const struct job *j, const struct plan_object *o, struct target *t, size_t *damaged)
{
	int status = 1;

	for (size_t i = 0; status > 0 && i < o->n; i++)
		if ((status = copy_part(j, o->first + i, t)) == 0)
			*damaged = o->first + i;
	return status;
}

/* 1 it is there, 0 a part was damaged, -1 and an error. */
static int
write_object(struct job *j, const struct plan_object *o, struct s3_error *e)
{
	struct target_options options;
	struct location l;
	struct target t;
	const char *wrong;
	size_t damaged;
	int status = -1;

	merge_options(&options, j);
	location_parse(&l, o->output, &wrong);
	if (target_open(&t, &l, &options) == 0) {
		status = copy_parts(j, o, &t, &damaged);
		if (status > 0)
			status = target_commit(&t) < 0 ? -1 : 1;
		if (status <= 0)
			target_discard(&t);
	}
	if (status < 0)
		take_error(e, &t.error);
	if (!status) {
		job_log(j, "part %zu: its output is damaged", damaged);
		part_forget(j, damaged);
	}
	target_release(&t);
	free(l.path);
	return status;
}

static bool
has_all_parts(const struct job *j, const struct plan_object *o)
{
	struct part_done done;

	for (size_t i = 0; i < o->n; i++)
		if (!part_read(j, o->first + i, &done))
			return false;
	return true;
}

static void
remove_parts(const struct job *j, const struct plan_object *o)
{
	for (size_t i = 0; i < o->n; i++) {
		char *path = job_path(j, "parts/%06zu.out", o->first + i);

		unlink(path);
		free(path);
	}
}

/* As write_object, with its marks. */
static int
merge_object(
    struct job *j, size_t object, const struct plan_object *o, struct s3_error *e)
{
	struct location l;
	const char *wrong;
	int status = 0;

	if (is_marked(j, object, "begun")) {
		location_parse(&l, o->output, &wrong);
		status = sweep(j, &l, e);
		free(l.path);
	} else
		status = mark(j, object, "begun", e);
	if (status < 0 || (status = write_object(j, o, e)) <= 0)
		return status;
	if (mark(j, object, "done", e) < 0)
		return -1;
	remove_parts(j, o);
	return 1;
}

int
merge_all(struct job *j, const struct plan *p, size_t *left, struct s3_error *e)
{
	*left = 0;
	for (size_t i = 0; i < p->n; i++) {
		int status = 0;

		if (merge_is_done(j, i))
			continue;
		if (has_all_parts(j, &p->objects[i]))
			status = merge_object(j, i, &p->objects[i], e);
		if (status < 0)
			return -1;
		*left += status == 0;
	}
	return 0;
}

void
merge_sweep(const struct job *j)
{
	char *folder = job_path(j, "parts");
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
merge_clean(const struct job *j, const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		remove_parts(j, &p->objects[i]);
	merge_sweep(j);
}

/* merge - the parts of a job become its outputs. */
#include "merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job_file.h"
#include "merge_copy.h"
#include "part_store.h"
#include "s3_put.h"

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
	status = s3_multipart_clear(client, &at, false, e);
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

	part_store_options(&o, j);
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

/* As part_store_copy, of all parts; *bad is the one, *damaged if it is not missing. */
static int
copy_parts(struct job *j, const struct plan_object *o, struct target *t,
    const struct merge_wait *wait, size_t *bad, bool *damaged)
{
	struct part_done done;
	int status = 1;

	*damaged = false;
	for (size_t i = 0; status > 0 && i < o->n; i++) {
		*bad = o->first + i;
		if (wait && !wait->for_part(wait->context, *bad))
			return 0;
		*damaged = true;
		status =
		    part_read(j, *bad, &done) ? part_store_copy(j, *bad, &done, t) : 0;
	}
	return status;
}

/* How many parts of it are gone, and no longer done. -1 and an error. */
static long
forget_missing(struct job *j, const struct plan_object *o, struct s3_error *e)
{
	struct part_done done;
	long n = 0;

	for (size_t i = 0; i < o->n; i++) {
		size_t part = o->first + i;
		int has =
		    part_read(j, part, &done) ? part_store_has(j, part, &done, e) : 0;

		if (has < 0)
			return -1;
		if (has)
			continue;
		job_log(j, "part %zu: its output is gone", part);
		part_forget(j, part);
		n++;
	}
	return n;
}

/* As write_object, by S3 itself. */
static int
copy_object(struct job *j, const struct plan_object *o, struct s3_error *e)
{
	struct s3_error why = { 0 };
	long missing = 0;

	if (merge_copy(j, o, e) == 0)
		return 1;
	if (e->status == 404)
		missing = forget_missing(j, o, &why);
	s3_error_release(&why);
	if (missing <= 0)
		return -1;
	s3_error_release(e);
	return 0;
}

/* 1 it is there, 0 a part was damaged or is missing, -1 and an error. */
static int
write_object(struct job *j, const struct plan_object *o, const struct merge_wait *wait,
    struct s3_error *e)
{
	struct target_options options;
	struct location l;
	struct target t;
	const char *wrong;
	size_t bad;
	bool damaged = false;
	int status = -1;

	if (merge_copy_can(j, o))
		return copy_object(j, o, e);
	part_store_options(&options, j);
	location_parse(&l, o->output, &wrong);
	if (target_open(&t, &l, &options) == 0) {
		status = copy_parts(j, o, &t, wait, &bad, &damaged);
		if (status > 0)
			status = target_commit(&t) < 0 ? -1 : 1;
		if (status <= 0)
			target_discard(&t);
	}
	if (status < 0)
		take_error(e, &t.error);
	if (!status && damaged) {
		job_log(j, "part %zu: its output is damaged", bad);
		part_forget(j, bad);
	}
	target_release(&t);
	free(l.path);
	return status;
}

bool
merge_has_parts(const struct job *j, const struct plan_object *o)
{
	struct part_done done;

	for (size_t i = 0; i < o->n; i++)
		if (!part_read(j, o->first + i, &done))
			return false;
	return true;
}

static int
remove_parts(struct job *j, const struct plan_object *o, struct s3_error *e)
{
	int status = 0;

	for (size_t i = 0; !status && i < o->n; i++)
		status = part_store_remove(j, o->first + i, e);
	return status;
}

int
merge_object(struct job *j, const struct plan *p, size_t object,
    const struct merge_wait *wait, struct s3_error *e)
{
	const struct plan_object *o = &p->objects[object];
	struct location l;
	const char *wrong;
	int status = 0;

	if (is_marked(j, object, "begun")) {
		location_parse(&l, o->output, &wrong);
		status = sweep(j, &l, e);
		free(l.path);
	} else
		status = mark(j, object, "begun", e);
	if (status < 0 || (status = write_object(j, o, wait, e)) <= 0)
		return status;
	if (mark(j, object, "done", e) < 0 || remove_parts(j, o, e) < 0)
		return -1;
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
		if (merge_has_parts(j, &p->objects[i]))
			status = merge_object(j, p, i, NULL, e);
		if (status < 0)
			return -1;
		*left += status == 0;
	}
	return 0;
}

int
merge_clean(struct job *j, const struct plan *p, struct s3_error *e)
{
	int status = 0;

	/* Of a merge that was killed between its mark and this. */
	for (size_t i = 0; !status && i < p->n; i++)
		status = remove_parts(j, &p->objects[i], e);
	return status ? -1 : part_store_sweep(j, e);
}

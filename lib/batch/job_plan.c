/* job_plan - the inputs of a job, their outputs, and the parts they are cut into. */
#include "job_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "job_file.h"
#include "split_dir.h"
#include "within.h"

/*
 * Small enough that little is lost with a part, large enough that opening the model for
 * each costs nothing: some 200,000 users.
 */
static const uint64_t USUAL_BYTES = 4 * 1024 * 1024;

int
plan_list(struct sources *found, const struct job_request *r, struct s3_error *e)
{
	struct location l;
	struct stat st;
	const char *wrong;
	int status;

	if (location_parse(&l, r->field[JOB_INPUT], &wrong) < 0) {
		s3_error_set(e, "%s: %s", r->field[JOB_INPUT], wrong);
		return -1;
	}
	/* Keys that begin so, as at the service; a file or folder that is there. */
	found->reading =
	    l.kind == LOCATION_S3 || stat(l.path, &st) ? FILES_PREFIX : FILES_AS_NAMED;
	status = sources_add(found, &l, e);
	free(l.path);
	return status;
}

static char *
output_of(const struct file *f, const struct job_request *r)
{
	const char *folder = r->field[JOB_OUTPUT];

	return xasprintf("%s%s%s.out", folder,
	    folder[strlen(folder) - 1] == '/' ? "" : "/", f->path + f->below);
}

/* An output that would be input, of this job or the next. */
static int
check_output(const char *output, const struct job_request *r, struct s3_error *e)
{
	struct location to, from;
	const char *wrong;
	bool bad;

	if (location_parse(&to, output, &wrong) < 0) {
		s3_error_set(e, "%s: %s", output, wrong);
		return -1;
	}
	location_parse(&from, r->field[JOB_INPUT], &wrong);
	bad = within(&to, &from);
	if (bad)
		s3_error_set(e, "Invalid S3 output path: %s lies in the input %s",
		    to.path, from.path);
	free(to.path);
	free(from.path);
	return bad ? -1 : 0;
}

/* Keys may lead anywhere: no file is made outside the folder. */
static int
check_names(const struct files *f, const char *folder, struct s3_error *e)
{
	const struct split_dir split = { .folder = folder };
	struct location to;
	const char *wrong;
	char *why;
	bool local;

	if (location_parse(&to, folder, &wrong) < 0) {
		s3_error_set(e, "%s: %s", folder, wrong);
		return -1;
	}
	local = to.kind == LOCATION_PATH;
	free(to.path);
	if (!local || split_dir_check(&split, f, &why) == 0)
		return 0;
	s3_error_set(e, "%s", why);
	free(why);
	return -1;
}

static int
cut_object(struct plan *p, struct plan_object *o, const struct job_request *r,
    uint64_t step, struct s3_options *s3, struct s3_error *e)
{
	o->output = output_of(&o->file, r);
	o->first = p->n_parts;
	if (check_output(o->output, r, e) < 0 ||
	    slice_cut(&o->file, step, s3, &o->cuts, &o->n, &o->packed, e) < 0)
		return -1;
	p->n_parts += o->n;
	return 0;
}

int
plan_make(struct plan *p, struct sources *found, const struct job_request *r,
    uint64_t part_bytes, size_t n_parts, struct s3_error *e)
{
	struct files *f = &found->files;
	uint64_t step = part_bytes ? part_bytes
			: n_parts  ? (f->bytes + n_parts - 1) / n_parts
				   : USUAL_BYTES;
	int status = 0;

	*p = (struct plan){ 0 };
	if (check_names(f, r->field[JOB_OUTPUT], e) < 0)
		return -1;
	p->objects = xcalloc(f->n, sizeof *p->objects);
	for (size_t i = 0; i < f->n; i++)
		p->objects[p->n++].file = f->list[i];
	f->n = 0;
	for (size_t i = 0; i < p->n && !status; i++)
		status = cut_object(
		    p, &p->objects[i], r, MAX(step, (uint64_t)1), found->s3, e);
	return status;
}

static void
print_object(struct buf *b, const struct plan_object *o)
{
	buf_addf(b,
	    "{\"size\":%ju,\"time\":%jd,\"object\":%s,\"below\":%zu,"
	    "\"packed\":%s",
	    (uintmax_t)o->file.size, (intmax_t)o->file.time,
	    o->file.object ? "true" : "false", o->file.below,
	    o->packed ? "true" : "false");
	job_file_add(b, "input", o->file.path);
	job_file_add(b, "etag", o->file.etag);
	job_file_add(b, "output", o->output);
	buf_adds(b, ",\"cuts\":[");
	for (size_t i = 0; o->n && i <= o->n; i++)
		buf_addf(b, "%s%ju", i ? "," : "", (uintmax_t)o->cuts[i]);
	buf_adds(b, "]}\n");
}

int
plan_save(const struct plan *p, const struct job *j, char **why)
{
	char *path = job_path(j, "plan.jsonl");
	struct buf b = { 0 };
	int status;

	for (size_t i = 0; i < p->n; i++)
		print_object(&b, &p->objects[i]);
	status = job_file_write(path, (struct span){ b.data, b.len });
	if (status < 0)
		*why = xasprintf("%s: %s", path, strerror(errno));
	buf_release(&b);
	free(path);
	return status;
}

static int
read_cuts(struct plan_object *o, struct json_value list)
{
	struct json_value v;
	struct json j;
	size_t n = 0;
	int more;

	if (list.type != JSON_ARRAY)
		return -1;
	json_open(&j, list.raw.data, list.raw.len);
	json_enter(&j, '[');
	while ((more = json_element(&j)) > 0) {
		if (json_value(&j, &v) < 0 || v.type != JSON_NUMBER)
			return -1;
		o->cuts = xrealloc(o->cuts, n + 1, sizeof *o->cuts);
		o->cuts[n] = (uint64_t)json_number(&v);
		if (n && o->cuts[n] <= o->cuts[n - 1])
			return -1;
		n++;
	}
	o->n = n ? n - 1 : 0;
	return more;
}

static int
read_object(struct plan *p, const char *text, size_t len)
{
	struct plan_object o = { .first = p->n_parts };
	struct json_value all, cuts;
	struct json j;

	json_open(&j, text, len);
	if (json_value(&j, &all) < 0 || json_finish(&j) < 0)
		return -1;
	json_find(all, "cuts", &cuts);
	o.file = (struct file){
		.path = job_file_text(all, "input"),
		.known = true,
		.size = (uint64_t)job_file_number(all, "size"),
		.time = (time_t)job_file_number(all, "time"),
		.etag = job_file_text(all, "etag"),
		.object = job_file_flag(all, "object"),
		.below = (size_t)job_file_number(all, "below"),
	};
	o.packed = job_file_flag(all, "packed");
	o.output = job_file_text(all, "output");
	p->objects = xrealloc(p->objects, p->n + 1, sizeof *p->objects);
	p->objects[p->n] = o;
	if (read_cuts(&p->objects[p->n++], cuts) < 0 || !o.file.path || !o.output ||
	    o.file.below > strlen(o.file.path))
		return -1;
	p->n_parts += p->objects[p->n - 1].n;
	return 0;
}

int
plan_read(struct plan *p, const struct job *j, char **why)
{
	char *path = job_path(j, "plan.jsonl");
	struct buf text = { 0 };
	const char *at, *lf;
	int status = buf_read(path, &text);

	*p = (struct plan){ 0 };
	if (status < 0)
		*why = xasprintf("%s: %s", path, strerror(errno));
	for (at = text.data; !status && (lf = strchr(at, '\n')); at = lf + 1)
		if ((status = read_object(p, at, (size_t)(lf - at))) < 0)
			*why = xasprintf("%s: not a job's plan", path);
	if (status < 0)
		plan_release(p);
	buf_release(&text);
	free(path);
	return status;
}

const struct plan_object *
plan_of(const struct plan *p, size_t part)
{
	size_t low = 0, high = p->n;

	/* The last that begins at or before it; empty ones begin where others do. */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (p->objects[middle].first <= part)
			low = middle;
		else
			high = middle;
	}
	return &p->objects[low];
}

void
plan_name_part(struct buf *b, const struct plan *p, size_t part)
{
	const struct plan_object *o = plan_of(p, part);
	size_t i = part - o->first;

	buf_addf(b, "part %zu (%s, bytes %ju to %ju)", part,
	    o->file.path + o->file.below, (uintmax_t)o->cuts[i],
	    (uintmax_t)o->cuts[i + 1] - 1);
}

void
plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->objects[i].file.path);
		free(p->objects[i].file.etag);
		free(p->objects[i].output);
		free(p->objects[i].cuts);
	}
	free(p->objects);
	*p = (struct plan){ 0 };
}

/* job_limits - what of a job is beyond the service's limits. */
#include "job_limits.h"

#include <string.h>

#include "part_count.h"

/* "Amazon Personalize endpoints and quotas", and the patterns of its API. */
enum {
	FILES_MOST = 1000,
	PATH_MOST = 256,
	RECORDS_MOST = 50000000, /* of a file */
	THEMES_MOST = 100,
	USERS_MOST = 5000000, /* numResults of a segment */
	RECORD_LEAST = 15,    /* bytes of {"userId":"1"} and its end */
};

static const uint64_t BYTES_MOST = 1000 * 1000 * 1000;

/* Whether there are more records than these. -1 and an error. */
static int
has_more(
    const struct plan_object *o, size_t most, struct s3_options *s3, struct s3_error *e)
{
	struct part_lines lines = { 0 };
	struct slice *slice;
	const char *p;
	ssize_t n = 0;

	if (!o->packed && o->file.size / RECORD_LEAST < most)
		return 0;
	if (!(slice = slice_open(&o->file, 0, o->file.size, o->packed, s3, e)))
		return -1;
	while (lines.n <= most && (n = slice_read(slice, &p, e)) > 0)
		part_lines_add(&lines, p, (size_t)n);
	part_lines_end(&lines);
	slice_close(slice);
	return n < 0 ? -1 : lines.n > most;
}

int
job_limits(struct buf *b, const struct plan *p, const struct job_request *r,
    size_t most_lines, struct s3_options *s3, struct s3_error *e)
{
	const char *const paths[] = { r->field[JOB_INPUT], r->field[JOB_OUTPUT] };
	size_t most = most_lines              ? most_lines
		      : job_request_themes(r) ? THEMES_MOST
					      : RECORDS_MOST;
	uint64_t bytes = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct plan_object *o = &p->objects[i];
		int more = has_more(o, most, s3, e);

		if (more < 0)
			return -1;
		if (more)
			buf_addf(b, "%s: more than %zu records\n", o->file.path, most);
		bytes += o->file.size;
	}
	if (p->n > FILES_MOST)
		buf_addf(b, "%zu input files, more than %d\n", p->n, FILES_MOST);
	if (bytes > BYTES_MOST)
		buf_addf(b, "%ju bytes of input, more than 1 GB\n", (uintmax_t)bytes);
	for (size_t i = 0; i < LENGTH(paths); i++)
		if (strlen(paths[i]) > PATH_MOST)
			buf_addf(
			    b, "%s: more than %d characters\n", paths[i], PATH_MOST);
	if (most_lines && job_request_results(r) > USERS_MOST)
		buf_addf(b, "numResults %zu, more than %d\n", job_request_results(r),
		    USERS_MOST);
	return 0;
}

/* run_summary - what became of a job: its counts, its error records, its failures. */
#include "run_summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "job_file.h"
#include "merge.h"
#include "output.h"
#include "part.h"

/* Of one output. */
struct counts {
	size_t records, errors, missing;
	double seconds; /* of its parts, added */
};

static struct counts
count(const struct job *j, const struct plan_object *o)
{
	struct counts c = { 0 };
	struct part_done done;

	for (size_t i = 0; i < o->n; i++) {
		if (!part_read(j, o->first + i, &done)) {
			c.missing++;
			continue;
		}
		c.records += done.records;
		c.errors += done.errors;
		c.seconds += done.seconds;
	}
	return c;
}

/* Lines of a part's errors, their numbers from the output's begin. */
static int
copy_errors(struct output *to, const struct job *j, const struct plan_object *o,
    size_t part, size_t before)
{
	char *path = job_path(j, "parts/%06zu.errors", part);
	const char *at, *tab, *lf;
	struct buf text = { 0 }, b = { 0 };
	int status = buf_read(path, &text);

	for (at = text.data; !status && at && (lf = strchr(at, '\n')); at = lf + 1) {
		if (!(tab = memchr(at, '\t', (size_t)(lf - at))))
			break;
		buf_addf(&b, "{\"line\":%zu", before + strtoul(at, NULL, 10));
		job_file_add(&b, "output", o->output);
		buf_adds(&b, ",\"record\":");
		buf_add(&b, tab + 1, (size_t)(lf - tab - 1));
		buf_adds(&b, "}\n");
	}
	if (!status)
		status = output_write(to, b.data, b.len);
	buf_release(&b);
	buf_release(&text);
	free(path);
	return status;
}

static int
write_errors(struct output *to, const struct job *j, const struct plan *p)
{
	struct part_done done;

	for (size_t i = 0; i < p->n; i++) {
		const struct plan_object *o = &p->objects[i];
		size_t before = 0;

		for (size_t part = o->first; part < o->first + o->n; part++) {
			if (!part_read(j, part, &done))
				break; /* lines behind it have no numbers yet */
			if (done.errors && copy_errors(to, j, o, part, before) < 0)
				return -1;
			before += done.records;
		}
	}
	return 0;
}

static int
make_errors(const struct job *j, const struct plan *p)
{
	char *path = job_path(j, "errors.jsonl");
	struct output o;
	int status = output_open(&o, path);

	free(path);
	if (status < 0)
		return -1;
	if (write_errors(&o, j, p) == 0)
		return output_commit(&o);
	output_discard(&o);
	return -1;
}

static void
print_object(
    struct buf *b, const struct job *j, const struct plan *p, size_t i, struct counts c)
{
	const struct plan_object *o = &p->objects[i];

	buf_addf(b,
	    "%s{\"records\":%zu,\"errors\":%zu,\"parts\":%zu,\"seconds\":%.3f,"
	    "\"written\":%s",
	    i ? "," : "", c.records, c.errors, o->n, c.seconds,
	    merge_is_done(j, i) ? "true" : "false");
	job_file_add(b, "input", o->file.path);
	job_file_add(b, "output", o->output);
	buf_addc(b, '}');
}

static int
make_summary(
    const struct job *j, const struct plan *p, struct job_state *s, size_t *missing)
{
	char *path = job_path(j, "summary.json");
	struct buf list = { 0 }, b = { 0 };
	int status;

	s->records = s->errors = *missing = 0;
	for (size_t i = 0; i < p->n; i++) {
		struct counts c = count(j, &p->objects[i]);

		s->records += c.records;
		s->errors += c.errors;
		*missing += c.missing;
		print_object(&list, j, p, i, c);
	}
	buf_addf(&b,
	    "{\"records\":%zu,\"errors\":%zu,\"seconds\":%.3f,\"outputs\":[%s]}\n",
	    s->records, s->errors, s->seconds, list.data ? list.data : "");
	status = job_file_write(path, (struct span){ b.data, b.len });
	buf_release(&list);
	buf_release(&b);
	free(path);
	return status;
}

/* The first part that says why it failed, in words. */
static char *
first_failure(const struct job *j, const struct plan *p, size_t missing)
{
	struct buf b = { 0 };
	struct part_done done;

	buf_addf(&b, "%zu of %zu parts %s not done", missing, p->n_parts,
	    missing == 1 ? "is" : "are");
	for (size_t part = 0; part < p->n_parts; part++) {
		char *why = part_read(j, part, &done) ? NULL : part_failure(j, part);

		if (!why)
			continue;
		buf_adds(&b, "; ");
		plan_name_part(&b, p, part);
		buf_addf(&b, ": %s", why);
		free(why);
		break;
	}
	return b.data;
}

int
run_summary(const struct job *j, const struct plan *p, struct job_state *s, size_t left,
    char **why)
{
	size_t missing;

	if (make_summary(j, p, s, &missing) < 0 || make_errors(j, p) < 0) {
		*why = xasprintf("%s: %s", j->dir, strerror(errno));
		return -1;
	}
	if (left)
		*why = first_failure(j, p, missing);
	return 0;
}

/* factor_file - factors of users or items that were trained elsewhere. */
#include "factor_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "json.h"
#include "lines.h"

const char factor_too_many[] = "more than 8192 numbers a row";

void
factor_rows_release(struct factor_rows *f)
{
	free(f->rows);
	free(f->given);
}

const char *
factor_rows_add(struct factor_rows *f, struct span id, const float *x, size_t dim)
{
	uint32_t at = ids_find(f->known, id);

	for (size_t d = 0; d < dim; d++)
		if (!isfinite(x[d]))
			return "a number that is not finite as float32";
	if (!f->rows) {
		f->dim = dim;
		f->rows = xcalloc(f->known->strings.n, dim * sizeof *f->rows);
	}
	if (at == NONE) {
		f->left++;
		return NULL;
	}
	if (f->given[at])
		return "a second row of the same ID";
	f->given[at] = true;
	f->n++;
	memcpy(f->rows + at * dim, x, dim * sizeof *x);
	return NULL;
}

/* Lines of JSON as they are read. */
struct reading {
	struct factor_rows *f;
	const struct factor_source *from;
	const struct factor_ids *ids; /* NULL: none */
	struct buf scratch;
	float *x;
	size_t dim, cap;
};

static const char *
read_features(struct reading *r, struct json *j)
{
	struct json_value v;
	int more;

	r->dim = 0;
	if (json_enter(j, '[') < 0)
		return "features: not an array of numbers";
	while ((more = json_element(j)) > 0) {
		if (json_value(j, &v) < 0)
			return j->why;
		if (v.type != JSON_NUMBER)
			return "features: not an array of numbers";
		if (r->dim == FACTOR_MOST)
			return factor_too_many;
		if (r->dim == r->cap)
			r->x = xrealloc(r->x, r->cap = 2 * r->cap + 64, sizeof *r->x);
		r->x[r->dim++] = (float)json_number(&v);
	}
	if (more < 0)
		return j->why;
	return r->dim ? NULL : "features: an array without numbers";
}

static bool
is_whole(struct span s)
{
	size_t sign = s.len > 1 && *s.data == '-';

	return s.len > sign && s.len < 20 &&
	       strspn(s.data + sign, "0123456789") >= s.len - sign;
}

/* What the ID's value stands for. */
static const char *
id_of(struct reading *r, const struct json_value *v, struct span *id)
{
	char *end;
	size_t at;

	if (v->type != JSON_STRING && (v->type != JSON_NUMBER || !is_whole(v->raw)))
		return "the ID is neither a string nor a whole number";
	*id = v->type == JSON_STRING ? json_text(v, &r->scratch) : v->raw;
	if (!r->ids || v->type == JSON_STRING)
		return NULL;
	at = strtoull(id->data, &end, 10);
	if (*id->data == '-' || at >= r->ids->n)
		return "the ID is a number beyond the file of IDs";
	*id = (struct span){ r->ids->bytes.data + r->ids->offset[at],
		r->ids->offset[at + 1] - r->ids->offset[at] };
	return NULL;
}

static bool
names_id(const struct reading *r, const struct json_value *name)
{
	return json_is(name, "id") ||
	       json_is(name, *r->from->what == 'u' ? "userId" : "itemId");
}

/* One line; NULL or what is wrong with it. */
static const char *
read_line(struct reading *r, const char *text, size_t len)
{
	struct json_value name, id = { 0 };
	const char *why = NULL;
	struct span whose;
	struct json j;
	int more;

	r->dim = 0;
	json_open(&j, text, len);
	if (json_enter(&j, '{') < 0)
		return "expected {\"id\": ..., \"features\": [...]}";
	while ((more = json_member(&j, &name)) > 0) {
		struct json_value other;

		if (json_is(&name, "features"))
			why = read_features(r, &j);
		else if (json_value(&j, names_id(r, &name) ? &id : &other) < 0)
			why = j.why;
		if (why)
			return why;
	}
	if (more < 0 || json_finish(&j) < 0)
		return j.why;
	if (id.type == JSON_NONE || !r->dim)
		return "expected {\"id\": ..., \"features\": [...]}";
	if (r->f->rows && r->dim != r->f->dim)
		return "not as many features as in the rows before";
	why = id_of(r, &id, &whose);
	return why ? why : factor_rows_add(r->f, whose, r->x, r->dim);
}

static int
read_lines(struct reading *r, const char *path, char **why)
{
	const char *wrong = NULL;
	struct lines in;
	int more;

	lines_open(&in, (char *const[]){ (char *)path }, 1);
	while (!wrong && (more = lines_next(&in)) > 0)
		if (in.len)
			wrong = read_line(r, in.text, in.len);
	if (wrong || more < 0)
		*why =
		    xasprintf("%s:%zu: %s", in.path, in.number, wrong ? wrong : in.why);
	lines_close(&in);
	return wrong || more < 0 ? -1 : 0;
}

static int
read_ids(struct factor_ids *ids, const char *path, char **why)
{
	struct lines in;
	int more;

	lines_open(&in, (char *const[]){ (char *)path }, 1);
	while ((more = lines_next(&in)) > 0) {
		if (ids->n + 2 > ids->cap)
			ids->offset = xrealloc(ids->offset,
			    ids->cap = 2 * ids->cap + 64, sizeof *ids->offset);
		ids->offset[ids->n++] = ids->bytes.len;
		buf_add(&ids->bytes, in.text, in.len);
		ids->offset[ids->n] = ids->bytes.len;
	}
	if (more < 0)
		*why = xasprintf("%s:%zu: %s", in.path, in.number, in.why);
	lines_close(&in);
	return more;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

static bool
is_npy(const char *path)
{
	return ends_with(path, ".npy") || ends_with(path, ".npy.gz") ||
	       ends_with(path, ".npy.zst");
}

/* Spark's folders hold markers and checksums beside the parts. */
static bool
is_part(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	return *name != '_' && *name != '.';
}

static int
read_file(struct reading *r, const char *path, char **why)
{
	if (ends_with(path, ".parquet")) {
		*why = xasprintf("%s: Parquet is not read: write JSON lines, as by "
				 "model.%sFactors.write.json()",
		    path, r->from->what);
		return -1;
	}
	return is_npy(path) ? factor_npy_read(r->f, r->from, path, r->ids, why)
			    : read_lines(r, path, why);
}

/* A file, or all that a folder has. */
static int
read_all(struct reading *r, char **why)
{
	struct location l = { LOCATION_PATH, (char *)r->from->path };
	struct files files = { 0 };
	size_t read = 0;
	int status = files_add(&files, &l, FILES_AS_NAMED, why);

	for (size_t i = 0; status == 0 && i < files.n; i++)
		if (files.n == 1 || is_part(files.list[i].path)) {
			status = read_file(r, files.list[i].path, why);
			read++;
		}
	if (status == 0 && (!read || !(r->f->n + r->f->left))) {
		*why = xasprintf("%s: no factors in it", r->from->path);
		status = -1;
	}
	files_release(&files);
	return status;
}

int
factor_rows_read(struct factor_rows *f, const struct factor_source *from,
    const struct ids *known, char **why)
{
	struct factor_ids ids = { 0 };
	struct reading r = { .f = f, .from = from, .ids = from->ids ? &ids : NULL };
	int status;

	*f = (struct factor_rows){ .known = known,
		.given = xcalloc(known->strings.n, sizeof *f->given) };
	status = from->ids ? read_ids(&ids, from->ids, why) : 0;
	if (status == 0)
		status = read_all(&r, why);
	if (status == 0 && !f->n) {
		*why = xasprintf(
		    "%s: no %s of it is in the dataset", from->path, from->what);
		status = -1;
	}
	free(r.x);
	buf_release(&r.scratch);
	buf_release(&ids.bytes);
	free(ids.offset);
	return status;
}

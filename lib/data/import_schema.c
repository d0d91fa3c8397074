/* import_schema - which dataset rows are for, and by which schema. */
#include "import_schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "infer.h"
#include "stream.h"

struct schema *
import_schema_read(const char *path, int type, char **why)
{
	struct stream *in = stream_open(path);
	struct schema *s = NULL;
	struct buf b = { 0 };
	ssize_t n = 0;
	char *wrong;

	if (!in) {
		*why = xasprintf("%s: %s", path, strerror(errno));
		return NULL;
	}
	do {
		b.len += (size_t)n;
		buf_reserve(&b, 64 * 1024);
	} while ((n = stream_read(in, b.data + b.len, 64 * 1024)) > 0);
	if (n < 0)
		*why = xasprintf("%s: %s", path, stream_why(in));
	else if (!(s = schema_parse(b.data, b.len, type, &wrong))) {
		*why = xasprintf("%s: %s", path, wrong);
		free(wrong);
	}
	buf_release(&b);
	stream_close(in);
	return s;
}

/* The dataset that the columns of the first batch speak of. */
static int
guess_type(struct import_schema *s, struct intake *in, char **why)
{
	struct convert *c;
	const struct batch *first;
	int more = intake_peek(in, &first);

	if (more < 0) {
		*why = xstrdup(in->why);
		return -1;
	}
	if (!more) {
		*why = xstrdup("the input is empty: no columns to tell the dataset by "
			       "(-t)");
		return -1;
	}
	if (!(c = convert_new(NULL, s->map, why)))
		return -1;
	s->type = convert_guess(c, first);
	convert_free(c);
	if (s->type >= 0)
		return 0;
	*why =
	    xasprintf("%s: neither USER_ID nor ITEM_ID is among the columns; expected "
		      "at least one, or -t%s",
		first->path, s->map ? "" : ", or --map to make them");
	return -1;
}

/* Show all rows to the inference, then go back to the first. */
static int
infer_rows(struct import_schema *s, struct intake *in, struct infer *infer, char **why)
{
	struct convert *c = convert_new(NULL, s->map, why);
	struct batch b = { 0 };
	int more;

	if (!c)
		return -1;
	progress_start(s->progress, "inferring the schema", "MB", in->total);
	while ((more = intake_next(in, &b)) > 0) {
		convert_infer(c, &b, infer);
		progress_show(s->progress, b.consumed, NULL);
	}
	progress_end(s->progress);
	batch_release(&b);
	convert_free(c);
	if (more == 0 && intake_rewind(in) == 0)
		return 0;
	*why = xstrdup(in->why);
	return -1;
}

static int
infer_all(struct import_schema *s, struct intake *in, char **why)
{
	struct infer *infer = infer_new((enum dataset_type)s->type);
	char *wrong;
	int status = infer_rows(s, in, infer, why);

	if (status == 0 && !(s->schema = infer_schema(infer, &wrong))) {
		*why = xasprintf("no schema can be inferred for %s: %s",
		    dataset_names[s->type], wrong);
		free(wrong);
		status = -1;
	}
	s->inferred = status == 0;
	infer_free(infer);
	return status;
}

static int
check_incremental(
    const struct import_schema *s, const struct schema *of_dataset, char **why)
{
	if (s->mode != MODE_INCREMENTAL)
		return 0;
	if (!of_dataset) {
		*why = xasprintf("%s: no %s yet: the first import must be FULL",
		    s->path, dataset_names[s->type]);
		return -1;
	}
	if (s->schema && !schema_equal(s->schema, of_dataset)) {
		*why =
		    xasprintf("%s: not the schema of %s in %s, which INCREMENTAL keeps",
			s->schema_path, dataset_names[s->type], s->path);
		return -1;
	}
	return 0;
}

/* With the dataset at hand, which has to be closed before anything is written. */
static int
settle_with(struct import_schema *s, struct dataset *d, struct intake *in, char **why)
{
	if (s->type < 0 && guess_type(s, in, why) < 0)
		return -1;
	if (check_incremental(s, d->schemas[s->type], why) < 0)
		return -1;
	if (!s->schema && !s->infer) {
		s->schema = d->schemas[s->type];
		d->schemas[s->type] = NULL;
	}
	return 0;
}

int
import_schema_settle(struct import_schema *s, struct intake *in, char *const *paths,
    size_t n, char **why)
{
	struct dataset *d;
	bool twice;
	int status;

	if (s->schema_path) {
		if (!(s->schema = import_schema_read(s->schema_path, s->type, why)))
			return -1;
		s->type = (int)s->schema->dataset;
	}
	if (!(d = dataset_open(s->path, true, why)))
		return -1;
	/* Input that can be read but once is copied, if it may have to be read again.
	 */
	twice = !s->schema && (s->infer || s->type < 0 || !d->schemas[s->type]);
	intake_open(in, paths, n, twice);
	status = settle_with(s, d, in, why);
	dataset_close(d);
	if (status == 0 && s->schema)
		intake_forget(in);
	else if (status == 0)
		status = infer_all(s, in, why);
	if (status < 0)
		intake_close(in);
	return status;
}

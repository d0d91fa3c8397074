/*
 * put - individually imported rows, on their way into a dataset.
 *
 * Only commit, under the directory's lock, can tell which events are new and which
 * segments there are. If it leaves rows out, or takes older ones in, it writes the
 * segment a second time and throws the first away.
 *
 * A segment is taken in if it is a put segment, the newest of its type, and has no more
 * rows than the new one has by then, or than SMALL. So sizes at least double from one
 * to the next older: of n rows there are about log2(n / SMALL) segments, and a row is
 * rewritten so often, and within the SMALL newest. Nothing grows beyond LARGE, lest
 * the lock is held for long.
 */
#include "put.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bitset.h"
#include "dataset_writer.h"
#include "lines.h"
#include "put_ids.h"

enum { SMALL = 1000, LARGE = 1000000 };

struct event {
	uint64_t hash; /* of its ID */
	uint64_t row;  /* of this put */
};

struct put {
	struct writer *writer;
	struct event *events;
	size_t n, cap;
	uint64_t *repeated; /* bitset of rows, made by commit */
	uint64_t n_repeated;
};

struct put *
put_open(const char *path, enum dataset_type type, char **why)
{
	struct writer *w = writer_open(path, type, MODE_PUT, why);
	struct put *p;

	if (!w)
		return NULL;
	p = xcalloc(1, sizeof *p);
	p->writer = w;
	return p;
}

static int
add_event(struct put *p, struct span id)
{
	if (p->n == PUT_IDS_MAX)
		return -1;
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 64;
		p->events = xrealloc(p->events, p->cap, sizeof *p->events);
	}
	p->events[p->n++] = (struct event){ put_ids_hash(id), p->writer->rows };
	return 0;
}

int
put_add(struct put *p, struct span line, struct span event_id, char **why)
{
	if (event_id.len && add_event(p, event_id) < 0) {
		*why = xasprintf("more than %d events at once", PUT_IDS_MAX);
		return -1;
	}
	return writer_add_lines(p->writer, line, 1, why);
}

static void
leave_out(struct put *p, uint64_t row)
{
	bitset_add(p->repeated, row);
	p->n_repeated++;
}

static int
by_hash(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Sort the events; of those with one ID only the first stays. */
static void
settle_events(struct put *p)
{
	size_t kept = 0;

	p->repeated = bitset_new(p->writer->rows);
	if (p->n)
		qsort(p->events, p->n, sizeof *p->events, by_hash);
	for (size_t i = 0; i < p->n; i++)
		if (kept && p->events[kept - 1].hash == p->events[i].hash)
			leave_out(p, p->events[i].row);
		else
			p->events[kept++] = p->events[i];
	p->n = kept;
}

static void
print_events(struct buf *b, const struct event *events, size_t n)
{
	uint64_t *hashes = xcalloc(n, sizeof *hashes);

	for (size_t i = 0; i < n; i++)
		hashes[i] = events[i].hash;
	put_ids_print(b, hashes, n);
	free(hashes);
}

static int
open_ids(
    struct put_ids *ids, const struct dataset *d, const struct segment *s, char **why)
{
	char *path = xasprintf("%s/%s", d->path, s->file);
	const char *reason;
	int status = put_ids_open(ids, path, &reason);

	if (status < 0)
		*why = xasprintf("%s: %s", path, reason);
	free(path);
	return status;
}

/* Leave out the events that are in a segment. Both lists rise. */
static void
leave_out_known(struct put *p, const struct put_ids *ids)
{
	size_t kept = 0, at = 0;

	for (size_t i = 0; i < p->n; i++) {
		at = put_ids_seek(ids, at, p->events[i].hash);
		if (at < ids->n && put_ids_get(ids, at) == p->events[i].hash)
			leave_out(p, p->events[i].row);
		else
			p->events[kept++] = p->events[i];
	}
	p->n = kept;
}

static bool
is_put(const struct put *p, const struct segment *s)
{
	return s->dataset == p->writer->type && s->mode == MODE_PUT;
}

static int
leave_out_all_known(struct put *p, const struct dataset *d, char **why)
{
	for (size_t i = 0; i < d->n_segments && p->n; i++) {
		struct put_ids ids;

		if (!is_put(p, &d->segments[i]))
			continue;
		if (open_ids(&ids, d, &d->segments[i], why) < 0)
			return -1;
		leave_out_known(p, &ids);
		put_ids_close(&ids);
	}
	return 0;
}

/* The oldest segment to take in; d->n_segments: none. */
static size_t
first_to_take(const struct put *p, const struct dataset *d)
{
	uint64_t rows = p->writer->rows - p->n_repeated;
	size_t first = d->n_segments;

	for (size_t i = d->n_segments; i-- > 0;) {
		const struct segment *s = &d->segments[i];

		if (s->dataset != p->writer->type)
			continue;
		if (s->mode != MODE_PUT || s->rows > MAX(rows, (uint64_t)SMALL) ||
		    s->rows + rows > LARGE)
			break;
		rows += s->rows;
		first = i;
	}
	return first;
}

static int
copy_segments(
    const struct put *p, const struct dataset *part, struct writer *to, char **why)
{
	struct rows r;
	int more;

	rows_open(&r, part, p->writer->type);
	while ((more = rows_next(&r)) > 0)
		if (writer_add(to, r.line, why) < 0)
			break;
	if (more < 0)
		*why = xstrdup(r.why);
	rows_close(&r);
	return more ? -1 : 0;
}

/* The rows in the temporary that are not left out. */
static int
copy_new(const struct put *p, struct writer *to, char **why)
{
	char *path = p->writer->out.temporary;
	struct lines in;
	int more;

	lines_open(&in, &path, 1);
	while ((more = lines_next(&in)) > 0)
		if (!bitset_has(p->repeated, in.number - 1) &&
		    writer_add(to, (struct span){ in.text, in.len }, why) < 0)
			break;
	if (more < 0)
		*why = xasprintf("%s: %s", path, in.why);
	lines_close(&in);
	return more ? -1 : 0;
}

/* The events of all segments of the part, and the new ones, into one list. */
static int
merge_events(struct put *p, const struct dataset *part, struct writer *to, char **why)
{
	for (size_t i = 0; i < part->n_segments; i++) {
		struct put_ids ids;

		if (!is_put(p, &part->segments[i]))
			continue;
		if (open_ids(&ids, part, &part->segments[i], why) < 0)
			return -1;
		p->cap = p->n + ids.n;
		p->events = xrealloc(p->events, p->cap, sizeof *p->events);
		for (size_t k = 0; k < ids.n; k++)
			p->events[p->n++] = (struct event){ put_ids_get(&ids, k), 0 };
		put_ids_close(&ids);
	}
	if (p->n)
		qsort(p->events, p->n, sizeof *p->events, by_hash);
	print_events(&to->trailer, p->events, p->n);
	return 0;
}

/* The writer goes on with the temporary of the other, which gets the old one. */
static void
exchange(struct writer *w, struct writer *other)
{
	struct writer old = *w, fresh = *other;

	*w = fresh;
	w->path = old.path;
	w->folder = old.folder;
	w->made_path = old.made_path;
	w->made_folder = old.made_folder;
	*other = old;
	other->path = fresh.path;
	other->folder = fresh.folder;
	other->made_path = other->made_folder = false;
}

static int
write_again(struct put *p, const struct dataset *part, char **why)
{
	struct writer *w = p->writer;
	struct writer *to = writer_open(w->path, w->type, MODE_PUT, why);
	int status = -1;

	if (!to)
		return -1;
	if (copy_segments(p, part, to, why) < 0 || copy_new(p, to, why) < 0 ||
	    merge_events(p, part, to, why) < 0)
		goto out;
	if (writer_finish(to) < 0) {
		*why = writer_complaint(to);
		goto out;
	}
	exchange(w, to);
	if (part->n_segments)
		w->replaces_from = part->segments[0].number;
	status = 0;
out:
	writer_discard(to);
	return status;
}

static int
prepare(struct writer *w, const struct dataset *d, char **why)
{
	struct put *p = w->context;
	struct dataset part = *d;
	size_t first;

	if (leave_out_all_known(p, d, why) < 0)
		return -1;
	if (p->n_repeated == w->rows)
		return 1;
	first = first_to_take(p, d);
	part.segments += first;
	part.n_segments -= first;
	if (!p->n_repeated && !part.n_segments)
		return 0;
	return write_again(p, &part, why);
}

static void
release(struct put *p)
{
	free(p->events);
	free(p->repeated);
	free(p);
}

int
put_commit(struct put *p, const struct schema *schema, uint64_t *repeated, char **why)
{
	struct writer *w = p->writer;
	int status;

	settle_events(p);
	print_events(&w->trailer, p->events, p->n);
	w->prepare = prepare;
	w->context = p;
	status = writer_commit(w, schema, why);
	*repeated = p->n_repeated;
	release(p);
	return status;
}

void
put_discard(struct put *p)
{
	if (!p)
		return;
	writer_discard(p->writer);
	release(p);
}

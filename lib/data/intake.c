/* intake - files of CSV or JSON lines in batches, readable twice. */
#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csv.h"
#include "lines.h"

enum { BATCH_BYTES = 256 * 1024, BATCH_LINES = 16 * 1024 };

struct file {
	char *path;
	const char *shown; /* in messages */
	bool once;         /* cannot be read a second time */
	FILE *copy;        /* NULL: none */
};

struct intake_state {
	struct file *files;
	size_t n, next; /* the file to open next */
	bool keep;
	bool open; /* in is files[next - 1] */
	struct lines in;
	enum { UNKNOWN, CSV, JSON_LINES } format;
	uint64_t consumed; /* of files already closed */
	struct header **headers;
	size_t n_headers;
	struct header *header; /* of the open file */
	struct batch peeked;   /* read, but not handed out */
	bool has_peeked;
	struct csv csv;
};

static void
add_file(struct intake *s, const char *path)
{
	struct file *f = &s->state->files[s->state->n++];
	struct stat st;
	bool regular = strcmp(path, "-") && !stat(path, &st) && S_ISREG(st.st_mode);

	*f = (struct file){ .path = xstrdup(path), .once = !regular };
	f->shown = strcmp(path, "-") ? path : "<stdin>";
	if (regular)
		s->total += (uint64_t)st.st_size;
}

void
intake_open(struct intake *s, char *const *paths, size_t n, bool keep)
{
	bool known = true;

	*s = (struct intake){ .state = xcalloc(1, sizeof *s->state) };
	s->state->files = xcalloc(n + 1, sizeof *s->state->files);
	s->state->keep = keep;
	for (size_t i = 0; i < n; i++)
		add_file(s, paths[i]);
	if (!n)
		add_file(s, "-");
	for (size_t i = 0; i < s->state->n; i++)
		known &= !s->state->files[i].once;
	if (!known)
		s->total = 0;
}

static int
fail(struct intake *s, const char *path, size_t number, const char *reason)
{
	free(s->why);
	s->why = number ? xasprintf("%s:%zu: %s", path, number, reason)
			: xasprintf("%s: %s", path, reason);
	return -1;
}

/* A file without a name: it goes when we do, whatever happens. */
static FILE *
temporary_file(void)
{
	const char *dir = getenv("TMPDIR");
	char *path = xasprintf("%s/pz-import.XXXXXX", dir && *dir ? dir : "/var/tmp");
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd >= 0)
		unlink(path);
	free(path);
	return fd < 0 ? NULL : fdopen(fd, "w+");
}

static int
open_file(struct intake *s)
{
	struct intake_state *state = s->state;
	struct file *f = &state->files[state->next++];

	if (state->keep && f->once && !(f->copy = temporary_file()))
		return fail(s, "temporary file", 0, strerror(errno));
	lines_open(&state->in, &f->path, 1);
	state->open = true;
	state->header = NULL;
	return 0;
}

static int
copy_line(struct intake *s, const struct file *f)
{
	const struct lines *in = &s->state->in;

	if (!f->copy || !s->state->keep)
		return 0;
	if (fwrite(in->text, 1, in->len, f->copy) != in->len ||
	    putc('\n', f->copy) == EOF)
		return fail(s, "temporary file", 0, strerror(errno));
	return 0;
}

static void
close_file(struct intake_state *state)
{
	state->consumed += lines_consumed(&state->in);
	lines_close(&state->in);
	state->open = false;
}

static int
guess_format(struct intake *s, const struct file *f)
{
	struct lines *in = &s->state->in;
	char first = in->text[strspn(in->text, " \t")];

	s->state->format = first == '{' ? JSON_LINES : CSV;
	if (first == '[')
		return fail(s, f->shown, in->number,
		    "a JSON array; expected CSV or one object a line (jq -c '.[]')");
	return 0;
}

static int
take_header(struct intake *s, const struct file *f)
{
	struct intake_state *state = s->state;
	struct header *h = xcalloc(1, sizeof *h);

	state->headers =
	    xrealloc(state->headers, state->n_headers + 1, sizeof *state->headers);
	state->headers[state->n_headers++] = state->header = h;
	h->path = f->shown;
	h->number = state->in.number;
	if (csv_split(&state->csv, state->in.text, state->in.len) < 0)
		return fail(s, f->shown, h->number, state->csv.why);
	h->names = xcalloc(state->csv.n, sizeof *h->names);
	for (; h->n < state->csv.n; h->n++) {
		struct span name = state->csv.fields[h->n];

		h->names[h->n].data = xmemdup(name.data, name.len);
		h->names[h->n].len = name.len;
	}
	return 0;
}

static void
add_line(struct batch *b, const struct lines *in)
{
	if (b->n_lines == b->cap_lines) {
		b->cap_lines = b->cap_lines ? 2 * b->cap_lines : 1024;
		b->lines = xrealloc(b->lines, b->cap_lines, sizeof *b->lines);
	}
	b->lines[b->n_lines++] =
	    (struct batch_line){ b->text.len, in->len, in->number };
	buf_add(&b->text, in->text, in->len);
	buf_addc(&b->text, '\n');
}

/* In CSV spaces may be a value. */
static bool
is_blank(const struct intake_state *state)
{
	const struct lines *in = &state->in;

	return !in->len || (state->format != CSV && strspn(in->text, " \t") == in->len);
}

/* One line of the open file into the batch, or it is the header. */
static int
take_line(struct intake *s, const struct file *f, struct batch *b)
{
	struct intake_state *state = s->state;

	if (copy_line(s, f) < 0)
		return -1;
	if (is_blank(state))
		return 0;
	if (state->format == UNKNOWN && guess_format(s, f) < 0)
		return -1;
	if (state->format == CSV && !state->header)
		return take_header(s, f);
	add_line(b, &state->in);
	return 0;
}

static void
batch_clear(struct batch *b)
{
	b->n_lines = b->n_rows = b->n_bad = 0;
	buf_clear(&b->text);
	buf_clear(&b->rows);
	buf_clear(&b->reasons);
}

/* Lines of the open file until the batch is full. 1, 0 at the file's end, -1. */
static int
fill(struct intake *s, struct batch *b)
{
	struct intake_state *state = s->state;
	const struct file *f = &state->files[state->next - 1];
	int more = 1;

	while (b->text.len < BATCH_BYTES && b->n_lines < BATCH_LINES &&
	       (more = lines_next(&state->in)) > 0)
		if (take_line(s, f, b) < 0)
			return -1;
	if (more < 0)
		return fail(s, f->shown, state->in.number, state->in.why);
	b->path = f->shown;
	b->header = state->header;
	b->consumed = state->consumed + lines_consumed(&state->in);
	return more;
}

/*
 * A header without lines is handed out too, with an empty batch: it may be wrong,
 * and it names the columns.
 */
static int
read_batch(struct intake *s, struct batch *b)
{
	struct intake_state *state = s->state;
	int more;

	batch_clear(b);
	for (;;) {
		if (!state->open && state->next == state->n)
			return 0;
		if (!state->open && open_file(s) < 0)
			return -1;
		if ((more = fill(s, b)) < 0)
			return -1;
		if (!more)
			close_file(state);
		if (b->n_lines || (!more && b->header))
			return 1;
	}
}

int
intake_peek(struct intake *s, const struct batch **b)
{
	struct intake_state *state = s->state;
	int more;

	if (!state->has_peeked) {
		if ((more = read_batch(s, &state->peeked)) <= 0)
			return more;
		state->has_peeked = true;
	}
	*b = &state->peeked;
	return 1;
}

int
intake_next(struct intake *s, struct batch *b)
{
	struct intake_state *state = s->state;

	if (!state->has_peeked)
		return read_batch(s, b);
	batch_release(b);
	*b = state->peeked;
	state->peeked = (struct batch){ 0 };
	state->has_peeked = false;
	return 1;
}

void
intake_forget(struct intake *s)
{
	s->state->keep = false;
	for (size_t i = 0; i < s->state->n; i++)
		if (s->state->files[i].copy) {
			fclose(s->state->files[i].copy);
			s->state->files[i].copy = NULL;
		}
}

int
intake_rewind(struct intake *s)
{
	struct intake_state *state = s->state;

	state->next = 0;
	state->consumed = 0;
	state->keep = false;
	for (size_t i = 0; i < state->n; i++) {
		struct file *f = &state->files[i];

		if (!f->copy)
			continue;
		if (fflush(f->copy))
			return fail(s, "temporary file", 0, strerror(errno));
		free(f->path);
		/* Opened by that name it is read from its start. */
		f->path = xasprintf("/proc/self/fd/%d", fileno(f->copy));
	}
	return 0;
}

void
intake_close(struct intake *s)
{
	struct intake_state *state = s->state;

	intake_forget(s);
	batch_release(&state->peeked);
	if (state->open)
		lines_close(&state->in);
	for (size_t i = 0; i < state->n_headers; i++) {
		struct header *h = state->headers[i];

		for (size_t j = 0; j < h->n; j++)
			free((char *)h->names[j].data);
		free(h->names);
		free(h->fields);
		free(h);
	}
	for (size_t i = 0; i < state->n; i++)
		free(state->files[i].path);
	free(state->headers);
	free(state->files);
	csv_release(&state->csv);
	free(state);
	free(s->why);
	*s = (struct intake){ 0 };
}

void
batch_release(struct batch *b)
{
	buf_release(&b->text);
	buf_release(&b->rows);
	buf_release(&b->reasons);
	free(b->lines);
	free(b->bad);
	*b = (struct batch){ 0 };
}

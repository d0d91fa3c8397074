/* lines - the lines of the operands, or of stdin, one after the other. */
#include "lines.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "stream.h"
#include "util.h"

enum { READ_SIZE = 256 * 1024 };

struct lines_state {
	char *const *paths;
	size_t n, next;
	struct stream *stream; /* of the current file */
	char *data;            /* data[from..to) is read but not handed out */
	size_t from, to, cap;
	size_t searched;   /* data[from..searched) holds no LF */
	bool ended;        /* the current file has no more bytes */
	uint64_t consumed; /* from files already closed */
	uint64_t total;
};

static char stdin_name[] = "-";
static char *const stdin_only[] = { stdin_name };

void
lines_open(struct lines *l, char *const *paths, size_t n)
{
	struct lines_state *s = xcalloc(1, sizeof *s);
	struct stat st;

	*l = (struct lines){ .state = s };
	s->paths = n ? paths : stdin_only;
	s->n = n ? n : 1;
	s->cap = 2 * READ_SIZE;
	s->data = xmalloc(s->cap + 1);
	for (size_t i = 0; i < s->n; i++) {
		bool known = strcmp(s->paths[i], "-") != 0 && !stat(s->paths[i], &st) &&
			     S_ISREG(st.st_mode);

		if (!known) {
			s->total = 0;
			break;
		}
		s->total += (uint64_t)st.st_size;
	}
}

static int
open_next(struct lines *l)
{
	struct lines_state *s = l->state;
	const char *path = s->paths[s->next++];

	l->path = strcmp(path, "-") ? path : "<stdin>";
	l->number = 0;
	s->ended = false;
	s->from = s->to = s->searched = 0;
	if (!(s->stream = stream_open(path))) {
		l->why = strerror(errno);
		return -1;
	}
	return 0;
}

static int
read_more(struct lines *l)
{
	struct lines_state *s = l->state;
	ssize_t n;

	if (s->from) {
		memmove(s->data, s->data + s->from, s->to - s->from);
		s->to -= s->from;
		s->searched -= s->from;
		s->from = 0;
	}
	if (s->cap - s->to < READ_SIZE) {
		s->cap *= 2;
		s->data = xrealloc(s->data, s->cap + 1, 1);
	}
	n = stream_read(s->stream, s->data + s->to, s->cap - s->to);
	if (n < 0) {
		l->why = stream_why(s->stream);
		return -1;
	}
	s->ended = n == 0;
	s->to += (size_t)n;
	return 0;
}

/* Hand out data[from..end), which an LF or the file's end stands behind. */
static int
hand_out(struct lines *l, size_t end)
{
	struct lines_state *s = l->state;

	l->text = s->data + s->from;
	l->len = end - s->from;
	s->from = s->searched = MIN(end + 1, s->to);
	if (l->len && l->text[l->len - 1] == '\r')
		l->len--;
	if (!l->number++ && l->len >= 3 && !memcmp(l->text, "\xef\xbb\xbf", 3)) {
		l->text += 3;
		l->len -= 3;
	}
	((char *)l->text)[l->len] = '\0';
	return 1;
}

int
lines_next(struct lines *l)
{
	struct lines_state *s = l->state;
	char *lf;

	if (l->why)
		return -1;
	for (;;) {
		if (!s->stream) {
			if (s->next == s->n)
				return 0;
			if (open_next(l) < 0)
				return -1;
		}
		lf = memchr(s->data + s->searched, '\n', s->to - s->searched);
		if (lf)
			return hand_out(l, (size_t)(lf - s->data));
		s->searched = s->to;
		if (s->ended && s->from < s->to)
			return hand_out(l, s->to);
		if (s->ended) {
			s->consumed += stream_consumed(s->stream);
			stream_close(s->stream);
			s->stream = NULL;
		} else if (read_more(l) < 0)
			return -1;
	}
}

uint64_t
lines_consumed(const struct lines *l)
{
	struct stream *s = l->state->stream;

	return l->state->consumed + (s ? stream_consumed(s) : 0);
}

uint64_t
lines_total(const struct lines *l)
{
	return l->state->total;
}

void
lines_close(struct lines *l)
{
	stream_close(l->state->stream);
	free(l->state->data);
	free(l->state);
	l->state = NULL;
}

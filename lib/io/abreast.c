/* abreast - the lines of several files side by side. */
#include "abreast.h"

#include <stdlib.h>

#include "lines.h"

static void
start(struct abreast *a, size_t n)
{
	*a = (struct abreast){ .n = n };
	a->lines = xcalloc(n, sizeof *a->lines);
	a->files = xcalloc(n, sizeof *a->files);
}

void
abreast_open(struct abreast *a, char *const *paths, size_t n)
{
	start(a, n);
	for (size_t i = 0; i < n; i++)
		lines_open(&a->files[i], paths + i, 1);
}

void
abreast_open_joined(struct abreast *a, char *const *paths, size_t n)
{
	start(a, 1);
	lines_open(&a->files[0], paths, n);
}

static bool
is_blank(const struct lines *l)
{
	size_t i = 0;

	while (i < l->len && (l->text[i] == ' ' || l->text[i] == '\t'))
		i++;
	return i == l->len;
}

/* 1, 0 at the end, -1, as lines_next. */
static int
next_line(struct lines *file, struct abreast_line *line)
{
	int more;

	do
		more = lines_next(file);
	while (more > 0 && is_blank(file));
	*line = (struct abreast_line){ .path = file->path, .number = file->number };
	if (more > 0)
		line->text = (struct span){ file->text, file->len };
	return more;
}

int
abreast_next(struct abreast *a)
{
	int any = 0, more;

	for (size_t i = 0; i < a->n; i++) {
		if ((more = next_line(&a->files[i], &a->lines[i])) < 0) {
			a->failed = i;
			return -1;
		}
		any |= more;
	}
	return any;
}

void
abreast_close(struct abreast *a)
{
	for (size_t i = 0; i < a->n; i++)
		lines_close(&a->files[i]);
	free(a->files);
	free(a->lines);
	*a = (struct abreast){ 0 };
}

/* split - a file for each source, under one folder as they were under theirs. */
#include "split.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* No key may lead out of the folder, nor to the place of another. */
static bool
is_path(const char *p)
{
	for (;; p++) {
		size_t len = strcspn(p, "/");

		if (!len || (len == 1 && *p == '.') ||
		    (len == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += len;
		if (!*p)
			return true;
	}
}

char *
split_path(const struct split *s, const struct file *f)
{
	return xasprintf("%s%s%s", s->folder,
	    s->folder[strlen(s->folder) - 1] == '/' ? "" : "/", f->path + f->below);
}

static int
by_below(const void *a, const void *b)
{
	const struct file *x = *(const struct file *const *)a;
	const struct file *y = *(const struct file *const *)b;

	return strcmp(x->path + x->below, y->path + y->below);
}

static int
check_doubles(const struct split *s, const struct files *files, char **why)
{
	const struct file **sorted = xcalloc(files->n, sizeof *sorted);
	char *path;
	int status = 0;

	for (size_t i = 0; i < files->n; i++)
		sorted[i] = &files->list[i];
	qsort(sorted, files->n, sizeof *sorted, by_below);
	for (size_t i = 1; i < files->n && !status; i++)
		if (by_below(&sorted[i - 1], &sorted[i]) == 0) {
			path = split_path(s, sorted[i]);
			*why = xasprintf("%s: %s and %s would both be this file", path,
			    sorted[i - 1]->path, sorted[i]->path);
			free(path);
			status = -1;
		}
	free(sorted);
	return status;
}

int
split_check(const struct split *s, const struct files *files, char **why)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct file *f = &files->list[i];

		if (strcmp(f->path, "-") && is_path(f->path + f->below))
			continue;
		*why = xasprintf(
		    "%s: cannot be the name of a file in %s", f->path, s->folder);
		return -1;
	}
	return check_doubles(s, files, why);
}

static int
complain(char **why, const char *path)
{
	*why = xasprintf("%s: %s", path, strerror(errno));
	return -1;
}

int
split_open(struct split *s, const struct file *f, char **why)
{
	char *failed;
	int status = 0;

	s->path = split_path(s, f);
	if (output_make_folders(s->path, &failed) < 0) {
		status = complain(why, failed);
		free(failed);
	} else if (output_open(&s->file, s->path) < 0)
		status = complain(why, s->path);
	if (status < 0) {
		free(s->path);
		s->path = NULL;
	}
	return status;
}

int
split_write(void *context, const void *p, size_t len)
{
	struct split *s = context;

	return output_write(&s->file, p, len);
}

int
split_commit(struct split *s, char **why)
{
	int status = output_commit(&s->file);

	if (status < 0)
		complain(why, s->path);
	free(s->path);
	s->path = NULL;
	return status;
}

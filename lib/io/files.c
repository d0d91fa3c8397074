/* files - the files behind operands: files, folders, stdin. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "output.h"
#include "util.h"

/* The folders on the way down, to notice a link that leads back up. */
struct folder {
	const struct folder *parent;
	dev_t device;
	ino_t inode;
};

static int
complain(char **why, const char *path, const char *what)
{
	*why = xasprintf("%s: %s", path, what);
	return -1;
}

static void
add(struct files *s, char *path, const struct stat *st)
{
	bool known = S_ISREG(st->st_mode);

	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 16;
		s->list = xrealloc(s->list, s->cap, sizeof *s->list);
	}
	s->list[s->n++] = (struct file){
		.path = path,
		.known = known,
		.size = known ? (uint64_t)st->st_size : 0,
		.time = known ? st->st_mtime : 0,
	};
	s->bytes += known ? (uint64_t)st->st_size : 0;
	s->unknown |= !known;
}

static int walk(struct files *s, const char *path, const struct stat *st,
    const struct folder *parent, char **why);

/* One name in a folder. */
static int
visit(struct files *s, const char *folder, const char *name, const struct folder *here,
    char **why)
{
	const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
	struct stat st;
	char *path;
	int status = 0;

	if (!strcmp(name, ".") || !strcmp(name, "..") || output_is_temporary(name))
		return 0;
	path = xasprintf("%s%s%s", folder, slash, name);
	if (stat(path, &st))
		status = complain(why, path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		status = walk(s, path, &st, here, why);
	else if (S_ISREG(st.st_mode)) {
		add(s, path, &st);
		return 0;
	}
	free(path);
	return status;
}

static int
walk(struct files *s, const char *path, const struct stat *st,
    const struct folder *parent, char **why)
{
	struct folder here = { parent, st->st_dev, st->st_ino };
	struct dirent *entry;
	int status = 0;
	DIR *dir;

	for (const struct folder *f = parent; f; f = f->parent)
		if (f->device == here.device && f->inode == here.inode)
			return complain(why, path, "a link back to a folder above it");
	if (!(dir = opendir(path)))
		return complain(why, path, strerror(errno));
	errno = 0;
	while (!status && (entry = readdir(dir))) {
		status = visit(s, path, entry->d_name, &here, why);
		errno = 0;
	}
	if (!status && errno)
		status = complain(why, path, strerror(errno));
	closedir(dir);
	return status;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static int
add_path(struct files *s, const char *path, char **why)
{
	size_t before = s->n;
	struct stat st;

	if (stat(path, &st))
		return complain(why, path, strerror(errno));
	if (!S_ISDIR(st.st_mode)) {
		add(s, xstrdup(path), &st);
		return 0;
	}
	if (walk(s, path, &st, NULL, why) < 0)
		return -1;
	if (s->n == before)
		return complain(why, path, "no file in this folder");
	qsort(s->list + before, s->n - before, sizeof *s->list, by_path);
	return 0;
}

int
files_add(struct files *s, const struct location *l, char **why)
{
	static const struct stat nothing_known;

	if (l->kind == LOCATION_STDIO)
		add(s, xstrdup("-"), &nothing_known);
	else if (add_path(s, l->path, why) < 0)
		return -1;
	return 0;
}

void
files_release(struct files *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->list[i].path);
	free(s->list);
	*s = (struct files){ 0 };
}

/* files - the files behind operands: files, folders, stdin. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "json.h"
#include "output.h"
#include "util.h"
#include "wildcard.h"

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

void
files_push(struct files *s, const struct file *f)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 16;
		s->list = xrealloc(s->list, s->cap, sizeof *s->list);
	}
	s->list[s->n++] = *f;
	s->bytes += f->size;
	s->unknown |= !f->known;
}

/* What is looked for on the way through folders. */
struct search {
	struct files *found;
	enum files_reading reading;
	const char *name; /* PREFIX, or a pattern with AS_NAMED; NULL: all files */
	size_t below;
	char **why;
};

static bool
is_wanted(const struct search *s, const char *path)
{
	if (!s->name)
		return true;
	return s->reading == FILES_PREFIX ? !strncmp(path, s->name, strlen(s->name))
					  : wildcard_match(s->name, path);
}

static void
add(struct files *s, char *path, const struct stat *st, size_t below)
{
	bool known = S_ISREG(st->st_mode);
	const struct file f = {
		.path = path,
		.known = known,
		.size = known ? (uint64_t)st->st_size : 0,
		.time = known ? st->st_mtime : 0,
		.below = below,
	};

	files_push(s, &f);
}

static int walk(struct search *s, const char *path, const struct stat *st,
    const struct folder *parent);

/* One name in a folder, "" being the working folder. */
static int
visit(struct search *s, const char *folder, const char *name, const struct folder *here)
{
	const char *slash = !*folder || folder[strlen(folder) - 1] == '/' ? "" : "/";
	struct stat st;
	char *path;
	int status = 0;

	if (!strcmp(name, ".") || !strcmp(name, "..") || output_is_temporary(name))
		return 0;
	path = xasprintf("%s%s%s", folder, slash, name);
	if (stat(path, &st))
		status = complain(s->why, path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		status = walk(s, path, &st, here);
	else if (S_ISREG(st.st_mode) && is_wanted(s, path)) {
		add(s->found, path, &st, s->below);
		return 0;
	}
	free(path);
	return status;
}

static int
walk(struct search *s, const char *path, const struct stat *st,
    const struct folder *parent)
{
	struct folder here = { parent, st->st_dev, st->st_ino };
	struct dirent *entry;
	int status = 0;
	DIR *dir;

	for (const struct folder *f = parent; f; f = f->parent)
		if (f->device == here.device && f->inode == here.inode)
			return complain(
			    s->why, path, "a link back to a folder above it");
	if (!(dir = opendir(*path ? path : ".")))
		return complain(s->why, path, strerror(errno));
	errno = 0;
	while (!status && (entry = readdir(dir))) {
		status = visit(s, path, entry->d_name, &here);
		errno = 0;
	}
	if (!status && errno)
		status = complain(s->why, path, strerror(errno));
	closedir(dir);
	return status;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static int
search(struct search *s, const char *folder, const struct stat *st)
{
	struct files *found = s->found;
	size_t before = found->n;

	if (walk(s, folder, st, NULL) < 0)
		return -1;
	if (found->n > before)
		qsort(found->list + before, found->n - before, sizeof *found->list,
		    by_path);
	return 0;
}

static size_t
behind_last_slash(const char *path, size_t len)
{
	while (len && path[len - 1] != '/')
		len--;
	return len;
}

/* Files in and below the folder that the fixed part of their name ends in. */
static int
add_matching(struct files *f, const char *name, enum files_reading reading, char **why)
{
	size_t fixed = reading == FILES_PREFIX ? strlen(name) : wildcard_fixed(name);
	size_t below = behind_last_slash(name, fixed), before = f->n;
	struct search s = { f, reading, name, below, why };
	char *folder = xmemdup(name, below);
	struct stat st;
	int status = 0;

	if (stat(*folder ? folder : ".", &st))
		status = complain(why, name, strerror(errno));
	else if ((status = search(&s, folder, &st)) == 0 && f->n == before)
		status = complain(why, name, "no file has such a name");
	free(folder);
	return status;
}

static int
add_folder(struct files *f, const char *path, const struct stat *st, char **why)
{
	size_t len = strlen(path), before = f->n;
	struct search s = { .found = f, .why = why };

	s.below = len + (path[len - 1] != '/');
	if (search(&s, path, st) < 0)
		return -1;
	return f->n > before ? 0 : complain(why, path, "no file in this folder");
}

static int
add_path(struct files *f, const char *path, enum files_reading reading, char **why)
{
	struct stat st;

	if (reading == FILES_PREFIX)
		return add_matching(f, path, reading, why);
	if (stat(path, &st)) {
		if (errno == ENOENT && reading == FILES_AS_NAMED &&
		    path[wildcard_fixed(path)])
			return add_matching(f, path, reading, why);
		return complain(why, path, strerror(errno));
	}
	if (S_ISDIR(st.st_mode))
		return add_folder(f, path, &st, why);
	if (reading == FILES_FOLDER)
		return complain(why, path, "is not a folder");
	add(f, xstrdup(path), &st, behind_last_slash(path, strlen(path)));
	return 0;
}

int
files_add(
    struct files *s, const struct location *l, enum files_reading reading, char **why)
{
	static const struct stat nothing_known;

	if (l->kind == LOCATION_STDIO) {
		add(s, xstrdup("-"), &nothing_known, 0);
		return 0;
	}
	return add_path(s, l->path, reading, why);
}

void
files_print(struct buf *b, const struct file *f, const char *to)
{
	char time[64];
	struct tm tm;

	buf_adds(b, "{\"name\":");
	json_quote(b, f->path, strlen(f->path));
	if (f->known && gmtime_r(&f->time, &tm)) {
		strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &tm);
		buf_addf(b, ",\"size\":%ju,\"time\":\"%s\"", (uintmax_t)f->size, time);
	} else
		buf_adds(b, ",\"size\":null,\"time\":null");
	if (f->etag) {
		buf_adds(b, ",\"etag\":");
		json_quote(b, f->etag, strlen(f->etag));
	}
	if (to) {
		buf_adds(b, ",\"to\":");
		json_quote(b, to, strlen(to));
	}
	buf_adds(b, "}\n");
}

const char *
files_written(const struct files *s, int fd)
{
	struct stat out, in;

	if (fstat(fd, &out) || !S_ISREG(out.st_mode))
		return NULL;
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].known && !s->list[i].object &&
		    !stat(s->list[i].path, &in) && in.st_dev == out.st_dev &&
		    in.st_ino == out.st_ino)
			return s->list[i].path;
	return NULL;
}

void
files_release(struct files *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->list[i].path);
		free(s->list[i].etag);
	}
	free(s->list);
	*s = (struct files){ 0 };
}

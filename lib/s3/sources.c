/* sources - what operands stand for, files and objects alike, and their bytes. */
#include "sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "s3_list.h"
#include "s3_read.h"
#include "wildcard.h"

/* What is looked for in a bucket. */
struct search {
	struct files *found;
	const struct s3_address *at;
	const char *pattern; /* of the key, NULL: none */
	size_t below;        /* bytes of the key */
};

static void
add_object(
    struct files *f, const struct s3_address *at, struct s3_entry *entry, size_t below)
{
	const struct s3_address a = { at->bucket, entry->key };
	struct buf path = { 0 };
	struct file file = {
		.known = true,
		.size = entry->size,
		.time = entry->time,
		.object = true,
		.etag = entry->etag,
		.below = strlen("s3://") + strlen(at->bucket) + 1 + below,
	};

	s3_address_print(&path, &a);
	file.path = path.data;
	entry->etag = NULL;
	files_push(f, &file);
}

/* Consoles make empty objects whose names end in a slash, to show a folder. */
static bool
is_marker(const struct s3_entry *entry)
{
	size_t len = strlen(entry->key);

	return !entry->size && len && entry->key[len - 1] == '/';
}

static void
take_entry(void *context, struct s3_entry *entry)
{
	struct search *s = context;

	if (!is_marker(entry) &&
	    (!s->pattern || wildcard_match(s->pattern, entry->key)))
		add_object(s->found, s->at, entry, s->below);
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

/* Not every server lists in order. Doubles would be read twice. */
static int
sort_found(struct files *f, size_t from, struct s3_error *e)
{
	qsort(f->list + from, f->n - from, sizeof *f->list, by_path);
	for (size_t i = from + 1; i < f->n; i++)
		if (!strcmp(f->list[i - 1].path, f->list[i].path)) {
			s3_error_set(e, "%s: is listed twice", f->list[i].path);
			return -1;
		}
	return 0;
}

static size_t
behind_last_slash(const char *key)
{
	const char *slash = strrchr(key, '/');

	return slash ? (size_t)(slash - key) + 1 : 0;
}

/* All objects whose keys begin with prefix, and fit the pattern if there is one. */
static int
add_listed(struct sources *s, struct s3 *client, const struct s3_address *a,
    char *prefix, const char *pattern, struct s3_error *e)
{
	const struct s3_address at = { a->bucket, prefix };
	struct search search = { &s->files, a, pattern, behind_last_slash(prefix) };
	size_t before = s->files.n;
	struct buf name = { 0 };

	if (s3_list(client, &at, take_entry, &search, e) < 0)
		return -1;
	if (s->files.n > before)
		return sort_found(&s->files, before, e);
	s3_address_print(&name, a);
	s3_error_set(e, "%s: no object has such a name", name.data);
	buf_release(&name);
	return -1;
}

static int
add_named(struct sources *s, struct s3 *client, const struct s3_address *a,
    struct s3_error *e)
{
	size_t fixed = wildcard_fixed(a->key);
	struct s3_entry entry;
	char *prefix;
	int found = s3_head(client, a, &entry, e);

	if (found > 0)
		add_object(&s->files, a, &entry, behind_last_slash(a->key));
	s3_entry_release(&entry);
	if (found)
		return found < 0 ? -1 : 0;
	if (!a->key[fixed])
		return add_listed(s, client, a, a->key, NULL, e);
	prefix = xmemdup(a->key, fixed);
	found = add_listed(s, client, a, prefix, a->key, e);
	free(prefix);
	return found;
}

static int
add_address(struct sources *s, const struct s3_address *a, struct s3_error *e)
{
	struct s3 *client = s3_options_client(s->s3, e);
	size_t len = strlen(a->key);
	bool slash = !len || a->key[len - 1] == '/';
	char *folder;
	int status;

	if (!client)
		return -1;
	if (s->reading == FILES_AS_NAMED && !slash)
		return add_named(s, client, a, e);
	folder =
	    xasprintf("%s%s", a->key, s->reading == FILES_FOLDER && !slash ? "/" : "");
	status = add_listed(s, client, a, folder, NULL, e);
	free(folder);
	return status;
}

int
sources_add(struct sources *s, const struct location *l, struct s3_error *e)
{
	struct s3_address a;
	char *why;
	int status;

	if (l->kind != LOCATION_S3) {
		if (!files_add(&s->files, l, s->reading, &why))
			return 0;
		s3_error_set(e, "%s", why);
		free(why);
		return -1;
	}
	s3_address_parse(&a, l->path);
	status = add_address(s, &a, e);
	s3_address_release(&a);
	return status;
}

static ssize_t
read_object(void *context, void *buf, size_t size, const char **why)
{
	struct sources *s = context;
	ssize_t n = s3_reader_read(s->reader, s->current, buf, size, &s->error);

	if (n < 0)
		*why = s->error.text;
	return n;
}

static ssize_t
borrow_object(void *context, const void **p, const char **why)
{
	struct sources *s = context;
	ssize_t n = s3_reader_borrow(s->reader, s->current, p, &s->error);

	if (n < 0)
		*why = s->error.text;
	return n;
}

struct stream *
sources_open(struct sources *s, size_t file, struct s3_error *e)
{
	const struct file *f = &s->files.list[file];
	const struct stream_source source = { read_object, borrow_object, s, f->size };
	struct stream *stream;

	if (f->object) {
		if (!s->reader)
			s->reader = s3_reader_new(
			    s3_options_client(s->s3, e), &s->files, s->n_threads);
		s->current = file;
		return stream_from(&source);
	}
	if (!(stream = stream_open(f->path)))
		s3_error_set(e, "%s: %s", f->path, strerror(errno));
	return stream;
}

void
sources_explain(
    struct sources *s, size_t file, const struct stream *stream, struct s3_error *e)
{
	if (!s->error.text) {
		s3_error_set(e, "%s: %s", s->files.list[file].path, stream_why(stream));
		return;
	}
	*e = s->error;
	s->error = (struct s3_error){ 0 };
}

void
sources_release(struct sources *s)
{
	s3_reader_free(s->reader);
	s3_error_release(&s->error);
	files_release(&s->files);
}

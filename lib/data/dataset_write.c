/*
 * dataset_write - new segments, and the switch to a new manifest.
 *
 * A writer's rows go to items/.segment.XXXXXX, on which it holds a lock as long
 * as it lives: whoever finds such a file without a lock may remove it. Commit
 * takes the directory's lock alone, reads the manifest again, numbers the
 * segment, renames it into place, replaces the manifest, and only then removes
 * the files that are no longer listed. A crash at any point leaves the old
 * manifest with all its files, or the new one; what is left over goes at the
 * next commit.
 */
#include "dataset_writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifest.h"

enum { PENDING = 1024 * 1024, LEVEL = 3 };

static const char temporary_prefix[] = ".segment.";

static int
lock_file(int fd, int how)
{
	int status;

	do
		status = flock(fd, how);
	while (status && errno == EINTR);
	return status;
}

/* Remove the file unless a living writer has it locked. */
static void
remove_if_dead(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	if (!lock_file(fd, LOCK_EX | LOCK_NB))
		unlinkat(folder, name, 0);
	close(fd);
}

static bool
listed(const struct dataset *d, const char *file)
{
	for (size_t i = 0; i < d->n_segments; i++)
		if (!strcmp(d->segments[i].file, file))
			return true;
	return false;
}

/* Segments that no manifest lists, once nobody reads (d is not NULL). */
static void
remove_if_unlisted(
    int folder, const char *name, const struct dataset *d, enum dataset_type type)
{
	char *file = xasprintf("%s/%s", dataset_names[type], name);
	struct segment s;

	if (!segment_parse_name(&s, file) && !listed(d, file))
		unlinkat(folder, name, 0);
	free(file);
}

/* Take away what dead writers left. Failure is no harm: the next one tries again. */
static void
sweep(const char *path, enum dataset_type type, const struct dataset *d)
{
	char *folder = xasprintf("%s/%s", path, dataset_names[type]);
	DIR *dir = opendir(folder);
	struct dirent *entry;

	free(folder);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (!strncmp(
			entry->d_name, temporary_prefix, sizeof temporary_prefix - 1))
			remove_if_dead(dirfd(dir), entry->d_name);
		else if (d)
			remove_if_unlisted(dirfd(dir), entry->d_name, d, type);
	closedir(dir);
}

/* Temporary manifests, under the directory's lock: their writers are gone. */
static void
sweep_manifests(const char *path)
{
	static const char prefix[] = ".dataset.json.";
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, prefix, sizeof prefix - 1))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

static int
make_folder(const char *path, bool *made)
{
	*made = !mkdir(path, 0777);
	return *made || errno == EEXIST ? 0 : -1;
}

/* A temporary that is ours: a sweeper may have come between making and locking it. */
static int
open_temporary(struct writer *w)
{
	char *path = xasprintf("%s/segment", w->folder);
	struct stat st;
	int status;

	for (;;) {
		if ((status = output_open(&w->out, path)) < 0)
			break;
		if (!lock_file(w->out.fd, LOCK_EX) && !fstat(w->out.fd, &st) &&
		    st.st_nlink)
			break;
		output_discard(&w->out);
	}
	free(path);
	return status;
}

char *
writer_complaint(const struct writer *w)
{
	return xasprintf("%s: %s", w->folder, strerror(errno));
}

/* All but the temporary. errno stays: it may be what went wrong. */
static void
release(struct writer *w)
{
	int e = errno;

	if (w->made_folder)
		rmdir(w->folder);
	if (w->made_path)
		rmdir(w->path);
	ZSTD_freeCCtx(w->zstd);
	XXH3_freeState(w->hash);
	buf_release(&w->pending);
	buf_release(&w->trailer);
	free(w->compressed);
	free(w->folder);
	free(w->path);
	free(w);
	errno = e;
}

struct writer *
writer_open(const char *path, enum dataset_type type, enum import_mode mode, char **why)
{
	struct writer *w = xcalloc(1, sizeof *w);

	w->path = xstrdup(path);
	w->folder = xasprintf("%s/%s", path, dataset_names[type]);
	w->type = type;
	w->mode = mode;
	if (make_folder(path, &w->made_path) < 0 ||
	    make_folder(w->folder, &w->made_folder) < 0)
		goto fail;
	sweep(path, type, NULL);
	if (open_temporary(w) < 0)
		goto fail;
	w->hash = XXH3_createState();
	XXH3_64bits_reset(w->hash);
	w->compressed_size = ZSTD_CStreamOutSize();
	w->compressed = xmalloc(w->compressed_size);
	w->zstd = ZSTD_createCCtx();
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1);
	return w;
fail:
	*why = writer_complaint(w);
	release(w);
	return NULL;
}

static int
write_bytes(struct writer *w, const void *p, size_t len)
{
	XXH3_64bits_update(w->hash, p, len);
	w->bytes += len;
	return output_write(&w->out, p, len);
}

/* Compress what is pending; how is ZSTD_e_continue or ZSTD_e_end. */
static int
compress_pending(struct writer *w, ZSTD_EndDirective how)
{
	ZSTD_inBuffer in = { w->pending.data, w->pending.len, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { w->compressed, w->compressed_size, 0 };

		left = ZSTD_compressStream2(w->zstd, &out, &in, how);
		if (ZSTD_isError(left))
			return errno = ENOMEM, -1;
		if (write_bytes(w, out.dst, out.pos) < 0)
			return -1;
	} while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
	buf_clear(&w->pending);
	return 0;
}

int
writer_finish(struct writer *w)
{
	if (compress_pending(w, ZSTD_e_end) < 0 ||
	    write_bytes(w, w->trailer.data, w->trailer.len) < 0)
		return -1;
	return fsync(w->out.fd) && errno != EINVAL ? -1 : 0;
}

static int
flush_if_full(struct writer *w, char **why)
{
	if (w->pending.len < PENDING || !compress_pending(w, ZSTD_e_continue))
		return 0;
	*why = writer_complaint(w);
	return -1;
}

int
writer_add(struct writer *w, struct span line, char **why)
{
	buf_reserve(&w->pending, line.len + 1);
	buf_add(&w->pending, line.data, line.len);
	buf_addc(&w->pending, '\n');
	w->rows++;
	return flush_if_full(w, why);
}

int
writer_add_lines(struct writer *w, struct span lines, uint64_t n, char **why)
{
	buf_add(&w->pending, lines.data, lines.len);
	w->rows += n;
	return flush_if_full(w, why);
}

/* The schema that the rows of the dataset will have. NULL and *why. */
static const struct schema *
settle_schema(const struct writer *w, const struct dataset *d,
    const struct schema *schema, char **why)
{
	const struct schema *old = d->schemas[w->type];
	const char *name = dataset_names[w->type];
	char *misfit = NULL;

	if (!old && (!schema || w->mode == MODE_INCREMENTAL)) {
		*why = xasprintf(
		    "%s: no %s yet: the first import must be FULL", w->path, name);
		return NULL;
	}
	if (!old || !schema || schema_equal(old, schema))
		return schema ? schema : old;
	if (w->mode != MODE_FULL) {
		*why = xasprintf("%s: the schema of %s is another one", w->path, name);
		return NULL;
	}
	/* Individually imported rows stay: the new schema must hold them too. */
	for (size_t i = 0; !misfit && i < d->n_segments; i++)
		if (d->segments[i].dataset == w->type &&
		    d->segments[i].mode == MODE_PUT)
			misfit = schema_misfit(schema, old);
	if (!misfit)
		return schema;
	*why = xasprintf("%s: the new schema of %s does not fit the individually "
			 "imported ones: %s",
	    w->path, name, misfit);
	free(misfit);
	return NULL;
}

static bool
replaced_by(const struct writer *w, const struct segment *s)
{
	if (s->dataset != w->type)
		return false;
	if (w->mode == MODE_FULL)
		return s->mode != MODE_PUT;
	return w->replaces_from && s->number >= w->replaces_from;
}

/* The manifest that is to be: d without what is replaced, and the new segment. */
static void
apply(struct dataset *d, const struct writer *w)
{
	struct segment *s;
	uint64_t number = 0;
	size_t kept = 0;

	for (size_t i = 0; i < d->n_segments; i++) {
		s = &d->segments[i];
		number = MAX(number, s->number);
		if (replaced_by(w, s))
			free(s->file);
		else
			d->segments[kept++] = *s;
	}
	d->segments = xrealloc(d->segments, kept + 1, sizeof *d->segments);
	s = &d->segments[kept];
	*s = (struct segment){
		.dataset = w->type,
		.mode = w->mode,
		.number = number + 1,
		.rows = w->rows,
		.bytes = w->bytes,
		.checksum = XXH3_64bits_digest(w->hash),
		.time = time(NULL),
	};
	s->file = segment_name(s);
	d->n_segments = kept + 1;
}

static int
write_manifest(const struct dataset *d)
{
	char *path = xasprintf("%s/dataset.json", d->path);
	struct buf text = { 0 };
	struct output out;
	int status = output_open(&out, path), e;

	manifest_print(d, &text);
	if (!status && (status = output_write(&out, text.data, text.len)) < 0) {
		e = errno;
		output_discard(&out);
		errno = e;
	} else if (!status)
		status = output_commit(&out);
	buf_release(&text);
	free(path);
	return status;
}

/*
 * Name the temporary as the segment it has become, then list it. The copy of its
 * descriptor keeps it locked until it has that name.
 */
static int
switch_over(struct writer *w, const struct dataset *d)
{
	int keep = fcntl(w->out.fd, F_DUPFD_CLOEXEC, 0);
	char *path = xasprintf("%s/%s", w->path, d->segments[d->n_segments - 1].file);
	int status, e;

	free(w->out.path);
	w->out.path = xstrdup(path);
	status = output_commit(&w->out);
	if (!status && (status = write_manifest(d)) < 0) {
		e = errno;
		unlink(path);
		errno = e;
	}
	if (keep >= 0)
		close(keep);
	free(path);
	return status;
}

static int
commit_locked(struct writer *w, const struct schema *schema, char **why)
{
	struct dataset d = { .path = w->path };
	struct schema *old;
	int status = -1;

	if (manifest_read(&d, why) < 0)
		goto out;
	if (!(schema = settle_schema(w, &d, schema, why)))
		goto out;
	if (w->prepare && (status = w->prepare(w, &d, why)))
		goto out;
	sweep_manifests(w->path);
	apply(&d, w);
	old = d.schemas[w->type];
	d.schemas[w->type] = (struct schema *)schema;
	status = switch_over(w, &d);
	if (status < 0)
		*why = writer_complaint(w);
	else
		for (int i = 0; i < DATASET_TYPES; i++)
			sweep(w->path, (enum dataset_type)i, &d);
	d.schemas[w->type] = old;
out:
	manifest_release(&d);
	return status;
}

int
writer_commit(struct writer *w, const struct schema *schema, char **why)
{
	char *lock = xasprintf("%s/.lock", w->path);
	int fd = -1, status = -1;

	/* Sync before the lock is taken: it is the slow part. */
	if (writer_finish(w) < 0)
		*why = writer_complaint(w);
	else if ((fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666)) < 0 ||
		 lock_file(fd, LOCK_EX) < 0)
		*why = xasprintf("%s: %s", lock, strerror(errno));
	else
		status = commit_locked(w, schema, why);
	if (status < 0 && w->made_path)
		unlink(lock);
	if (fd >= 0)
		close(fd);
	free(lock);
	if (w->out.temporary)
		output_discard(&w->out);
	if (!status)
		w->made_path = w->made_folder = false;
	release(w);
	return MIN(status, 0);
}

void
writer_discard(struct writer *w)
{
	if (!w)
		return;
	output_discard(&w->out);
	release(w);
}

/*
 * model - open a model file.
 *
 * The file may come from anywhere. Nothing in it is believed: the table and every
 * section are checked against their checksums, and every offset, count and number
 * that is later used as an index is checked against what it points into as it is taken
 * (model_reader.h), so that nothing behind it has to look again.
 */
#include "model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "model_reader.h"
#include "threads.h"
#include "vec.h"

static bool
fits(const struct model_section *s, size_t size)
{
	return s->offset % MODEL_ALIGN == 0 && s->offset <= size &&
	       s->size <= size - s->offset && !s->name[MODEL_NAME - 1];
}

struct sums {
	const struct model_reader *r;
	bool *right; /* by section */
};

static void
check_sum(void *context, size_t i, size_t thread)
{
	struct sums *c = context;
	const struct model_section *s = &c->r->table[i];

	(void)thread;
	c->right[i] = XXH3_64bits(c->r->data + s->offset, s->size) == s->checksum;
}

static void
check_sums(struct model_reader *r)
{
	struct sums c = { r, xcalloc(r->n, sizeof *c.right) };

	threads_each(threads_cores(), r->n, check_sum, &c);
	for (size_t i = 0; i < r->n; i++)
		if (!c.right[i])
			reader_damaged(r, r->table[i].name);
	free(c.right);
}

/* The table and the sections' places and checksums. */
static void
read_table_of_sections(struct model_reader *r, size_t size)
{
	const struct model_header *h = (const void *)r->data;
	size_t room = size - sizeof *h;

	if (h->version != MODEL_VERSION) {
		*r->why = xasprintf("%s: model format %u, this pz reads %d", r->path,
		    h->version, MODEL_VERSION);
		r->failed = true;
		return;
	}
	if (h->file_size != size) {
		*r->why = xasprintf("%s: damaged model file: %zu bytes, expected %llu",
		    r->path, size, (unsigned long long)h->file_size);
		r->failed = true;
		return;
	}
	if (h->n_sections > room / sizeof *r->table ||
	    XXH3_64bits(h + 1, h->n_sections * sizeof *r->table) != h->table_checksum) {
		reader_damaged(r, "table of sections");
		return;
	}
	r->table = (const void *)(h + 1);
	r->n = h->n_sections;
	for (size_t i = 0; i < r->n && !r->failed; i++)
		if (!fits(&r->table[i], size))
			reader_damaged(r, "table of sections");
	if (!r->failed)
		check_sums(r);
}

static void *
map_file(const char *path, size_t *size, char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *map = MAP_FAILED;
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		*why = xasprintf("%s: %s", path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size < sizeof(struct model_header)) {
		*why = xasprintf("%s: not a model file", path);
		goto out;
	}
	*size = (size_t)st.st_size;
	map = mmap(NULL, *size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		*why = xasprintf("%s: %s", path, strerror(errno));
out:
	if (fd >= 0)
		close(fd);
	return map == MAP_FAILED ? NULL : map;
}

struct model *
model_open(const char *path, char **why)
{
	struct model_reader r = { .path = path, .why = why };
	size_t size;
	void *map = map_file(path, &size, why);

	if (!map)
		return NULL;
	r.data = map;
	r.m = xcalloc(1, sizeof *r.m);
	r.m->map = map;
	r.m->map_size = size;
	if (memcmp(map, MODEL_MAGIC, 8) != 0) {
		*why = xasprintf("%s: not a model file", path);
		r.failed = true;
	} else
		read_table_of_sections(&r, size);
	if (!r.failed)
		reader_all(&r);
	if (r.failed) {
		model_close(r.m);
		return NULL;
	}
	return r.m;
}

void
model_close(struct model *m)
{
	if (!m)
		return;
	catalog_release(&m->catalog);
	free(m->recipe);
	wanted_release(&m->wanted);
	free(m->place);
	if (m->map)
		munmap(m->map, m->map_size);
	free(m);
}

void
model_index(struct model *m)
{
	size_t n = m->catalog.items.strings.n;

	m->place = xrealloc(m->place, n, sizeof *m->place);
	memset(m->place, 0xff, n * sizeof *m->place);
	for (size_t i = 0; i < m->n_scored; i++)
		m->place[m->scored[i]] = (uint32_t)i;
}

const float *
model_item(const struct model *m, size_t scored)
{
	return m->panels + scored / VEC_COLS * m->dim * VEC_COLS + scored % VEC_COLS;
}

const float *
model_user(const struct model *m, uint32_t user)
{
	const float *x;

	if (user >= m->n_user_rows)
		return NULL;
	x = m->users + user * m->dim;
	for (size_t d = 0; d < m->dim; d++)
		if (x[d] != 0)
			return x;
	return NULL;
}

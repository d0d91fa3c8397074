/*
 * model - open a model file.
 *
 * The file may come from anywhere. Nothing in it is believed: all of it is checked
 * against its checksums, and every offset, count and number that is later used as an
 * index is checked against what it points into as it is taken (model_reader.h), so that
 * nothing behind it has to look again. What is of single users may be checked when it
 * is needed.
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
fits(const struct model_section *s, size_t first, size_t size)
{
	return s->offset % MODEL_ALIGN == 0 && s->offset >= first &&
	       s->offset <= size && s->size <= size - s->offset &&
	       !s->name[MODEL_NAME - 1];
}

/* Where checksums end, which must be before the first section. */
static bool
begins_well(const struct model_header *h, size_t size)
{
	size_t room = size - sizeof *h, table;

	if (h->first > size || h->first % MODEL_ALIGN ||
	    h->n_sections > room / sizeof(struct model_section))
		return false;
	table = h->n_sections * sizeof(struct model_section);
	return sizeof *h + table +
		   model_blocks_in(size - h->first) * sizeof(uint64_t) <=
	       h->first;
}

/* The table, and where sections and blocks are. */
static void
read_table_of_sections(struct model_reader *r, size_t size)
{
	const struct model_header *h = (const void *)r->data;
	size_t n_sums;

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
	if (!begins_well(h, size)) {
		reader_damaged(r, "header");
		return;
	}
	r->table = (const void *)(h + 1);
	r->n = h->n_sections;
	n_sums = model_blocks_in(size - h->first);
	if (XXH3_64bits(r->table,
		r->n * sizeof *r->table + n_sums * sizeof(uint64_t)) != h->checksum) {
		reader_damaged(r, "table of sections");
		return;
	}
	for (size_t i = 0; i < r->n && !r->failed; i++)
		if (!fits(&r->table[i], h->first, size))
			reader_damaged(r, "table of sections");
	model_blocks_open(&r->m->blocks, r->data + h->first, size - h->first,
	    (const void *)(r->table + r->n));
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

/* Elements from .. to of an array of the file, if there is one. */
static bool
right(const struct model *m, const void *array, uint64_t from, uint64_t to, size_t size)
{
	return !array || model_blocks_right(&m->blocks,
			     (const char *)array + from * size, (to - from) * size);
}

enum { UNKNOWN, RIGHT, WRONG };

/* Two threads that look at once find the same. */
static bool
users_right(struct model *m)
{
	const struct history *h = &m->catalog.history;
	unsigned char state = __atomic_load_n(&m->users_state, __ATOMIC_RELAXED);
	bool right;

	if (state != UNKNOWN)
		return state == RIGHT;
	right =
	    model_blocks_all_right(&m->blocks, threads_cores()) &&
	    reader_history_fits(&m->catalog, 0, h->offset[m->catalog.users.strings.n]);
	__atomic_store_n(&m->users_state, right ? RIGHT : WRONG, __ATOMIC_RELAXED);
	return right;
}

static bool
user_right(void *of, uint32_t user)
{
	struct model *m = of;
	const struct history *h = &m->catalog.history;
	uint64_t from, to;

	if (user == NONE)
		return users_right(m);
	from = h->offset[user];
	to = h->offset[user + 1];
	return right(m, h->item, from, to, sizeof *h->item) &&
	       right(m, h->type, from, to, sizeof *h->type) &&
	       right(m, h->time, from, to, sizeof *h->time) &&
	       right(m, h->value, from, to, sizeof *h->value) &&
	       right(
		   m, m->users, user * m->dim, (user + 1) * m->dim, sizeof *m->users) &&
	       reader_history_fits(&m->catalog, from, to);
}

/* by_user: see model_open_by_user. */
static struct model *
open_file(const char *path, bool by_user, char **why)
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
	if (by_user) {
		r.m->catalog.right = user_right;
		r.m->catalog.of = r.m;
	}
	if (memcmp(map, MODEL_MAGIC, 8) != 0) {
		*why = xasprintf("%s: not a model file", path);
		r.failed = true;
	} else
		read_table_of_sections(&r, size);
	/* Then sections are known to be right, or which of them is not. */
	if (!r.failed && !by_user)
		model_blocks_all_right(&r.m->blocks, threads_cores());
	if (!r.failed)
		reader_all(&r);
	if (r.failed) {
		model_close(r.m);
		return NULL;
	}
	return r.m;
}

struct model *
model_open_by_user(const char *path, char **why)
{
	return open_file(path, true, why);
}

struct model *
model_open(const char *path, char **why)
{
	struct model *m = open_file(path, false, why);

	/* Sections that nobody asked for may be damaged too. */
	if (m && !model_blocks_all_right(&m->blocks, threads_cores())) {
		*why = xasprintf("%s: damaged model file", path);
		model_close(m);
		m = NULL;
	}
	return m;
}

int
model_check(struct model *m, const char *path, char **why)
{
	if (!users_right(m)) {
		*why = xasprintf("%s: damaged model file", path);
		return -1;
	}
	m->catalog.right = NULL;
	return 0;
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
	model_blocks_release(&m->blocks);
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

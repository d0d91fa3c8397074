/* put_ids - the events in a segment, so that none comes in twice. */
#include "put_ids.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { HEAD = 8, TAIL = 16 };

static const uint32_t skippable = 0x184d2a5e;
static const char mark[8] = { 'p', 'z', 'e', 'v', 'e', 'n', 't', '1' };

uint64_t
put_ids_hash(struct span event_id)
{
	return XXH3_64bits(event_id.data, event_id.len);
}

static void
add_number(struct buf *b, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_addc(b, (char)(value >> 8 * i));
}

static uint64_t
number_at(const char *p, int bytes)
{
	uint64_t value = 0;

	for (int i = 0; i < bytes; i++)
		value |= (uint64_t)(unsigned char)p[i] << 8 * i;
	return value;
}

void
put_ids_print(struct buf *b, const uint64_t *hashes, size_t n)
{
	if (!n)
		return;
	buf_reserve(b, HEAD + 8 * n + TAIL);
	add_number(b, skippable, 4);
	add_number(b, 8 * n + TAIL, 4);
	for (size_t i = 0; i < n; i++)
		add_number(b, hashes[i], 8);
	add_number(b, n, 8);
	buf_add(b, mark, sizeof mark);
}

int
put_ids_parse(struct put_ids *ids, const char *data, size_t len)
{
	const char *tail = data + len - TAIL;
	uint64_t n;

	*ids = (struct put_ids){ 0 };
	if (len < HEAD + TAIL || memcmp(tail + 8, mark, sizeof mark))
		return 0;
	n = number_at(tail, 8);
	if (n > (len - HEAD - TAIL) / 8 || n > PUT_IDS_MAX)
		return -1;
	ids->n = n;
	ids->hashes = tail - 8 * n;
	if (number_at(ids->hashes - HEAD, 4) == skippable &&
	    number_at(ids->hashes - 4, 4) == 8 * n + TAIL)
		return 0;
	*ids = (struct put_ids){ 0 };
	return -1;
}

int
put_ids_open(struct put_ids *ids, const char *path, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), status = -1;
	struct stat st;
	void *map = MAP_FAILED;
	size_t len;

	*ids = (struct put_ids){ 0 };
	if (fd < 0 || fstat(fd, &st)) {
		*why = strerror(errno);
	} else if (!(len = (size_t)st.st_size)) {
		status = 0;
	} else if ((map = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0)) ==
		   MAP_FAILED) {
		*why = strerror(errno);
	} else if ((status = put_ids_parse(ids, map, len)) < 0) {
		*why = "damaged: its list of events is none";
		munmap(map, len);
	} else {
		ids->map = map;
		ids->map_len = len;
	}
	if (fd >= 0)
		close(fd);
	return status;
}

void
put_ids_close(struct put_ids *ids)
{
	if (ids->map)
		munmap(ids->map, ids->map_len);
	*ids = (struct put_ids){ 0 };
}

uint64_t
put_ids_get(const struct put_ids *ids, size_t i)
{
	return number_at(ids->hashes + 8 * i, 8);
}

/* In steps that double, then by halves: O(log distance). */
size_t
put_ids_seek(const struct put_ids *ids, size_t at, uint64_t hash)
{
	size_t step = 1, from = at, to = at;

	while (to < ids->n && put_ids_get(ids, to) < hash) {
		from = to + 1;
		to = step < ids->n - to ? to + step : ids->n;
		step *= 2;
	}
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (put_ids_get(ids, middle) < hash)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

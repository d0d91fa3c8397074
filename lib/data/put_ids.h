/*
 * put_ids - the events in a segment, so that none comes in twice.
 *
 * Behind the rows of a segment stands a frame that zstd skips (RFC 8878, section
 * 3.1.2), little-endian:
 *
 *	u32  0x184d2a5e   of a skippable frame
 *	u32  8 n + 16     bytes behind this number
 *	u64  hash [n]     XXH3 of the eventIds, rising
 *	u64  n
 *	u64  "pzevent1"
 *
 * It is found from the end of the file. A search reads some pages of it, whatever n.
 * 64 bits: that two of 10^9 IDs are taken for one has a chance of 1 in 37.
 */
#ifndef PUT_IDS_H
#define PUT_IDS_H

#include <stddef.h>
#include <stdint.h>

#include "util.h"

enum { PUT_IDS_MAX = 500000000 }; /* in one frame */

struct put_ids {
	size_t n;
	const char *hashes; /* [8 n], anywhere in memory */
	void *map;
	size_t map_len;
};

uint64_t put_ids_hash(struct span event_id);
/* Append the frame; hashes rise, n <= PUT_IDS_MAX. Nothing for n = 0. */
void put_ids_print(struct buf *b, const uint64_t *hashes, size_t n);

/* Of a file's bytes, which are borrowed; no such frame is n = 0. -1: it is damaged. */
int put_ids_parse(struct put_ids *ids, const char *data, size_t len);
/* Of a file. -1 and *why (static text). */
int put_ids_open(struct put_ids *ids, const char *path, const char **why);
void put_ids_close(struct put_ids *ids);

uint64_t put_ids_get(const struct put_ids *ids, size_t i);
/* The first from at on that is no less than hash, or n. Near ones are found sooner. */
size_t put_ids_seek(const struct put_ids *ids, size_t at, uint64_t hash);

#endif

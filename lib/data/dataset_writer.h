/*
 * dataset_writer - the inside of a writer, for whoever else makes segments.
 */
#ifndef DATASET_WRITER_H
#define DATASET_WRITER_H

#include <xxhash.h>
#include <zstd.h>

#include "dataset.h"
#include "output.h"

struct writer {
	char *path;   /* of the dataset */
	char *folder; /* of the segment */
	enum dataset_type type;
	enum import_mode mode;
	bool made_path, made_folder;
	struct output out;
	struct buf pending; /* rows not compressed yet */
	struct buf trailer; /* goes behind the rows: a frame that zstd skips */
	char *compressed;
	size_t compressed_size;
	ZSTD_CCtx *zstd;
	XXH3_state_t *hash;
	uint64_t rows, bytes;
	/* Segments of its type from this number on: this one replaces them. 0: none. */
	uint64_t replaces_from;
	/*
	 * Called by commit under the directory's lock, the temporary being complete: d
	 * is the dataset as it is. 0, 1: nothing is to be committed, -1 and *why.
	 */
	int (*prepare)(struct writer *w, const struct dataset *d, char **why);
	void *context; /* of prepare */
};

int writer_finish(struct writer *w); /* the last bytes, to the disk; -1 and errno */
char *writer_complaint(const struct writer *w); /* errno in words (to be freed) */

#endif

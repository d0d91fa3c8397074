/*
 * metadata - what a table of items or users says, as a sparse matrix.
 *
 * Feature 0 is 1 in every row. A categorical column gives a feature for each value,
 * with 1 / sqrt(values of the row); a number one of up to ten bins with as many rows
 * each; a textual column its words, (1 + log tf) log(rows / rows with it), of length 1
 * together. Values and words of a single row are left out: they say nothing of other
 * rows. So are excluded columns.
 */
#ifndef METADATA_H
#define METADATA_H

#include "catalog.h"

struct metadata {
	size_t n_rows, n_features;
	uint64_t *row; /* [n_rows + 1]: col[row[r] .. row[r + 1]) */
	uint32_t *col;
	float *value;
};

void metadata_of(struct metadata *f, const struct table *t);
void metadata_release(struct metadata *f);

#endif

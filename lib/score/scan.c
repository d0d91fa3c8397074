/* scan - the scores of a few users with every scored item, a stretch at a time. */
#include "scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

void
scan_pack(float *packed, const float *const *users, size_t n, size_t dim)
{
	for (size_t d = 0; d < dim; d++)
		for (size_t r = 0; r < n; r++)
			packed[d * VEC_ROWS + r] = users[r][d];
}

size_t
scan_scores(const struct item_factors *items, const float *packed, size_t n,
    size_t first, float *scores)
{
	const struct vec *v = vec_kernels();
	size_t count = MIN((size_t)SCAN_ITEMS, items->n - first);
	size_t padded = vec_padded(count);

	for (size_t r = 0; r < n; r++)
		memset(scores + r * SCAN_ITEMS, 0, padded * sizeof *scores);
	for (size_t i = 0; i < padded; i += VEC_COLS)
		v->outer(n, items->dim, packed, VEC_ROWS,
		    items->panels + (first + i) * items->dim, VEC_COLS, scores + i,
		    SCAN_ITEMS);
	for (size_t r = 0; r < n; r++)
		for (size_t i = count; i < padded; i++)
			scores[r * SCAN_ITEMS + i] = -INFINITY;
	return count;
}

void
scan_users(const struct item_factors *items, const float *users, const uint32_t *user,
    size_t n, float *scores)
{
	float stretch[VEC_ROWS * SCAN_ITEMS];
	float *packed = xaligned(items->dim * VEC_ROWS, sizeof *packed);
	const float *rows[VEC_ROWS];
	size_t padded = vec_padded(items->n), count;

	for (size_t r = 0; r < n; r++)
		rows[r] = users + user[r] * items->dim;
	scan_pack(packed, rows, n, items->dim);
	for (size_t first = 0; first < items->n; first += SCAN_ITEMS) {
		count = vec_padded(scan_scores(items, packed, n, first, stretch));
		for (size_t r = 0; r < n; r++)
			memcpy(scores + r * padded + first, stretch + r * SCAN_ITEMS,
			    count * sizeof *scores);
	}
	free(packed);
}

void
scan_panels(
    float *panels, const float *rows, const uint32_t *number, size_t n, size_t dim)
{
	memset(panels, 0, vec_padded(n) * dim * sizeof *panels);
	for (size_t i = 0; i < n; i++) {
		const float *row = rows + (number ? number[i] : i) * dim;
		float *to = panels + i / VEC_COLS * dim * VEC_COLS + i % VEC_COLS;

		for (size_t d = 0; d < dim; d++)
			to[d * VEC_COLS] = row[d];
	}
}

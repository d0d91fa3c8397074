/* dot16 - the scalar kernel, and the layout of pairs. */
#include "dot16.h"

void
dot16_pair_x(int16_t *group, const int16_t *x, size_t row, size_t dim)
{
	for (size_t d = 0; d < dim; d++)
		group[(d / 2 * DOT16_ROWS + row) * 2 + d % 2] = x[d];
}

void
dot16_pair_y(int16_t *panel, const int16_t *y, size_t col, size_t dim)
{
	for (size_t d = 0; d < dim; d++)
		panel[(d / 2 * DOT16_COLS + col) * 2 + d % 2] = y[d];
}

static void
products(size_t rows, size_t dim, const int16_t *group, const int16_t *panels, size_t n,
    int32_t *out, size_t stride)
{
	for (size_t i = 0; i < n; i++) {
		const int16_t *y =
		    panels + i / DOT16_COLS * DOT16_COLS * dim + i % DOT16_COLS * 2;

		for (size_t r = 0; r < rows; r++) {
			const int16_t *x = group + r * 2;
			int32_t sum = 0;

			for (size_t p = 0; p < dim / 2; p++)
				sum += x[p * DOT16_ROWS * 2] * y[p * DOT16_COLS * 2] +
				       x[p * DOT16_ROWS * 2 + 1] *
					   y[p * DOT16_COLS * 2 + 1];
			out[r * stride + i] = sum;
		}
	}
}

const struct dot16 dot16_scalar = { 12, dot16_pair_x, dot16_pair_y, products };

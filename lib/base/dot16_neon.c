/*
 * dot16_neon - four products and their additions an instruction (Advanced SIMD).
 *
 * A product of 16 bits is added to a sum of 32, so there are no pairs: a group is
 * [dim][DOT16_ROWS], a panel [dim][DOT16_COLS]. Pieces of 12 x 8 of the tile are 24
 * sums, one of y and three of x, whose lanes are multiplied as they are.
 */
#include "dot16.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define INLINE static inline __attribute__((always_inline))

enum { ROWS = 12 };

static void
pack_x(int16_t *group, const int16_t *x, size_t row, size_t dim)
{
	for (size_t d = 0; d < dim; d++)
		group[d * DOT16_ROWS + row] = x[d];
}

static void
pack_y(int16_t *panel, const int16_t *y, size_t col, size_t dim)
{
	for (size_t d = 0; d < dim; d++)
		panel[d * DOT16_COLS + col] = y[d];
}

/* To the sums of four rows, in low and high halves, x[i] y. */
INLINE void
four_rows(int16x4_t x, int16x8_t y, int32x4_t low[4], int32x4_t high[4])
{
	low[0] = vmlal_lane_s16(low[0], vget_low_s16(y), x, 0);
	low[1] = vmlal_lane_s16(low[1], vget_low_s16(y), x, 1);
	low[2] = vmlal_lane_s16(low[2], vget_low_s16(y), x, 2);
	low[3] = vmlal_lane_s16(low[3], vget_low_s16(y), x, 3);
	high[0] = vmlal_high_lane_s16(high[0], y, x, 0);
	high[1] = vmlal_high_lane_s16(high[1], y, x, 1);
	high[2] = vmlal_high_lane_s16(high[2], y, x, 2);
	high[3] = vmlal_high_lane_s16(high[3], y, x, 3);
}

/* rows is a multiple of 4 */
INLINE void
tile(const size_t rows, size_t dim, const int16_t *group, const int16_t *panel,
    int32_t *out, size_t stride)
{
	int32x4_t low[ROWS], high[ROWS];

#pragma GCC unroll 12
	for (size_t r = 0; r < rows; r++)
		low[r] = high[r] = vdupq_n_s32(0);
	for (size_t d = 0; d < dim; d++) {
		int16x8_t y = vld1q_s16(panel);

#pragma GCC unroll 3
		for (size_t r = 0; r < rows; r += 4)
			four_rows(vld1_s16(group + r), y, low + r, high + r);
		group += DOT16_ROWS;
		panel += DOT16_COLS;
	}
#pragma GCC unroll 12
	for (size_t r = 0; r < rows; r++) {
		vst1q_s32(out + r * stride, low[r]);
		vst1q_s32(out + r * stride + 4, high[r]);
	}
}

INLINE void
tile_row(size_t dim, const int16_t *group, const int16_t *panel, int32_t *out)
{
	int32x4_t low[4], high[4];

#pragma GCC unroll 4
	for (size_t j = 0; j < 4; j++)
		low[j] = high[j] = vdupq_n_s32(0);
	for (size_t d = 0; d < dim; d++) {
		int16x8_t x = vld1q_dup_s16(group);

#pragma GCC unroll 4
		for (size_t j = 0; j < 4; j++) {
			int16x8_t y = vld1q_s16(panel + 8 * j);

			low[j] = vmlal_s16(low[j], vget_low_s16(y), vget_low_s16(x));
			high[j] = vmlal_high_s16(high[j], y, x);
		}
		group += DOT16_ROWS;
		panel += DOT16_COLS;
	}
#pragma GCC unroll 4
	for (size_t j = 0; j < 4; j++) {
		vst1q_s32(out + 8 * j, low[j]);
		vst1q_s32(out + 8 * j + 4, high[j]);
	}
}

INLINE void
tiles(size_t rows, size_t dim, const int16_t *group, const int16_t *panel, int32_t *out,
    size_t stride)
{
	if (rows == ROWS) {
		for (size_t j = 0; j < DOT16_COLS; j += 8)
			tile(ROWS, dim, group, panel + j, out + j, stride);
		return;
	}
	for (; rows >= 4; rows -= 4, group += 4, out += 4 * stride)
		for (size_t j = 0; j < DOT16_COLS; j += 8)
			tile(4, dim, group, panel + j, out + j, stride);
	for (; rows; rows--, group++, out += stride)
		tile_row(dim, group, panel, out);
}

static void
products(size_t rows, size_t dim, const int16_t *group, const int16_t *panels, size_t n,
    int32_t *out, size_t stride)
{
	for (size_t i = 0; i < n; i += DOT16_COLS)
		tiles(rows, dim, group, panels + i * dim, out + i, stride);
}

const struct dot16 dot16_neon = { ROWS, pack_x, pack_y, products };
#endif

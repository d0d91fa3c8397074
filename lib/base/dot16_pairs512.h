/*
 * dot16_pairs512 - the loops of dot16_avx512 and dot16_vnni, which differ in one step:
 * ADD(sum, x, y) adds to each sum of 32 bits the two products of its pairs. A tile of
 * 12 x 32 is 24 of the 32 registers.
 */
#include <immintrin.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

INLINE void
tile(const size_t rows, size_t dim, const int16_t *group, const int16_t *panel,
    int32_t *out, size_t stride)
{
	__m512i low[12], high[12];

#pragma GCC unroll 12
	for (size_t r = 0; r < rows; r++)
		low[r] = high[r] = _mm512_setzero_si512();
	for (size_t p = 0; p < dim / 2; p++) {
		__m512i y0 = _mm512_loadu_si512(panel);
		__m512i y1 = _mm512_loadu_si512(panel + 32);

#pragma GCC unroll 12
		for (size_t r = 0; r < rows; r++) {
			int32_t pair;
			__m512i x;

			memcpy(&pair, group + 2 * r, sizeof pair);
			x = _mm512_set1_epi32(pair);
			low[r] = ADD(low[r], x, y0);
			high[r] = ADD(high[r], x, y1);
		}
		group += 2 * DOT16_ROWS;
		panel += 2 * DOT16_COLS;
	}
#pragma GCC unroll 12
	for (size_t r = 0; r < rows; r++) {
		_mm512_storeu_si512(out + r * stride, low[r]);
		_mm512_storeu_si512(out + r * stride + 16, high[r]);
	}
}

INLINE void
tiles(size_t rows, size_t dim, const int16_t *group, const int16_t *panel, int32_t *out,
    size_t stride)
{
	if (rows == 12) {
		tile(12, dim, group, panel, out, stride);
		return;
	}
	for (; rows >= 4; rows -= 4, group += 8, out += 4 * stride)
		tile(4, dim, group, panel, out, stride);
	for (; rows; rows--, group += 2, out += stride)
		tile(1, dim, group, panel, out, stride);
}

static void
products(size_t rows, size_t dim, const int16_t *group, const int16_t *panels, size_t n,
    int32_t *out, size_t stride)
{
	for (size_t i = 0; i < n; i += DOT16_COLS)
		tiles(rows, dim, group, panels + i * dim, out + i, stride);
}

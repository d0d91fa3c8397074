/*
 * dot16 - exact dot products of vectors of 16-bit integers, many at once.
 *
 * Products of integers have no rounding, so all kernels give the same numbers however
 * they cut the work up: by pairs of 16 bits (AVX2, AVX-512, VNNI), one by one (NEON),
 * or by their high and low bytes (AMX).
 *
 * Vectors x come in groups side by side, vectors y in panels. An element is at most
 * DOT16_MOST, and |x| |y| below 2^31, so that no sum of a part of the products
 * overflows (Cauchy and Schwarz).
 */
#ifndef DOT16_H
#define DOT16_H

#include <stddef.h>
#include <stdint.h>

enum {
	DOT16_DIM = 64,     /* dimensions are a multiple of this */
	DOT16_ROWS = 16,    /* x of a group, at most */
	DOT16_COLS = 32,    /* y of a panel */
	DOT16_MOST = 32639, /* 127 * 256 + 127: two signed bytes */
};

static inline size_t
dot16_padded(size_t dim)
{
	return (dim + DOT16_DIM - 1) / DOT16_DIM * DOT16_DIM;
}

struct dot16 {
	size_t rows; /* x of a full group */
	/*
	 * Put x at place `row` of its group [DOT16_ROWS * dim], and y at place `col` of
	 * its panel [DOT16_COLS * dim]. Places that hold nothing must be zero.
	 */
	void (*pack_x)(int16_t *group, const int16_t *x, size_t row, size_t dim);
	void (*pack_y)(int16_t *panel, const int16_t *y, size_t col, size_t dim);
	/*
	 * out[r * stride + i] = x_r . y_i for the first `rows` of a group and n y of
	 * panels that follow each other; n is a multiple of DOT16_COLS.
	 */
	void (*products)(size_t rows, size_t dim, const int16_t *group,
	    const int16_t *panels, size_t n, int32_t *out, size_t stride);
};

extern const struct dot16 dot16_scalar, dot16_avx2, dot16_avxvnni, dot16_avx512,
    dot16_vnni, dot16_amx, dot16_neon;

/* What the pairwise kernels share: group [dim / 2][DOT16_ROWS][2], panel
 * [dim / 2][DOT16_COLS][2]. */
void dot16_pair_x(int16_t *group, const int16_t *x, size_t row, size_t dim);
void dot16_pair_y(int16_t *panel, const int16_t *y, size_t col, size_t dim);

#endif

/*
 * dot16_amx - by tiles of bytes (AMX-INT8).
 *
 * With x = 256 a + b and y = 256 c + d, all of them signed bytes,
 *
 *	x . y = 2^16 a . c + 2^8 (a . d + b . c) + b . d,
 *
 * four products of bytes at 16 times the speed of those of 16 bits. Each fits in 32
 * bits, and so does their sum; what overflows on the way wraps and comes back.
 *
 * A group is a [DOT16_ROWS][dim], then b; a panel is two halves of 16 y, each c as
 * [dim / 4][16][4], then d: what the instruction takes.
 */
#include "dot16.h"

#if defined(__x86_64__)
#include <immintrin.h>

enum { HALF = 16, STEP = 64, SUMS = 256 };

/*
 * The tiles by number, as gcc wants them: three sums for each half of a panel, x and y.
 * Products of both halves take turns, as each waits for the one before of its sum.
 */
#define HIGH 0
#define MIDDLE 1
#define LOW 2
#define HIGH2 3
#define MIDDLE2 4
#define LOW2 5
#define X 6
#define Y 7

static void
split(int16_t x, int8_t *high, int8_t *low)
{
	*low = (int8_t)(uint8_t)x;
	*high = (int8_t)((x - *low) / 256);
}

static void
pack_x(int16_t *group, const int16_t *x, size_t row, size_t dim)
{
	int8_t *a = (int8_t *)group + row * dim, *b = a + DOT16_ROWS * dim;

	for (size_t d = 0; d < dim; d++)
		split(x[d], &a[d], &b[d]);
}

static void
pack_y(int16_t *panel, const int16_t *y, size_t col, size_t dim)
{
	int8_t *c = (int8_t *)panel + col / HALF * 2 * HALF * dim + col % HALF * 4;

	for (size_t d = 0; d < dim; d++) {
		size_t at = d / 4 * HALF * 4 + d % 4;

		split(y[d], &c[at], &c[at + HALF * dim]);
	}
}

/* All tiles are 16 rows of 64 bytes. */
static void
configure(void)
{
	struct {
		uint8_t palette, start, zero[14];
		uint16_t row_bytes[16];
		uint8_t rows[16];
	} config = { .palette = 1 };

	for (int i = 0; i < 8; i++) {
		config.row_bytes[i] = STEP;
		config.rows[i] = 16;
	}
	_tile_loadconfig(&config);
}

/* A panel: the three sums of its halves into sums[6][16][16]. */
static inline void
panel_sums(size_t dim, const int8_t *x, const int8_t *y, int32_t *sums)
{
	const int8_t *y2 = y + 2 * HALF * dim;

	_tile_zero(HIGH);
	_tile_zero(MIDDLE);
	_tile_zero(LOW);
	_tile_zero(HIGH2);
	_tile_zero(MIDDLE2);
	_tile_zero(LOW2);
	for (size_t k = 0; k < dim; k += STEP) {
		_tile_loadd(X, x + k, dim);
		_tile_loadd(Y, y + k * HALF, STEP);
		_tile_dpbssd(HIGH, X, Y);
		_tile_loadd(Y, y2 + k * HALF, STEP);
		_tile_dpbssd(HIGH2, X, Y);
		_tile_loadd(Y, y + (dim + k) * HALF, STEP);
		_tile_dpbssd(MIDDLE, X, Y);
		_tile_loadd(Y, y2 + (dim + k) * HALF, STEP);
		_tile_dpbssd(MIDDLE2, X, Y);
		_tile_loadd(X, x + DOT16_ROWS * dim + k, dim);
		_tile_dpbssd(LOW2, X, Y);
		_tile_loadd(Y, y + (dim + k) * HALF, STEP);
		_tile_dpbssd(LOW, X, Y);
		_tile_loadd(Y, y + k * HALF, STEP);
		_tile_dpbssd(MIDDLE, X, Y);
		_tile_loadd(Y, y2 + k * HALF, STEP);
		_tile_dpbssd(MIDDLE2, X, Y);
	}
	_tile_stored(HIGH, sums, STEP);
	_tile_stored(MIDDLE, sums + SUMS, STEP);
	_tile_stored(LOW, sums + 2 * SUMS, STEP);
	_tile_stored(HIGH2, sums + 3 * SUMS, STEP);
	_tile_stored(MIDDLE2, sums + 4 * SUMS, STEP);
	_tile_stored(LOW2, sums + 5 * SUMS, STEP);
}

/* Sixteen sums of sixteen, [3][16] of them SUMS apart. */
static inline __m512i
whole(const int32_t *sums)
{
	__m512i high = _mm512_load_si512(sums);
	__m512i middle = _mm512_load_si512(sums + SUMS);
	__m512i low = _mm512_load_si512(sums + 2 * SUMS);

	high = _mm512_add_epi32(_mm512_slli_epi32(high, 8), middle);
	return _mm512_add_epi32(_mm512_slli_epi32(high, 8), low);
}

static void
products(size_t rows, size_t dim, const int16_t *group, const int16_t *panels, size_t n,
    int32_t *out, size_t stride)
{
	int32_t sums[6 * SUMS] __attribute__((aligned(64)));

	configure();
	for (size_t i = 0; i < n; i += DOT16_COLS) {
		panel_sums(dim, (const int8_t *)group,
		    (const int8_t *)(panels + i * dim), sums);
		for (size_t r = 0; r < rows; r++) {
			int32_t *to = out + r * stride + i;

			_mm512_storeu_si512(to, whole(sums + 16 * r));
			_mm512_storeu_si512(to + HALF, whole(sums + 3 * SUMS + 16 * r));
		}
	}
	_tile_release();
}

const struct dot16 dot16_amx = { DOT16_ROWS, pack_x, pack_y, products };
#endif

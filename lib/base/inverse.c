/* inverse - of large symmetric positive definite matrices, in place. */
#include "inverse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "threads.h"
#include "util.h"

enum { SIZE = TILE * TILE };

/* One tile of pivots. */
struct sweep {
	struct symmetric *a;
	size_t pivot;
	float *inverse; /* [SIZE] of the pivots' tile, in strips of VEC_ROWS columns */
	/* The row of tiles at the pivots: A_KI in strips of VEC_ROWS columns,
	 * D A_KI in strips of VEC_COLS. A strip is [TILE][its columns]. */
	float *left, *right; /* [tiles][SIZE] */
	float *room;         /* [threads][2][SIZE] */
};

/* Where tile I, J begins, I <= J. */
static float *
tile_of(const struct symmetric *a, size_t i, size_t j)
{
	return a->at + (i * a->tiles - i * (i + 1) / 2 + j) * SIZE;
}

void
symmetric_init(struct symmetric *a, size_t n)
{
	size_t tiles = (n + TILE - 1) / TILE, size = tiles * (tiles + 1) / 2 * SIZE;

	*a = (struct symmetric){ n, tiles, xaligned(size, sizeof *a->at) };
	memset(a->at, 0, size * sizeof *a->at);
	for (size_t i = n; i < tiles * TILE; i++)
		*symmetric_at(a, i, i) = 1;
}

void
symmetric_release(struct symmetric *a)
{
	free(a->at);
	*a = (struct symmetric){ 0 };
}

double
symmetric_bytes(size_t n)
{
	double tiles = ceil((double)n / TILE);

	return (tiles * (tiles + 1) / 2 + 2 * tiles) * SIZE * sizeof(float);
}

float *
symmetric_at(const struct symmetric *a, size_t i, size_t j)
{
	return tile_of(a, i / TILE, j / TILE) + i % TILE * TILE + j % TILE;
}

/* A tile in strips of some columns each, which the kernel reads one after another. */
static void
strips(float *to, const float *tile, size_t columns)
{
	for (size_t j = 0; j < TILE; j += columns)
		for (size_t k = 0; k < TILE; k++, to += columns)
			memcpy(to, tile + k * TILE + j, columns * sizeof *to);
}

static void
transpose(float *to, const float *tile)
{
	enum { STEP = 16 };

	for (size_t i = 0; i < TILE; i += STEP)
		for (size_t j = 0; j < TILE; j++)
			for (size_t k = i; k < i + STEP; k++)
				to[j * TILE + k] = tile[k * TILE + j];
}

/*
 * The inverse of a whole tile, the upper half of which is given, by Gauss and Jordan.
 * -1 if a pivot is not positive.
 */
static int
invert_tile(float *x)
{
	const struct vec *v = vec_kernels();

	for (size_t i = 0; i < TILE; i++)
		for (size_t j = 0; j < i; j++)
			x[i * TILE + j] = x[j * TILE + i];
	for (size_t k = 0; k < TILE; k++) {
		float *row = x + k * TILE, d = row[k];

		if (!(d > 0) || !isfinite(d))
			return -1;
		row[k] = 1;
		for (size_t j = 0; j < TILE; j++)
			row[j] /= d;
		for (size_t i = 0; i < TILE; i++) {
			float *other = x + i * TILE, by = other[k];

			if (i == k)
				continue;
			other[k] = 0;
			v->subtract(other, row, by, TILE);
		}
	}
	return 0;
}

/* Row I of tiles: what it is multiplied by, and its new tile in the pivots' row. */
static void
sweep_row(void *context, size_t i, size_t thread)
{
	const struct sweep *s = context;
	const struct vec *v = vec_kernels();
	float *tile = tile_of(s->a, MIN(i, s->pivot), MAX(i, s->pivot));
	float *row = s->room + thread * 2 * SIZE, *product = row + SIZE;
	float *left = s->left + i * SIZE, *right = s->right + i * SIZE;

	if (i == s->pivot)
		return;
	if (i < s->pivot)
		transpose(row, tile);
	else
		memcpy(row, tile, SIZE * sizeof *row);
	strips(left, row, VEC_ROWS);
	strips(right, row, VEC_COLS);
	memset(product, 0, SIZE * sizeof *product);
	for (size_t c = 0; c < TILE; c += VEC_COLS)
		for (size_t r = 0; r < TILE; r += VEC_ROWS)
			v->outer(VEC_ROWS, TILE, s->inverse + r * TILE, VEC_ROWS,
			    right + c * TILE, VEC_COLS, product + r * TILE + c, TILE);
	strips(right, product, VEC_COLS);
	if (i < s->pivot)
		transpose(tile, product);
	else
		memcpy(tile, product, SIZE * sizeof *tile);
}

/* What is left of row I of tiles: those from I on. */
static void
sweep_rest(void *context, size_t index, size_t thread)
{
	const struct sweep *s = context;
	const struct vec *v = vec_kernels();
	size_t tiles = s->a->tiles, i = index / tiles, j = index % tiles;
	const float *left = s->left + i * SIZE, *right = s->right + j * SIZE;
	float *to;

	(void)thread;
	if (i > j || i == s->pivot || j == s->pivot)
		return;
	to = tile_of(s->a, i, j);
	for (size_t c = 0; c < TILE; c += VEC_COLS)
		for (size_t r = 0; r < TILE; r += VEC_ROWS)
			v->outer_minus(VEC_ROWS, TILE, left + r * TILE, VEC_ROWS,
			    right + c * TILE, VEC_COLS, to + r * TILE + c, TILE);
}

static int
sweep(struct sweep *s, size_t threads)
{
	size_t tiles = s->a->tiles;
	float *pivots = tile_of(s->a, s->pivot, s->pivot);

	if (invert_tile(pivots) < 0)
		return -1;
	strips(s->inverse, pivots, VEC_ROWS);
	for (size_t x = 0; x < SIZE; x++)
		pivots[x] = -pivots[x];
	threads_each(threads, tiles, sweep_row, s);
	threads_each(threads, tiles * tiles, sweep_rest, s);
	return 0;
}

void
symmetric_rows(const struct symmetric *a, size_t tile, float *rows)
{
	size_t width = a->tiles * TILE;

	for (size_t j = 0; j < a->tiles; j++) {
		const float *from = tile_of(a, MIN(tile, j), MAX(tile, j));
		float *to = rows + j * TILE;

		for (size_t r = 0; j >= tile && r < TILE; r++)
			memcpy(to + r * width, from + r * TILE, TILE * sizeof *to);
		/* Of tiles on the diagonal only the upper half is right. */
		for (size_t r = 0; j <= tile && r < TILE; r++)
			for (size_t c = 0; c < (j < tile ? (size_t)TILE : r); c++)
				to[r * width + c] = from[c * TILE + r];
	}
}

int
symmetric_invert(struct symmetric *a, size_t threads)
{
	struct sweep s = { .a = a };
	int status = 0;

	threads = MAX(threads, (size_t)1);
	s.inverse = xaligned(SIZE, sizeof *s.inverse);
	s.left = xaligned(a->tiles * SIZE, sizeof *s.left);
	s.right = xaligned(a->tiles * SIZE, sizeof *s.right);
	s.room = xaligned(threads * 2 * SIZE, sizeof *s.room);
	for (; s.pivot < a->tiles && status == 0; s.pivot++)
		status = sweep(&s, threads);
	free(s.inverse);
	free(s.left);
	free(s.right);
	free(s.room);
	return status;
}

/*
 * coarse - vectors of items and users in 16-bit integers: dot products that are almost
 * right, with what they may be wrong by.
 *
 * A vector x is s q + e, with q integers, |q| < 2^15.5, and e what rounding left. The
 * product of the integers is exact (dot16.h), so that
 *
 *	|x . y - s_x s_y q_x . q_y| <= |e_x| |s_y q_y| + |s_x q_x| |e_y| + |e_x| |e_y|
 *
 * by Cauchy and Schwarz, about 2e-4 |x| |y|; as the errors' signs are as good as
 * random, a fifteenth of that is what they usually are. What e_x says of the mean
 * item is added to all products: else it would be wrong for all alike, and in their
 * sum. One dimension, what items add for everybody (model.h), stays a float.
 */
#ifndef COARSE_H
#define COARSE_H

#include <stdbool.h>

#include "dot16.h"
#include "scan.h"

enum {
	/* Of products; a power of two would put all users' into the same cache sets. */
	COARSE_STRIDE = SCAN_ITEMS + 16,
};

struct coarse {
	size_t n;          /* items */
	size_t own;        /* the dimension that stays a float */
	size_t dim;        /* of the integers: a multiple of DOT16_DIM */
	size_t used;       /* of the floats: behind it there are only zeros */
	int16_t *panels;   /* see dot16.h */
	float *scale;      /* [padded] s of each item */
	float *adds;       /* [padded] its dimension `own` */
	size_t stride;     /* of rows, a multiple of 16 */
	float *rows;       /* [n][stride] the items' vectors */
	size_t cached;     /* so many of them stay in a cache of 1 MiB */
	double most_norm;  /* the greatest |s q| of an item, */
	double most_error; /* the greatest |e|, */
	double most_adds;  /* and the greatest size of adds */
	double usual_norm, usual_error; /* the roots of their mean squares */
	float *mean;                    /* [dim] of the items */
	double mean_norm;
};

/* On up to `threads` threads; items are borrowed. NULL: numbers are too great for it.
 */
struct coarse *coarse_new(const struct item_factors *items, size_t own, size_t threads);
void coarse_free(struct coarse *c); /* NULL is fine */

struct coarse_user {
	float scale;  /* s */
	float times;  /* what items' adds count */
	float offset; /* e . mean */
	double bound; /* no product with an item is wrong by more, nor its exact float
			 sum */
	double usual; /* what the integers' part of it usually is, for a usual item */
	double most;  /* no product is greater */
};

/* Put a user's vector [dim of the items] at a row of a group; false: too great. */
bool coarse_user(const struct coarse *c, const float *x, int16_t *group, size_t row,
    struct coarse_user *u);

/*
 * The products of `rows` users of a group with the items from `first`, a multiple of
 * SCAN_ITEMS, before they are scaled: d[r * COARSE_STRIDE + i]. How many items.
 */
size_t coarse_products(const struct coarse *c, const int16_t *group, size_t rows,
    size_t first, int32_t *d);
/* Scaled into x[SCAN_ITEMS], -infinity behind the last; the greatest. */
float coarse_scale(const struct coarse *c, const struct coarse_user *u,
    const int32_t *d, size_t first, size_t count, float *x);

/* Have at hand what the exact product with an item needs. */
void coarse_expect(const struct coarse *c, uint32_t at);
/* The exact products with n items, as scan.h has them. x [dim of the items] */
void coarse_exact(
    const struct coarse *c, const float *x, const uint32_t *at, size_t n, float *out);

#endif

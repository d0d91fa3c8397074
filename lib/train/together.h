/*
 * together - how often two items are met close to one another.
 *
 * Of each user, let items stand in the order in which they were met last, each once.
 * For items i and j, over the users who met both d places apart, TOGETHER_REACH at
 * most,
 *
 *	c_ij = sum of w_i w_j / d,	m_ij = how many users
 *	n_i = sum over users of w_i
 *
 * with w how much having met an item counts (wanted.h). What having met i says for j is
 *
 *	sqrt( c_ij / (n_i ^ (1 - e) n_j ^ e)  m_ij / (m_ij + TOGETHER_HALF) )
 *
 * from 0 to 1: a cosine of co-interactions (Deshpande and Karypis 2004) of items that
 * are near in time, with e the discount of what is popular anyhow, drawn towards 0
 * where few users say it. The root brings it, mostly below 0.1, to the scale of the
 * cosines that it is added to.
 */
#ifndef TOGETHER_H
#define TOGETHER_H

#include "model.h"

enum { TOGETHER_REACH = 50 };
#define TOGETHER_HALF 5.0

struct together_params {
	double discount; /* e, 0..1 */
	double scale;    /* of all weights */
	size_t most; /* links to keep of each item, the greatest; ties: smaller at */
	size_t threads;
};

/* Among scored[n], catalog numbers, rising. own stays NULL. The rest is to be freed. */
void together(struct links *to, const struct catalog *c, const struct wanted *w,
    const uint32_t *scored, size_t n, const struct together_params *p);

#endif

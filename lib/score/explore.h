/*
 * explore - what exploration adds to the z of items (score.h), spec of the service.
 *
 * Candidates are items not older than a number of days before the latest interaction;
 * an item's age starts at its CREATION_TIMESTAMP, else at its first interaction, else
 * it is new. With g = weight / (1 - weight), the odds of a candidate that n users met
 * and that was shown s times (impressions) are multiplied by 1 + g / sqrt(1 + n + s);
 * one that nobody met, whose z comes from metadata, has its odds times
 * g / sqrt(1 + s). So weight 0 leaves relevance alone, 1/2
 * treats items that nobody met as if they had what items like them have, and towards 1
 * they win.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include "model.h"

/*
 * When each item began, in seconds, [n_items], to be freed; *latest: the latest
 * interaction, -INFINITY without any.
 */
double *explore_starts(const struct catalog *c, double *latest);

/*
 * [vec_padded(n_scored)], to be freed: -INFINITY for items that are not to be
 * recommended. NULL: nothing is added. weight 0..1, days > 0.
 */
float *explore_bonus(const struct model *m, double weight, double days);

#endif

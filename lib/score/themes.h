/*
 * themes - what a list of items has in common, in a few words, and how much of it each
 * item has.
 *
 * A list of n items has a trait (traits.h) k times, the catalog of N items K times. How
 * much the trait sets the list apart is the log-likelihood ratio of that table (Dunning
 * 1993, "Accurate methods for the statistics of surprise and coincidence"):
 *
 *	G = 2 (k log(k/E) + ...)  over its four cells, E being what is expected
 *
 * The theme is made of up to THEME_TRAITS traits of the greatest G, ties by their
 * bytes, among those that at least two items and a third of the list have, more than
 * in the catalog, with G of at least THEME_LEAST, which chance exceeds once in a
 * thousand times. A trait that differs from one taken before by the case of letters
 * is passed over.
 *
 * An item's relevance compares it with the average item of the catalog:
 *
 *	relevance(i) = x_i . t - mean over all j of x_j . t
 *
 * x_i has log(N / K) for each trait that the item has, length 1; t has log((k/n)/(K/N))
 * for each trait of the theme, length 1. So it is above -1 and at most 1, 0 for what an
 * average item has of the theme, and below for less. In practice -0.1 to 0.6.
 */
#ifndef THEMES_H
#define THEMES_H

#include "traits.h"
#include "util.h"

enum { THEME_TRAITS = 3 };
#define THEME_LEAST 10.83

/* What all threads share; never changed once made. */
struct themes;

/*
 * column has the items' names. NULL and *why (to be freed) if there is none, or it has
 * no strings. The table is borrowed.
 */
struct themes *themes_new(const struct table *items, const char *column, char **why);
void themes_free(struct themes *t); /* NULL is fine */

/* The working memory of one thread. */
struct theme;

struct theme *theme_new(const struct themes *t);
void theme_free(struct theme *t); /* NULL is fine */

/*
 * The theme of n items into title, its traits behind commas, in the form they have in
 * the first item with them; empty if nothing sets the items apart. relevance [n] gets
 * theirs, 0 without a theme.
 */
void theme_of(struct theme *t, const uint32_t *items, size_t n, struct buf *title,
    double *relevance);

/* An item's name; empty if it has none. Borrowed. */
struct span themes_name(const struct themes *t, uint32_t item);

#endif

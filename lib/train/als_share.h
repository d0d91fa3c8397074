/*
 * als_share - alternating least squares by several processes (ranks.h).
 *
 * Users and items are cut into ranges of about the same work, one for each rank, which
 * has the interactions of its users and items alone. Every rank has the factors of all:
 * a half of a sweep finds those of its range, then all exchange them. Of a Gram matrix
 * each makes its part of the pieces that one process would make, too (spd.h).
 *
 * So a rank other than 0 holds (n_users + n_items) dim floats, those of one side once
 * more while it works (als_cg.h), and of the interactions, twice 4 bytes each (8 if
 * they are weighted), its share. The result is that of one process, but for the last
 * bits of a Gram matrix in the rare case that the order of sums tells there; it is the
 * same for the same number of ranks.
 */
#ifndef ALS_SHARE_H
#define ALS_SHARE_H

#include "ranks.h"
#include "train_als.h"

/* What this rank has of a pair of matrices. */
struct als_share {
	const struct ranks *ranks; /* NULL: this process has all */
	struct als_params p;
	struct matrix by_user, by_item;  /* rows of the own range, all columns */
	size_t *first_user, *first_item; /* [ranks->n + 1]; NULL: alone */
	bool own;                        /* the matrices are, to be released */
};

/*
 * Rank 0 shares matrices, and factors [rows][p->dim] to start from, with the ranks that
 * wait in als_share_work. by_item may be NULL for als_share_users alone. With ranks
 * NULL nothing is copied.
 */
void als_share_open(struct als_share *s, const struct ranks *ranks,
    const struct als_params *p, const struct matrix *by_user,
    const struct matrix *by_item, float *users, float *items);
/* As als_sweep and als_users. */
int als_share_sweep(struct als_share *s, float *users, float *items, double *loss);
void als_share_users(struct als_share *s, float *users, float *items);
void als_share_close(struct als_share *s);

/* What ranks other than 0 do until rank 0 says als_share_end, on so many threads. */
void als_share_work(const struct ranks *ranks, size_t threads);
void als_share_end(const struct ranks *ranks);

#endif

/*
 * ranks - the processes of one training, on one machine or many.
 *
 * Rank 0 is the one that reads the dataset, writes the model and speaks; the others
 * only compute. There are two of this module: ranks_alone.c in every command, and
 * lib/mpi/ranks_mpi.c in pz-train-mpi. A rank that fails ends all.
 */
#ifndef RANKS_H
#define RANKS_H

#include <stdbool.h>
#include <stddef.h>

struct ranks {
	size_t n, rank;
	/* x[n] becomes the sum over all ranks, the same bits on each. */
	void (*sum)(double *x, size_t n);
	/* rows[first[n]][width], of which rank r has first[r] .. first[r + 1): then
	 * all. */
	void (*gather)(void *rows, const size_t *first, size_t bytes);
	/* From rank 0 to all. Others may wait for long, and do so asleep. */
	void (*broadcast)(void *p, size_t bytes);
	/* From rank 0 to one, which receives the same number of bytes. */
	void (*send)(const void *p, size_t bytes, size_t to);
	void (*receive)(void *p, size_t bytes);
	/* Whether others wait for this one's part of something: exit then ends all. */
	void (*busy)(bool busy);
};

/*
 * The ranks that this process is one of; NULL: it is alone. In a command without MPI
 * that mpirun has started, pz-train-mpi takes its place. -1 and *why (to be freed).
 */
int ranks_open(const struct ranks **ranks, char *argv[], char **why);

#endif

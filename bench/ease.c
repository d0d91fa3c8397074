/*
 * ease - recommendations of EASE, computed by nothing that pz is made of.
 *
 *	ease LAMBDA K TRAIN
 *
 * Steck 2019, "Embarrassingly shallow autoencoders for sparse data", equation 8: with
 * X the binary matrix of TRAIN's lines (a user, then their items, all of them numbers)
 *
 *	P = (X'X + lambda I)^-1,  B_ij = -P_ij / P_jj,  B_jj = 0,  scores = X B.
 *
 * Prints an output record a user: the K best of the items that the line does not
 * have, ties to the smaller number. float32, LAPACK's Cholesky; n items take 4 n^2
 * bytes.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* LAPACK, in Fortran's way. */
extern void spotrf_(const char *, const int *, float *, const int *, int *);
extern void spotri_(const char *, const int *, float *, const int *, int *);

enum { MOST = 1 << 20 }; /* users, and items of one user */

static long user[MOST];
static size_t row[MOST + 1], n_users;
static int *item;
static size_t n_items;

static void *
grow(void *p, size_t size)
{
	if (!(p = realloc(p, size)))
		err(1, NULL);
	return p;
}

static void
read_lists(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t cap = 0, size = 0, n = 0;
	char *line = NULL, *at, *end;
	long x;

	if (!f)
		err(1, "%s", path);
	while (getline(&line, &size, f) > 0) {
		if (n_users == MOST)
			errx(1, "%s: too many users", path);
		user[n_users] = strtol(line, &at, 10);
		for (; x = strtol(at, &end, 10), end > at; at = end) {
			if (n == cap)
				item = grow(
				    item, (cap = cap ? 2 * cap : 1024) * sizeof *item);
			item[n++] = (int)x;
			if ((size_t)x >= n_items)
				n_items = (size_t)x + 1;
		}
		row[++n_users] = n;
	}
	free(line);
	fclose(f);
}

/* P, both halves. */
static float *
inverse(float lambda)
{
	float *p = calloc(n_items, n_items * sizeof *p);
	int n = (int)n_items, info;

	if (!p)
		err(1, NULL);
	for (size_t u = 0; u < n_users; u++)
		for (size_t i = row[u]; i < row[u + 1]; i++)
			for (size_t j = row[u]; j < row[u + 1]; j++)
				p[(size_t)item[i] * n_items + (size_t)item[j]]++;
	for (size_t i = 0; i < n_items; i++)
		p[i * n_items + i] += lambda;
	spotrf_("L", &n, p, &n, &info);
	if (!info)
		spotri_("L", &n, p, &n, &info);
	if (info)
		errx(1, "LAPACK says %d", info);
	/* Fortran's lower half is our upper one. */
	for (size_t i = 0; i < n_items; i++)
		for (size_t j = 0; j < i; j++)
			p[i * n_items + j] = p[j * n_items + i];
	return p;
}

static void
print_best(size_t u, const float *p, const float *diagonal, float *score, int k)
{
	memset(score, 0, n_items * sizeof *score);
	for (size_t i = row[u]; i < row[u + 1]; i++)
		for (size_t j = 0; j < n_items; j++)
			score[j] -= p[(size_t)item[i] * n_items + j];
	for (size_t j = 0; j < n_items; j++)
		score[j] /= diagonal[j];
	for (size_t i = row[u]; i < row[u + 1]; i++)
		score[item[i]] = -1e30f;
	printf("{\"input\":{\"userId\":\"%ld\"},\"output\":{\"recommendedItems\":[",
	    user[u]);
	for (int r = 0; r < k; r++) {
		size_t best = 0;

		for (size_t j = 1; j < n_items; j++)
			if (score[j] > score[best])
				best = j;
		printf("%s\"%zu\"", r ? "," : "", best);
		score[best] = -2e30f;
	}
	printf("]},\"error\":null}\n");
}

int
main(int argc, char *argv[])
{
	float *p, *score, *diagonal;

	if (argc != 4)
		errx(2, "usage: ease LAMBDA K TRAIN");
	read_lists(argv[3]);
	p = inverse((float)atof(argv[1]));
	score = grow(NULL, n_items * sizeof *score);
	diagonal = grow(NULL, n_items * sizeof *diagonal);
	for (size_t i = 0; i < n_items; i++)
		diagonal[i] = p[i * n_items + i];
	for (size_t u = 0; u < n_users; u++)
		print_best(u, p, diagonal, score, atoi(argv[2]));
	if (fflush(stdout))
		err(1, "<stdout>");
	return 0;
}

/* sgemm - the bare matrix product that scoring M users against N items needs. */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char *argv[])
{
	int m = argc > 3 ? atoi(argv[1]) : 0, n = argc > 3 ? atoi(argv[2]) : 0;
	int k = argc > 3 ? atoi(argv[3]) : 0, block = 1000;
	float *a, *b, *c;

	if (m <= 0 || n <= 0 || k <= 0)
		return fprintf(stderr, "usage: sgemm M N K\n"), 2;
	a = calloc((size_t)m * (size_t)k, sizeof *a);
	b = calloc((size_t)n * (size_t)k, sizeof *b);
	c = calloc((size_t)block * (size_t)n, sizeof *c);
	if (!a || !b || !c)
		return 1;
	for (size_t i = 0; i < (size_t)m * (size_t)k; i++)
		a[i] = (float)(i % 7) - 3;
	for (size_t i = 0; i < (size_t)n * (size_t)k; i++)
		b[i] = (float)(i % 5) - 2;
	/* Users in blocks, as nobody would keep all scores. */
	for (int from = 0; from < m; from += block)
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans,
		    m - from < block ? m - from : block, n, k, 1, a + (size_t)from * k,
		    k, b, k, 0, c, n);
	printf("%g\n", (double)c[0]);
	return 0;
}

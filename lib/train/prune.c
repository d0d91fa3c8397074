/* prune - of a dense matrix of item-item weights the greatest, whatever their sign. */
#include "prune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "threads.h"

struct prune {
	size_t n, most, cap, threads; /* most: of the whole matrix */
	/* What may be among the greatest, as links have it: rows below n_rows. */
	size_t n_rows;
	uint64_t *row; /* [n + 1] */
	uint32_t *at;  /* [cap] */
	float *weight; /* [cap] */
	float least;   /* nothing smaller is among the greatest */
	/* The block at work. */
	size_t first, stride;
	const float *rows;
	uint64_t *count; /* [n] by row of the block */
};

static size_t
room_of(size_t n, size_t most)
{
	return n * (2 * most + 1);
}

struct prune *
prune_new(size_t n, size_t most, size_t threads)
{
	struct prune *p = xcalloc(1, sizeof *p);

	most = MIN(most, n);
	*p = (struct prune){
		.n = n, .most = n * most, .cap = room_of(n, most), .threads = threads
	};
	p->row = xcalloc(n + 1, sizeof *p->row);
	p->at = xcalloc(p->cap, sizeof *p->at);
	p->weight = xcalloc(p->cap, sizeof *p->weight);
	p->count = xcalloc(n, sizeof *p->count);
	return p;
}

double
prune_bytes(size_t n, size_t most)
{
	return (double)room_of(n, MIN(most, n)) * (sizeof(float) + sizeof(uint32_t));
}

/* Sizes in order as whole numbers. */
static uint32_t
size_key(float x)
{
	uint32_t bits;

	x = fabsf(x);
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

/* The k-th greatest size of x[n], digit by digit; *ties: how many of it are among k. */
static float
least_of(const float *x, size_t n, size_t k, size_t *ties)
{
	uint32_t key = 0;
	float value;

	for (int shift = 24; shift >= 0; shift -= 8) {
		size_t count[256] = { 0 };
		uint32_t digit = 255;

		for (size_t i = 0; i < n; i++) {
			uint32_t y = size_key(x[i]);

			count[y >> shift & 255] +=
			    (uint64_t)y >> (shift + 8) == (uint64_t)key >> (shift + 8);
		}
		for (; count[digit] < k; digit--)
			k -= count[digit];
		key |= digit << shift;
	}
	*ties = k;
	memcpy(&value, &key, sizeof value);
	return value;
}

/* Down to the greatest; earlier ones win ties, so from now on equals lose. */
static void
cut(struct prune *p)
{
	size_t kept = 0, ties;
	uint64_t k = 0;

	if (p->row[p->n_rows] <= p->most)
		return;
	p->least = least_of(p->weight, p->row[p->n_rows], p->most, &ties);
	for (size_t r = 0; r < p->n_rows; r++) {
		for (uint64_t end = p->row[r + 1]; k < end; k++) {
			float size = fabsf(p->weight[k]);

			if (size < p->least || (size <= p->least && !ties))
				continue;
			ties -= size <= p->least;
			p->at[kept] = p->at[k];
			p->weight[kept++] = p->weight[k];
		}
		p->row[r + 1] = kept;
	}
}

static bool
wanted(const struct prune *p, size_t r, size_t j)
{
	return fabsf(p->rows[r * p->stride + j]) > p->least && p->first + r != j;
}

static void
count_row(void *context, size_t r, size_t thread)
{
	struct prune *p = context;

	(void)thread;
	p->count[r] = 0;
	for (size_t j = 0; j < p->n; j++)
		p->count[r] += wanted(p, r, j);
}

static void
take_row(void *context, size_t r, size_t thread)
{
	struct prune *p = context;
	uint64_t k = p->row[p->first + r];

	(void)thread;
	for (size_t j = 0; j < p->n; j++)
		if (wanted(p, r, j)) {
			p->at[k] = (uint32_t)j;
			p->weight[k++] = p->rows[r * p->stride + j];
		}
}

/* As many rows as there is room for, at least one; how many. */
static size_t
take_rows(struct prune *p, size_t count)
{
	size_t taken = 0;

	threads_each(p->threads, count, count_row, p);
	while (taken < count && p->row[p->first + taken] + p->count[taken] <= p->cap) {
		p->row[p->first + taken + 1] =
		    p->row[p->first + taken] + p->count[taken];
		taken++;
	}
	threads_each(p->threads, taken, take_row, p);
	p->n_rows = p->first + taken;
	return taken;
}

void
prune_rows(
    struct prune *p, size_t first, size_t count, const float *rows, size_t stride)
{
	p->stride = stride;
	for (size_t done = 0; done < count;) {
		p->first = first + done;
		p->rows = rows + done * stride;
		done += take_rows(p, count - done);
		if (done < count)
			cut(p);
	}
}

void
prune_links(struct prune *p, struct links *to)
{
	uint64_t n;

	cut(p);
	n = MAX(p->row[p->n], (uint64_t)1);
	*to = (struct links){ .row = p->row,
		.at = xrealloc(p->at, n, sizeof *p->at),
		.weight = xrealloc(p->weight, n, sizeof *p->weight) };
	free(p->count);
	free(p);
}

void
prune_free(struct prune *p)
{
	if (!p)
		return;
	free(p->row);
	free(p->at);
	free(p->weight);
	free(p->count);
	free(p);
}

void
links_release(struct links *l)
{
	free((void *)l->row);
	free((void *)l->at);
	free((void *)l->weight);
	*l = (struct links){ 0 };
}

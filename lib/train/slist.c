/* slist - item-item weights that know the order of events. */
#include "slist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prune.h"
#include "seen.h"
#include "threads.h"

enum {
	STRIP = 16, /* rows of B that are worked out together */
};

/* Weights less than this part of the greatest change nothing. */
#define LEAST_FADE 1e-5

struct visit {
	uint32_t at; /* among the scored */
	float weight;
};

/* Which items follow an item, and how much: a row of S'T. */
struct follow {
	size_t n;
	uint32_t *at;
	float *value;
};

struct slist {
	const struct slist_params *p;
	const struct pair *pair;
	const uint32_t *scored;
	size_t n;
	uint64_t *row; /* [users + 1]: visit[row[u] .. row[u + 1]), oldest first */
	struct visit *visit;
	size_t reach; /* items further apart have nothing to do with each other */
	double *fade,
	    *pairs; /* [reach + 1], [longest + 1]: the exponential and the sum */
	struct symmetric a;
	struct follow *follow; /* [n] */
	float **room;          /* [threads][n], zeros between calls */
	/* A row of tiles. */
	size_t width;
	const float *inverse; /* [TILE][width] of -(S'S + lambda I)^-1 */
	float *rows;          /* [TILE][width] of B */
	float **strip;        /* [threads][2][n][STRIP] */
};

static void
visits(struct slist *s, const struct catalog *c, const struct wanted *w,
    const uint32_t *skip, const uint32_t *place)
{
	struct seen *seen = seen_new(c, w);
	const struct matrix *m = &s->pair->by_user;
	const struct seen_item *met;

	s->row = xcalloc(m->n_rows + 1, sizeof *s->row);
	s->visit = xcalloc(m->row[m->n_rows], sizeof *s->visit);
	for (uint32_t u = 0; u < m->n_rows; u++) {
		size_t n = m->row[u] < m->row[u + 1]
			       ? seen_of(seen, u, skip ? skip[u] : 0, &met)
			       : 0;

		s->row[u + 1] = s->row[u];
		while (n--)
			s->visit[s->row[u + 1]++] =
			    (struct visit){ place[met[n].item], met[n].weight };
	}
	seen_free(seen);
}

static void
fades(struct slist *s)
{
	const struct matrix *m = &s->pair->by_user;
	double decay = s->p->decay;
	size_t longest = 0;

	for (size_t u = 0; u < m->n_rows; u++)
		longest = MAX(longest, s->row[u + 1] - s->row[u]);
	while (
	    s->reach < longest && (double)s->reach * exp(-(double)s->reach / decay) >=
				      (s->reach ? LEAST_FADE : 0))
		s->reach++;
	s->fade = xcalloc(s->reach + 1, sizeof *s->fade);
	s->pairs = xcalloc(longest + 1, sizeof *s->pairs);
	for (size_t d = 0; d <= s->reach; d++)
		s->fade[d] = exp(-(double)d / decay);
	for (size_t m_ = 0; m_ < longest; m_++)
		s->pairs[m_ + 1] = s->pairs[m_] + exp(-2 * (double)m_ / decay);
}

/* Where in the user's visits the item is; behind them if it counts for next to nothing.
 */
static size_t
position(const struct slist *s, size_t user, size_t i)
{
	const struct visit *v = s->visit + s->row[user];
	size_t at = 0, n = s->row[user + 1] - s->row[user];

	while (at < n && v[at].at != i)
		at++;
	return at;
}

/* Row i of S'S + lambda I, from the diagonal on. */
static void
add_past(const struct slist *s, size_t i, size_t user, size_t at)
{
	const struct visit *v = s->visit + s->row[user];
	size_t n = s->row[user + 1] - s->row[user];
	size_t from = at > s->reach ? at - s->reach : 0;

	for (size_t x = from; x + 1 < n && x <= at + s->reach; x++) {
		size_t last = MAX(x, at);

		if (v[x].at >= i && last + 1 < n)
			*symmetric_at(&s->a, i, v[x].at) +=
			    (float)((double)v[at].weight * (double)v[x].weight *
				    s->fade[last - MIN(x, at)] *
				    s->pairs[n - 1 - last]);
	}
}

/* Row i of S'T. */
static void
add_future(const struct slist *s, size_t user, size_t at, float *to)
{
	const struct visit *v = s->visit + s->row[user];
	size_t n = s->row[user + 1] - s->row[user];

	for (size_t x = at + 1; x < n && x - at <= s->reach; x++)
		to[v[x].at] += (float)((double)v[at].weight * (double)v[x].weight *
				       (double)(x - at) * s->fade[x - at - 1]);
}

/* What is not 0, which then is. */
static void
gather(struct follow *f, float *from, size_t n)
{
	for (size_t j = 0; j < n; j++)
		f->n += from[j] > 0;
	f->at = xcalloc(f->n, sizeof *f->at);
	f->value = xcalloc(f->n, sizeof *f->value);
	f->n = 0;
	for (size_t j = 0; j < n; j++)
		if (from[j] > 0) {
			f->at[f->n] = (uint32_t)j;
			f->value[f->n++] = from[j];
			from[j] = 0;
		}
}

static void
add_row(void *context, size_t i, size_t thread)
{
	struct slist *s = context;
	const struct matrix *users = &s->pair->by_item;
	uint32_t item = s->scored[i];

	*symmetric_at(&s->a, i, i) = (float)s->p->lambda;
	for (uint64_t k = users->row[item]; k < users->row[item + 1]; k++) {
		uint32_t user = users->col[k];
		size_t at = position(s, user, i);

		if (at == s->row[user + 1] - s->row[user])
			continue;
		add_past(s, i, user, at);
		add_future(s, user, at, s->room[thread]);
	}
	gather(&s->follow[i], s->room[thread], s->n);
}

/* A few rows of (S'S + lambda I)^-1 S'T: on top of what B's rows have. */
static void
multiply(void *context, size_t strip, size_t thread)
{
	struct slist *s = context;
	const struct vec *v = vec_kernels();
	float *from = s->strip[thread], *to = from + s->n * STRIP;
	size_t first = strip * STRIP;

	for (size_t k = 0; k < s->n; k++)
		for (size_t r = 0; r < STRIP; r++) {
			from[k * STRIP + r] = s->inverse[(first + r) * s->width + k];
			to[k * STRIP + r] = s->rows[(first + r) * s->width + k];
		}
	for (size_t k = 0; k < s->n; k++) {
		const struct follow *f = &s->follow[k];

		for (size_t x = 0; x < f->n; x++)
			v->subtract(to + f->at[x] * STRIP, from + k * STRIP,
			    f->value[x], STRIP);
	}
	for (size_t k = 0; k < s->n; k++)
		for (size_t r = 0; r < STRIP; r++)
			s->rows[(first + r) * s->width + k] = to[k * STRIP + r];
}

/* B a row of tiles at a time. ease may be NULL. */
static void
combine(struct slist *s, const struct symmetric *ease, struct prune *kept)
{
	float *inverse = xcalloc(TILE * s->width, sizeof *inverse);

	s->rows = xcalloc(TILE * s->width, sizeof *s->rows);
	s->inverse = inverse;
	for (size_t tile = 0; tile < s->a.tiles; tile++) {
		memset(s->rows, 0, TILE * s->width * sizeof *s->rows);
		if (ease)
			ease_rows(ease, tile, s->rows);
		for (size_t x = 0; ease && x < TILE * s->width; x++)
			s->rows[x] *= (float)s->p->mix;
		symmetric_rows(&s->a, tile, inverse);
		threads_each(s->p->ease.threads, TILE / STRIP, multiply, s);
		prune_rows(kept, tile * TILE, MIN((size_t)TILE, s->n - tile * TILE),
		    s->rows, s->width);
	}
	free(inverse);
	free(s->rows);
}

static void
slist_open(struct slist *s, const struct catalog *c, const struct wanted *w,
    const uint32_t *skip)
{
	uint32_t *place = xcalloc(c->items.strings.n, sizeof *place);
	size_t threads = s->p->ease.threads;

	for (size_t i = 0; i < s->n; i++)
		place[s->scored[i]] = (uint32_t)i;
	visits(s, c, w, skip, place);
	free(place);
	fades(s);
	symmetric_init(&s->a, s->n);
	s->width = s->a.tiles * TILE;
	s->follow = xcalloc(s->n, sizeof *s->follow);
	s->room = xcalloc(threads, sizeof *s->room);
	s->strip = xcalloc(threads, sizeof *s->strip);
	for (size_t t = 0; t < threads; t++) {
		s->room[t] = xcalloc(s->n, sizeof **s->room);
		s->strip[t] = xaligned(2 * s->n * STRIP, sizeof **s->strip);
	}
}

static void
slist_close(struct slist *s)
{
	for (size_t t = 0; t < s->p->ease.threads; t++) {
		free(s->room[t]);
		free(s->strip[t]);
	}
	for (size_t i = 0; i < s->n; i++) {
		free(s->follow[i].at);
		free(s->follow[i].value);
	}
	free(s->room);
	free(s->strip);
	free(s->follow);
	free(s->row);
	free(s->visit);
	free(s->fade);
	free(s->pairs);
	symmetric_release(&s->a);
}

int
slist_train(struct links *to, const struct slist_params *p, const struct catalog *c,
    const struct wanted *w, const uint32_t *skip, const struct pair *pair,
    const uint32_t *scored, size_t n, char **why)
{
	struct slist s = { .p = p, .pair = pair, .scored = scored, .n = n };
	struct symmetric ease = { 0 };
	struct prune *kept;
	int status = 0;

	if (ease_fits((p->mix > 0 ? 2 : 1) * symmetric_bytes(n) +
			  prune_bytes(n, p->ease.most),
		n, why) < 0)
		return -1;
	if (p->mix > 0 && ease_invert(&ease, pair, p->ease.lambda, scored, n,
			      p->ease.threads, why) < 0)
		return -1;
	slist_open(&s, c, w, skip);
	threads_each(p->ease.threads, n, add_row, &s);
	if (symmetric_invert(&s.a, p->ease.threads) < 0) {
		*why = xstrdup("training failed: sequence_lambda is too small, for "
			       "numbers of 32 bits");
		status = -1;
	} else {
		kept = prune_new(n, p->ease.most, p->ease.threads);
		combine(&s, p->mix > 0 ? &ease : NULL, kept);
		prune_links(kept, to);
	}
	slist_close(&s);
	symmetric_release(&ease);
	return status;
}

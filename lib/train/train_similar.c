/*
 * train_similar - items as vectors whose product is one part of their likeness, and
 * links that are the other: that they are met close to one another (together.h).
 *
 *	likeness(i, j) = (1 - m) c together_ij  +  v_i . v_j
 *	v_i = ( sqrt((1 - m) (1 - c)) y_i / |y_i| ,  sqrt(m) f_i / |f_i| )
 *
 * with m = metadata_weight and c = cointeraction_weight, of the links_per_item greatest
 * together_ij of each i. So it is at most 1.
 *
 * y_i are the item's factors by alternating least squares, drawn towards what its
 * metadata predict (cold.h) the more the fewer users it has, n:
 *
 *	y_i = (n factors_i + COLD_HALF predicted_i) / (n + COLD_HALF)
 *
 * f_i are its metadata (metadata.h) weighted by log(items / items with the feature) and
 * projected to item_metadata_hidden_dim dimensions by random signs (Achlioptas 2003),
 * which keeps angles. An item without the one part has only the other.
 */
#include <math.h>
#include <stdlib.h>

#include "als_run.h"
#include "cold.h"
#include "metadata.h"
#include "number.h"
#include "scan.h"
#include "splitmix.h"
#include "together.h"
#include "vec.h"

/* Make x of a length, if it has any. */
static void
scale_to(float *x, size_t n, double length)
{
	double sum = 0;

	for (size_t d = 0; d < n; d++)
		sum += (double)x[d] * (double)x[d];
	for (size_t d = 0; d < n && sum > 0; d++)
		x[d] *= (float)(length / sqrt(sum));
}

/* Factors, drawn towards what metadata say. */
static void
add_factors(const struct als_run *run, const struct catalog *c, const uint32_t *count,
    float *vectors, size_t dim, double length)
{
	size_t used = run->p.used_dim;
	float *predicted =
	    cold_predict(&c->item_table, count, run->items, run->p.dim, used);

	for (size_t i = 0; i < run->n_items; i++) {
		double n = (double)count[i];
		float *to = vectors + i * dim;

		for (size_t d = 0; d < used; d++) {
			double y = n > 0 ? (double)run->items[i * run->p.dim + d] : 0;

			if (predicted && (n > 0 || cold_says(&c->item_table, i)))
				y = (n * y +
					COLD_HALF * (double)predicted[i * used + d]) /
				    (n + COLD_HALF);
			to[d] = (float)y;
		}
		scale_to(to, used, length);
	}
	free(predicted);
}

static float
random_sign(uint64_t seed, size_t feature, size_t dim)
{
	return splitmix_at(splitmix_at(seed, feature), dim) & 1 ? 1 : -1;
}

static void
add_metadata(const struct catalog *c, uint64_t seed, float *vectors, size_t dim,
    size_t first, size_t n, double length)
{
	struct metadata m;
	double *rows_with;

	if (!n)
		return;
	metadata_of(&m, &c->item_table);
	rows_with = xcalloc(m.n_features, sizeof *rows_with);
	for (uint64_t i = 0; i < m.row[m.n_rows]; i++)
		rows_with[m.col[i]]++;
	for (size_t r = 0; r < m.n_rows; r++) {
		float *to = vectors + r * dim + first;

		for (uint64_t i = m.row[r]; i < m.row[r + 1]; i++) {
			/* 0 for what all have, so for the constant. */
			float x = m.value[i] *
				  (float)log((double)m.n_rows / rows_with[m.col[i]]);

			for (size_t d = 0; d < n; d++)
				to[d] += x * random_sign(seed, m.col[i], d);
		}
		scale_to(to, n, length);
	}
	free(rows_with);
	metadata_release(&m);
}

static void
finish(struct model *m, float *vectors)
{
	struct catalog *c = &m->catalog;
	size_t n_items = c->items.strings.n;
	uint32_t *scored = xcalloc(n_items, sizeof *scored);
	float *panels;

	for (size_t i = 0; i < n_items; i++)
		if (m->count[i] || !vec_is_zero(vectors + i * m->dim, m->dim))
			scored[m->n_scored++] = (uint32_t)i;
	panels = xaligned(vec_padded(m->n_scored) * m->dim, sizeof *panels);
	scan_panels(panels, vectors, scored, m->n_scored, m->dim);
	m->scored = catalog_own(c, scored);
	m->panels = catalog_own(c, panels);
	model_index(m);
}

/* What interactions that are near one another say beside the vectors. */
static void
add_links(struct model *m, const struct training *t, double scale)
{
	struct catalog *c = &m->catalog;
	struct together_params p = {
		.discount = training_hyper(t, "popularity_discount_factor"),
		.scale = scale,
		.most = (size_t)training_hyper(t, "links_per_item"),
		.threads = t->o->threads,
	};

	together(&m->links, c, &t->o->wanted, m->scored, m->n_scored, &p);
	catalog_own(c, (void *)m->links.row);
	catalog_own(c, (void *)m->links.at);
	catalog_own(c, (void *)m->links.weight);
}

/* None where there is nothing to say. */
static size_t
metadata_dims(const struct catalog *c, const struct training *t, double share)
{
	return c->item_table.n_columns && share > 0
		   ? (size_t)training_hyper(t, "item_metadata_hidden_dim")
		   : 0;
}

int
train_similar(struct model *m, const struct training *t, struct buf *meta, char **why)
{
	double share = training_hyper(t, "metadata_weight");
	size_t n_metadata = metadata_dims(&m->catalog, t, share);
	double links = (1 - share) * training_hyper(t, "cointeraction_weight");
	struct als_run run;
	char text[NUMBER_SIZE];
	float *vectors;
	int status = -1;

	als_run_init(&run, t, "item_id_hidden_dim");
	if (als_run_epochs(&run, t->pair, run.epochs, why) == 0) {
		m->factors = run.p.used_dim + n_metadata;
		m->dim = vec_padded(m->factors + 1);
		vectors = xcalloc(run.n_items * m->dim, sizeof *vectors);
		add_factors(&run, &m->catalog, t->popularity->count, vectors, m->dim,
		    sqrt(fmax(0, 1 - share - links)));
		add_metadata(&m->catalog, t->o->seed, vectors, m->dim, run.p.used_dim,
		    n_metadata, sqrt(share));
		finish(m, vectors);
		add_links(m, t, links);
		free(vectors);
		number_json(text, run.loss);
		buf_addf(meta, ",\"loss\":%s", text);
		status = 0;
	}
	als_run_release(&run);
	return status;
}

/* training - what every recipe's training is given. */
#include "training.h"

#include <stdlib.h>
#include <strings.h>

void
pair_init(struct pair *p, const struct catalog *c, const struct wanted *w,
    const uint32_t *skip)
{
	matrix_of_history(&p->by_user, c, w, skip);
	matrix_transpose(&p->by_item, &p->by_user);
}

void
pair_release(struct pair *p)
{
	matrix_release(&p->by_user);
	matrix_release(&p->by_item);
}

void
pair_between(struct pair *p, const struct pair *all, double least, double most)
{
	bool *kept = matrix_between(&all->by_user, least, most);

	matrix_keep(&p->by_user, &all->by_user, kept, NULL);
	matrix_transpose(&p->by_item, &p->by_user);
	free(kept);
}

uint64_t
row_count(const struct matrix *m, size_t row)
{
	return m->row[row + 1] - m->row[row];
}

uint32_t *
scored_items(const struct matrix *by_item, size_t *n)
{
	uint32_t *scored = xcalloc(by_item->n_rows, sizeof *scored);

	*n = 0;
	for (size_t i = 0; i < by_item->n_rows; i++)
		if (row_count(by_item, i))
			scored[(*n)++] = (uint32_t)i;
	return scored;
}

double
training_hyper(const struct training *t, const char *name)
{
	return hypers_get(&t->o->hypers, t->o->recipe, name);
}

/* Whether items have a column that itemAttributes may test, as the service asks for. */
static bool
has_attribute(const struct table *t)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (!t->columns[i].textual &&
		    strcasecmp(t->columns[i].name, "CREATION_TIMESTAMP") != 0)
			return true;
	return false;
}

int
training_attributes(const struct training *t, const struct table *items, char **why)
{
	if (t->o->recipe->job != JOB_USERS_OF_ATTRIBUTES || has_attribute(items))
		return 0;
	*why = xstrdup("item-attribute-affinity needs items with attributes: a "
		       "column that is not textual, and not CREATION_TIMESTAMP "
		       "(pz-import -t items)");
	return -1;
}

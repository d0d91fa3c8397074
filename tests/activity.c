/* activity - who did more, and lately, is expected to do more. */
#include "activity.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "random.h"

enum { USERS = 600, MOST = 160, PERIODS = 10, PERIOD = 10000 };

struct past {
	struct catalog catalog;
	uint64_t offset[USERS + 1];
	uint32_t item[USERS * MOST];
	uint16_t type[USERS * MOST];
	int64_t time[USERS * MOST];
};

static int
newest_first(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x < *y) - (*x > *y);
}

/* About n interactions at random times of the periods [from, to), each by itself. */
static void
add_user(struct past *p, size_t n, unsigned from, unsigned to)
{
	size_t u = p->catalog.users.strings.n++;
	uint64_t at = p->offset[u];

	for (uint32_t i = 0; i < 4 * n; i++) {
		if (random_below(4))
			continue;
		p->item[at] = i;
		p->type[at] = UINT16_MAX;
		p->time[at] =
		    from * PERIOD + (int64_t)random_below((to - from) * PERIOD);
		at++;
	}
	qsort(p->time + p->offset[u], at - p->offset[u], sizeof *p->time, newest_first);
	p->offset[u + 1] = at;
}

static double *
expected(struct past *p, int64_t scale)
{
	struct wanted all = { 0 };
	char *why;

	for (uint64_t i = 0; i < p->offset[p->catalog.users.strings.n]; i++)
		p->time[i] *= scale;
	p->catalog.history = (struct history){
		.offset = p->offset, .item = p->item, .type = p->type, .time = p->time
	};
	return activity_expected(&p->catalog, &all, &why);
}

static double
mean(const double *x, size_t from, size_t to, size_t step)
{
	double sum = 0, n = 0;

	for (size_t i = from; i < to; i += step, n++)
		sum += x[i];
	return sum / n;
}

/* By turns: 1 a period, 4 a period, and if some stop, 4 a period for half of the time.
 */
static void
makes_users(struct past *p, bool some_stop)
{
	*p = (struct past){ 0 };
	for (size_t u = 0; u < USERS; u++)
		if (u % 3 == 0)
			add_user(p, PERIODS, 0, PERIODS);
		else if (u % 3 == 1 || !some_stop)
			add_user(p, 4 * PERIODS, 0, PERIODS);
		else
			add_user(p, 2 * PERIODS, 0, PERIODS / 2);
}

/* The newest tenth took one period. Powers of rates fit two rates only about. */
static void
rates_that_stay_are_found(void)
{
	static struct past p;
	double *lambda;

	makes_users(&p, false);
	lambda = expected(&p, 1);
	CHECK(fabs(mean(lambda, 0, USERS, 3) / 1 - 1) < 0.4);
	CHECK(fabs(mean(lambda, 1, USERS, 3) / 4 - 1) < 0.15);
	CHECK(fabs(mean(lambda, 2, USERS, 3) / 4 - 1) < 0.15);
	free(lambda);
}

static void
who_stopped_is_expected_no_more(void)
{
	static struct past p;
	double *lambda;

	makes_users(&p, true);
	lambda = expected(&p, 1);
	CHECK(mean(lambda, 2, USERS, 3) < 0.1 * mean(lambda, 0, USERS, 3));
	CHECK(mean(lambda, 0, USERS, 3) < 0.5 * mean(lambda, 1, USERS, 3));
	free(lambda);
}

static void
the_unit_of_time_does_not_matter(void)
{
	static struct past p;
	double *lambda, *other;
	bool same = true;

	makes_users(&p, true);
	lambda = expected(&p, 1);
	other = expected(&p, 1000);
	for (size_t u = 0; u < USERS; u++)
		same = same && fabs(other[u] / lambda[u] - 1) < 1e-6;
	CHECK(same);
	free(lambda);
	free(other);
}

static void
times_that_do_not_differ_are_refused(void)
{
	static struct past p;
	struct wanted all = { 0 };
	char *why = NULL;

	makes_users(&p, true);
	for (uint64_t i = 0; i < p.offset[USERS]; i++)
		p.time[i] = 5;
	p.catalog.history = (struct history){
		.offset = p.offset, .item = p.item, .type = p.type, .time = p.time
	};
	CHECK(!activity_expected(&p.catalog, &all, &why));
	CHECK(why);
	free(why);
}

int
main(void)
{
	rates_that_stay_are_found();
	who_stopped_is_expected_no_more();
	the_unit_of_time_does_not_matter();
	times_that_do_not_differ_are_refused();
	return check_end();
}

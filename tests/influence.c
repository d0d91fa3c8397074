/* influence - popularity and freshness by their formula. */
#include "influence.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"

enum { N = 6, EVENTS = 5 };

/* Two users; item 5 has none and is as new as the latest interaction, 500. */
static const uint64_t offset[] = { 0, 3, EVENTS };
static const uint32_t item[] = { 0, 1, 2, 3, 4 };
static const uint16_t type[EVENTS];
static const int64_t when[] = { 300, 200, 100, 500, 100 };
static const uint32_t count[] = { 7, 3, 1, 1, 0, 0 };
static const double fresh[] = { 4. / 6, 3. / 6, 2. / 6, 1, 2. / 6, 1 };

static struct model
shop(void)
{
	struct model m = { .count = count };

	m.catalog.items.strings.n = N;
	m.catalog.users.strings.n = 2;
	m.catalog.history = (struct history){
		.offset = offset, .item = item, .type = type, .time = when
	};
	return m;
}

static void
values_are_those_of_the_formula(void)
{
	struct model m = shop();
	bool right = true;

	for (int p = 0; p < 5; p++)
		for (int f = p ? 0 : 1; f < 5; f++) {
			struct influence i = { p / 4., f / 4. };
			float *x = influence_of(&m, &i);

			for (size_t j = 0; j < N; j++) {
				double popular = log(1 + count[j]) / log(8);
				double expected = (1 - p / 4. * (1 - popular)) *
						  (1 - f / 4. * (1 - fresh[j]));

				right = right && fabs(expected - (double)x[j]) < 1e-6;
			}
			free(x);
		}
	CHECK(right);
}

static void
none_is_none(void)
{
	struct influence i = { 0 };
	struct model m = shop();

	CHECK(influence_of(&m, &i) == NULL);
}

static void
without_interactions_popularity_says_nothing(void)
{
	static const uint32_t nobody[N];
	static const uint64_t nothing[3];
	struct influence i = { 1, 0 };
	struct model m = shop();
	float *x;

	m.count = nobody;
	m.catalog.history.offset = nothing;
	x = influence_of(&m, &i);
	CHECK(x[0] == 1 && x[5] == 1);
	free(x);
}

static void
texts_are_read(void)
{
	struct influence i = { 0 };
	const char *why;

	CHECK(!influence_parse(&i, "POPULARITY=0.25", &why) && i.popularity == 0.25 &&
	      i.freshness == 0);
	CHECK(!influence_parse(&i, "freshness=1,Popularity=0", &why) &&
	      i.popularity == 0 && i.freshness == 1);
	i = (struct influence){ 0.5, 0.5 };
	CHECK(influence_parse(&i, "", &why) < 0);
	CHECK(influence_parse(&i, "POPULARITY", &why) < 0);
	CHECK(influence_parse(&i, "POPULARITY=", &why) < 0);
	CHECK(influence_parse(&i, "POPULARITY=0.1,", &why) < 0);
	CHECK(influence_parse(&i, "POPULARITY=0.1 FRESHNESS=1", &why) < 0);
	CHECK(influence_parse(&i, "FRESHNESS=1.5", &why) < 0);
	CHECK(influence_parse(&i, "FRESHNESS=nan", &why) < 0);
	CHECK(influence_parse(&i, "NOVELTY=1", &why) < 0);
	CHECK(i.popularity == 0.5 && i.freshness == 0.5);
}

int
main(void)
{
	values_are_those_of_the_formula();
	none_is_none();
	without_interactions_popularity_says_nothing();
	texts_are_read();
	return check_end();
}

/* contexts - what a context adds is the formula's, from counts of the rows. */
#include "contexts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_load.h"
#include "check.h"
#include "context.h"
#include "json.h"
#include "random.h"
#include "scratch.h"

enum { ROWS = 900, N_ITEMS = 25, N_VALUES = 5 };

static const char schema[] =
    "{\"type\":\"record\",\"name\":\"Interactions\",\"fields\":["
    "{\"name\":\"USER_ID\",\"type\":\"string\"},"
    "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
    "{\"name\":\"TIMESTAMP\",\"type\":\"long\"},"
    "{\"name\":\"EVENT_TYPE\",\"type\":[\"null\",\"string\"]},"
    "{\"name\":\"EVENT_VALUE\",\"type\":[\"null\",\"float\"]},"
    "{\"name\":\"IMPRESSION\",\"type\":[\"null\",\"string\"]},"
    "{\"name\":\"Device\",\"type\":[\"null\",\"string\"],\"categorical\":true},"
    "{\"name\":\"NOTE\",\"type\":[\"null\",\"string\"]},"
    "{\"name\":\"CITY\",\"type\":[\"null\",\"string\"],\"categorical\":true}],"
    "\"version\":\"1.0\"}";

/* -1: null. */
struct row {
	int item, type, value, context[2];
};

static const char *const columns[] = { "Device", "CITY" };
static struct row rows[ROWS];

static int
maybe(size_t n)
{
	return one_in(4) ? -1 : (int)random_below(n);
}

static void
add_member(struct buf *line, const char *name, const char *text, int number)
{
	if (number >= 0)
		buf_addf(line, ",\"%s\":%s%d%s", name, text, number, *text ? "\"" : "");
}

static struct dataset *
random_dataset(void)
{
	char *why;
	struct schema *s = schema_parse(schema, strlen(schema), -1, &why);
	struct writer *w = writer_open("shop", INTERACTIONS, MODE_FULL, &why);
	struct dataset *d;

	for (int i = 0; i < ROWS; i++) {
		struct row *r = &rows[i];
		struct buf line = { 0 };

		*r = (struct row){ (int)random_below(N_ITEMS), maybe(3), maybe(5),
			{ maybe(N_VALUES), maybe(2) } };
		buf_addf(
		    &line, "{\"USER_ID\":\"u%d\",\"ITEM_ID\":\"i%d\"", i % 40, r->item);
		buf_addf(&line, ",\"TIMESTAMP\":%d", 1000 + i);
		add_member(&line, "EVENT_TYPE", "\"t", r->type);
		add_member(&line, "EVENT_VALUE", "", r->value);
		add_member(&line, "Device", "\"d\\\"", r->context[0]);
		add_member(&line, "NOTE", "\"n", i);
		add_member(&line, "CITY", "\"c", r->context[1]);
		buf_addc(&line, '}');
		if (writer_add(w, (struct span){ line.data, line.len }, &why) < 0)
			errx(1, "%s", why);
		buf_release(&line);
	}
	if (writer_commit(w, s, &why) < 0 || !(d = dataset_open("shop", false, &why)))
		errx(1, "%s", why);
	schema_free(s);
	return d;
}

/* The rule of one() below, t1 from a value of 2. */
static bool
counts(const struct row *r, bool ruled)
{
	return !ruled || (r->type == 1 && r->value >= 2);
}

/* log p(v | i) / q_v, from the rows. */
static double
lift(int column, int value, int item, bool ruled)
{
	double n = 0, n_v = 0, n_i = 0, n_iv = 0, q;

	for (int k = 0; k < ROWS; k++) {
		const struct row *r = &rows[k];

		if (!counts(r, ruled) || r->context[column] < 0)
			continue;
		n++;
		n_v += r->context[column] == value;
		n_i += r->item == item;
		n_iv += r->context[column] == value && r->item == item;
	}
	q = n_v / n;
	return log((n_iv + CONTEXT_PRIOR * q) / (n_i + CONTEXT_PRIOR) / q);
}

/* Every other item is scored. */
static struct model *
model_of(struct catalog *c)
{
	struct model *m = xcalloc(1, sizeof *m);
	uint32_t *scored = xcalloc(c->items.strings.n, sizeof *scored);

	m->catalog = *c;
	free(c);
	m->scored = catalog_own(&m->catalog, scored);
	for (uint32_t i = 0; i < m->catalog.items.strings.n; i += 2)
		scored[m->n_scored++] = i;
	model_index(m);
	return m;
}

static struct json_value
object(const char *text)
{
	return (struct json_value){ JSON_OBJECT, span_of(text), false };
}

static bool
all_are_right(const struct model *m, bool ruled)
{
	bool right = true;

	for (int column = 0; column < 2; column++)
		for (int value = 0; value < (column ? 2 : N_VALUES); value++) {
			struct context_value found[MODEL_CONTEXTS];
			struct json_value v;
			char text[64];

			snprintf(text, sizeof text,
			    column ? "{\"CITY\":\"c%d\"}" : "{\"DEVICE\":\"d\\\"%d\"}",
			    value);
			v = object(text);
			right = right && context_find(m, &v, found) == 1;
			for (size_t s = 0; right && s < m->n_scored; s++) {
				struct span id = strings_get(
				    &m->catalog.items.strings, m->scored[s]);
				double want =
				    lift(column, value, atoi(id.data + 1), ruled);

				right = fabs((double)context_at(m, found[0], s) -
					     want) < 1e-6;
			}
		}
	return right;
}

static void
one(bool ruled)
{
	struct dataset *d = random_dataset();
	struct train_options o = { 0 };
	struct contexts_read r = { 0 };
	struct catalog *c;
	struct model *m;
	const char *wrong;
	char *why;

	if (ruled)
		CHECK(wanted_add(&o.wanted, "T1>=2", &wrong) == 0);
	c = catalog_load(d, NULL, 2, &why);
	CHECK(contexts_read(&r, d, c, &o, &why) == 0);
	dataset_close(d);
	m = model_of(c);
	contexts_build(m, &r);
	contexts_release(&r);
	CHECK(m->n_contexts == 2);
	for (size_t i = 0; i < m->n_contexts; i++)
		CHECK(!strcmp(m->contexts[i].name, columns[i]));
	CHECK(all_are_right(m, ruled));
	wanted_release(&o.wanted);
	model_close(m);
}

static void
what_is_not_known_adds_nothing(void)
{
	static const char *const texts[] = { "{}", "{\"DEVICE\":\"d9\"}",
		"{\"DEVICE\":5}", "{\"NOTE\":\"n1\"}", "{\"EVENT_TYPE\":\"t1\"}",
		"{\"DEVICE\":\"d\\\"1\",\"Device\":\"none\"}" };
	struct dataset *d = random_dataset();
	struct train_options o = { 0 };
	struct contexts_read r = { 0 };
	struct context_value found[MODEL_CONTEXTS];
	const char *excluded[] = { "interactions.city" };
	char *why;
	struct catalog *c = catalog_load(d, NULL, 2, &why);
	struct json_value city = object("{\"CITY\":\"c1\"}");
	struct model *m;

	o.n_excluded = 1;
	o.excluded = excluded;
	CHECK(contexts_read(&r, d, c, &o, &why) == 0);
	dataset_close(d);
	m = model_of(c);
	contexts_build(m, &r);
	contexts_release(&r);
	CHECK(context_find(m, &city, found) == 0);
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct json_value v = object(texts[i]);

		CHECK(context_find(m, &v, found) == 0);
	}
	model_close(m);
}

int
main(void)
{
	scratch_enter();
	one(false);
	one(true);
	what_is_not_known_adds_nothing();
	return check_end();
}

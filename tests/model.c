/* model - what is saved comes back, and damage is told, whatever is damaged. */
#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "check.h"
#include "model_file.h"
#include "train.h"
#include "vec.h"

static char folder[] = "/tmp/pz-model-XXXXXX";

static void
must(int status, const char *why)
{
	if (status >= 0)
		return;
	printf("Bail out! %s\n", why);
	exit(1);
}

static void
add_all(enum dataset_type type, const char *schema, const char *const *rows, size_t n)
{
	char *why = NULL, *path = xasprintf("%s/shop", folder);
	struct schema *s = schema_parse(schema, strlen(schema), (int)type, &why);
	struct writer *w = s ? writer_open(path, type, MODE_FULL, &why) : NULL;

	must(w ? 0 : -1, why);
	for (size_t i = 0; i < n; i++)
		must(writer_add(w, span_of(rows[i]), &why), why);
	must(writer_commit(w, s, &why), why);
	schema_free(s);
	free(path);
}

/* 40 users who each like every third of 30 items, from one of three on. */
static void
make_dataset(void)
{
	static const char events[] =
	    "{\"type\":\"record\",\"name\":\"Interactions\","
	    "\"fields\":[{\"name\":\"USER_ID\",\"type\":\"string\"},"
	    "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
	    "{\"name\":\"TIMESTAMP\",\"type\":\"long\"},"
	    "{\"name\":\"EVENT_TYPE\",\"type\":\"string\"}],"
	    "\"version\":\"1.0\"}";
	static const char items[] =
	    "{\"type\":\"record\",\"name\":\"Items\",\"fields\":["
	    "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
	    "{\"name\":\"GENRE\",\"type\":[\"null\",\"string\"],\"categorical\":true},"
	    "{\"name\":\"TITLE\",\"type\":[\"null\",\"string\"],\"textual\":true},"
	    "{\"name\":\"PRICE\",\"type\":[\"null\",\"double\"]}],\"version\":\"1.0\"}";
	static const char *const item_rows[] = {
		"{\"ITEM_ID\":\"i00\",\"GENRE\":\"Crime|Action\",\"PRICE\":9.5}",
		"{\"ITEM_ID\":\"i01\"}",
		"{\"ITEM_ID\":\"i00\",\"GENRE\":\"Drama|Crime\",\"PRICE\":7,"
		"\"TITLE\":\"a night in Rome\"}",
		"{\"ITEM_ID\":\"i02\",\"TITLE\":\"Rome by night\"}",
		"{\"ITEM_ID\":\"i03\",\"TITLE\":\"mountains\"}",
	};
	const char *rows[400];
	size_t n = 0;

	for (int u = 0; u < 40; u++)
		for (int k = 0; k < 10; k++)
			rows[n++] =
			    xasprintf("{\"USER_ID\":\"u%02d\",\"ITEM_ID\":\"i%02d\","
				      "\"TIMESTAMP\":%d,\"EVENT_TYPE\":\"%s\"}",
				u, u % 3 + 3 * k, 1000 + 10 * u + k,
				k % 2 ? "buy" : "view");
	add_all(INTERACTIONS, events, rows, n);
	add_all(ITEMS, items, item_rows, LENGTH(item_rows));
	while (n)
		free((char *)rows[--n]);
}

static void
make_model(
    const char *path, const char *recipe, const char *algorithm, const char *hyper)
{
	struct train_options o = { .threads = 1, .seed = 1 };
	char *why = NULL, *shop = xasprintf("%s/shop", folder);
	struct dataset *d = dataset_open(shop, false, &why);
	struct train_data data;
	struct buf meta = { 0 };
	const char *none;
	struct model *m;

	must(d ? 0 : -1, why);
	o.recipe = recipe_find(recipe, &none);
	o.recipe = algorithm ? recipe_with(o.recipe, algorithm)
			     : recipe_having(o.recipe, &hyper, 1);
	hypers_init(&o.hypers, o.recipe);
	must(hypers_set(&o.hypers, o.recipe, hyper, &why), why);
	m = train(d, &o, &data, &meta, &why);
	must(m ? 0 : -1, why);
	must(model_save(m, (struct span){ meta.data, meta.len }, path, &why), why);
	CHECK(data.interactions == 400 && data.users == 40 && data.items == 30);
	model_close(m);
	buf_release(&meta);
	dataset_close(d);
	free(shop);
}

static void
everything_comes_back(const char *path)
{
	char *why = NULL;
	struct model *m = model_open(path, &why);
	const struct catalog *c = m ? &m->catalog : NULL;
	const struct column *genre, *price;
	uint32_t i0, u5;

	CHECK(m != NULL);
	CHECK(c->items.strings.n == 30 && c->users.strings.n == 40);
	i0 = ids_find(&c->items, span_of("i00"));
	u5 = ids_find(&c->users, span_of("u05"));
	CHECK(i0 == 0 && u5 == 5);
	CHECK(ids_find(&c->users, span_of("nobody")) == NONE);
	genre = table_column(&c->item_table, span_of("genre"));
	price = table_column(&c->item_table, span_of("PRICE"));
	CHECK(genre && price && price->number[i0] == 7);
	CHECK(genre->offset[1] - genre->offset[0] == 2);
	CHECK(span_is(strings_get(&genre->values, genre->code[0]), "Drama"));
	CHECK(price->number[1] != price->number[1]);
	CHECK(c->history.offset[6] - c->history.offset[5] == 10);
	CHECK(c->history.time[c->history.offset[5]] == 1059);
	/* u00 met i00 first, in 1000, u39 something last. */
	CHECK(c->history.first[0] == 1000 && c->history.first[1] == 1010);
	CHECK(c->history.first[30] == 1000 + 390 + 9);
	CHECK(m->dim == VEC_COLS && m->n_scored == 30 && model_user(m, u5));
	model_close(m);
}

static char *
read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *data;

	must(f && !fstat(fileno(f), &st) ? 0 : -1, "cannot read the model");
	*len = (size_t)st.st_size;
	data = xmalloc(*len);
	must(fread(data, 1, *len, f) == *len ? 0 : -1, "cannot read the model");
	fclose(f);
	return data;
}

/* Whether data opens as a model; if not, there must be a reason. */
static bool
opens(const char *data, size_t len)
{
	char *why = NULL, *path = xasprintf("%s/damaged", folder);
	FILE *f = fopen(path, "wb");
	struct model *m;

	must(
	    f && fwrite(data, 1, len, f) == len && !fclose(f) ? 0 : -1, "cannot write");
	m = model_open(path, &why);
	must(m || (why && strstr(why, "model")) ? 0 : -1, "no reason given");
	free(why);
	free(path);
	model_close(m);
	return m != NULL;
}

static bool
opens_file(const char *path)
{
	char *why = NULL;
	struct model *m = model_open(path, &why);
	bool opened = m != NULL;

	free(why);
	model_close(m);
	return opened;
}

static void
damage_is_an_error(const char *path)
{
	size_t len, opened = 0, padding = 0;
	char *data = read_file(path, &len);

	for (size_t cut = 0; cut < len; cut += 1 + cut / 37)
		opened += opens(data, cut);
	CHECK(opened == 0);
	for (size_t at = 0; at < len; at += 1 + len / 700) {
		data[at] ^= 0x10;
		if (opens(data, len))
			padding += data[at] == 0x10;
		else
			padding++;
		data[at] ^= 0x10;
		opened++;
	}
	/* Only a changed byte between sections, all zeros, may go unseen. */
	CHECK(padding == opened);
	CHECK(opens(data, len));
	free(data);
}

/* Users who met items of one third met the other nine too. */
static void
pairs_come_back(const char *path)
{
	char *why = NULL;
	struct model *m = model_open(path, &why);
	const struct pairs *p = &m->pairs;

	CHECK(m && !m->dim && p->user_row[40] == 400 && p->item_row[30] == 400);
	CHECK(p->user_row[1] == 10 && p->user_item[0] == 0 && p->user_item[9] == 27);
	CHECK(p->item_user[p->item_row[1]] == 1 &&
	      p->item_user[p->item_row[2] - 1] == 37);
	CHECK(model_hyper(m, "min_cointeraction_count", 3) == 2);
	CHECK(model_hyper(m, "nothing", 0.25) == 0.25);
	model_close(m);
}

/* Whether a model opens once it is saved, or why not is what is expected. */
static bool
opens_again(const struct model *m, const char *expected)
{
	char *why = NULL, *path = xasprintf("%s/damaged", folder);
	struct model *opened;
	bool right;

	must(model_save(m, m->meta, path, &why), why);
	opened = model_open(path, &why);
	right = opened ? !expected : expected && strstr(why, expected);
	model_close(opened);
	free(why);
	free(path);
	return right;
}

/* The model saved again, with pairs that are not as they should be. */
static bool
opens_with(const struct model *m, struct pairs pairs, const char *expected)
{
	struct model copy = *m;

	copy.pairs = pairs;
	return opens_again(&copy, expected);
}

/* Checksums are right here: somebody meant it. */
static void
pairs_that_do_not_fit_are_an_error(const char *path)
{
	char *why = NULL;
	struct model *m = model_open(path, &why);
	size_t n_rows = m->catalog.users.strings.n + 1,
	       n = m->pairs.user_row[n_rows - 1];
	uint64_t *row = (uint64_t *)xmemdup(m->pairs.user_row, n_rows * sizeof *row);
	uint32_t *item = (uint32_t *)xmemdup(m->pairs.user_item, n * sizeof *item);
	struct pairs pairs = m->pairs;

	pairs.user_row = row;
	pairs.user_item = item;
	CHECK(opens_with(m, pairs, NULL));
	row[3] = row[4] + 1;
	CHECK(opens_with(m, pairs, "damaged model file: pairs.user_row"));
	row[3] = m->pairs.user_row[3];
	row[0] = 1;
	CHECK(opens_with(m, pairs, "damaged model file: pairs.user_row"));
	row[0] = 0;
	item[n - 1] = 30;
	CHECK(opens_with(m, pairs, "damaged model file: pairs.user_row"));
	item[n - 1] = item[n - 2];
	CHECK(opens_with(m, pairs, "damaged model file: pairs.user_item"));
	item[n - 1] = m->pairs.user_item[n - 1];
	row[1] = 11; /* the first user's row runs into the second's */
	CHECK(opens_with(m, pairs, "damaged model file: pairs.user_item"));
	free(row);
	free(item);
	model_close(m);
}

/* Within a third every item has met all others, beyond it none. */
static void
links_come_back(const char *path)
{
	char *why = NULL;
	struct model *m = model_open(path, &why);
	bool right = true;

	CHECK(m && !m->dim && m->n_scored == 30 && m->links.row[30] == 270);
	for (uint32_t i = 0; m && i < 30; i++)
		for (uint64_t k = m->links.row[i]; k < m->links.row[i + 1]; k++)
			right = right && m->links.at[k] % 3 == i % 3 &&
				m->links.weight[k] > 0.05f;
	CHECK(right);
	CHECK(model_hyper(m, "lambda", 0) == 2);
	model_close(m);
}

/* The model saved again, with links that are not as they should be. */
static bool
opens_linked(const struct model *m, struct links links, const char *expected)
{
	struct model copy = *m;

	copy.links = links;
	return opens_again(&copy, expected);
}

static void
links_that_do_not_fit_are_an_error(const char *path)
{
	char *why = NULL;
	struct model *m = model_open(path, &why);
	uint64_t n = m->links.row[30];
	uint64_t *row = (uint64_t *)xmemdup(m->links.row, 31 * sizeof *row);
	uint32_t *at = (uint32_t *)xmemdup(m->links.at, n * sizeof *at);
	float *weight = (float *)xmemdup(m->links.weight, n * sizeof *weight);
	float *base = (float *)xmemdup(m->links.base, 30 * sizeof *base);
	float own[30] = { 0 };
	struct links links = { row, at, weight, base, own, 0, 0 };

	CHECK(opens_linked(m, links, NULL));
	row[3] = row[4] + 1;
	CHECK(opens_linked(m, links, "damaged model file: links.row"));
	row[3] = m->links.row[3];
	at[0] = 30;
	CHECK(opens_linked(m, links, "damaged model file: links.row"));
	at[0] = at[1];
	CHECK(opens_linked(m, links, "damaged model file: links.at"));
	at[0] = m->links.at[0];
	weight[7] = NAN;
	CHECK(opens_linked(m, links, "damaged model file: links.weight"));
	weight[7] = 0;
	own[29] = INFINITY;
	CHECK(opens_linked(m, links, "damaged model file: links.own"));
	links.own = NULL;
	CHECK(opens_linked(m, links, NULL));
	base[3] = NAN;
	CHECK(opens_linked(m, links, "damaged model file: links.base"));
	links.base = NULL;
	CHECK(opens_linked(m, links, NULL));
	free(row);
	free(at);
	free(weight);
	free(base);
	model_close(m);
}

/* Unit vectors for all that have users or metadata, and none for users. */
static void
similar_items_come_back(const char *path)
{
	char *why = NULL;
	struct model *m = model_open(path, &why);
	bool unit = true;

	CHECK(m && m->n_scored == 30 && !m->users && !model_user(m, 5));
	for (size_t i = 0; i < m->n_scored; i++) {
		const float *x = model_item(m, i);
		double sum = 0;

		for (size_t d = 0; d < m->dim; d++)
			sum += (double)x[d * VEC_COLS] * (double)x[d * VEC_COLS];
		unit = unit && sum < 1 + 1e-5;
	}
	CHECK(unit);
	model_close(m);
}

/* The model saved again, with a text's weight changed; whether that is told. */
static bool
told_of_weight(const struct model *m, float weight)
{
	struct model copy = *m;
	uint64_t n = m->texts.item_row[m->texts.n_items];
	float *weights = (float *)xmemdup(m->texts.term_weight, n * sizeof *weights);
	char *why = NULL, *path = xasprintf("%s/damaged", folder);
	struct model *opened;
	bool told;

	weights[n / 2] = weight;
	copy.texts.term_weight = weights;
	must(model_save(&copy, m->meta, path, &why), why);
	opened = model_open(path, &why);
	told = !opened && strstr(why, "damaged model file: texts.term_weight");
	model_close(opened);
	free(weights);
	free(why);
	free(path);
	return told;
}

/* Only what stands in two of the three texts is kept. */
static void
texts_come_back(const char *path)
{
	char *why = NULL;
	struct model *m = model_open(path, &why);
	const struct texts *t = &m->texts;

	CHECK(m && !m->dim && t->n_items == 30 && t->n_terms == 2 + 4 + 5);
	CHECK(t->item_row[1] == t->n_terms && t->item_row[30] == 2 * t->n_terms);
	CHECK(t->term_row[1] == 2 && t->term_item[0] == 0 && t->term_item[1] == 2);
	CHECK(t->item_weight[0] == t->term_weight[0]);
	CHECK(told_of_weight(m, 0) && told_of_weight(m, -0.5f) &&
	      told_of_weight(m, 1.5f) && told_of_weight(m, 0.f / 0.f));
	CHECK(!told_of_weight(m, 0.5f));
	model_close(m);
}

/* Enough for several blocks: MANY interactions of each of the model's 40 users. */
enum { MANY = 8000, PIECES = 40 };

static struct history
long_history(const struct model *m)
{
	struct history h = m->catalog.history;
	uint64_t *offset = xcalloc(PIECES + 1, sizeof *offset);
	uint32_t *item = xcalloc(PIECES * MANY, sizeof *item);
	uint16_t *type = xcalloc(PIECES * MANY, sizeof *type);
	int64_t *time = xcalloc(PIECES * MANY, sizeof *time);

	for (size_t i = 0; i < PIECES * MANY; i++) {
		item[i] = (uint32_t)(i * 7 % 30);
		time[i] = 5000 - (int64_t)(i % MANY);
		offset[i / MANY + 1] = i + 1;
	}
	h.offset = offset;
	h.item = item;
	h.type = type;
	h.time = time;
	h.first = NULL;
	return h;
}

/* Opened by user: which of them are not right, as bits; -1: it does not open. */
static long long
wrong_users(const char *path)
{
	char *why = NULL;
	struct model *m = model_open_by_user(path, &why);
	long long wrong = 0;

	free(why);
	if (!m)
		return -1;
	for (uint32_t u = 0; u < PIECES; u++)
		if (!catalog_user_right(&m->catalog, u))
			wrong |= 1LL << u;
	why = NULL;
	CHECK(model_check(m, path, &why) == (wrong ? -1 : 0));
	free(why);
	model_close(m);
	return wrong;
}

static void
save(const struct model *m, const char *path)
{
	char *why = NULL;

	must(model_save(m, m->meta, path, &why), why);
}

/* Change a byte of the times. */
static void
damage_time(const char *path, size_t at)
{
	char *why = NULL;
	struct model *m = model_open(path, &why);
	long place;
	FILE *f;

	must(m ? 0 : -1, why);
	place = (const char *)m->catalog.history.time - (const char *)m->map + (long)at;
	model_close(m);
	f = fopen(path, "r+b");
	must(f && !fseek(f, place, SEEK_SET) && fputc(0x55, f) != EOF && !fclose(f)
		 ? 0
		 : -1,
	    "cannot change it");
}

static void
users_are_checked_one_by_one(const char *path)
{
	char *why = NULL, *other = xasprintf("%s/long", folder);
	struct model *m = model_open(path, &why), copy = *m;
	struct history h = copy.catalog.history = long_history(m);
	uint32_t *item = (uint32_t *)h.item;
	long long wrong;

	save(&copy, other);
	CHECK(wrong_users(other) == 0);
	damage_time(other, 20 * MANY * sizeof *h.time + 3);
	wrong = wrong_users(other);
	/* And of others who share a block with it. */
	CHECK(wrong > 0 && wrong >> 20 & 1 && !(wrong & 1) && !(wrong >> (PIECES - 1)));
	CHECK(!opens_file(other));
	/* Checksums are right here: somebody meant it. */
	item[7 * MANY + 9] = 30;
	save(&copy, other);
	CHECK(wrong_users(other) == 1 << 7);
	CHECK(!opens_file(other));
	item[7 * MANY + 9] = 29;
	((uint16_t *)h.type)[11 * MANY] = 2;
	save(&copy, other);
	CHECK(wrong_users(other) == 1 << 11);
	free((void *)h.offset);
	free((void *)h.item);
	free((void *)h.type);
	free((void *)h.time);
	free(other);
	model_close(m);
}

/* Else the interactions of all would be looked at to make up for it. */
static void
when_items_were_first_met_must_be_there(const char *path)
{
	size_t len;
	char *data = read_file(path, &len), *damaged, *why = NULL;
	struct model_header *h = (struct model_header *)data;
	struct model_section *table = (struct model_section *)(h + 1);
	size_t sums = model_blocks_in(len - h->first) * sizeof(uint64_t);
	struct model *m;

	for (size_t i = 0; i < h->n_sections; i++)
		if (!strcmp(table[i].name, "history.first"))
			table[i].name[0] = 'H';
	h->checksum = XXH3_64bits(table, h->n_sections * sizeof *table + sums);
	CHECK(!opens(data, len));
	damaged = xasprintf("%s/damaged", folder);
	m = model_open_by_user(damaged, &why);
	CHECK(!m && strstr(why, "damaged model file: history.first"));
	free(damaged);
	free(why);
	free(data);
}

int
main(void)
{
	char *path, *command;

	must(mkdtemp(folder) ? 0 : -1, "no temporary folder");
	path = xasprintf("%s/model.pzm", folder);
	make_dataset();
	make_model(path, "aws-user-personalization-v2", NULL, "hidden_dimension=4");
	everything_comes_back(path);
	users_are_checked_one_by_one(path);
	when_items_were_first_met_must_be_there(path);
	damage_is_an_error(path);
	make_model(path, "sims", NULL, "min_cointeraction_count=2");
	pairs_come_back(path);
	damage_is_an_error(path);
	pairs_that_do_not_fit_are_an_error(path);
	make_model(path, "similar-items", NULL, "item_id_hidden_dim=4");
	similar_items_come_back(path);
	damage_is_an_error(path);
	make_model(path, "semantic-similarity", NULL, "ngram_weight=0.5");
	texts_come_back(path);
	damage_is_an_error(path);
	make_model(path, "user-personalization", "ease", "lambda=2");
	links_come_back(path);
	damage_is_an_error(path);
	links_that_do_not_fit_are_an_error(path);
	command = xasprintf("rm -r %s", folder);
	if (system(command))
		puts("# temporary files left");
	free(command);
	free(path);
	return check_end();
}

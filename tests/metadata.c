/* metadata - inner products of rows, against what the rows say. */
#include "metadata.h"

#include "check.h"
#include "random.h"
#include "toy.h"

enum { ROWS = 90, BINS = 10, WORDS = 12 };

/* How many columns of each kind stand in a random table, in this order. */
enum { CATEGORIES, PRICE, FLAG, TEXT, COLUMNS };

static const char *const words[WORDS] = { "sea", "sun", "sand", "snow", "ice", "fire",
	"rain", "wind", "dust", "fog", "hail", "mud" };

/* Texts that live as long as the test. */
static const char *
text_of(const char *format, long x)
{
	static char texts[20000][24];
	static size_t n;

	snprintf(texts[n], sizeof texts[n], format, x);
	return texts[n++];
}

static const char *
random_text(void)
{
	static char texts[ROWS * 10][200];
	static size_t next;
	char *text = texts[next++];
	size_t at = 0;

	for (size_t i = 1 + random_below(8); i; i--)
		at +=
		    (size_t)snprintf(text + at, 200 - at, "%s%s", i % 2 ? ", " : "... ",
			words[random_below(1 + random_below(WORDS))]);
	return text;
}

static void
random_table(struct toy *toy)
{
	struct toy_column *c = toy->items.column;

	*toy = (struct toy){ .items = { .n = ROWS, .n_columns = COLUMNS } };
	c[CATEGORIES] = (struct toy_column){ .name = "GENRE", .type = COLUMN_STRING };
	c[PRICE] = (struct toy_column){ .name = "PRICE", .type = COLUMN_NUMBER };
	c[FLAG] = (struct toy_column){ .name = "FLAG", .type = COLUMN_BOOLEAN };
	c[TEXT] = (struct toy_column){
		.name = "TEXT", .type = COLUMN_STRING, .textual = true
	};
	for (int r = 0; r < ROWS; r++) {
		toy->items.id[r] = text_of("%04ld", r);
		/* Some values and numbers of a single row, and values twice in a row.
		 */
		for (int i = (int)random_below(TOY_VALUES + 1); i; i--)
			c[CATEGORIES].cell[r].text[c[CATEGORIES].cell[r].n++] =
			    text_of("v%ld", (long)random_below(1 + random_below(50)));
		if (!one_in(5))
			c[PRICE].cell[r] = (struct toy_cell){ 1,
				{ text_of("%ld",
				    (long)random_below(1 + random_below(40))) } };
		if (!one_in(4))
			c[FLAG].cell[r] =
			    (struct toy_cell){ 1, { one_in(2) ? "1" : "0" } };
		if (!one_in(6))
			c[TEXT].cell[r] = (struct toy_cell){ 1, { random_text() } };
	}
}

static bool
has(const struct toy_cell *c, const char *value)
{
	for (int i = 0; i < c->n; i++)
		if (!strcmp(c->text[i], value))
			return true;
	return false;
}

static int
rows_with(const struct toy_column *c, const char *value)
{
	int n = 0;

	for (int r = 0; r < ROWS; r++)
		n += has(&c->cell[r], value);
	return n;
}

static bool
first_of_its_kind(const struct toy_cell *c, int at)
{
	for (int i = 0; i < at; i++)
		if (!strcmp(c->text[i], c->text[at]))
			return false;
	return true;
}

/* Values of a row, repeats counting once. */
static int
distinct(const struct toy_cell *c)
{
	int n = 0;

	for (int i = 0; i < c->n; i++)
		n += first_of_its_kind(c, i);
	return n;
}

static double
categories_product(const struct toy_column *c, int r, int s)
{
	const struct toy_cell *x = &c->cell[r], *y = &c->cell[s];
	int shared = 0;

	for (int i = 0; i < x->n; i++)
		shared += first_of_its_kind(x, i) && has(y, x->text[i]) &&
			  rows_with(c, x->text[i]) > 1;
	return shared ? shared / sqrt(distinct(x) * distinct(y)) : 0;
}

static int
by_number(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* How many different tenths end below the number. */
static int
bin_of(const struct toy_column *c, int r)
{
	double sorted[ROWS], x = strtod(c->cell[r].text[0], NULL), last = -INFINITY;
	int n = 0, bin = 0;

	for (int i = 0; i < ROWS; i++)
		if (c->cell[i].n)
			sorted[n++] = strtod(c->cell[i].text[0], NULL);
	qsort(sorted, (size_t)n, sizeof *sorted, by_number);
	for (int b = 1; b <= BINS; b++) {
		double bound = sorted[(int)ceil(b * n / (double)BINS) - 1];

		bin += bound < x && bound != last;
		last = bound;
	}
	return bin;
}

static double
numbers_product(const struct toy_column *c, int r, int s)
{
	return c->cell[r].n && c->cell[s].n && bin_of(c, r) == bin_of(c, s);
}

static int
times(const struct toy_cell *c, const char *word)
{
	int n = 0;

	if (!c->n)
		return 0;
	for (const char *p = c->text[0]; (p = strstr(p, word)); p++)
		n++;
	return n;
}

/* (1 + log tf) log(rows / rows with the word), words of a single row left out. */
static double
word_weight(const struct toy_column *c, int r, const char *word)
{
	int n = times(&c->cell[r], word), rows = 0;

	for (int i = 0; i < ROWS; i++)
		rows += times(&c->cell[i], word) > 0;
	return n && rows > 1 ? (1 + log(n)) * log((double)ROWS / rows) : 0;
}

static double
texts_product(const struct toy_column *c, int r, int s)
{
	double both = 0, of_r = 0, of_s = 0;

	for (int w = 0; w < WORDS; w++) {
		double x = word_weight(c, r, words[w]), y = word_weight(c, s, words[w]);

		both += x * y;
		of_r += x * x;
		of_s += y * y;
	}
	return both > 0 ? both / sqrt(of_r * of_s) : 0;
}

static double
product(const struct metadata *m, int r, int s)
{
	double sum = 0;

	for (uint64_t i = m->row[r]; i < m->row[r + 1]; i++)
		for (uint64_t j = m->row[s]; j < m->row[s + 1]; j++)
			if (m->col[i] == m->col[j])
				sum += (double)m->value[i] * (double)m->value[j];
	return sum;
}

static bool
all_below(const uint32_t *x, size_t n, size_t limit)
{
	for (size_t i = 0; i < n; i++)
		if (x[i] >= limit)
			return false;
	return true;
}

static void
rows_that_say_the_same_have_features_in_common(void)
{
	struct toy *toy = xcalloc(1, sizeof *toy);
	bool same = true;

	for (int turn = 0; turn < 5; turn++) {
		const struct toy_column *c = toy->items.column;
		struct catalog catalog;
		struct metadata m;

		random_table(toy);
		catalog = toy_catalog(toy);
		metadata_of(&m, &catalog.item_table);
		same = same && m.n_rows == ROWS && !m.row[0] &&
		       all_below(m.col, m.row[ROWS], m.n_features);
		for (int r = 0; r < ROWS; r++)
			for (int s = 0; s <= r; s++) {
				double expected =
				    1 + categories_product(&c[CATEGORIES], r, s) +
				    numbers_product(&c[PRICE], r, s) +
				    numbers_product(&c[FLAG], r, s) +
				    texts_product(&c[TEXT], r, s);

				/* A row's own values may be its alone. */
				same = same && (r == s || fabs(product(&m, r, s) -
							       expected) < 1e-5);
			}
		metadata_release(&m);
		catalog_release(&catalog);
	}
	CHECK(same);
	free(toy);
}

static void
every_row_has_the_constant_first(void)
{
	struct toy *toy = xcalloc(1, sizeof *toy);
	struct catalog catalog;
	struct metadata m;
	bool constant = true;

	random_table(toy);
	catalog = toy_catalog(toy);
	metadata_of(&m, &catalog.item_table);
	for (size_t r = 0; r < ROWS; r++)
		constant = constant && m.row[r] < m.row[r + 1] && !m.col[m.row[r]] &&
			   m.value[m.row[r]] == 1;
	CHECK(constant);
	metadata_release(&m);
	catalog_release(&catalog);
	free(toy);
}

/* All null, and no columns at all. */
static void
nothing_said_is_the_constant_alone(void)
{
	struct toy *toy = xcalloc(1, sizeof *toy);
	struct catalog catalog;
	struct metadata m;

	random_table(toy);
	for (int c = 0; c < COLUMNS; c++)
		for (int r = 0; r < ROWS; r++)
			toy->items.column[c].cell[r].n = 0;
	for (int turn = 0; turn < 2; turn++) {
		catalog = toy_catalog(toy);
		metadata_of(&m, &catalog.item_table);
		CHECK(m.n_features == 1 && m.row[ROWS] == ROWS);
		metadata_release(&m);
		catalog_release(&catalog);
		toy->items.n_columns = 0;
	}
	free(toy);
}

int
main(void)
{
	rows_that_say_the_same_have_features_in_common();
	every_row_has_the_constant_first();
	nothing_said_is_the_constant_alone();
	return check_end();
}

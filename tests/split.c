/* split - where rows go, against a slow reading of the rules. */
#include "split.h"

#include "check.h"
#include "random.h"
#include "scratch.h"
#include "shop.h"
#include "split_write.h"

enum { ROWS = 400, READERS = 23, BOOKS = 12 };

static struct shop_row rows[ROWS];
static char click[] = "click", watch[] = "watch";

/* Few users, items and seconds, so that interactions have several rows and tie. */
static struct dataset *
make_shop(const char *path)
{
	static const char *const types[] = { "watch", "click", NULL };

	for (size_t i = 0; i < ROWS; i++)
		rows[i] = (struct shop_row){ (unsigned)random_below(READERS) + 1,
			(unsigned)random_below(BOOKS), (long)random_below(40),
			types[random_below(3)], (double)random_below(6) - 1 };
	/* One user with a single interaction. */
	rows[7] = (struct shop_row){ 0, 1, 5, "watch", 2 };
	shop_write(path, MODE_FULL, rows, ROWS / 2);
	shop_write(path, MODE_INCREMENTAL, rows + ROWS / 2, ROWS / 4);
	shop_write(path, MODE_PUT, rows + ROWS / 4 * 3, ROWS / 4);
	return shop_open(path);
}

static struct split
run(const struct dataset *d, struct split_options *o, const char *protocol)
{
	struct split s;
	char *why;

	o->protocol = protocol_find(protocol);
	o->users = o->users > 0 ? o->users : o->protocol->users;
	o->fraction = o->fraction > 0 ? o->fraction : o->protocol->fraction;
	if (split_make(&s, d, NULL, o, &why) < 0)
		errx(1, "%s", why);
	return s;
}

static bool
together(size_t i, size_t j)
{
	return rows[i].user == rows[j].user && rows[i].item == rows[j].item &&
	       rows[i].time == rows[j].time;
}

/* The last row of the interaction that row i belongs to. */
static size_t
whole(size_t i)
{
	size_t last = i;

	for (size_t j = 0; j < ROWS; j++)
		if (together(i, j) && j > last)
			last = j;
	return last;
}

static bool
newer(size_t i, size_t j)
{
	return rows[i].time != rows[j].time ? rows[i].time > rows[j].time
					    : whole(i) > whole(j);
}

static bool
wanted(const struct split_options *o, size_t i)
{
	const struct event_rule *r = &o->wanted.rules[0];

	if (!o->wanted.n)
		return true;
	return rows[i].type && !strcmp(rows[i].type, r->type) &&
	       (!r->has_threshold ||
		   (rows[i].value >= 0 && rows[i].value >= r->threshold));
}

/* Whether row i's interaction may still be held out, when its rows are in place. */
static bool
open_whole(const struct split_options *o, const uint8_t *place, size_t i)
{
	for (size_t j = 0; j < ROWS; j++)
		if (together(i, j) && wanted(o, j) && place[j] == PLACE_TRAIN)
			return true;
	return false;
}

static size_t
share(double part, size_t n)
{
	size_t k = 0;

	while ((double)k < part * (double)n - 1e-9)
		k++;
	return k;
}

/* How many interactions of the user are open, and how many of them are newer than i. */
static size_t
count_open(const struct split_options *o, const uint8_t *place, unsigned user,
    long newer_than, size_t *n_newer)
{
	size_t n = 0;

	*n_newer = 0;
	for (size_t j = 0; j < ROWS; j++) {
		if (rows[j].user != user || whole(j) != j || !open_whole(o, place, j))
			continue;
		n++;
		*n_newer += newer_than >= 0 && newer(j, (size_t)newer_than);
	}
	return n;
}

static void
slow_newest(
    const struct split_options *o, uint8_t *place, bool last_only, enum split_place to)
{
	uint8_t before[ROWS];
	bool held[ROWS] = { false };

	memcpy(before, place, sizeof before);
	for (size_t i = 0; i < ROWS; i++) {
		size_t n_newer, out;
		size_t n = count_open(o, before, rows[i].user, (long)i, &n_newer);

		out = last_only ? 1 : share(o->fraction, n);
		out = out < n - 1 ? out : n - 1;
		held[i] = n > 1 && open_whole(o, before, i) && n_newer < out;
	}
	for (size_t i = 0; i < ROWS; i++) {
		bool told = held[i];

		for (size_t j = 0; j < ROWS && !told; j++)
			told = held[j] && rows[j].user == rows[i].user && newer(i, j);
		if (before[i] == PLACE_TRAIN && told)
			place[i] = (uint8_t)(held[i] && wanted(o, i) ? to : to + 1u);
	}
}

static bool
same_places(const struct split *s, const uint8_t *place)
{
	bool same = s->n == ROWS;

	for (size_t i = 0; i < ROWS && same; i++)
		same = s->place[i] == place[i];
	return same;
}

static void
the_newest_of_every_user_are_held_out_whole(const struct dataset *d)
{
	static const char *const names[] = { "last-out", "service" };

	for (int k = 0; k < 8; k++) {
		struct split_options o = { .users = 1,
			.fraction = k < 4 ? 0.3 : 0.95,
			.validation = k & 2,
			.wanted = { k >> 2, { { click, k & 4, 1, 1 } } } };
		uint8_t place[ROWS] = { PLACE_TRAIN };
		struct split s = run(d, &o, names[k & 1]);

		slow_newest(&o, place, !(k & 1), PLACE_TRUTH);
		if (o.validation)
			slow_newest(&o, place, !(k & 1), PLACE_VALIDATION);
		CHECK(same_places(&s, place));
		split_release(&s);
	}
}

static void
the_service_tests_a_tenth_of_the_users(const struct dataset *d)
{
	struct split_options o = { .seed = 1 }, other = { .seed = 2 };
	struct split s = run(d, &o, "service"), t = run(d, &other, "service");
	bool tested[READERS + 1] = { false }, differ = false;
	size_t n = 0;

	for (size_t i = 0; i < ROWS; i++) {
		if (s.place[i] == PLACE_TRUTH)
			tested[rows[i].user] = true;
		differ = differ || s.place[i] != t.place[i];
	}
	for (size_t u = 0; u <= READERS; u++)
		n += tested[u];
	/* A tenth of those with two interactions, rounded up. */
	CHECK(n == (READERS + 9) / 10 && !tested[0]);
	CHECK(differ);
	split_release(&s);
	split_release(&t);
}

static void
random_parts_are_whole_and_of_the_right_size(const struct dataset *d)
{
	struct split_options o = { .seed = 4,
		.wanted = { 1, { { watch, false, 0, 1 } } } };
	struct split s = run(d, &o, "random"), again = run(d, &o, "random");
	uint8_t before[ROWS] = { PLACE_TRAIN };
	bool right = true, sizes = true;
	size_t n_newer;

	CHECK(!memcmp(s.place, again.place, ROWS));
	for (size_t i = 0; i < ROWS; i++) {
		bool held = s.place[whole(i)] != PLACE_TRAIN;

		right = right && s.place[i] == (!held              ? PLACE_TRAIN
						   : wanted(&o, i) ? PLACE_TRUTH
								   : PLACE_NOWHERE);
	}
	CHECK(right);
	for (unsigned u = 0; u <= READERS; u++) {
		size_t n = count_open(&o, before, u, -1, &n_newer), held = 0;
		size_t out = share(0.2, n);

		for (size_t i = 0; i < ROWS; i++)
			held += rows[i].user == u && whole(i) == i &&
				s.place[i] != PLACE_TRAIN;
		sizes = sizes && held == (n < 2 ? 0 : out < n - 1 ? out : n - 1);
	}
	CHECK(sizes);
	split_release(&s);
	split_release(&again);
}

static void
a_second_is_never_cut(const struct dataset *d)
{
	for (int k = 1; k < 10; k++) {
		struct split_options o = { .fraction = k / 10.0,
			.wanted = { k & 1, { { click, false, 0, 1 } } } };
		struct split s = run(d, &o, "time");
		long first = 1000, last = -1;
		size_t n = 0, out = 0, at_last = 0;
		bool right = true;

		for (size_t i = 0; i < ROWS; i++) {
			n += wanted(&o, i);
			if (s.place[i] == PLACE_TRUTH) {
				out++;
				first = MIN(first, rows[i].time);
			} else if (s.place[i] == PLACE_TRAIN)
				last = MAX(last, rows[i].time);
		}
		for (size_t i = 0; i < ROWS; i++) {
			at_last += wanted(&o, i) && rows[i].time == last;
			right = right &&
				(s.place[i] == PLACE_TRAIN) == (rows[i].time <= last) &&
				(s.place[i] != PLACE_TRUTH || wanted(&o, i));
		}
		CHECK(right && last < first);
		CHECK(out <= share(o.fraction, n) &&
		      out + at_last > share(o.fraction, n));
		split_release(&s);
	}
}

static void
what_was_met_or_is_unknown_can_be_left_out(const struct dataset *d)
{
	struct split_options o = { .only_new = true, .validation = true };
	struct split s = run(d, &o, "last-out");
	bool fresh = true, known = true;

	for (size_t i = 0; i < ROWS; i++)
		for (size_t j = 0; j < ROWS && s.place[i] == PLACE_TRUTH; j++)
			fresh = fresh && !(s.place[j] < PLACE_TRUTH &&
					     rows[j].user == rows[i].user &&
					     rows[j].item == rows[i].item);
	CHECK(fresh && s.total[PLACE_TRUTH] > 0 && s.total[PLACE_NOWHERE] > 0);
	split_release(&s);
	o = (struct split_options){ .only_known = true, .fraction = 0.99 };
	s = run(d, &o, "time");
	for (size_t i = 0; i < ROWS; i++) {
		bool user = false, item = false;

		for (size_t j = 0; j < ROWS; j++) {
			user |=
			    s.place[j] == PLACE_TRAIN && rows[j].user == rows[i].user;
			item |=
			    s.place[j] == PLACE_TRAIN && rows[j].item == rows[i].item;
		}
		known = known && (s.place[i] == PLACE_TRAIN ||
				     (s.place[i] == PLACE_TRUTH) == (user && item));
	}
	CHECK(known && s.total[PLACE_NOWHERE] > 0);
	split_release(&s);
}

static bool
has_row(const struct dataset *d, enum import_mode mode, const char *text)
{
	struct rows r;
	bool found = false;

	rows_open(&r, d, INTERACTIONS);
	while (rows_next(&r) > 0)
		found |=
		    r.segment->mode == mode && !memcmp(r.line.data, text, r.line.len);
	rows_close(&r);
	return found;
}

static void
segments_keep_their_kind_and_empty_ones_go(void)
{
	const struct shop_row old[] = { { 1, 1, 1, NULL, -1 }, { 1, 2, 2, NULL, -1 } };
	const struct shop_row latest[] = { { 1, 3, 9, NULL, -1 } };
	struct split_options o = { 0 };
	struct dataset *d, *train;
	struct split s;
	char *why;

	shop_write("kinds", MODE_PUT, old, 1);
	shop_write("kinds", MODE_FULL, latest, 1);
	shop_write("kinds", MODE_INCREMENTAL, old + 1, 1);
	d = shop_open("kinds");
	s = run(d, &o, "last-out");
	CHECK(split_write_dataset(&s, d, PLACE_TRAIN, "train", &why) == 0);
	train = shop_open("train");
	CHECK(train->n_segments == 2 && dataset_rows(train, INTERACTIONS) == 2);
	CHECK(has_row(train, MODE_PUT,
	    "{\"USER_ID\":\"u1\",\"ITEM_ID\":\"i1\",\"TIMESTAMP\":1}"));
	CHECK(has_row(train, MODE_FULL,
	    "{\"USER_ID\":\"u1\",\"ITEM_ID\":\"i2\",\"TIMESTAMP\":2}"));
	dataset_close(train);
	split_release(&s);
	dataset_close(d);
}

int
main(void)
{
	struct dataset *d;

	scratch_enter();
	d = make_shop("shop");
	the_newest_of_every_user_are_held_out_whole(d);
	the_service_tests_a_tenth_of_the_users(d);
	random_parts_are_whole_and_of_the_right_size(d);
	a_second_is_never_cut(d);
	what_was_met_or_is_unknown_can_be_left_out(d);
	dataset_close(d);
	segments_keep_their_kind_and_empty_ones_go();
	return check_end();
}

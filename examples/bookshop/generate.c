/*
 * bookshop - make up a bookshop's users, books and two years of interactions.
 *
 * The same bytes on every machine: integers only, from one seeded generator.
 *
 * Books come in order of release. An author has one genre, and in some genres a
 * series. A book's appeal falls with a random rank as in Zipf's law. Each book has
 * a mood that no column shows: readers of one genre differ in it, so that there is
 * something to learn that metadata does not say.
 *
 * A reader has three genres, a mood in each, and visits on days drawn by month and
 * weekday. On each visit a reader looks at a few books: the next of a series or
 * another by an author already bought, something just out, something of a favourite
 * genre, or what everybody reads. Views lead to carts and carts to purchases,
 * likelier the better book and reader fit.
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opt.h"
#include "output.h"
#include "util.h"
#include "words.h"

enum {
	USERS_N = 2000,
	BOOKS_N = 3000,
	AUTHORS_N = 420,
	MOODS = 3,
	TASTES = 3,
	DAY = 86400,
	WINDOW_DAYS = 731,        /* 2023 and 2024 */
	BACKLIST_DAYS = 10 * 365, /* the oldest book's age when the window opens */
	NEW_DAYS = 45,            /* how long a book counts as just out */
	TITLE_SIZE = 128,
};

static const int64_t window_start = 1672531200; /* 2023-01-01 00:00 UTC, a Sunday */

enum event_type { VIEW, CART, PURCHASE };
static const char *const event_names[] = { "view", "cart", "purchase" };

struct author {
	char name[64];
	int genre;
	char series[64]; /* "": writes none */
	int volumes;
	int books[BOOKS_N];
	int n_books;
};

struct book {
	char title[TITLE_SIZE];
	int author, genre, second; /* second: another genre, or -1 */
	int mood, price;           /* price in cents */
	int volume;                /* of the author's series, 0: outside it */
	uint64_t appeal;
	int64_t released;
};

/* Some books in order of release, with the running sum of their appeal. */
struct shelf {
	int n;
	int book[BOOKS_N];
	uint64_t sum[BOOKS_N + 1];
};

struct user {
	int age; /* 0: not told */
	int country, membership, sessions;
	int taste[TASTES], mood[GENRES];
	int64_t joined;
	bool bought[BOOKS_N];
	int purchases[BOOKS_N], n_purchases;
};

struct event {
	int64_t time;
	int user, book;
	enum event_type type;
	size_t order;
};

static const char *const countries[] = { "Germany", "France", "United Kingdom",
	"United States", "Spain", "Poland", "Japan" };
static const int country_weights[] = { 30, 18, 16, 14, 10, 8, 4 };
static const char *const memberships[] = { "standard", "plus", "gold" };
static const int membership_weights[] = { 70, 22, 8 };
static const int month_weights[] = { 9, 8, 8, 7, 8, 10, 12, 11, 8, 9, 12, 18 };
static const int weekday_weights[] = { 14, 9, 8, 8, 9, 10, 13 }; /* from Sunday */
static const int hour_weights[] = { 2, 1, 1, 1, 1, 1, 2, 4, 5, 5, 5, 6, 8, 6, 5, 5, 6,
	7, 9, 12, 14, 13, 9, 5 };

static uint64_t state = 20230101;
static struct author authors[AUTHORS_N];
static struct book books[BOOKS_N];
static struct user users[USERS_N];
static struct shelf everything, by_genre[GENRES];
static uint64_t day_sum[WINDOW_DAYS + 1];
static struct event *events;
static size_t n_events;

/* SplitMix64 (Steele, Lea, Flood 2014), below n > 0. */
static uint64_t
below(uint64_t n)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % n;
}

static int
between(int low, int high)
{
	return low + (int)below((uint64_t)(high - low + 1));
}

static bool
chance(int percent)
{
	return below(100) < (uint64_t)percent;
}

static int
weighted(const int *weights, int n)
{
	uint64_t sum = 0, at;
	int i = 0;

	for (int k = 0; k < n; k++)
		sum += (uint64_t)weights[k];
	at = below(sum);
	for (; at >= (uint64_t)weights[i]; i++)
		at -= (uint64_t)weights[i];
	return i;
}

/* The i with sum[i] <= at < sum[i + 1]; sum rises from sum[low] <= at. */
static int
place(const uint64_t *sum, int low, int high, uint64_t at)
{
	while (high - low > 1) {
		int middle = low + (high - low) / 2;

		if (sum[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* ---- books ---- */

static int
any_genre(int age)
{
	int weights[GENRES];

	for (int g = 0; g < GENRES; g++)
		weights[g] = genres[g].popularity * 2;
	if (age && age < 30)
		weights[FANTASY] *= 3, weights[SCIENCE_FICTION] *= 2,
		    weights[HORROR] *= 3;
	else if (age && age < 45)
		weights[CHILDREN] *= 4, weights[COOKING] *= 2;
	else if (age > 58)
		weights[CRIME] *= 2, weights[HISTORICAL] *= 3, weights[BIOGRAPHY] *= 3;
	return weighted(weights, GENRES);
}

static void
make_authors(void)
{
	for (int a = 0; a < AUTHORS_N; a++) {
		struct author *author = &authors[a];
		const char *hero;

		/* 577 shares no factor with the number of names: each comes once. */
		size_t name =
		    (size_t)a * 577 % (LENGTH(first_names) * LENGTH(last_names));

		snprintf(author->name, sizeof author->name, "%s %s",
		    first_names[name % LENGTH(first_names)],
		    last_names[name / LENGTH(first_names)]);
		author->genre = any_genre(0);
		hero = genres[author->genre].hero;
		if (hero && chance(45))
			snprintf(author->series, sizeof author->series, "%s %s", hero,
			    series_names[below(LENGTH(series_names))]);
	}
}

/* Append a word; an article "A" before it becomes "An" where it must. */
static void
add_word(struct buf *b, const char *word)
{
	const char *article = b->len < 2 ? "" : b->data + b->len - 2;
	bool lone = b->len == 2 || (b->len > 2 && article[-1] == ' ');

	if (lone && (article[0] == 'A' || article[0] == 'a') &&
	    strchr("AEIOU", *word)) {
		b->data[b->len - 1] = 'n';
		buf_addc(b, ' ');
	}
	buf_adds(b, word);
}

static void
make_title(char out[TITLE_SIZE], const struct genre *g)
{
	struct buf b = { 0 };
	uint64_t noun = below(NOUNS);

	for (const char *p = g->patterns[below(PATTERNS)]; *p; p++)
		if (*p != '%') {
			buf_addc(&b, *p);
		} else if (*++p == 'a') {
			add_word(&b, g->adjectives[below(ADJECTIVES)]);
		} else if (*p == 'n') {
			noun =
			    (noun + 1 + below(NOUNS - 1)) % NOUNS; /* no noun twice */
			add_word(&b, g->nouns[noun]);
		} else {
			add_word(&b, g->phrases[below(PHRASES)]);
		}
	snprintf(out, TITLE_SIZE, "%s", b.data);
	buf_release(&b);
}

/* Whether one of the first n books is called that, with or without a series. */
static bool
title_taken(const char *title, int n)
{
	size_t len = strlen(title);

	for (int b = 0; b < n; b++)
		if (!strncmp(books[b].title, title, len) &&
		    (!books[b].title[len] || !strncmp(books[b].title + len, " (", 2)))
			return true;
	return false;
}

static void
make_book(int number, uint64_t rank)
{
	struct book *b = &books[number];
	struct author *author;
	const struct genre *g;
	size_t len;

	b->author =
	    between(0, between(AUTHORS_N / 4, AUTHORS_N - 1)); /* some write much */
	author = &authors[b->author];
	b->genre = author->genre;
	g = &genres[b->genre];
	b->second = chance(45) ? g->related[weighted((const int[]){ 5, 3, 2 }, 3)] : -1;
	b->mood = (int)below(MOODS);
	b->price = (g->price * between(70, 140) / 100 / 50 + 1) * 50 - 1;
	b->appeal = 3000000 / (rank + 15);

	for (int tries = 0; tries < 200; tries++) {
		make_title(b->title, g);
		if (!title_taken(b->title, number))
			break;
	}
	author->books[author->n_books++] = number;
	if (!*author->series || !chance(70))
		return;
	b->volume = ++author->volumes;
	len = strlen(b->title);
	snprintf(
	    b->title + len, TITLE_SIZE - len, " (%s %d)", author->series, b->volume);
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
shelve(struct shelf *s, int number)
{
	s->book[s->n] = number;
	s->sum[s->n + 1] = s->sum[s->n] + books[number].appeal;
	s->n++;
}

static void
make_books(void)
{
	static int64_t released[BOOKS_N];
	static uint64_t rank[BOOKS_N];

	for (int i = 0; i < BOOKS_N; i++) {
		int day = between(-BACKLIST_DAYS, WINDOW_DAYS - 8);
		int other = (int)below((uint64_t)i + 1);

		released[i] = window_start + (int64_t)day * DAY;
		rank[i] = rank[other]; /* a random permutation, built from inside */
		rank[other] = (uint64_t)i;
	}
	qsort(released, BOOKS_N, sizeof *released, by_number);
	for (int i = 0; i < BOOKS_N; i++) {
		make_book(i, rank[i]);
		books[i].released = released[i];
		shelve(&everything, i);
		shelve(&by_genre[books[i].genre], i);
		if (books[i].second >= 0)
			shelve(&by_genre[books[i].second], i);
	}
}

/* ---- readers ---- */

static void
make_users(void)
{
	/* Most come seldom, a few live here; the last kind has just signed up. */
	static const int kinds[] = { 17, 38, 28, 12, 3, 2 };
	static const int visits[][2] = { { 2, 4 }, { 4, 10 }, { 10, 20 }, { 20, 40 },
		{ 40, 80 }, { 0, 0 } };

	for (struct user *u = users; u < users + USERS_N; u++) {
		int kind = weighted(kinds, (int)LENGTH(kinds));

		u->age = chance(8) ? 0 : between(16, 50) + between(0, 32);
		u->country = weighted(country_weights, (int)LENGTH(countries));
		u->membership = weighted(membership_weights, (int)LENGTH(memberships));
		u->sessions = between(visits[kind][0], visits[kind][1]);
		u->taste[0] = any_genre(u->age);
		u->taste[1] = genres[u->taste[0]].related[below(3)];
		u->taste[2] = any_genre(u->age);
		for (int g = 0; g < GENRES; g++)
			u->mood[g] = (int)below(MOODS);
		u->joined = between(-2 * WINDOW_DAYS, WINDOW_DAYS - 60);
		u->joined = MAX(0, u->joined); /* most were here before */
	}
}

static void
make_calendar(void)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int d = 0;

	for (int year = 2023; year <= 2024; year++)
		for (int month = 0; month < 12; month++)
			for (int n = days[month] + (year == 2024 && month == 1); n;
			     n--) {
				int weight =
				    month_weights[month] * weekday_weights[d % 7];

				day_sum[d + 1] = day_sum[d] + (uint64_t)weight;
				d++;
			}
}

static int64_t
visit_time(const struct user *u)
{
	uint64_t from = day_sum[u->joined];
	int day = place(day_sum, (int)u->joined, WINDOW_DAYS,
	    from + below(day_sum[WINDOW_DAYS] - from));
	int hour = weighted(hour_weights, (int)LENGTH(hour_weights));

	return window_start + (int64_t)day * DAY + hour * 3600 + between(0, 3599);
}

static bool
fits(const struct user *u, int number)
{
	return u->mood[books[number].genre] == books[number].mood;
}

/* How many of the shelf's books are out at that time. */
static int
released_by(const struct shelf *s, int64_t time)
{
	int low = 0, high = s->n;

	while (low < high) {
		int middle = low + (high - low) / 2;

		if (books[s->book[middle]].released <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* By appeal among the books out between two times, by mood if there is a choice. */
static int
from_shelf(const struct user *u, const struct shelf *s, int64_t after, int64_t until)
{
	int low = released_by(s, after), high = released_by(s, until), book = -1;

	for (int tries = 0; low < high && tries < 12; tries++) {
		uint64_t at = s->sum[low] + below(s->sum[high] - s->sum[low]);

		book = s->book[place(s->sum, low, high, at)];
		if (!u->bought[book] && (fits(u, book) || chance(15)))
			return book;
	}
	return book;
}

/* The next volume of a series, or another book by the author, or -1. */
static int
from_author(const struct user *u, int64_t now)
{
	const struct book *last;
	const struct author *a;

	if (!u->n_purchases)
		return -1;
	last = &books[u->purchases[below((uint64_t)u->n_purchases)]];
	a = &authors[last->author];
	for (int i = 0; last->volume && i < a->n_books; i++)
		if (books[a->books[i]].volume == last->volume + 1 &&
		    books[a->books[i]].released <= now && !u->bought[a->books[i]])
			return a->books[i];
	for (int tries = 0; tries < 4; tries++) {
		int book = a->books[below((uint64_t)a->n_books)];

		if (books[book].released <= now && !u->bought[book])
			return book;
	}
	return -1;
}

/* fan is set if the book was looked for because of its author. */
static int
choose(const struct user *u, int64_t now, bool *fan)
{
	static const int how[] = { 22, 14, 54,
		10 }; /* author, new, genre, bestseller */
	int way = weighted(how, (int)LENGTH(how)), book;
	int taste = u->taste[weighted((const int[]){ 62, 25, 13 }, TASTES)];

	*fan = false;
	if (way == 0 && (book = from_author(u, now)) >= 0) {
		*fan = true;
		return book;
	}
	if (way == 1 &&
	    (book = from_shelf(u, &by_genre[taste], now - NEW_DAYS * DAY, now)) >= 0)
		return book;
	if (way == 3)
		return from_shelf(u, &everything, 0, now);
	return from_shelf(u, &by_genre[taste], 0, now);
}

static void
happen(int user, int book, enum event_type type, int64_t time)
{
	events[n_events] = (struct event){ time, user, book, type, n_events };
	n_events++;
}

static int64_t
look_at_book(int number, int64_t now)
{
	struct user *u = &users[number];
	bool fan;
	int book = choose(u, now, &fan);
	int taken = 9 + 14 * fits(u, book) + 30 * fan;
	int paid = 52 + 8 * u->membership + 10 * fan;

	happen(number, book, VIEW, now);
	if (u->bought[book] || !chance(taken))
		return now;
	happen(number, book, CART, now += between(15, 240));
	if (!chance(paid))
		return now;
	happen(number, book, PURCHASE, now += between(40, 900));
	u->bought[book] = true;
	u->purchases[u->n_purchases++] = book;
	return now;
}

static void
live(int number)
{
	const struct user *u = &users[number];
	int64_t times[128] = { 0 };

	for (int i = 0; i < u->sessions; i++)
		times[i] = visit_time(u);
	qsort(times, (size_t)u->sessions, sizeof *times, by_number);
	for (int i = 0; i < u->sessions; i++) {
		int64_t now = times[i];

		for (int n = between(1, 6); n; n--)
			now = look_at_book(number, now) + between(8, 180);
	}
}

static int
by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* ---- files ---- */

static void
save(const char *folder, const char *name, struct buf *b)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct output file;

	if (output_open(&file, path) < 0 || output_write(&file, b->data, b->len) < 0 ||
	    output_commit(&file) < 0)
		err(1, "%s", path);
	buf_clear(b);
	free(path);
}

static void
write_interactions(const char *folder, struct buf *b)
{
	buf_adds(b, "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n");
	for (const struct event *e = events; e < events + n_events; e++)
		buf_addf(b, "u%04d,b%04d,%s,%lld\n", e->user + 1, e->book + 1,
		    event_names[e->type], (long long)e->time);
	save(folder, "interactions.csv", b);
}

static void
write_items(const char *folder, struct buf *b)
{
	buf_adds(b, "ITEM_ID,TITLE,AUTHOR,GENRE,PRICE,CREATION_TIMESTAMP\n");
	for (int i = 0; i < BOOKS_N; i++) {
		const struct book *k = &books[i];
		const char *quote = strchr(k->title, ',') ? "\"" : "";

		buf_addf(b, "b%04d,%s%s%s,%s,%s%s%s,%d.%02d,%lld\n", i + 1, quote,
		    k->title, quote, authors[k->author].name, genres[k->genre].name,
		    k->second < 0 ? "" : "|",
		    k->second < 0 ? "" : genres[k->second].name, k->price / 100,
		    k->price % 100, (long long)k->released);
	}
	save(folder, "items.csv", b);
}

static void
write_users(const char *folder, struct buf *b)
{
	buf_adds(b, "USER_ID,AGE,COUNTRY,MEMBERSHIP\n");
	for (int i = 0; i < USERS_N; i++) {
		const struct user *u = &users[i];

		buf_addf(b, "u%04d,", i + 1);
		if (u->age)
			buf_addf(b, "%d", u->age);
		buf_addf(
		    b, ",%s,%s\n", countries[u->country], memberships[u->membership]);
	}
	save(folder, "users.csv", b);
	for (int i = 0; i < USERS_N; i++)
		buf_addf(b, "{\"userId\":\"u%04d\"}\n", i + 1);
	save(folder, "users.jsonl", b);
}

int
main(int argc, char *argv[])
{
	static const struct opt opts[] = { { 0 } };
	static const struct command command = { "bookshop",
		"make up a bookshop's users, books and two years of interactions",
		"FOLDER", opts };
	int arg = opt_parse(argc, argv, &command);
	struct buf b = { 0 };

	if (argc - arg != 1)
		opt_usage(&command, "expected one folder");
	events =
	    xcalloc(1000000, sizeof *events); /* 80 visits, 6 books, 3 events each */
	make_authors();
	make_books();
	make_users();
	make_calendar();
	for (int i = 0; i < USERS_N; i++)
		live(i);
	qsort(events, n_events, sizeof *events, by_time);

	write_interactions(argv[arg], &b);
	write_items(argv[arg], &b);
	write_users(argv[arg], &b);
	buf_release(&b);
	free(events);
	return 0;
}

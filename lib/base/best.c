/* best - the k best of many candidates: greater values first, then smaller numbers. */
#include "best.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int
best_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

static void
swap(struct candidate *x, struct candidate *y)
{
	struct candidate t = *x;

	*x = *y;
	*y = t;
}

/*
 * Bring the k best of n to the front, the k-th at its place (Hoare's selection, median
 * of three). Sorting them all for every cut took most of the time of short lists.
 */
void
best_select(struct candidate *c, size_t n, size_t k)
{
	size_t from = 0, to = n - 1, i, j;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		struct candidate pivot;

		if (best_first(&c[middle], &c[from]) < 0)
			swap(&c[middle], &c[from]);
		if (best_first(&c[to], &c[from]) < 0)
			swap(&c[to], &c[from]);
		if (best_first(&c[to], &c[middle]) < 0)
			swap(&c[to], &c[middle]);
		pivot = c[middle];
		for (i = from, j = to; i <= j;) {
			while (best_first(&c[i], &pivot) < 0)
				i++;
			while (best_first(&pivot, &c[j]) < 0)
				j--;
			if (i > j)
				break;
			swap(&c[i++], &c[j]);
			if (!j--)
				break;
		}
		if (k - 1 >= i)
			from = i;
		else if (j != SIZE_MAX && k - 1 <= j)
			to = j;
		else
			return;
	}
}

void
best_sort(struct candidate *c, size_t n)
{
	qsort(c, n, sizeof *c, best_first);
}

void
best_sort_few(struct candidate *c, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct candidate x = c[i];
		size_t j = i;

		for (; j && best_first(&x, &c[j - 1]) < 0; j--)
			c[j] = c[j - 1];
		c[j] = x;
	}
}

/* IEEE floats as numbers that fall as the values rise; -0 is 0. */
static uint32_t
key_of(const struct candidate *c)
{
	float value = c->value + 0.0f;
	uint32_t bits, sign = UINT32_C(1) << 31;

	memcpy(&bits, &value, sizeof bits);
	return bits & sign ? bits : ~(bits | sign);
}

enum { RADIX = 256, DIGITS = 4 };

static unsigned
digit_of(uint32_t key, int digit)
{
	return key >> (8 * (DIGITS - 1 - digit)) & (RADIX - 1);
}

/* The k-th smallest key, digit by digit, the highest first; *before: how many are less.
 */
static uint32_t
key_at(const struct candidate *c, size_t n, size_t k, size_t *before)
{
	uint32_t key = 0, mask = 0;

	*before = 0;
	for (int digit = 0; digit < DIGITS; digit++) {
		size_t count[RADIX] = { 0 };
		uint32_t d = 0;

		for (size_t i = 0; i < n; i++) {
			uint32_t x = key_of(&c[i]);

			count[digit_of(x, digit)] += (x & mask) == key;
		}
		while (*before + count[d] < k)
			*before += count[d++];
		key |= d << (8 * (DIGITS - 1 - digit));
		mask |= UINT32_C(0xff) << (8 * (DIGITS - 1 - digit));
	}
	return key;
}

float
best_cut(struct candidate *c, size_t n, size_t k)
{
	size_t before, kept = 0, ties;
	uint32_t last = key_at(c, n, k, &before);
	float value = 0;

	ties = k - before;
	for (size_t i = 0; i < n; i++) {
		uint32_t key = key_of(&c[i]);

		if (key > last || (key == last && !ties))
			continue;
		if (key == last) {
			ties--;
			value = c[i].value;
		}
		c[kept++] = c[i];
	}
	return value;
}

/* Stable, so the last digit goes first; an even number of rounds ends where it began.
 */
static void
sort_by_digits(struct candidate *c, size_t n, struct candidate *room)
{
	for (int digit = DIGITS - 1; digit >= 0; digit--) {
		size_t start[RADIX + 1] = { 0 };
		struct candidate *from = digit % 2 ? c : room;
		struct candidate *to = digit % 2 ? room : c;

		for (size_t i = 0; i < n; i++)
			start[digit_of(key_of(&from[i]), digit) + 1]++;
		for (size_t d = 0; d < RADIX; d++)
			start[d + 1] += start[d];
		for (size_t i = 0; i < n; i++)
			to[start[digit_of(key_of(&from[i]), digit)]++] = from[i];
	}
}

/* Up to so many are spread over so many bins, of which none may hold more than FULL. */
enum { SPREAD = 2048, BINS = 1024, FULL = 24 };

/*
 * The bin of each by its value, the best ones first. false: one of them is full, or
 * values are all the same or not finite.
 */
static bool
find_bins(const struct candidate *c, size_t n, uint16_t *bin, uint16_t *start)
{
	float least = c[0].value, most = c[0].value, scale;
	unsigned fullest = 0;

	for (size_t i = 1; i < n; i++) {
		least = c[i].value < least ? c[i].value : least;
		most = c[i].value > most ? c[i].value : most;
	}
	scale = (float)(BINS - 1) / (most - least);
	if (!(scale > 0 && scale < 1e30f))
		return false;
	memset(start, 0, (BINS + 1) * sizeof *start);
	for (size_t i = 0; i < n; i++) {
		bin[i] = (uint16_t)((most - c[i].value) * scale);
		start[bin[i] + 1]++;
	}
	for (size_t b = 1; b <= BINS; b++) {
		fullest = start[b] > fullest ? start[b] : fullest;
		start[b] = (uint16_t)(start[b] + start[b - 1]);
	}
	return fullest <= FULL;
}

/* Nobody is better than anybody of an earlier bin, so that few have far to go. */
static void
insert_each(struct candidate *c, size_t n, const struct candidate *from)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = i;

		for (; j && from[i].value > c[j - 1].value; j--)
			c[j] = c[j - 1];
		c[j] = from[i];
	}
}

void
best_sort_rising(struct candidate *c, size_t n, struct candidate *room)
{
	uint16_t bin[SPREAD], start[BINS + 1];

	if (!n || n > SPREAD || !find_bins(c, n, bin, start)) {
		sort_by_digits(c, n, room);
		return;
	}
	for (size_t i = 0; i < n; i++)
		room[start[bin[i]]++] = c[i];
	insert_each(c, n, room);
}

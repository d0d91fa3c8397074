#include "s3_upload.h"

#include <stdint.h>

#include "check.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define TIB ((uint64_t)1 << 40)

/* Limits of the service: parts, bytes of a part, bytes of an object. */
enum { PARTS = 10000 };
static const uint64_t smallest = 5 * MIB, largest = 5 * GIB, object = 5 * TIB;

static const uint64_t firsts[] = { 5 * MIB, 5 * MIB + 1, 6 * MIB, 8 * MIB, 16 * MIB,
	64 * MIB, 512 * MIB, 1 * GIB, 3 * GIB, 5 * GIB };

static uint64_t
reach(uint64_t first)
{
	uint64_t sum = 0;

	for (size_t number = 1; number <= PARTS; number++)
		sum += s3_part_bytes(first, number);
	return sum;
}

static void
ten_thousand_parts_reach_the_largest_object(void)
{
	for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++)
		CHECK(reach(firsts[i]) >= object);
}

static void
no_part_is_too_small_or_too_large(void)
{
	bool right = true;

	for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++)
		for (size_t number = 1; number <= PARTS; number++) {
			uint64_t n = s3_part_bytes(firsts[i], number);

			right = right && n >= smallest && n <= largest;
		}
	CHECK(right);
}

static void
parts_never_shrink_and_the_first_are_as_asked_for(void)
{
	bool right = true;

	for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
		CHECK(s3_part_bytes(firsts[i], 1) == firsts[i]);
		for (size_t number = 2; number <= PARTS; number++)
			right = right && s3_part_bytes(firsts[i], number) >=
					     s3_part_bytes(firsts[i], number - 1);
	}
	CHECK(right);
}

/* What is held stays below 64 MiB until there is far more than most ever write. */
static void
parts_of_the_usual_size_stay_small_for_a_hundred_gigabytes(void)
{
	uint64_t sum = 0;
	size_t number = 1;

	while (sum < 100 * GIB)
		sum += s3_part_bytes(8 * MIB, number++);
	CHECK(s3_part_bytes(8 * MIB, number) <= 64 * MIB);
}

int
main(void)
{
	ten_thousand_parts_reach_the_largest_object();
	no_part_is_too_small_or_too_large();
	parts_never_shrink_and_the_first_are_as_asked_for();
	parts_of_the_usual_size_stay_small_for_a_hundred_gigabytes();
	return check_end();
}

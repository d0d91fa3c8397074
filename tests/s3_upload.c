/* s3_upload - the sizes of parts. What it does with servers: the tests of pz-put. */
#include "s3_upload.h"

#include "check.h"

static const uint64_t mib = 1024 * 1024;

static void
ten_thousand_parts_hold_the_largest_object(void)
{
	uint64_t total = 0, largest = 0;

	for (size_t i = 1; i <= 10000; i++) {
		uint64_t size = s3_part_bytes(8 * mib, i);

		total += size;
		if (total <= (uint64_t)5 * mib * mib)
			largest = size;
	}
	CHECK(total >= (uint64_t)5 * mib * mib);
	CHECK(largest <= (uint64_t)5 * 1024 * mib); /* as the service allows */
}

static void
parts_are_small_as_long_as_the_stream_may_be_short(void)
{
	CHECK(s3_part_bytes(8 * mib, 1) == 8 * mib);
	CHECK(s3_part_bytes(8 * mib, 1000) == 8 * mib);
	CHECK(s3_part_bytes(8 * mib, 1001) == 16 * mib);
	CHECK(s3_part_bytes(5 * mib, 10000) == 5 * mib << 9);
}

int
main(void)
{
	ten_thousand_parts_hold_the_largest_object();
	parts_are_small_as_long_as_the_stream_may_be_short();
	return check_end();
}

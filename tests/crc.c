/* crc - against the definition, bit by bit, and published check values. */
#include "crc.h"

#include <stdlib.h>

#include "check.h"
#include "random.h"

static uint64_t
by_definition(uint64_t polynomial, uint64_t all, const unsigned char *p, size_t len)
{
	uint64_t x = all;

	for (size_t i = 0; i < len; i++) {
		x ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			x = x >> 1 ^ (x & 1 ? polynomial : 0);
	}
	return x ^ all;
}

/* "check" of the catalogue of parametrised CRC algorithms. */
static void
nine_digits_have_the_published_value(void)
{
	CHECK(crc32c(0, "123456789", 9) == 0xe3069283);
	CHECK(crc64nvme(0, "123456789", 9) == 0xae8b14860a799888);
}

static void
any_bytes_at_any_place_in_any_pieces_are_as_defined(void)
{
	unsigned char bytes[300];
	size_t right32 = 0, right64 = 0, n = 3000;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)random_below(256);
	for (size_t i = 0; i < n; i++) {
		size_t from = random_below(20), len = random_below(280);
		size_t cut = random_below(len + 1);
		const unsigned char *p = bytes + from;

		right32 += crc32c(crc32c(0, p, cut), p + cut, len - cut) ==
			   by_definition(0x82f63b78, 0xffffffff, p, len);
		right64 += crc64nvme(crc64nvme(0, p, cut), p + cut, len - cut) ==
			   by_definition(0x9a6c9329ac4bc9b5, UINT64_MAX, p, len);
	}
	CHECK(right32 == n);
	CHECK(right64 == n);
}

int
main(void)
{
	nine_digits_have_the_published_value();
	any_bytes_at_any_place_in_any_pieces_are_as_defined();
	return check_end();
}

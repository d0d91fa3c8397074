/*
 * crc - the cyclic redundancy checks that object stores use, besides zlib's crc32.
 *
 * Eight bytes at a time by eight tables ("slicing by 8", Kounavis and Berry 2005);
 * crc32c by the CPU's own instruction where there is one.
 */
#include "crc.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#ifdef __x86_64__
#include <nmmintrin.h>
#endif

/* The polynomials with their bits in reverse order: both are computed from bit 0. */
static const uint64_t castagnoli = 0x82f63b78, nvme = 0x9a6c9329ac4bc9b5;

/* table[i][b]: what byte b does to the check, with i zero bytes behind it. */
static uint64_t tables[2][8][256];

static void
fill(uint64_t table[8][256], uint64_t polynomial)
{
	for (unsigned b = 0; b < 256; b++) {
		uint64_t x = b;

		for (int bit = 0; bit < 8; bit++)
			x = x >> 1 ^ (x & 1 ? polynomial : 0);
		table[0][b] = x;
	}
	for (int i = 1; i < 8; i++)
		for (unsigned b = 0; b < 256; b++)
			table[i][b] =
			    table[i - 1][b] >> 8 ^ table[0][table[i - 1][b] & 0xff];
}

static void
fill_tables(void)
{
	fill(tables[0], castagnoli);
	fill(tables[1], nvme);
}

static uint64_t
by_tables(int which, uint64_t crc, const unsigned char *p, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const uint64_t(*t)[256] = (const uint64_t(*)[256])tables[which];

	pthread_once(&once, fill_tables);
	for (; len >= 8; p += 8, len -= 8) {
		uint64_t x = 0;

		for (int i = 0; i < 8; i++)
			x |= (uint64_t)p[i] << 8 * i;
		x ^= crc;
		crc = 0;
		for (int i = 0; i < 8; i++)
			crc ^= t[7 - i][x >> 8 * i & 0xff];
	}
	for (; len; p++, len--)
		crc = crc >> 8 ^ t[0][(crc ^ *p) & 0xff];
	return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t
by_cpu(uint32_t crc, const unsigned char *p, size_t len)
{
	uint64_t x = crc, word;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&word, p, 8);
		x = _mm_crc32_u64(x, word);
	}
	for (; len; p++, len--)
		x = _mm_crc32_u8((uint32_t)x, *p);
	return (uint32_t)x;
}
#endif

uint32_t
crc32c(uint32_t crc, const void *p, size_t len)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2"))
		return ~by_cpu(~crc, p, len);
#endif
	return ~(uint32_t)by_tables(0, (uint32_t)~crc, p, len);
}

uint64_t
crc64nvme(uint64_t crc, const void *p, size_t len)
{
	return ~by_tables(1, ~crc, p, len);
}

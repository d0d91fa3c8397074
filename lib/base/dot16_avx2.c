/* dot16_avx2 - two products and their sum an instruction, another to add it. */
#include "dot16.h"

#if defined(__x86_64__)
#define ADD(sum, x, y) _mm256_add_epi32(sum, _mm256_madd_epi16(x, y))
#include "dot16_pairs256.h"

const struct dot16 dot16_avx2 = { 12, dot16_pair_x, dot16_pair_y, products };
#endif

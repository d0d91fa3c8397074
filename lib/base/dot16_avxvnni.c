/* dot16_avxvnni - two products and both additions an instruction (AVX-VNNI). */
#include "dot16.h"

#if defined(__x86_64__)
#define ADD(sum, x, y) _mm256_dpwssd_avx_epi32(sum, x, y)
#include "dot16_pairs256.h"

const struct dot16 dot16_avxvnni = { 12, dot16_pair_x, dot16_pair_y, products };
#endif

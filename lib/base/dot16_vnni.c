/* dot16_vnni - two products and both additions an instruction (AVX-512 VNNI). */
#include "dot16.h"

#if defined(__x86_64__)
#define ADD(sum, x, y) _mm512_dpwssd_epi32(sum, x, y)
#include "dot16_pairs512.h"

const struct dot16 dot16_vnni = { 12, dot16_pair_x, dot16_pair_y, products };
#endif

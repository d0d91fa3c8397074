/*
 * crc - the cyclic redundancy checks that object stores use, besides zlib's crc32.
 *
 * Start from 0; a result is the start of what comes behind.
 */
#ifndef CRC_H
#define CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(uint32_t crc, const void *p, size_t len);    /* RFC 3720, B.4 */
uint64_t crc64nvme(uint64_t crc, const void *p, size_t len); /* NVM Express 1.0 */

#endif

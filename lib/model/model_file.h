/*
 * model_file - the layout of a model file, shared by its reader and its writer.
 *
 *	header    64 bytes
 *	table     n_sections entries of 64 bytes
 *	checksums one of 8 bytes for each block of what follows
 *	sections  each at a multiple of 64 bytes
 *
 * Blocks are of 1 MiB, the first begins with the first section. All numbers are
 * little-endian. Checksums are XXH3 (64 bits).
 */
#ifndef MODEL_FILE_H
#define MODEL_FILE_H

#include <stdint.h>

#define MODEL_MAGIC "pz-model"
enum { MODEL_VERSION = 3, MODEL_ALIGN = 64, MODEL_NAME = 48, MODEL_BLOCK = 1 << 20 };

struct model_header {
	char magic[8];
	uint32_t version;
	uint32_t n_sections;
	uint64_t file_size;
	uint64_t checksum; /* of the table and the checksums */
	uint64_t first;    /* offset of the first section */
	uint8_t reserved[24];
};

struct model_section {
	char name[MODEL_NAME]; /* NUL-terminated */
	uint64_t offset;
	uint64_t size;
};

_Static_assert(sizeof(struct model_header) == 64, "model header");
_Static_assert(sizeof(struct model_section) == 64, "model section");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
    "model files are little-endian and mapped as they are");

/* Take what the file needs to be read from its meta; -1 if something is not there. */
struct model;
int model_read_meta(struct model *m);

#endif

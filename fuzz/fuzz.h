/* fuzz - what the fuzz targets share. */
#ifndef FUZZ_H
#define FUZZ_H

#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Like assert, whatever the build: a property that must hold for every input. */
#define REQUIRE(cond)                                                                  \
	do {                                                                           \
		if (!(cond)) {                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);     \
			abort();                                                       \
		}                                                                      \
	} while (0)

/* The text in a block of its own that ends where it ends, as no file's text does. */
static inline char *
exact_copy(const void *data, size_t size)
{
	char *copy = malloc(size ? size : 1);

	if (size)
		memcpy(copy, data, size);
	return copy;
}

/* The first line, taken off the front of *rest. */
static inline struct span
first_line(struct span *rest)
{
	const char *lf = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
	struct span line = { rest->data, lf ? (size_t)(lf - rest->data) : rest->len };
	size_t used = lf ? line.len + 1 : line.len;

	*rest = (struct span){ rest->data + used, rest->len - used };
	return line;
}

/* A file of these bytes in memory. Its path goes to path; close the descriptor. */
static inline int
memory_file(const void *data, size_t size, char path[32])
{
	int fd = memfd_create("fuzz", 0);

	if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size))
		err(1, "memfd");
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

#endif

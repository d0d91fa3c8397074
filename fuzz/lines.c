/* lines - any file, compressed or not: lines or an error, and no text is lost. */
#include "lines.h"

#include "fuzz.h"

/* Damaged archives may blow up: what comes out of a few bytes is bounded here. */
enum { MOST = 64 << 20 };

/* By its start; a lone first byte of gzip's is an error, too. */
static bool
compressed(const uint8_t *p, size_t size)
{
	return (size >= 1 && p[0] == 0x1f) ||
	       (size >= 2 && (p[0] == 0x28 || (p[0] & 0xf0) == 0x50));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32], *paths[] = { path, path };
	int fd = memory_file(data, size, path), more;
	size_t bytes = 0, last = 0;
	struct lines l;

	lines_open(&l, paths, 2);
	REQUIRE(lines_total(&l) == 2 * size);
	while ((more = lines_next(&l)) > 0 && bytes < MOST) {
		REQUIRE(l.text[l.len] == '\0' && !memchr(l.text, '\n', l.len));
		REQUIRE(l.number == last + 1 || l.number == 1);
		last = l.number;
		bytes += l.len + 1;
	}
	REQUIRE((more < 0) == (l.why != NULL));
	REQUIRE(lines_consumed(&l) <= 2 * size);
	if (!compressed(data, size)) {
		REQUIRE(more == 0 && lines_consumed(&l) == 2 * size);
		REQUIRE(bytes <= 2 * size + 2);
	}
	lines_close(&l);
	close(fd);
	return 0;
}

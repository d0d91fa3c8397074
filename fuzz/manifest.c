/* manifest - any dataset.json: an error in words, or one that prints as itself. */
#include "manifest.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact_copy(data, size), *why;
	struct dataset d = { 0 }, again = { 0 };
	struct buf once = { 0 }, twice = { 0 };
	struct segment s;

	if ((why = manifest_parse(&d, text, size))) {
		REQUIRE(*why);
		free(why);
	} else {
		manifest_print(&d, &once);
		why = manifest_parse(&again, once.data, once.len);
		if (why)
			errx(1, "%s", why);
		manifest_print(&again, &twice);
		REQUIRE(
		    once.len == twice.len && !memcmp(once.data, twice.data, once.len));
		for (size_t i = 0; i < d.n_segments; i++) {
			REQUIRE(segment_parse_name(&s, d.segments[i].file) == 0);
			REQUIRE(!strstr(d.segments[i].file, ".."));
		}
		manifest_release(&again);
	}
	manifest_release(&d);
	buf_release(&once);
	buf_release(&twice);
	free(text);
	return 0;
}

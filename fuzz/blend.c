/* blend - two lines of any bytes, fused or ruled: always one record each. */
#include "blend.h"

#include <math.h>

#include "fuzz.h"

static void
require_record(const struct buf *out, bool good)
{
	struct record r;

	REQUIRE(out->len && out->data[out->len - 1] == '\n');
	REQUIRE(!memchr(out->data, '\n', out->len - 1));
	REQUIRE(record_parse(&r, out->data, out->len - 1) == 0);
	REQUIRE(good == !r.has_error);
	REQUIRE(!good || r.items.type == JSON_ARRAY || r.users.type == JSON_ARRAY);
}

static void
blend(const struct abreast_line *lines, enum fuse_method how, double min_score)
{
	struct rules_options o = {
		.k = 3, .share = NAN, .min_score = min_score, .diversify = NAN
	};
	struct fusion f = { how, how == FUSE_NONE ? 1 : 2, NULL };
	struct buf out = { 0 };
	struct rules *rules;
	struct blend *b;
	char *why;
	bool good;

	REQUIRE(fusion_set(&f, NULL, NULL, 0, &why) == 0);
	REQUIRE((rules = rules_new(&o, &why)));
	b = blend_new(rules, f);
	for (int again = 0; again < 2; again++) {
		buf_clear(&out);
		good = blend_lines(b, lines, &out);
		require_record(&out, good);
	}
	blend_free(b);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact_copy(data, size);
	struct span rest = { text, size };
	struct abreast_line lines[2] = { { .path = "a" }, { .path = "b" } };

	lines[0].text = first_line(&rest);
	if (rest.len)
		lines[1].text = first_line(&rest);
	for (enum fuse_method how = FUSE_NONE; how <= FUSE_MAX; how++) {
		blend(lines, how, NAN);
		blend(lines, how, 0.1);
	}
	free(text);
	return 0;
}

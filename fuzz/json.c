/* json - the reader, decoding, quoting and compacting of any text. */
#include "json.h"

#include "fuzz.h"
#include "utf8.h"

/* Decoded text, quoted again, must decode to the same. */
static void
check_string(const struct json_value *v)
{
	struct buf decoded = { 0 }, quoted = { 0 }, again = { 0 };
	struct span text = json_text(v, &decoded), back;
	struct json_value w;
	struct json j;

	REQUIRE(utf8_valid(text.data, text.len) == text.len);
	json_quote(&quoted, text.data, text.len);
	json_open(&j, quoted.data, quoted.len);
	REQUIRE(json_value(&j, &w) == 0 && json_finish(&j) == 0);
	back = json_text(&w, &again);
	REQUIRE(span_equal(text, back));
	if (!memchr(text.data, 0, text.len)) {
		char *name = xmemdup(text.data, text.len);

		REQUIRE(json_is(v, name));
		free(name);
	}
	buf_release(&decoded);
	buf_release(&quoted);
	buf_release(&again);
}

static void
check_number(const struct json_value *v)
{
	char *copy = xmemdup(v->raw.data, v->raw.len);

	REQUIRE(json_number(v) == strtod(copy, NULL));
	free(copy);
}

/* Enter everything. Whether all of it could be read. */
static bool
walk(struct json *j, int depth)
{
	enum json_type type = json_peek(j);
	bool object = type == JSON_OBJECT;
	struct json_value v;
	int more;

	if (depth == JSON_DEPTH || (!object && type != JSON_ARRAY)) {
		if (json_value(j, &v) < 0)
			return false;
		if (v.type == JSON_STRING)
			check_string(&v);
		if (v.type == JSON_NUMBER)
			check_number(&v);
		return true;
	}
	if (json_enter(j, object ? '{' : '[') < 0)
		return false;
	while ((more = object ? json_member(j, &v) : json_element(j)) > 0) {
		if (object)
			check_string(&v);
		if (!walk(j, depth + 1))
			return false;
	}
	return more == 0;
}

static void
check_compact(const char *text, size_t len)
{
	struct buf once = { 0 }, twice = { 0 };
	struct json_value v;
	struct json j;

	json_compact(&once, text, len);
	json_open(&j, once.data, once.len);
	REQUIRE(json_value(&j, &v) == 0 && json_finish(&j) == 0);
	REQUIRE(v.raw.len == once.len && once.len <= len);
	json_compact(&twice, once.data, once.len);
	REQUIRE(once.len == twice.len && !memcmp(once.data, twice.data, once.len));
	buf_release(&once);
	buf_release(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact_copy(data, size);
	struct buf quoted = { 0 };
	struct json_value v;
	struct json j;
	bool ok;

	json_open(&j, text, size);
	ok = json_value(&j, &v) == 0 && json_finish(&j) == 0;
	REQUIRE(ok == !j.why && j.at >= text && j.at <= text + size);
	if (ok)
		check_compact(text, size);
	json_open(&j, text, size);
	if (walk(&j, 0) && json_finish(&j) == 0)
		REQUIRE(ok);
	else
		REQUIRE(!ok);
	json_quote(&quoted, text, size);
	json_open(&j, quoted.data, quoted.len);
	REQUIRE(json_value(&j, &v) == 0 && json_finish(&j) == 0);
	buf_release(&quoted);
	free(text);
	return 0;
}

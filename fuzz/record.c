/* record - a line of any bytes: its members, echo, error record and cut lists. */
#include "record.h"

#include "cut.h"
#include "fuzz.h"

static void
require_json(struct span text)
{
	struct json_value v;
	struct json j;

	json_open(&j, text.data, text.len);
	REQUIRE(json_value(&j, &v) == 0 && json_finish(&j) == 0);
	REQUIRE(v.type == JSON_OBJECT || v.type == JSON_STRING);
}

/* One line of JSON that is a record beyond scoring and carries an error. */
static void
require_error_record(const struct buf *out)
{
	struct record r;

	REQUIRE(out->len && out->data[out->len - 1] == '\n');
	REQUIRE(!memchr(out->data, '\n', out->len - 1));
	REQUIRE(record_parse(&r, out->data, out->len - 1) == 0);
	REQUIRE(r.has_error && !r.has_output);
}

static void
check_cut(struct span line, size_t k, bool is_object)
{
	struct cut c = { 0 };
	struct buf out = { 0 };
	const char *from = line.data, *end = line.data + line.len;

	REQUIRE((cut_find(&c, line, k) == 0) == is_object);
	for (size_t i = 0; is_object && i < c.n_lists; i++) {
		struct span tail = c.lists[i].tail;

		if (!tail.len)
			continue;
		REQUIRE(tail.data >= from && tail.data + tail.len <= end);
		buf_add(&out, from, (size_t)(tail.data - from));
		from = tail.data + tail.len;
	}
	buf_add(&out, from, (size_t)(end - from));
	if (is_object)
		require_json((struct span){ out.data, out.len });
	buf_release(&out);
	cut_release(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = exact_copy(data, size);
	struct buf out = { 0 };
	struct json_value v;
	struct record r;
	struct json j;
	bool ok, is_object;

	json_open(&j, line, size);
	is_object =
	    json_value(&j, &v) == 0 && json_finish(&j) == 0 && v.type == JSON_OBJECT;
	ok = record_parse(&r, line, size) == 0;
	REQUIRE(ok == is_object && (ok || (r.why && r.at <= size)));
	record_echo(&out, &r);
	if (ok)
		require_json((struct span){ out.data, out.len });
	buf_clear(&out);
	record_error(&out, &r, "%s: \"%d\" \\\n\xff", "because", 7);
	require_error_record(&out);
	check_cut((struct span){ line, size }, 1, is_object);
	check_cut((struct span){ line, size }, 3, is_object);
	buf_release(&out);
	free(line);
	return 0;
}

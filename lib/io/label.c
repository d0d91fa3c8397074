/* label - each line in an object that says where it is from. */
#include "label.h"

#include <string.h>

#include "json.h"

static void
add_line(struct label *l, const char *line, size_t len)
{
	struct json_value v;
	struct json j;

	buf_adds(&l->out, "{\"name\":");
	json_quote(&l->out, l->name, strlen(l->name));
	buf_addf(&l->out, ",\"line\":%ju,", (uintmax_t)++l->line);
	json_open(&j, line, len);
	if (json_value(&j, &v) == 0 && json_finish(&j) == 0) {
		buf_adds(&l->out, "\"record\":");
		buf_add(&l->out, v.raw.data, v.raw.len);
	} else {
		buf_adds(&l->out, "\"text\":");
		json_quote(&l->out, line, len);
	}
	buf_adds(&l->out, "}\n");
}

int
label_write(void *context, const void *p, size_t len)
{
	struct label *l = context;
	const char *at = p, *end = at + len, *lf;

	buf_clear(&l->out);
	for (; (lf = memchr(at, '\n', (size_t)(end - at))); at = lf + 1) {
		if (!l->partial.len) {
			add_line(l, at, (size_t)(lf - at));
			continue;
		}
		buf_add(&l->partial, at, (size_t)(lf - at));
		add_line(l, l->partial.data, l->partial.len);
		buf_clear(&l->partial);
	}
	buf_add(&l->partial, at, (size_t)(end - at));
	return l->out.len ? l->write(l->context, l->out.data, l->out.len) : 0;
}

void
label_release(struct label *l)
{
	buf_release(&l->partial);
	buf_release(&l->out);
}

/* part_count - records on their way in and out of a part, counted. */
#include "part_count.h"

#include <string.h>

#include "json.h"

/* As lines.h: CR before the end is none of it, nor a mark before the first. */
static void
end_line(struct part_lines *l)
{
	const char *p = l->head;
	size_t len = l->len;

	if (len && len <= sizeof l->head && p[len - 1] == '\r')
		len--;
	if (!l->begun && len == 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		len = 0;
	l->begun = true;
	l->n += len != 0;
	l->len = 0;
}

void
part_lines_add(struct part_lines *l, const char *p, size_t len)
{
	const char *end = p + len;

	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((lf ? lf : end) - p);

		/* A line that is longer than its head is not blank. */
		if (l->len < sizeof l->head)
			memcpy(l->head + l->len, p, MIN(n, sizeof l->head - l->len));
		l->len = MIN(l->len + n, sizeof l->head + 1);
		if (lf)
			end_line(l);
		p = lf ? lf + 1 : end;
	}
}

void
part_lines_end(struct part_lines *l)
{
	if (l->len)
		end_line(l);
}

static bool
ends_with(const char *p, size_t len, const char *tail)
{
	size_t n = strlen(tail);

	return len >= n && !memcmp(p + len - n, tail, n);
}

static bool
is_error(const char *p, size_t len)
{
	struct json_value all, error;
	struct json j;

	/* Nearly all of them. */
	if (ends_with(p, len, "\"error\":null}") ||
	    ends_with(p, len, "\"error\": null}"))
		return false;
	json_open(&j, p, len);
	if (json_value(&j, &all) < 0 || all.type != JSON_OBJECT)
		return true;
	return json_find(all, "error", &error) && error.type != JSON_NULL;
}

static void
end_record(struct part_records *r, const char *p, size_t len)
{
	r->n++;
	if (!is_error(p, len))
		return;
	r->errors++;
	buf_addf(&r->bad, "%zu\t", r->n);
	buf_add(&r->bad, p, len);
	buf_addc(&r->bad, '\n');
}

void
part_records_add(struct part_records *r, const char *p, size_t len)
{
	const char *end = p + len, *lf;

	while ((lf = memchr(p, '\n', (size_t)(end - p)))) {
		if (r->rest.len) {
			buf_add(&r->rest, p, (size_t)(lf - p));
			end_record(r, r->rest.data, r->rest.len);
			buf_clear(&r->rest);
		} else
			end_record(r, p, (size_t)(lf - p));
		p = lf + 1;
	}
	buf_add(&r->rest, p, (size_t)(end - p));
}

void
part_records_release(struct part_records *r)
{
	buf_release(&r->rest);
	buf_release(&r->bad);
}

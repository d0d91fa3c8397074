/* item_writer - scored items as they stand in a record's output. */
#include "item_writer.h"

#include <stdlib.h>
#include <string.h>

#include "bitset.h"
#include "json.h"
#include "number.h"

struct item_writer {
	const struct strings *ids;
	uint64_t *plain; /* IDs that are known to be the same between quotes */
};

struct item_writer *
item_writer_new(const struct ids *items)
{
	struct item_writer *w = xcalloc(1, sizeof *w);

	w->ids = &items->strings;
	w->plain = bitset_new(w->ids->n);
	return w;
}

void
item_writer_free(struct item_writer *w)
{
	if (w)
		free(w->plain);
	free(w);
}

static void
add_id(struct item_writer *w, uint32_t item, struct buf *out)
{
	struct span id = strings_get(w->ids, item);
	size_t before = out->len;
	char *to;

	if (!bitset_has(w->plain, item)) {
		json_quote(out, id.data, id.len);
		if (out->len - before == id.len + 2)
			bitset_add(w->plain, item);
		buf_addc(out, ',');
		return;
	}
	buf_reserve(out, id.len + 3);
	to = out->data + before;
	*to++ = '"';
	memcpy(to, id.data, id.len);
	memcpy(to + id.len, "\",", 3);
	out->len += id.len + 3;
}

/* The last comma becomes the end. */
static void
end_list(struct buf *out, size_t n)
{
	out->len -= n > 0;
	buf_addc(out, ']');
}

void
item_writer_add(struct item_writer *w, const struct scored_item *items, size_t n,
    bool scores, struct buf *out)
{
	buf_adds(out, "\"recommendedItems\":[");
	for (size_t i = 0; i < n; i++)
		add_id(w, items[i].item, out);
	end_list(out, n);
	if (!scores)
		return;
	buf_adds(out, ",\"scores\":[");
	buf_reserve(out, n * (NUMBER_SIZE + 1));
	for (size_t i = 0; i < n; i++) {
		out->len += number_score(out->data + out->len, items[i].score);
		out->data[out->len++] = ',';
	}
	end_list(out, n);
}

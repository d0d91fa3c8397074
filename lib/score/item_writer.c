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

/* Few IDs are longer. So many bytes at once are copied without a call, needed or not.
 */
enum { SHORT = 16 };

static void
add_plain(const struct strings *ids, uint32_t item, struct buf *out)
{
	uint64_t from = ids->offset[item], end = ids->offset[ids->n];
	size_t len = ids->offset[item + 1] - from;
	char *to;

	buf_reserve(out, MAX(len, (size_t)SHORT) + 3);
	to = out->data + out->len;
	*to++ = '"';
	if (len <= SHORT && end - from >= SHORT)
		memcpy(to, ids->bytes + from, SHORT);
	else
		memcpy(to, ids->bytes + from, len);
	memcpy(to + len, "\",", 2);
	out->len += len + 3;
}

static void
add_id(struct item_writer *w, uint32_t item, struct buf *out)
{
	struct span id = strings_get(w->ids, item);
	size_t before = out->len;

	json_quote(out, id.data, id.len);
	if (out->len - before == id.len + 2)
		bitset_add(w->plain, item);
	buf_addc(out, ',');
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
	char *to;

	buf_adds(out, "\"recommendedItems\":[");
	for (size_t i = 0; i < n; i++)
		if (bitset_has(w->plain, items[i].item))
			add_plain(w->ids, items[i].item, out);
		else
			add_id(w, items[i].item, out);
	end_list(out, n);
	if (!scores)
		return;
	buf_adds(out, ",\"scores\":[");
	buf_reserve(out, n * (NUMBER_SIZE + 1));
	to = out->data + out->len;
	for (size_t i = 0; i < n; i++) {
		to += number_score(to, items[i].score);
		*to++ = ',';
	}
	out->len = (size_t)(to - out->data);
	end_list(out, n);
}

/* context - what a record's context adds to the z of items. */
#include "context.h"

#include <stdlib.h>

size_t
context_find(const struct model *m, const struct json_value *object,
    struct context_value found[MODEL_CONTEXTS])
{
	uint32_t value[MODEL_CONTEXTS];
	struct json_value name, v;
	struct buf scratch = { 0 };
	struct json j;
	size_t n = 0;

	for (size_t i = 0; i < m->n_contexts; i++)
		value[i] = NONE;
	json_open(&j, object->raw.data, object->raw.len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0 && json_value(&j, &v) == 0)
		for (size_t i = 0; i < m->n_contexts; i++)
			if (v.type == JSON_STRING &&
			    span_equal_nocase(json_text(&name, &scratch),
				span_of(m->contexts[i].name)))
				value[i] = strings_find_sorted(
				    &m->contexts[i].values, json_text(&v, &scratch));
	for (uint32_t i = 0; i < m->n_contexts; i++)
		if (value[i] != NONE)
			found[n++] = (struct context_value){ i, value[i] };
	buf_release(&scratch);
	return n;
}

float
context_at(const struct model *m, struct context_value v, size_t place)
{
	const struct context *c = &m->contexts[v.column];
	uint64_t from = c->row[v.value], to = c->row[v.value + 1];

	while (from < to) {
		uint64_t middle = from + (to - from) / 2;

		if (c->at[middle] == place)
			return c->base[place] + c->weight[middle];
		if (c->at[middle] < place)
			from = middle + 1;
		else
			to = middle;
	}
	return c->base[place];
}

void
context_add(const struct model *m, struct context_value v, size_t first, size_t n,
    float *x, uint64_t *next)
{
	const struct context *c = &m->contexts[v.column];
	uint64_t k = first ? *next : c->row[v.value], end = c->row[v.value + 1];

	for (size_t i = 0; i < n; i++) {
		float more = c->base[first + i];

		if (k < end && c->at[k] == first + i)
			more += c->weight[k++];
		x[i] += more;
	}
	*next = k;
}

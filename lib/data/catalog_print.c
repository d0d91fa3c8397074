/* catalog_print - items, users and interactions as JSON lines. */
#include "catalog_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "number.h"

void
catalog_print_value(struct buf *b, float value)
{
	char text[32];
	int digits = 6;

	do
		snprintf(text, sizeof text, "%.*g", digits, (double)value);
	while (strtof(text, NULL) != value && digits++ < 9);
	buf_adds(b, isfinite(value) ? text : "null");
}

static void
add_number(struct buf *b, double value)
{
	char text[NUMBER_SIZE];

	number_json(text, value);
	buf_adds(b, text);
}

void
catalog_print_cell(struct buf *b, const struct column *c, size_t row)
{
	struct buf text = { 0 };

	if (c->type == COLUMN_NUMBER)
		add_number(b, c->number[row]);
	else if (c->type == COLUMN_BOOLEAN)
		buf_adds(b, isnan(c->number[row]) ? "null"
			    : c->number[row] != 0 ? "true"
						  : "false");
	else if (c->offset[row] == c->offset[row + 1])
		buf_adds(b, "null");
	else {
		for (uint64_t k = c->offset[row]; k < c->offset[row + 1]; k++) {
			struct span value = strings_get(&c->values, c->code[k]);

			if (k > c->offset[row])
				buf_addc(&text, '|');
			buf_add(&text, value.data, value.len);
		}
		buf_reserve(&text, 0);
		json_quote(b, text.data, text.len);
	}
	buf_release(&text);
}

void
catalog_print_id(struct buf *b, const struct ids *ids, uint32_t number)
{
	struct span id = strings_get(&ids->strings, number);

	json_quote(b, id.data, id.len);
}

static void
print_row(struct buf *b, const char *id, const struct ids *ids, const struct table *t,
    uint32_t row)
{
	buf_addf(b, "{\"%s\":", id);
	catalog_print_id(b, ids, row);
	for (size_t i = 0; i < t->n_columns; i++) {
		buf_addc(b, ',');
		json_quote(b, t->columns[i].name, strlen(t->columns[i].name));
		buf_addc(b, ':');
		catalog_print_cell(b, &t->columns[i], row);
	}
	buf_adds(b, "}\n");
}

void
catalog_print_item(struct buf *b, const struct catalog *c, uint32_t item)
{
	print_row(b, "ITEM_ID", &c->items, &c->item_table, item);
}

void
catalog_print_user(struct buf *b, const struct catalog *c, uint32_t user)
{
	print_row(b, "USER_ID", &c->users, &c->user_table, user);
}

void
catalog_print_history(struct buf *b, const struct catalog *c, uint32_t u)
{
	const struct history *h = &c->history;

	for (uint64_t i = h->offset[u]; i < h->offset[u + 1]; i++) {
		buf_adds(b, "{\"USER_ID\":");
		catalog_print_id(b, &c->users, u);
		buf_adds(b, ",\"ITEM_ID\":");
		catalog_print_id(b, &c->items, h->item[i]);
		if (h->type[i] != UINT16_MAX) {
			struct span type = strings_get(&h->types, h->type[i]);

			buf_adds(b, ",\"EVENT_TYPE\":");
			json_quote(b, type.data, type.len);
		}
		if (h->value && !isnan(h->value[i])) {
			buf_adds(b, ",\"EVENT_VALUE\":");
			catalog_print_value(b, h->value[i]);
		}
		buf_addf(b, ",\"TIMESTAMP\":%lld}\n", (long long)h->time[i]);
	}
}

/*
 * catalog_load - a catalog out of a dataset directory.
 *
 * Rows arrive in any order and later ones replace earlier ones. So cells are first
 * kept as they come, IDs numbered by arrival; then IDs are sorted, and columns are
 * laid out in the order of the IDs from each ID's last row.
 */
#include "catalog_load.h"

#include <stdlib.h>

#include "catalog_build.h"
#include "catalog_events.h"
#include "catalog_history.h"
#include "catalog_read.h"
#include "idmap.h"

static void
add_known(struct idmap *map, const struct ids *ids)
{
	for (size_t i = 0; i < ids->strings.n; i++)
		idmap_add(map, strings_get(&ids->strings, (uint32_t)i));
}

struct catalog *
catalog_load(
    const struct dataset *d, const struct catalog *base, size_t threads, char **why)
{
	struct idmap *users = idmap_new(), *items = idmap_new();
	size_t known_users = base ? base->users.strings.n : 0;
	size_t known_items = base ? base->items.strings.n : 0;
	struct rows_read item_rows, user_rows;
	struct events events = { 0 };
	struct catalog *c = NULL;

	rows_read_init(&item_rows, d->schemas[ITEMS], "ITEM_ID");
	rows_read_init(&user_rows, d->schemas[USERS], "USER_ID");
	if (base) {
		add_known(users, &base->users);
		add_known(items, &base->items);
	}
	if (rows_read_all(d, ITEMS, &item_rows, items, why) == 0 &&
	    rows_read_all(d, USERS, &user_rows, users, why) == 0 &&
	    events_read(d, &events, users, items, threads, why) == 0) {
		struct id_order user_order = id_order_of(users, known_users);
		struct id_order item_order = id_order_of(items, known_items);

		c = xcalloc(1, sizeof *c);
		catalog_build_ids(c, &c->items, items, &item_order);
		catalog_build_ids(c, &c->users, users, &user_order);
		catalog_build_table(c, &c->item_table, &item_rows, &item_order);
		catalog_build_table(c, &c->user_table, &user_rows, &user_order);
		catalog_history_build(c, &events, &user_order, &item_order, threads);
		id_order_release(&user_order);
		id_order_release(&item_order);
	}
	rows_read_release(&item_rows);
	rows_read_release(&user_rows);
	events_release(&events);
	idmap_free(users);
	idmap_free(items);
	return c;
}

/*
 * event_state - the inside of events: members, and what is known of the entry at hand.
 */
#ifndef EVENT_STATE_H
#define EVENT_STATE_H

#include "event.h"

struct events_state;

/* A member of an entry, and how it gets into the row. */
struct event_member {
	const char *name; /* NULL ends a table */
	const char *column;
	bool required;
	size_t max_chars; /* the service's limit, 0: none */
	int (*take)(struct events *e, size_t member, const struct json_value *v);
};

enum { EVENT_MEMBERS = 9 };
extern const struct event_member event_members[DATASET_TYPES][EVENT_MEMBERS + 1];

struct events_state {
	bool strict;
	struct schema *const *schemas;
	struct row rows[DATASET_TYPES];
	int fields[DATASET_TYPES][EVENT_MEMBERS]; /* of the members; -1: no column */
	unsigned ignored;                         /* bits of members of events */
	/* The line. */
	struct json list;
	size_t index;
	struct json_value user; /* of the events; JSON_NONE: not there */
	/* The entry. */
	unsigned seen, filled; /* bits of its members: there, and not null */
	struct buf id, properties, impression, scratch;
	char time[32];
};

const struct event_member *event_member(const struct events *e, size_t m);
struct row *event_row(struct events *e); /* of the line's type */
/* What a column gets. -1: it has got something else. */
int event_set(struct events *e, int field, const struct json_value *v);
int event_properties(struct events *e, size_t m, const struct json_value *v);
int event_check_length(struct events *e, size_t m, struct span text);
int event_shown(struct span s); /* the length for a message, no character cut in two */

/* Fill the row from the entry, and settle its fate. -1: why. */
int event_entry(struct events *e);

int event_fail(struct events *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The service would refuse this: -1 if that counts. */
int event_beyond(struct events *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

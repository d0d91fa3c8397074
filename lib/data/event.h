/*
 * event - calls of PutEvents, PutItems and PutUsers, one a line, as rows.
 *
 *	{"trackingId":T,"userId":U,"sessionId":S,"eventList":[{"eventType":E,"sentAt":T,
 *	  "itemId":I,"eventValue":V,"eventId":X,"properties":P,"impression":[I...],
 *	  "recommendationId":R,"metricAttribution":{"eventAttributionSource":A}}...]}
 *	{"datasetArn":D,"items":[{"itemId":I,"properties":P}...]}
 *	{"datasetArn":D,"users":[{"userId":U,"properties":P}...]}
 *
 * properties is a string of JSON, or the object itself; its names are the schema's, or
 * alike ("creationTimestamp"). Names that are not in these shapes are errors.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "json.h"
#include "row.h"
#include "schema.h"
#include "util.h"

enum event_fate {
	EVENT_ROW,
	EVENT_BAD,
	EVENT_ANONYMOUS, /* no userId, but a sessionId */
	EVENT_ITEMLESS,  /* no itemId: no interaction */
};

enum { EVENT_WHY = ROW_WHY + 80 };

struct events {
	/* Of the line. */
	enum dataset_type type;
	struct span list; /* its entries as written, with the brackets */
	size_t n;         /* entries */
	/* Of the entry. */
	struct span entry; /* as written */
	enum event_fate fate;
	struct buf row;       /* EVENT_ROW: a line with its LF */
	struct span event_id; /* empty: none */
	char why[EVENT_WHY];  /* EVENT_BAD; and after -1 */
	char
	    beyond[EVENT_WHY]; /* the first limit that line or entry is beyond, or "" */
	struct events_state *state;
};

/*
 * Schemas are borrowed; NULL: calls of that type are not to be read. strict: what the
 * service would refuse for its limits, or for a member that has no column, is an error.
 */
void events_open(
    struct events *e, struct schema *const schemas[DATASET_TYPES], bool strict);
void events_close(struct events *e);

/* Begin a line, which is borrowed. -1: it is bad as a whole. */
int events_line(struct events *e, struct span line);
/* 1 with the next entry, 0 behind the last. Only for types that have a schema. */
int events_next(struct events *e);

/* Append the names of members that no column took so far, with commas. */
void events_ignored(const struct events *e, struct buf *names);
bool events_late(const struct events *e); /* a time was seen that cannot be seconds */

#endif

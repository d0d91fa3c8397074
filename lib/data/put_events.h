/*
 * put_events - calls of PutEvents, PutItems and PutUsers into a dataset.
 *
 * Nothing is in the dataset before put_events_commit. A bad entry leaves the others
 * of its call alone.
 */
#ifndef PUT_EVENTS_H
#define PUT_EVENTS_H

#include "event.h"
#include "lines.h"
#include "put.h"

struct put_events {
	/* To be set before. */
	const char *path; /* of the dataset */
	bool strict;      /* see events_open */
	/*
	 * Told of every bad record; in->number is its line. Then skip gets bytes that
	 * are a line with it: the line as it was, or the call with its bad entries
	 * alone. May be NULL. -1 and *why (to be freed) ends it all.
	 */
	void (*bad)(void *context, const struct lines *in, const char *why);
	int (*skip)(void *context, struct span text, char **why);
	void *context;
	/* Results. */
	uint64_t records, n_bad;
	uint64_t anonymous, itemless, repeated; /* left out */
	uint64_t n_beyond; /* times that the service would have refused */
	char *beyond;      /* the first of them: where, what */
	/* The rest. */
	struct events events;
	struct schema *schemas[DATASET_TYPES];
	struct put *puts[DATASET_TYPES]; /* opened by the first row */
	struct buf entries;              /* the line's bad ones */
};

/*
 * Take the dataset's schemas, and those in n files for what it has none of; with any,
 * there may be no dataset yet. -1 and *why (one line, to be freed) here and below.
 */
int put_events_open(
    struct put_events *p, const char *const *schemas, size_t n, char **why);
int put_events_line(struct put_events *p, const struct lines *in, char **why);
int put_events_commit(struct put_events *p, char **why);
void put_events_close(struct put_events *p); /* what is not committed is gone */

#endif

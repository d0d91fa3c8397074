/*
 * progress - one line on stderr that says how far a command is.
 *
 * Shown only if stderr is a terminal, unless the user forces it either way.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Put these two rows into a command's option table. */
#define PROGRESS_OPTIONS                                                               \
	{ OPT_FLAG, 0, "progress", &progress_forced, NULL,                             \
		"show progress even if stderr is no terminal" },                       \
	{                                                                              \
		OPT_FLAG, 0, "no-progress", &progress_silent, NULL, "show no progress" \
	}

extern bool progress_forced, progress_silent;

struct progress {
	const char *label;
	const char *unit; /* "rows", "MB": printed behind the count */
	uint64_t total;   /* 0: not known */
	double scale;     /* counts are divided by this for print */
	double started, shown;
	bool on;
	bool line; /* something is on the terminal's line */
};

void progress_start(
    struct progress *p, const char *label, const char *unit, uint64_t total);
/* done of total; note (may be NULL) is printed at the end. Cheap: 10 times a second. */
void progress_show(struct progress *p, uint64_t done, const char *note);
void progress_clear(struct progress *p); /* before other text goes to stderr */
void progress_end(struct progress *p);   /* takes the line away */

#endif

/*
 * filter_options - the options of every command that runs filters.
 */
#ifndef FILTER_OPTIONS_H
#define FILTER_OPTIONS_H

#include "filter_eval.h"
#include "opt.h"

/* Put these rows into a command's option table. */
#define FILTER_OPTIONS                                                                 \
	{ OPT_STRING, 0, "now", &filter_now, "TIME",                                   \
		"what NOW() in filters is: seconds or ISO 8601 (the clock)" },         \
	    { OPT_SIZE, 0, "filter-history", &filter_history, "N",                     \
		    "filters see the newest N interactions per user and event type" }, \
	{                                                                              \
		OPT_FLAG, 0, "service-limits", &filter_service_limits, NULL,           \
		    "filters forget what the service's do: old events, idle users"     \
	}

extern const char *filter_now;
extern size_t filter_history;
extern bool filter_service_limits;

/* What the options say. -1 and *why (static) if --now is no time. */
int filter_options_get(struct filter_options *o, const char **why);

#endif

/* filter_options - the options of every command that runs filters. */
#include "filter_options.h"

#include <errno.h>
#include <stdlib.h>

#include "moment.h"

enum { NOT_GIVEN = -1 };

const char *filter_now;
size_t filter_history = (size_t)NOT_GIVEN;
bool filter_service_limits;

static bool
parse_seconds(const char *text, int64_t *seconds)
{
	char *end;

	errno = 0;
	*seconds = strtoll(text, &end, 10);
	return !errno && end > text && !*end && *seconds > -(INT64_C(1) << 50) &&
	       *seconds < INT64_C(1) << 50;
}

int
filter_options_get(struct filter_options *o, const char **why)
{
	*o = (struct filter_options){ .now = moment_now() };
	if (filter_now && !parse_seconds(filter_now, &o->now) &&
	    !moment_parse(span_of(filter_now), &o->now)) {
		*why = "--now: expected seconds since 1970 or a date like "
		       "2024-01-31T12:00:00Z";
		return -1;
	}
	if (filter_service_limits) {
		o->history_limit = FILTER_SERVICE_HISTORY;
		o->idle_seconds = FILTER_SERVICE_IDLE;
	}
	if (filter_history != (size_t)NOT_GIVEN)
		o->history_limit = filter_history;
	return 0;
}

/*
 * moment - points in time as people write them (ISO 8601), in seconds since 1970.
 */
#ifndef MOMENT_H
#define MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "util.h"

/*
 * "2024-01-31", or with a time of day behind T or a blank: "2024-01-31T12:30",
 * "2024-01-31 12:30:59.25Z", "2024-01-31T12:30:59+01:00". UTC unless it says
 * otherwise. Fractions of a second are dropped. Years 0001 to 9999.
 */
bool moment_parse(struct span text, int64_t *seconds);

int64_t moment_now(void); /* the system's clock */

#endif

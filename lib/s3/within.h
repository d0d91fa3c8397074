/*
 * within - whether what is written would be read: an output inside the input.
 */
#ifndef WITHIN_H
#define WITHIN_H

#include <stdbool.h>

#include "location.h"

/*
 * Objects: the keys of the source begin the target's, as sources are read by prefix, or
 * its pattern fits. Files: the source is the target, or a folder above it.
 */
bool within(const struct location *target, const struct location *source);

#endif

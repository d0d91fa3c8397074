/*
 * xml - the texts of a small XML document, for answers of AWS services.
 *
 * No attributes, no entities of the document's own: a DOCTYPE is refused.
 */
#ifndef XML_H
#define XML_H

#include "util.h"

/*
 * Called at the end of each element with the names down to it, "A/B/C", without
 * namespaces, and with the text directly in it. Both are borrowed for the call.
 */
typedef void xml_element(void *context, const char *path, struct span text);

/* -1 and *why (static text) if it is not well-formed or too deep. */
int xml_walk(const char *text, size_t len, xml_element *element, void *context,
    const char **why);

#endif

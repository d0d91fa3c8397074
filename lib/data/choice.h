/*
 * choice - the k best JSON lines of all, or of each group, by jq programs.
 *
 *	while (...)
 *		if (choice_offer(c, line) > 0)
 *			pass(line);
 *	while (choice_next(c, &line))
 *		pass(line);
 */
#ifndef CHOICE_H
#define CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

struct choice_rule {
	size_t k;             /* > 0 */
	const char *by;       /* the best have the greatest key; NULL: the first ones */
	bool least;           /* the best have the least key */
	const char *group_by; /* NULL: one group */
};

struct choice;

/* NULL and *why (one line, to be freed) if a program does not compile. */
struct choice *choice_open(const struct choice_rule *rule, char **why);
void choice_close(struct choice *c); /* NULL is fine */

/*
 * One more line. 1: it is chosen for certain (without by), 0: not now, and copied if
 * choice_next may give it; -1: it has no key, and choice_why says why.
 */
int choice_offer(struct choice *c, struct span line);
const char *choice_why(const struct choice *c); /* borrowed until the next call */

/*
 * At the end: the chosen lines, groups in order of appearance, best first. false
 * behind the last. line is borrowed from c.
 */
bool choice_next(struct choice *c, struct span *line);

#endif

/*
 * live - a model with what a dataset says now.
 *
 * Metadata and interactions are those of the dataset, which filters see; users whose
 * interactions changed since training, and new ones, are folded in (fold.h). Items
 * that are new stay without factors until the next training.
 */
#ifndef LIVE_H
#define LIVE_H

#include "dataset.h"
#include "model.h"

/*
 * A view of m, which is borrowed, with the dataset's catalog: the first items and users
 * have m's numbers. NULL and *why (to be freed).
 */
struct model *live_open(
    const struct model *m, const struct dataset *d, size_t threads, char **why);
void live_close(struct model *view);

/* Whether the user's interactions are not those that m was trained on. */
bool live_changed(const struct model *view, const struct model *m, uint32_t user);

#endif

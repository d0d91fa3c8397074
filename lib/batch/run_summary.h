/*
 * run_summary - what became of a job: its counts, its error records, its failures.
 */
#ifndef RUN_SUMMARY_H
#define RUN_SUMMARY_H

#include "job_plan.h"

/*
 * Write summary.json and errors.jsonl and count records and errors into the state.
 * *why, to be freed, says which parts failed how, if left outputs are missing. -1 and
 * *why.
 */
int run_summary(const struct job *j, const struct plan *p, struct job_state *s,
    size_t left, char **why);

#endif

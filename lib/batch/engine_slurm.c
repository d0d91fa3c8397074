/* engine_slurm - the parts of a job as an array of Slurm's, its merge behind them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

static enum engine_end
run(struct job *j, const struct plan *p, const struct pending *pending,
    struct progress *progress, char **why)
{
	(void)j;
	(void)p;
	(void)pending;
	(void)progress;
	*why = xstrdup("not built yet");
	return ENGINE_FAILED;
}

const struct engine engine_slurm = { "slurm", run, NULL, NULL };

/* part_many - which parts a process is to do: as told, or as its cluster numbers it. */
#include "part_many.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opt.h"

int
part_from_environment(size_t *number, const char **name)
{
	static const char *const names[] = { "PZ_PART", "SLURM_ARRAY_TASK_ID",
		"AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX",
		"mapreduce_task_partition" };
	const char *text;

	for (size_t i = 0; i < LENGTH(names); i++) {
		*name = names[i];
		if ((text = getenv(names[i])) && *text)
			return opt_size(text, number) ? 0 : -1;
	}
	*name = NULL;
	return -1;
}

static void
run(struct part_many *m, size_t part)
{
	struct part_done done;
	enum part_end end;
	char *why;

	end = part_run(m->job, m->plan, part, m->threads, m->tries, &done, &why);
	if (end == PART_DONE && m->done)
		m->done(part, &done);
	if (end != PART_DONE && end != PART_STOPPED)
		m->failed(part, why);
	m->worst = MAX(m->worst, end);
	free(why);
}

void
part_many_run(struct part_many *m, size_t first, size_t step)
{
	size_t part = first;

	do {
		if (part >= m->plan->n_parts)
			break;
		run(m, part);
		part += step;
	} while (step && m->worst != PART_STOPPED);
}

int
part_many_listed(struct part_many *m, FILE *list, char **why)
{
	char *line = NULL;
	size_t size = 0, part;
	int status = 0;

	while (status == 0 && m->worst != PART_STOPPED &&
	       getline(&line, &size, list) > 0) {
		char *tab = strrchr(line, '\t'), *number = tab ? tab + 1 : line;

		number[strcspn(number, "\r\n")] = '\0';
		if (opt_size(number, &part))
			run(m, part);
		else {
			*why = xasprintf("'%s' is not a part's number", number);
			status = -1;
		}
	}
	free(line);
	return status;
}

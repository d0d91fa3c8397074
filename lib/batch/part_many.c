/* part_many - which parts a process is to do: as told, or as its cluster numbers it. */
#include "part_many.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "opt.h"

static int
from_environment(size_t *number, char **why)
{
	static const char *const names[] = { "PZ_PART", "SLURM_ARRAY_TASK_ID",
		"AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX",
		"mapreduce_task_partition" };
	const char *text;

	for (size_t i = 0; i < LENGTH(names); i++) {
		if (!(text = getenv(names[i])) || !*text)
			continue;
		if (opt_size(text, number))
			return 0;
		*why = xasprintf("%s is no number", names[i]);
		return -1;
	}
	*why = xstrdup("which part? A number, - for those on stdin, or a variable of a "
		       "cluster");
	return -1;
}

static int
read_number(const char *text, size_t *number, char **why)
{
	if (opt_size(text, number))
		return 0;
	*why = xasprintf("'%s' is not a part's number", text);
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

static void
run_from(struct part_many *m, size_t first)
{
	size_t part = first;

	do {
		if (part >= m->plan->n_parts)
			break;
		run(m, part);
		part += m->step;
	} while (m->step && m->worst != PART_STOPPED);
}

static int
run_listed(struct part_many *m, FILE *list, char **why)
{
	char *line = NULL;
	size_t size = 0, part;
	int status = 0;

	while (status == 0 && m->worst != PART_STOPPED &&
	       getline(&line, &size, list) > 0) {
		char *tab = strrchr(line, '\t'), *number = tab ? tab + 1 : line;

		number[strcspn(number, "\r\n")] = '\0';
		if ((status = read_number(number, &part, why)) == 0)
			run(m, part);
	}
	free(line);
	return status;
}

int
part_many_run(struct part_many *m, const char *named, char **why)
{
	size_t first;
	int status;

	if (named && !strcmp(named, "-"))
		return run_listed(m, stdin, why);
	status =
	    named ? read_number(named, &first, why) : from_environment(&first, why);
	if (status == 0)
		run_from(m, first);
	return status;
}

int
part_many_status(const struct part_many *m)
{
	return m->worst == PART_DONE    ? 0
	       : m->worst == PART_AGAIN ? STATUS_AGAIN
					: STATUS_FAILED;
}

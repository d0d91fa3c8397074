/* engine_parallel - the parts of a job by GNU parallel, here or over ssh. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "part.h"
#include "pipes.h"

static const double LOOK_SECONDS = 0.2;

/* parallel exits with the number of jobs that failed, up to this; then it failed. */
enum { FAILED_MOST = 101 };

/* What parallel gives to a shell for each part. */
static char *
part_command(const struct job *j)
{
	char *self = engine_self();
	struct buf b = { 0 };

	job_stages_quote(&b, self);
	buf_adds(&b, " part ");
	job_stages_quote(&b, j->dir);
	buf_adds(&b, " {} --quiet");
	if (j->threads)
		buf_addf(&b, " -j %zu", j->threads);
	free(self);
	return b.data;
}

static char **
make_words(const struct job *j, char *number, char *command)
{
	static const char *const fixed[] = { "parallel", "--will-cite", "--plain",
		"--halt", "never", "--retries", "3", "-j" };
	char **words = xcalloc(LENGTH(fixed) + j->n_words + 3, sizeof *words);
	size_t n = 0;

	for (size_t i = 0; i < LENGTH(fixed); i++)
		words[n++] = (char *)fixed[i];
	words[n++] = number;
	for (size_t i = 0; i < j->n_words; i++)
		words[n++] = j->words[i];
	words[n++] = command;
	return words;
}

/* A file that is gone already, with the numbers of the parts. */
static FILE *
list_parts(const struct pending *pending)
{
	FILE *f = tmpfile();

	for (size_t i = 0; f && i < pending->n; i++)
		fprintf(f, "%zu\n", pending->parts[i]);
	if (f && (fflush(f) || fseek(f, 0, SEEK_SET))) {
		fclose(f);
		return NULL;
	}
	return f;
}

/* Once more, and it does not wait for those that run. */
static void
stop(struct job *j, pid_t pid)
{
	for (int i = 0; i < 2; i++) {
		kill(pid, SIGTERM);
		engine_wait(j, LOOK_SECONDS);
	}
	waitpid(pid, NULL, 0);
}

static enum engine_end
watch(struct job *j, pid_t pid, const struct plan *p, const struct pending *pending,
    struct progress *progress, char **why)
{
	size_t before = p->n_parts - pending->n;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (engine_wait(j, LOOK_SECONDS)) {
			stop(j, pid);
			return ENGINE_STOPPED;
		}
		if (progress->on)
			progress_show(
			    progress, before + engine_count_done(j, pending), NULL);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) <= FAILED_MOST)
		return ENGINE_RAN;
	*why = pipes_explain(status);
	return ENGINE_FAILED;
}

static enum engine_end
run(struct job *j, const struct plan *p, const struct pending *pending,
    struct progress *progress, char **why)
{
	enum engine_end end = ENGINE_FAILED;
	char number[24] = "100%", *command = part_command(j);
	char **words = make_words(j, number, command);
	FILE *list = list_parts(pending);
	pid_t pid;

	if (j->at_once)
		snprintf(number, sizeof number, "%zu", j->at_once);
	engine_signals_begin();
	if (!list || (pid = engine_spawn(words, fileno(list), 2)) < 0)
		*why = xstrdup(strerror(errno));
	else if ((end = watch(j, pid, p, pending, progress, why)) == ENGINE_FAILED) {
		char *how = *why;

		*why = xasprintf("parallel %s", how);
		free(how);
	}
	engine_signals_end();
	if (list)
		fclose(list);
	free(words);
	free(command);
	return end;
}

const struct engine engine_parallel = { "parallel", run, NULL, NULL };

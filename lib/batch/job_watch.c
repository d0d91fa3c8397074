/* job_watch - to wait for a job that others run, and to stop it. */
#include "job_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "exit_status.h"
#include "job_describe.h"
#include "job_log.h"
#include "util.h"

enum { LOOK_MICROSECONDS = 200 * 1000 };

/* Asking a cluster is dear: mostly the state is looked at as it was written. */
static int
look(const struct job *j, double *asked, bool *over, char **why)
{
	enum { ASK_SECONDS = 5 };
	const struct engine *e = engine_find(j->engine);
	bool ask = !e || !e->status || now_seconds() > *asked + ASK_SECONDS;
	struct job_state s;
	int status = ask ? job_state_now(j, &s, why) : job_state_read(j, &s, why);

	if (status < 0)
		return -1;
	if (ask)
		*asked = now_seconds();
	*over = job_state_is_final(&s);
	job_state_release(&s);
	return 0;
}

int
job_outcome(const struct job *j, char **why)
{
	struct job_state s;
	int status;

	if (job_state_now(j, &s, why) < 0)
		return STATUS_FAILED;
	status = strcmp(s.status, JOB_ACTIVE) ? STATUS_FAILED
		 : s.errors                   ? STATUS_ERRORS
					      : 0;
	*why = s.reason ? xasprintf("%s: %s", job_name(j), s.reason) : NULL;
	job_state_release(&s);
	return status;
}

int
job_wait(const struct job *j, size_t seconds, char **why)
{
	double until = now_seconds() + (double)seconds, asked = 0;
	bool over;

	for (;;) {
		if (look(j, &asked, &over, why) < 0)
			return STATUS_FAILED;
		if (over)
			return job_outcome(j, why);
		if (seconds && now_seconds() > until)
			break;
		usleep(LOOK_MICROSECONDS);
	}
	*why = xasprintf("%s: goes on after %zu seconds", job_name(j), seconds);
	return STATUS_AGAIN;
}

static int
write_stopped(const struct job *j, struct job_state *s, char **why)
{
	job_state_set(s, JOB_STOPPED, NULL);
	if (job_state_write(j, s) == 0)
		return 0;
	*why = xasprintf("%s/state.json: %s", j->dir, strerror(errno));
	return -1;
}

int
job_stop(const struct job *j, char **why)
{
	const struct engine *e = engine_find(j->engine);
	struct job_state s;
	bool final;
	int status;

	if (job_state_now(j, &s, why) < 0)
		return -1;
	final = job_state_is_final(&s);
	job_state_release(&s);
	if (final)
		return 0;
	if (job_ask_stop(j) < 0) {
		*why = xasprintf("%s/stop: %s", j->dir, strerror(errno));
		return -1;
	}
	if (e && e->stop && e->stop(j, why) < 0)
		return -1;
	while (job_is_run(j))
		usleep(100 * 1000);
	if (job_state_read(j, &s, why) < 0)
		return -1;
	status = job_state_is_final(&s) ? 0 : write_stopped(j, &s, why);
	job_state_release(&s);
	return status;
}

int
job_watch_log(struct buf *b, const struct job *j, size_t *from, bool *over, char **why)
{
	struct job_state s;

	for (;;) {
		if (job_state_now(j, &s, why) < 0)
			return -1;
		*over = job_state_is_final(&s);
		job_state_release(&s);
		job_log_more(b, j, from);
		if (*over || b->len)
			return 0;
		usleep(LOOK_MICROSECONDS);
	}
}

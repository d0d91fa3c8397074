/* job_go - a job goes on from where it is: to its end, or in the background. */
#include "job_go.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "detach.h"
#include "engine.h"
#include "exit_status.h"
#include "interrupt.h"
#include "job_describe.h"
#include "job_watch.h"
#include "run.h"

static int
complain_taken(const struct job *j, char **why)
{
	*why = xasprintf("%s: another process works on it", job_name(j));
	return STATUS_FAILED;
}

static int
lock(struct job *j, char **why)
{
	int status = job_lock(j);

	if (status > 0)
		return complain_taken(j, why);
	if (status < 0) {
		*why = xasprintf("%s/lock: %s", j->dir, strerror(errno));
		return STATUS_FAILED;
	}
	return 0;
}

static int
stopped(const struct job *j, char **why)
{
	int sig = engine_signal() ? engine_signal() : interrupt_signal();

	*why = xasprintf(
	    "%s: stopped; pz-batch resume %s goes on", job_name(j), job_name(j));
	return sig ? -sig : STATUS_FAILED;
}

/* The state says all but whether another try may do. */
static int
ended(const struct job *j, enum run_end end, char **why)
{
	int status = job_outcome(j, why);

	return end == RUN_AGAIN ? STATUS_AGAIN : status;
}

/* In this process, which may be the one in the background. */
static int
go_here(struct job *j, const struct plan *p, const struct job_go *how, char **why)
{
	enum run_end end;

	if (lock(j, why))
		return STATUS_FAILED;
	detach_ready();
	end = run_job(j, p);
	job_unlock(j);
	if (end == RUN_SUBMITTED && (how->detach || !strcmp(j->engine, "none")))
		return 0;
	if (end == RUN_SUBMITTED)
		return job_wait(j, how->timeout, why);
	return end == RUN_STOPPED ? stopped(j, why) : ended(j, end, why);
}

int
job_go(struct job *j, const struct plan *p, const struct job_go *how, char **why)
{
	int status;

	*why = NULL;
	if (!how->detach)
		return go_here(j, p, how, why);
	s3_options_release(&j->s3); /* its connections are not for two */
	status = detach_begin();
	if (status == 0)
		return go_here(j, p, how, why);
	if (status > 0)
		return 0;
	*why = xasprintf("%s: did not begin", job_name(j));
	return -1 - status;
}

static int
change(struct job *j, const struct job_go *how, char **why)
{
	if (!how->engine && !how->at_once && !how->threads)
		return 0;
	if (how->engine) {
		free(j->engine);
		j->engine = xstrdup(how->engine);
	}
	j->at_once = how->at_once ? how->at_once : j->at_once;
	j->threads = how->threads ? how->threads : j->threads;
	return job_save(j, why);
}

int
job_resume(struct job *j, const struct job_go *how, char **why)
{
	int status = STATUS_FAILED;
	bool done, over;
	struct job_state s;
	struct plan p;

	if (job_state_now(j, &s, why) < 0)
		return STATUS_FAILED;
	done = !strcmp(s.status, JOB_ACTIVE);
	over = job_state_is_final(&s);
	job_state_release(&s);
	if (done)
		return job_outcome(j, why);
	if (!over && strcmp(j->engine, "none") != 0)
		return complain_taken(j, why);
	if (plan_read(&p, j, why) < 0)
		return STATUS_FAILED;
	if (change(j, how, why) == 0)
		status = job_go(j, &p, how, why);
	plan_release(&p);
	return status;
}

int
job_merge(struct job *j, char **why)
{
	int status = STATUS_FAILED;
	enum run_end end;
	struct plan p;

	if (plan_read(&p, j, why) < 0)
		return STATUS_FAILED;
	if (lock(j, why) == 0) {
		end = run_merge(j, &p);
		job_unlock(j);
		status = ended(j, end, why);
	}
	plan_release(&p);
	return status;
}

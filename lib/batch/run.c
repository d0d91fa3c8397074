/* run - a job from its first part to its outputs, and what is said of it in the end. */
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "job_file.h"
#include "merge_ahead.h"
#include "part_store.h"
#include "run_summary.h"

enum { ROUNDS = 3 }; /* a part's output that is damaged is made again */

struct run {
	struct job *job;
	const struct plan *plan;
	struct job_state state;
	double begun, before; /* time spent before this run */
	bool damaged;         /* a part's output was, and is to be made again */
};

static void
begin(struct run *r, struct job *j, const struct plan *p)
{
	char *why = NULL;

	*r = (struct run){ .job = j, .plan = p, .begun = job_file_now() };
	part_store_sweep_job(j);
	if (job_state_read(j, &r->state, &why) < 0)
		free(why);
	r->before = r->state.seconds;
}

/* The last word on how far it is, to the state and the log. */
static void
say(struct run *r, const char *status, const char *reason)
{
	job_state_set(&r->state, status, reason);
	r->state.seconds = r->before + job_file_now() - r->begun;
	if (job_state_write(r->job, &r->state) < 0)
		job_log(r->job, "state.json: %s", strerror(errno));
	job_log(r->job, "%s%s%s", status, reason ? ": " : "", reason ? reason : "");
}

static enum run_end
fail(struct run *r, const char *reason, bool transient)
{
	say(r, JOB_FAILED, reason);
	return transient ? RUN_AGAIN : RUN_FAILED;
}

static enum run_end
fail_s3(struct run *r, struct s3_error *e)
{
	enum run_end end = RUN_STOPPED;

	if (e->stopped)
		say(r, JOB_STOPPED, NULL);
	else
		end = fail(r, e->text, e->transient);
	s3_error_release(e);
	return end;
}

static struct pending
find_pending(const struct run *r)
{
	struct pending pending = { xcalloc(r->plan->n_parts + 1, sizeof(size_t)), 0 };
	struct part_done done;

	for (size_t i = 0; i < r->plan->n; i++) {
		const struct plan_object *o = &r->plan->objects[i];

		if (merge_is_done(r->job, i))
			continue;
		for (size_t part = o->first; part < o->first + o->n; part++)
			if (!part_read(r->job, part, &done))
				pending.parts[pending.n++] = part;
	}
	return pending;
}

/* What failed before is tried anew. */
static void
forget_failures(const struct run *r, const struct pending *pending)
{
	for (size_t i = 0; i < pending->n; i++) {
		char *failed =
		    job_path(r->job, "parts/%06zu.failed", pending->parts[i]);

		unlink(failed);
		free(failed);
	}
}

static enum run_end
finish(struct run *r, size_t left)
{
	struct s3_error e = { 0 };
	char *why = NULL;
	enum run_end end;

	r->state.seconds = r->before + job_file_now() - r->begun;
	if (run_summary(r->job, r->plan, &r->state, left, &why) < 0 || left)
		end = fail(r, why, false);
	else if (merge_clean(r->job, r->plan, &e) < 0)
		end = fail_s3(r, &e);
	else {
		say(r, JOB_ACTIVE, NULL);
		end = RUN_DONE;
	}
	free(why);
	return end;
}

/* 0 goes on to the merge; 1 with *end. */
static int
run_parts(struct run *r, const struct engine *engine, struct progress *progress,
    enum run_end *end)
{
	struct pending pending = find_pending(r);
	struct s3_error e = { 0 };
	char *why = NULL, *reason;
	struct merge_ahead *ahead;
	enum engine_end ended = ENGINE_RAN;
	int status = 1;

	forget_failures(r, &pending);
	/* Its parts end with it: nobody writes there. What stays goes in the end. */
	if (engine == &engine_local && part_store_sweep(r->job, &e) < 0)
		s3_error_release(&e);
	if (pending.n && !engine->status) {
		ahead = merge_ahead_start(r->job, r->plan);
		ended = engine->run(r->job, r->plan, &pending, progress, &why);
		r->damaged = merge_ahead_end(ahead, ended != ENGINE_RAN);
	} else if (pending.n)
		ended = engine->run(r->job, r->plan, &pending, progress, &why);
	switch (ended) {
	case ENGINE_RAN:
		status = 0;
		break;
	case ENGINE_SUBMITTED:
		*end = RUN_SUBMITTED;
		break;
	case ENGINE_STOPPED:
		say(r, JOB_STOPPED, NULL);
		*end = RUN_STOPPED;
		break;
	case ENGINE_FAILED:
		reason = xasprintf("%s: %s", engine->name, why);
		*end = fail(r, reason, false);
		free(reason);
	}
	free(why);
	free(pending.parts);
	return status;
}

/* Parts and outputs, again if a part's output was damaged. */
static enum run_end
work(struct run *r, const struct engine *engine, struct progress *progress)
{
	struct s3_error e = { 0 };
	enum run_end end;
	size_t left = 1;

	for (int i = 0; left && i < ROUNDS; i++) {
		struct pending pending;
		size_t n;

		r->damaged = false;
		if (run_parts(r, engine, progress, &end))
			return end;
		pending = find_pending(r);
		n = pending.n;
		free(pending.parts);
		if (merge_all(r->job, r->plan, &left, &e) < 0)
			return fail_s3(r, &e);
		pending = find_pending(r);
		free(pending.parts);
		if (pending.n == n && !r->damaged)
			break; /* what is left has failed */
	}
	return finish(r, left);
}

enum run_end
run_job(struct job *j, const struct plan *p)
{
	const struct engine *engine = engine_find(j->engine);
	struct progress progress;
	struct s3_error e = { 0 };
	enum run_end end;
	struct run r;

	begin(&r, j, p);
	job_forget_stop(j);
	if (!engine)
		end = fail(&r, "there is no such engine", false);
	else if (say(&r, engine->status ? JOB_PENDING : JOB_IN_PROGRESS, NULL),
	    merge_probe(j, &e) < 0)
		end = fail_s3(&r, &e);
	else {
		progress_start(&progress, job_name(j), "parts", p->n_parts);
		end = work(&r, engine, &progress);
		progress_end(&progress);
	}
	job_state_release(&r.state);
	return end;
}

enum run_end
run_merge(struct job *j, const struct plan *p)
{
	struct s3_error e = { 0 };
	enum run_end end;
	struct run r;
	size_t left;

	begin(&r, j, p);
	r.begun = r.state.updated; /* when it was submitted */
	if (merge_all(j, p, &left, &e) < 0)
		end = fail_s3(&r, &e);
	else
		end = finish(&r, left);
	job_state_release(&r.state);
	return end;
}

/* interrupt - a signal is noticed by whoever waits, before and while it comes. */
#include "interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "util.h"

static atomic_int woken;

static void
wake(void)
{
	woken++;
}

static void
before_a_signal_waits_end_as_asked(void)
{
	int ends[2];
	double before = now_seconds();

	if (pipe(ends))
		abort();
	CHECK(interrupt_wait(-1, 0.05) == 0 && now_seconds() - before >= 0.05);
	CHECK(interrupt_wait(ends[0], 0) == 0);
	CHECK(write(ends[1], "x", 1) == 1 && interrupt_wait(ends[0], -1) == 1);
	close(ends[1]);
	CHECK(interrupt_wait(ends[0], -1) == 1); /* the end is to be read too */
	close(ends[0]);
	CHECK(!interrupt_signal());
}

static void *
wait_for_ever(void *arg)
{
	(void)arg;
	return interrupt_wait(-1, -1) == -1 ? &woken : NULL;
}

static void
every_thread_that_waits_wakes_up(void)
{
	pthread_t threads[3];
	void *seen;
	int n = 0;

	for (size_t i = 0; i < LENGTH(threads); i++)
		pthread_create(&threads[i], NULL, wait_for_ever, NULL);
	usleep(50000);
	kill(getpid(), SIGTERM);
	for (size_t i = 0; i < LENGTH(threads); i++) {
		pthread_join(threads[i], &seen);
		n += seen != NULL;
	}
	CHECK(n == 3);
	CHECK(woken == 1 && interrupt_signal() == SIGTERM);
	CHECK(interrupt_wait(-1, 10) == -1);
}

static void
the_process_ends_by_the_signal(void)
{
	pid_t child = fork();
	int status;

	if (!child)
		interrupt_die();
	waitpid(child, &status, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void
a_second_signal_kills(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		kill(getpid(), SIGTERM);
		_exit(1);
	}
	waitpid(child, &status, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

int
main(void)
{
	interrupt_watch(wake);
	before_a_signal_waits_end_as_asked();
	every_thread_that_waits_wakes_up();
	the_process_ends_by_the_signal();
	a_second_signal_kills();
	return check_end();
}

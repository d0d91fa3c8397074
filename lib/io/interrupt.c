/* interrupt - signals that end a command, noticed where it can still clean up. */
#include "interrupt.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "util.h"

/* Readable for ever once a signal came, so that every thread that waits wakes up. */
static int pipe_ends[2] = { -1, -1 };
static atomic_int came;
static void (*wake_up)(void);

static void
note(int sig)
{
	int e = errno;

	came = sig;
	wake_up();
	while (write(pipe_ends[1], "", 1) < 0 && errno == EINTR)
		;
	errno = e;
}

void
interrupt_watch(void (*wake)(void))
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = note, .sa_flags = (int)SA_RESETHAND };
	struct sigaction old;

	if (pipe_ends[0] >= 0)
		return;
	if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK))
		err(1, "pipe");
	wake_up = wake;
	for (size_t i = 0; i < LENGTH(signals); i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(signals[i], &action, NULL);
}

int
interrupt_signal(void)
{
	return came;
}

int
interrupt_wait(int fd, double seconds)
{
	struct pollfd fds[] = { { fd, POLLIN, 0 }, { pipe_ends[0], POLLIN, 0 } };
	double until = now_seconds() + seconds, left;
	int n;

	do {
		left = seconds < 0 ? -1 : MAX(0, until - now_seconds());
		n = poll(
		    fds, LENGTH(fds), seconds < 0 ? -1 : (int)(left * 1e3 + 0.999));
	} while (n < 0 && (errno == EINTR || errno == EAGAIN) && !came);
	if (came)
		return -1;
	return n != 0; /* a bad fd is for read(2) to complain about */
}

_Noreturn void
interrupt_die(void)
{
	interrupt_die_of(came ? came : SIGTERM);
}

_Noreturn void
interrupt_die_of(int sig)
{
	signal(sig, SIG_DFL);
	raise(sig);
	_exit(128 + sig);
}

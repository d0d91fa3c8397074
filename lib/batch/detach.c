/* detach - go on in the background, without the terminal. */
#include "detach.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static int ready = -1;

static int
wait_for(pid_t pid, int fd)
{
	char byte;
	ssize_t n;
	int status;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	close(fd);
	if (n == 1)
		return 1;
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return -2;
	return -1 - WEXITSTATUS(status);
}

int
detach_begin(void)
{
	int ends[2], null;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) || (pid = fork()) < 0)
		return -2;
	if (pid) {
		close(ends[1]);
		return wait_for(pid, ends[0]);
	}
	ready = ends[1];
	setsid();
	/* Who waits for the end of what was inherited would wait for the job's. */
	if (ready > 3)
		close_range(3, (unsigned)ready - 1, 0);
	close_range((unsigned)ready + 1, ~0U, 0);
	if ((null = open("/dev/null", O_RDWR)) >= 0) {
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		if (null > 2)
			close(null);
	}
	return 0;
}

void
detach_ready(void)
{
	if (ready < 0)
		return;
	while (write(ready, "", 1) < 0 && errno == EINTR)
		;
	close(ready);
	ready = -1;
}

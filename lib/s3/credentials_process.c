/*
 * credentials_process - keys that a program prints.
 *
 * It is run without a shell and with nothing on its stdin, which is a command's data;
 * what it writes to stderr is for the person. Its words never come into a message: they
 * may hold a secret.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws_ini.h"
#include "credentials_seek.h"
#include "interrupt.h"

enum { OUTPUT_MAX = 1024 * 1024, TIME_SECONDS = 300 };

extern char **environ;

/* The signals as they are for a program that is started from a shell. */
static int
spawn(pid_t *pid, char *words[], int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	int status;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &usual);
	posix_spawnattr_setflags(
	    &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	status = posix_spawnp(pid, words[0], &actions, &attributes, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return status;
}

/* 0 at the end of the output; -1 and *why (static text). */
static int
read_output(int fd, struct buf *b, const char **why)
{
	double until = now_seconds() + TIME_SECONDS;
	ssize_t n = 1;
	int ready;

	while (n > 0) {
		ready = interrupt_wait(fd, MAX(0, until - now_seconds()));
		if (ready <= 0) {
			*why = ready ? "stopped" : "gave no answer for five minutes";
			return -1;
		}
		buf_reserve(b, 4096);
		do
			n = read(fd, b->data + b->len, 4096);
		while (n < 0 && errno == EINTR);
		if (n > 0)
			b->len += (size_t)n;
		if (n < 0 || b->len > OUTPUT_MAX) {
			*why = n < 0 ? strerror(errno) : "printed more than 1 MiB";
			return -1;
		}
	}
	return 0;
}

/* Its output; -1 and the seek's why. */
static int
run(struct seek *s, const char *profile, char *words[], struct buf *out)
{
	const char *why = NULL;
	int fds[2], status = 0, failed;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return seek_fail(s, "credential_process of profile %s: %s", profile,
		    strerror(errno));
	if ((failed = spawn(&pid, words, fds[1])))
		why = strerror(failed);
	close(fds[1]);
	if (!failed && read_output(fds[0], out, &why) < 0)
		kill(pid, SIGKILL);
	close(fds[0]);
	while (!failed && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (why)
		return seek_fail(
		    s, "credential_process of profile %s: %s", profile, why);
	if (WIFSIGNALED(status))
		return seek_fail(s,
		    "credential_process of profile %s was killed by signal %d", profile,
		    WTERMSIG(status));
	if (WEXITSTATUS(status))
		return seek_fail(s,
		    "credential_process of profile %s ended with status %d", profile,
		    WEXITSTATUS(status));
	return 0;
}

static int
read_keys(struct seek *s, const char *profile, struct span text, struct keys *keys)
{
	struct seek_field f[] = { { "Version", NULL }, { "AccessKeyId", NULL },
		{ "SecretAccessKey", NULL }, { "SessionToken", NULL },
		{ "Expiration", NULL } };
	const char *why = NULL;

	if (seek_json(text, NULL, f, LENGTH(f)) < 0)
		why = "printed no JSON object";
	else if (!f[0].text || strcmp(f[0].text, "1") != 0)
		why = "printed no \"Version\": 1, the only one that is known";
	else if (!f[1].text || !f[2].text)
		why = "printed no AccessKeyId or no SecretAccessKey";
	else if (f[4].text && (keys->expires = seek_time(f[4].text)) <= 0)
		why = "printed an Expiration that is no time";
	if (!why) {
		keys->id = f[1].text;
		keys->secret = f[2].text;
		keys->token = f[3].text;
		f[1].text = f[2].text = f[3].text = NULL;
		buf_addf(&s->source, "credential_process of profile %s", profile);
	}
	seek_fields_release(f, LENGTH(f));
	return why ? seek_fail(s, "credential_process of profile %s %s", profile, why)
		   : 1;
}

int
seek_process(struct seek *s, const char *profile, struct keys *keys)
{
	const char *command = aws_config_of(s->config, profile, "credential_process");
	struct buf out = { 0 };
	char **words;
	int status;

	if (!command)
		return 0;
	words = aws_words(command);
	if (!words || !words[0])
		status = seek_fail(s, "credential_process of profile %s: %s", profile,
		    words ? "no command" : "a quote that is not closed");
	else
		status = run(s, profile, words, &out);
	if (status == 0)
		status =
		    read_keys(s, profile, (struct span){ out.data, out.len }, keys);
	seek_wipe_buf(&out);
	aws_words_free(words);
	return status;
}

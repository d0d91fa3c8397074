/* pz - run the commands of the suite. */
#include <err.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "opt.h"
#include "output.h"
#include "util.h"

/* Made by tools/commands from the first comments of the commands. */
static const struct {
	const char *name, *purpose;
} commands[] = {
#include "commands.h"
	{ NULL, NULL },
};

static const struct opt opts[] = { { 0 } };

static const struct command command = {
	"pz",
	"run the commands of the suite",
	"[COMMAND [ARGUMENT...]]\nhelp [TOPIC]",
	opts,
};

static void
list(void)
{
	puts("pz - recommendations as Unix filters\n");
	for (size_t i = 0; commands[i].name; i++)
		printf("  %-10s %s\n", commands[i].name + strlen("pz-"),
		    commands[i].purpose);
	puts(
	    "\npz COMMAND -h lists a command's options, pz help COMMAND opens its page,"
	    "\npz help the introduction to all of them.");
}

/* The folder that this program is in, or NULL. */
static const char *
own_folder(void)
{
	static char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);

	return len < 0 ? NULL : dirname(path);
}

/* Levenshtein distance of short words, one row at a time. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b);

	if (n >= LENGTH(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0]++;

		for (size_t j = 0; j < n; j++) {
			size_t change = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = MIN(change, MIN(row[j], row[j + 1]) + 1);
		}
	}
	return row[n];
}

static _Noreturn void
unknown(const char *name)
{
	const char *best = NULL;
	size_t least = 3; /* farther than two letters off is no typing error */

	for (size_t i = 0; commands[i].name; i++) {
		const char *word = commands[i].name + strlen("pz-");
		size_t d = distance(name, word);

		if (d < least) {
			least = d;
			best = word;
		}
	}
	if (best)
		errx(2, "there is no command '%s'; did you mean '%s'?", name, best);
	errx(2, "there is no command '%s'; pz alone lists them", name);
}

/* Beside this program first: a build folder need not be in PATH. */
static _Noreturn void
run(char *argv[])
{
	const char *folder = own_folder();
	char *name = argv[0];
	char *program = xasprintf("pz-%s", name);

	if (strchr(name, '/'))
		unknown(name);
	argv[0] = program;
	if (folder) {
		char *path = xasprintf("%s/%s", folder, program);

		execv(path, argv);
		free(path);
	}
	execvp(program, argv);
	if (errno != ENOENT)
		err(1, "%s", program);
	unknown(name);
}

/* A page in the source tree that this program was built in, or NULL. */
static char *
page_in_tree(const char *name, char section)
{
	const char *folder = own_folder();

	for (; folder && section <= '9'; section++) {
		char *path = xasprintf("%s/../man/%s.%c", folder, name, section);

		if (!access(path, R_OK))
			return path;
		free(path);
	}
	return NULL;
}

/* topic may be NULL: the introduction, pz(7). */
static _Noreturn void
help(const char *topic)
{
	bool whole = topic && !strncmp(topic, "pz", 2); /* pz, pz-score */
	char *name = topic ? xasprintf("%s%s", whole ? "" : "pz-", topic) : NULL;
	char *path = topic ? page_in_tree(name, '1') : page_in_tree("pz", '7');

	if (path)
		execlp("man", "man", "-l", path, (char *)NULL);
	else if (topic)
		execlp("man", "man", name, (char *)NULL);
	else
		execlp("man", "man", "7", "pz", (char *)NULL);
	err(1, "man");
}

int
main(int argc, char *argv[])
{
	if (argc > 1 && !strcmp(argv[1], "help"))
		help(argc > 2 ? argv[2] : NULL);
	if (argc > 1 && argv[1][0] != '-')
		run(argv + 1);
	opt_parse(argc, argv, &command);
	list();
	out_close();
	return 0;
}

/* opt - one table per command gives parsing, -h, and shell completion. */
#include "opt.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "threads.h"
#include "util.h"

enum { BUILTIN_HELP = 1000, BUILTIN_VERSION, BUILTIN_DUMP, FIRST_LONG = 2000 };

static const struct opt builtins[] = {
	{ OPT_FLAG, 'h', "help", NULL, NULL, "show this help and exit" },
	{ OPT_FLAG, 0, "version", NULL, NULL, "show the version and exit" },
	{ 0 },
};

static void
synopsis(FILE *to, const struct command *c)
{
	const char *line = c->usage, *end;

	for (; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		fprintf(to, "%s %s %.*s\n", line == c->usage ? "usage:" : "      ",
		    c->name, (int)(end - line), line);
	}
}

static void
option_help(const struct opt *o)
{
	char left[64];
	int n;

	n = o->letter ? snprintf(left, sizeof left, "-%c, ", o->letter)
		      : snprintf(left, sizeof left, "    ");
	snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s", o->name,
	    o->arg ? " " : "", o->arg ? o->arg : "");
	printf("  %-30s %s\n", left, o->help);
}

static _Noreturn void
help(const struct command *c)
{
	printf("%s - %s\n\n", c->name, c->purpose);
	synopsis(stdout, c);
	putchar('\n');
	for (const struct opt *o = c->opts; o->kind; o++)
		option_help(o);
	for (const struct opt *o = builtins; o->kind; o++)
		option_help(o);
	printf("\nman %s says more.\n", c->name);
	out_close();
	exit(0);
}

static _Noreturn void
dump(const struct command *c)
{
	const struct opt *tables[] = { c->opts, builtins };

	printf("%s\t%s\n", c->name, c->purpose);
	for (size_t i = 0; i < LENGTH(tables); i++)
		for (const struct opt *o = tables[i]; o->kind; o++)
			printf("%.1s\t%s\t%s\t%s\n", o->letter ? &o->letter : "-",
			    o->name, o->arg ? o->arg : "", o->help);
	out_close();
	exit(0);
}

_Noreturn void
opt_usage(const struct command *c, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", c->name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	synopsis(stderr, c);
	fprintf(stderr, "%s -h lists the options\n", c->name);
	exit(2);
}

bool
opt_size(const char *text, size_t *value)
{
	static const char units[] = "kMG";
	size_t n, factor = 1;
	const char *unit;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno)
		return false;
	if (*end && (unit = strchr(units, *end))) {
		for (long i = 0; i <= unit - units; i++)
			factor *= 1000;
		end++;
	}
	return !*end && !__builtin_mul_overflow(n, factor, value);
}

bool
opt_real(const char *text, double *value)
{
	char *end;

	/* strtod also reads space in front, nan, and hexadecimals. */
	if (!*text || text[strspn(text, "+-.0123456789eE")])
		return false;
	*value = strtod(text, &end);
	return !*end && isfinite(*value);
}

static void
list_add(struct opt_list *list, const char *text)
{
	list->values = xrealloc(list->values, list->n + 1, sizeof *list->values);
	list->values[list->n++] = text;
}

static void
set(const struct command *c, const struct opt *o, const char *text)
{
	switch (o->kind) {
	case OPT_FLAG:
	case OPT_UNFLAG:
		*(bool *)o->value = o->kind == OPT_FLAG;
		break;
	case OPT_STRING:
		*(const char **)o->value = text;
		break;
	case OPT_LIST:
		list_add(o->value, text);
		break;
	case OPT_SIZE:
		if (!opt_size(text, o->value))
			opt_usage(c, "--%s: '%s' is not a count", o->name, text);
		break;
	case OPT_REAL:
		if (!opt_real(text, o->value))
			opt_usage(c, "--%s: '%s' is not a number", o->name, text);
		break;
	case OPT_END:
		break;
	}
}

static const struct opt *
by_letter(const struct opt *opts, int letter)
{
	for (; opts->kind; opts++)
		if (opts->letter == letter)
			return opts;
	return NULL;
}

static bool
begins_an_option(const struct command *c, const char *name, size_t len)
{
	for (const struct opt *o = c->opts; o->kind; o++)
		if (!strncmp(o->name, name, len))
			return true;
	return false;
}

/* What getopt_long objects to, in our words: it names no synopsis. */
static _Noreturn void
complain(const struct command *c, const char *word, int seen)
{
	const char *name =
	    optopt >= FIRST_LONG ? c->opts[optopt - FIRST_LONG].name : NULL;

	if (seen == ':' && name)
		opt_usage(c, "option --%s needs a value", name);
	if (seen == ':')
		opt_usage(c, "option -%c needs a value", optopt);
	if (optopt >= BUILTIN_HELP)
		opt_usage(
		    c, "option %.*s takes no value", (int)strcspn(word, "="), word);
	if (optopt > ' ' && optopt < 127)
		opt_usage(c, "unknown option -%c", optopt);
	if (optopt)
		opt_usage(c, "unknown option: byte 0x%02x", optopt & 0xff);
	opt_usage(c, "%s option %s",
	    begins_an_option(c, word + 2, strcspn(word, "=") - 2) ? "ambiguous"
								  : "unknown",
	    word);
}

/*
 * A closed stdin, stdout or stderr would be the number of the next file opened, a
 * model perhaps, which the results would then overwrite. Take the number, but not
 * for use in that direction: reading or writing still fails.
 */
static void
take_standard_descriptors(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			exit(1);
}

int
opt_parse(int argc, char *argv[], const struct command *c)
{
	struct option longs[64] = { 0 };
	char shorts[130] = ":h";
	size_t n = 0, s = 2;
	int seen;

	take_standard_descriptors();
	for (const struct opt *o = c->opts; o->kind; o++, n++) {
		assert(n + 4 < LENGTH(longs));
		longs[n].name = o->name;
		longs[n].has_arg = o->arg != NULL;
		longs[n].val = FIRST_LONG + (int)n;
		if (!o->letter)
			continue;
		shorts[s++] = o->letter;
		if (o->arg)
			shorts[s++] = ':';
	}
	longs[n++] = (struct option){ "help", 0, NULL, BUILTIN_HELP };
	longs[n++] = (struct option){ "version", 0, NULL, BUILTIN_VERSION };
	longs[n] = (struct option){ "dump-options", 0, NULL, BUILTIN_DUMP };

	while ((seen = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (seen == '?' || seen == ':')
			complain(c, argv[optind - 1], seen);
		if (seen == 'h' || seen == BUILTIN_HELP)
			help(c);
		if (seen == BUILTIN_DUMP)
			dump(c);
		if (seen == BUILTIN_VERSION) {
			printf("%s %s\n", c->name, PZ_VERSION);
			out_close();
			exit(0);
		}
		set(c,
		    seen >= FIRST_LONG ? c->opts + (seen - FIRST_LONG)
				       : by_letter(c->opts, seen),
		    optarg);
	}
	return optind;
}

size_t
opt_threads(size_t asked)
{
	return asked ? asked : threads_cores();
}

/*
 * opt - one table per command gives parsing, -h, and shell completion.
 */
#ifndef OPT_H
#define OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt_kind {
	OPT_END,
	OPT_FLAG,   /* bool: set to true */
	OPT_UNFLAG, /* bool: set to false */
	OPT_STRING, /* const char *: borrowed from argv */
	OPT_LIST,   /* struct opt_list: every use appends */
	OPT_SIZE,   /* size_t: a decimal count, k, M, G (10^3, 6, 9) behind */
	OPT_REAL,   /* double */
};

struct opt_list {
	size_t n;
	const char **values; /* [n], borrowed from argv */
};

struct opt {
	enum opt_kind kind;
	char letter;      /* 0: none */
	const char *name; /* long form, always there */
	void *value;      /* of the kind's type */
	const char *arg;  /* what the value is called in help; NULL for flags */
	const char *help; /* one line */
};

struct command {
	const char *name;
	const char *purpose;    /* one line, the man page's .Nd */
	const char *usage;      /* synopsis without the name; \n separates several */
	const struct opt *opts; /* ends with { 0 } */
};

/*
 * Parse argv and return the index of the first operand. Options and operands may
 * be mixed, options abbreviated, and -- ends the options; -5 alone is an option,
 * but a value in --min -5. -h, --help and --version print to stdout and exit 0;
 * wrong usage says so and exits 2. --dump-options prints the table for tools, one
 * option a line. Closed standard descriptors are taken, so that no file gets their
 * number: call it first in main.
 */
int opt_parse(int argc, char *argv[], const struct command *c);

/* One line why the usage is wrong, the synopsis, exit 2. */
_Noreturn void opt_usage(const struct command *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A value as OPT_SIZE and OPT_REAL take it, for options that have more in theirs. */
bool opt_size(const char *text, size_t *value);
bool opt_real(const char *text, double *value);

size_t opt_threads(size_t asked); /* asked, or the number of cores if 0 */

#endif

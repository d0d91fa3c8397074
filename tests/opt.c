/* opt - every kind of option, what is wrong usage, what help says. */
#include "opt.h"

#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "output.h"
#include "scratch.h"
#include "util.h"

static bool loud, quiet = true;
static const char *model;
static struct opt_list hyper;
static size_t count = 7;
static double weight = 0.5;

static const struct opt opts[] = {
	{ OPT_FLAG, 'l', "loud", &loud, NULL, "say more" },
	{ OPT_UNFLAG, 0, "no-quiet", &quiet, NULL, "say anything" },
	{ OPT_STRING, 'm', "model", &model, "FILE", "read FILE" },
	{ OPT_LIST, 0, "hyper", &hyper, "NAME=VALUE", "set a hyperparameter" },
	{ OPT_SIZE, 'n', "count", &count, "N", "so many" },
	{ OPT_REAL, 0, "weight", &weight, "W", "weigh by W" },
	{ OPT_REAL, 0, "weigh-less", &weight, "W", "weigh by less" },
	{ 0 },
};

static const struct command command = { "pz-test", "test the options",
	"[-l] [FILE...]\n--weight W", opts };

/* What the last run printed. */
static char out[4096], complaint[4096];

static void
slurp(const char *path, char text[4096])
{
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, 4095, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
}

static void
print_all(int argc, char *argv[])
{
	int first = opt_parse(argc, argv, &command);

	printf("%d %d %s %zu %g", loud, quiet, model ? model : "-", count, weight);
	for (size_t i = 0; i < hyper.n; i++)
		printf(" hyper:%s", hyper.values[i]);
	for (int i = first; i < argc; i++)
		printf(" %s", argv[i]);
}

/* The exit status of a command with these arguments, NULL behind the last. */
static int
run(const char *arg, ...)
{
	char name[] = "pz-test", *argv[16] = { name };
	int argc = 1, status;
	va_list ap;
	pid_t child;

	va_start(ap, arg);
	for (; arg; arg = va_arg(ap, const char *))
		argv[argc++] = xstrdup(arg);
	va_end(ap);
	if (!(child = fork())) {
		if (!freopen("out", "w", stdout) || !freopen("err", "w", stderr))
			_exit(9);
		print_all(argc, argv);
		out_close();
		exit(0);
	}
	waitpid(child, &status, 0);
	for (int i = 1; i < argc; i++)
		free(argv[i]);
	slurp("out", out);
	slurp("err", complaint);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool
prints(const char *expected)
{
	if (!strcmp(out, expected) && !*complaint)
		return true;
	printf("# %s\n# %s\n", out, complaint);
	return false;
}

static bool
complains(const char *expected)
{
	size_t len = strlen(expected);

	if (!strncmp(complaint, "pz-test: ", 9) && !*out &&
	    !strncmp(complaint + 9, expected, len) && complaint[9 + len] == '\n')
		return true;
	printf("# %s# %s\n", complaint, out);
	return false;
}

static void
defaults_stay_without_options(void)
{
	CHECK(run(NULL) == 0 && prints("0 1 - 7 0.5"));
	CHECK(run("a", "b", NULL) == 0 && prints("0 1 - 7 0.5 a b"));
}

static void
every_kind_is_read(void)
{
	CHECK(run("-l", NULL) == 0 && prints("1 1 - 7 0.5"));
	CHECK(run("--no-quiet", NULL) == 0 && prints("0 0 - 7 0.5"));
	CHECK(run("-m", "x", NULL) == 0 && prints("0 1 x 7 0.5"));
	CHECK(run("-mx", NULL) == 0 && prints("0 1 x 7 0.5"));
	CHECK(run("--model=x", NULL) == 0 && prints("0 1 x 7 0.5"));
	CHECK(run("--model", "", NULL) == 0 && prints("0 1  7 0.5"));
	CHECK(run("-ln3", NULL) == 0 && prints("1 1 - 3 0.5"));
	CHECK(run("--hyper", "a=1", "--hyper=b=2", NULL) == 0 &&
	      prints("0 1 - 7 0.5 hyper:a=1 hyper:b=2"));
	CHECK(run("-n1", "-n2", NULL) == 0 && prints("0 1 - 2 0.5"));
}

static void
names_may_be_abbreviated_if_they_stay_unique(void)
{
	CHECK(run("--mod", "x", NULL) == 0 && prints("0 1 x 7 0.5"));
	CHECK(run("--weight", "1", NULL) == 0 && prints("0 1 - 7 1"));
	CHECK(run("--weigh", "1", NULL) == 2 && complains("ambiguous option --weigh"));
	CHECK(run("--we=1", NULL) == 2 && complains("ambiguous option --we=1"));
}

static void
operands_and_options_may_be_mixed(void)
{
	CHECK(run("a", "-l", "b", NULL) == 0 && prints("1 1 - 7 0.5 a b"));
	CHECK(run("a", "--", "-l", NULL) == 0 && prints("0 1 - 7 0.5 a -l"));
	CHECK(run("--", "--", NULL) == 0 && prints("0 1 - 7 0.5 --"));
	CHECK(run("-", "-l", NULL) == 0 && prints("1 1 - 7 0.5 -"));
	CHECK(run("-m", "--", NULL) == 0 && prints("0 1 -- 7 0.5"));
}

static void
a_negative_number_is_a_value_but_no_operand(void)
{
	CHECK(run("--weight", "-2.5", NULL) == 0 && prints("0 1 - 7 -2.5"));
	CHECK(run("--weight=-2.5", NULL) == 0 && prints("0 1 - 7 -2.5"));
	CHECK(run("--", "-2.5", NULL) == 0 && prints("0 1 - 7 0.5 -2.5"));
	CHECK(run("-2.5", NULL) == 2 && complains("unknown option -2"));
}

static void
counts_have_units(void)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "1.5", "1e3",
		"x", "k", "1K", "1kk", "1kB", "0x10", "18446744073709551616",
		"18446744073709552k", "99999999999G" };
	char expected[64];

	CHECK(run("-n", "0", NULL) == 0 && prints("0 1 - 0 0.5"));
	CHECK(run("-n", "007", NULL) == 0 && prints("0 1 - 7 0.5"));
	CHECK(run("-n", "5k", NULL) == 0 && prints("0 1 - 5000 0.5"));
	CHECK(run("-n", "5M", NULL) == 0 && prints("0 1 - 5000000 0.5"));
	CHECK(run("-n", "5G", NULL) == 0 && prints("0 1 - 5000000000 0.5"));
	CHECK(run("-n", "18446744073709551615", NULL) == 0 &&
	      prints("0 1 - 18446744073709551615 0.5"));
	CHECK(run("-n", "18446744073709551k", NULL) == 0 &&
	      prints("0 1 - 18446744073709551000 0.5"));
	for (size_t i = 0; i < LENGTH(bad); i++) {
		snprintf(
		    expected, sizeof expected, "--count: '%s' is not a count", bad[i]);
		CHECK(run("-n", bad[i], NULL) == 2 && complains(expected));
	}
}

static void
numbers_are_decimal_and_finite(void)
{
	static const char *const bad[] = { "", "x", "1x", " 1", "1 ", "nan", "inf",
		"-infinity", "1e999", "0x10", "1,5", "-", ".", "e5", "1e", "--1" };
	char expected[64];

	CHECK(run("--weight", "1e-3", NULL) == 0 && prints("0 1 - 7 0.001"));
	CHECK(run("--weight", "+.5", NULL) == 0 && prints("0 1 - 7 0.5"));
	CHECK(run("--weight", "-3.", NULL) == 0 && prints("0 1 - 7 -3"));
	for (size_t i = 0; i < LENGTH(bad); i++) {
		snprintf(expected, sizeof expected, "--weight: '%s' is not a number",
		    bad[i]);
		CHECK(run("--weight", bad[i], NULL) == 2 && complains(expected));
	}
}

static void
wrong_usage_exits_2_with_the_synopsis(void)
{
	CHECK(run("-z", NULL) == 2 && complains("unknown option -z"));
	CHECK(!strcmp(strchr(complaint, '\n') + 1, "usage: pz-test [-l] [FILE...]\n"
						   "       pz-test --weight W\n"
						   "pz-test -h lists the options\n"));
	CHECK(run("-lz", NULL) == 2 && complains("unknown option -z"));
	CHECK(run("a", "-zl", NULL) == 2 && complains("unknown option -z"));
	CHECK(run("-\xc3\xa9", NULL) == 2 && complains("unknown option: byte 0xc3"));
	CHECK(run("--zoo", NULL) == 2 && complains("unknown option --zoo"));
	CHECK(run("a", "--zoo=1", NULL) == 2 && complains("unknown option --zoo=1"));
	CHECK(run("--=1", NULL) == 2);
	CHECK(run("-m", NULL) == 2 && complains("option -m needs a value"));
	CHECK(run("-ln", NULL) == 2 && complains("option -n needs a value"));
	CHECK(run("--model", NULL) == 2 && complains("option --model needs a value"));
	CHECK(run("--mod", NULL) == 2 && complains("option --model needs a value"));
	CHECK(run("--loud=1", NULL) == 2 && complains("option --loud takes no value"));
	CHECK(run("--help=1", NULL) == 2 && complains("option --help takes no value"));
}

static void
help_goes_to_stdout_and_exits_0(void)
{
	static const char expected[] =
	    "pz-test - test the options\n"
	    "\n"
	    "usage: pz-test [-l] [FILE...]\n"
	    "       pz-test --weight W\n"
	    "\n"
	    "  -l, --loud                     say more\n"
	    "      --no-quiet                 say anything\n"
	    "  -m, --model FILE               read FILE\n"
	    "      --hyper NAME=VALUE         set a hyperparameter\n"
	    "  -n, --count N                  so many\n"
	    "      --weight W                 weigh by W\n"
	    "      --weigh-less W             weigh by less\n"
	    "  -h, --help                     show this help and exit\n"
	    "      --version                  show the version and exit\n"
	    "\n"
	    "man pz-test says more.\n";

	CHECK(run("-h", NULL) == 0 && prints(expected));
	CHECK(run("--help", NULL) == 0 && prints(expected));
	CHECK(run("-l", "x", "-h", "--zoo", NULL) == 0 && prints(expected));
	CHECK(run("--version", NULL) == 0 && prints("pz-test " PZ_VERSION "\n"));
}

static void
tools_can_read_the_table(void)
{
	CHECK(run("--dump-options", NULL) == 0);
	CHECK(!strncmp(out, "pz-test\ttest the options\nl\tloud\t\tsay more\n", 42));
	CHECK(strstr(out, "\n-\thyper\tNAME=VALUE\tset a hyperparameter\n"));
	CHECK(strstr(out, "\nh\thelp\t\tshow this help and exit\n"));
}

/* With stdout closed, the next file opened must not be where results go. */
static int
first_descriptor_with_closed(int closed)
{
	int status;
	pid_t child = fork();

	if (!child) {
		char name[] = "pz-test", *argv[] = { name, NULL }, c;

		close(closed);
		opt_parse(1, argv, &command);
		if (closed ? write(closed, "x", 1) != -1 : read(closed, &c, 1) != -1)
			_exit(99);
		_exit(open("/dev/null", O_RDWR));
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
no_file_gets_a_standard_descriptor(void)
{
	for (int fd = 0; fd < 3; fd++) {
		int n = first_descriptor_with_closed(fd);

		CHECK(n > 2 && n < 99);
	}
}

static void
threads_are_as_asked_or_one_a_core(void)
{
	CHECK(opt_threads(3) == 3);
	CHECK(opt_threads(0) >= 1);
}

int
main(void)
{
	scratch_enter();
	unsetenv("POSIXLY_CORRECT");
	defaults_stay_without_options();
	every_kind_is_read();
	names_may_be_abbreviated_if_they_stay_unique();
	operands_and_options_may_be_mixed();
	a_negative_number_is_a_value_but_no_operand();
	counts_have_units();
	numbers_are_decimal_and_finite();
	wrong_usage_exits_2_with_the_synopsis();
	help_goes_to_stdout_and_exits_0();
	tools_can_read_the_table();
	no_file_gets_a_standard_descriptor();
	threads_are_as_asked_or_one_a_core();
	return check_end();
}

/* pz-split - hold interactions out of a dataset, to evaluate models on them */
#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "opt.h"
#include "output.h"
#include "split_write.h"

static const char *protocol_name, *directory, *test_path, *event_type;
static size_t seed = 1;
static double users = NAN, fraction = NAN, threshold = NAN;
static bool validation, only_new, only_known, list;
static struct opt_list attributes;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "protocol", &protocol_name, "NAME",
	    "what to hold out; --list names them" },
	{ OPT_STRING, 'o', "output", &directory, "DIR",
	    "folder for train, input.jsonl and truth.jsonl" },
	{ OPT_REAL, 0, "fraction", &fraction, "F",
	    "this part of the interactions, instead of the protocol's" },
	{ OPT_REAL, 0, "users", &users, "F",
	    "of this part of the users, instead of the protocol's" },
	{ OPT_FLAG, 0, "validation", &validation, NULL,
	    "hold out twice, to choose hyperparameters" },
	{ OPT_STRING, 0, "event-type", &event_type, "TYPE",
	    "hold out only interactions of this type" },
	{ OPT_REAL, 0, "event-value-threshold", &threshold, "X",
	    "only those with an EVENT_VALUE of at least X" },
	{ OPT_FLAG, 0, "new", &only_new, NULL,
	    "no truth of items that the user has met before" },
	{ OPT_FLAG, 0, "known", &only_known, NULL,
	    "no truth of users and items that train lacks" },
	{ OPT_LIST, 0, "attribute", &attributes, "COLUMN",
	    "segments: ask for this column's values, not for items" },
	{ OPT_STRING, 0, "test", &test_path, "DATASET",
	    "given: the interactions of this dataset are the truth" },
	{ OPT_SIZE, 0, "seed", &seed, "N", "start of the random numbers (1)" },
	{ OPT_FLAG, 0, "list", &list, NULL, "list the protocols and exit" },
	{ 0 },
};

static const struct command command = {
	"pz-split",
	"hold interactions out of a dataset, to evaluate models on them",
	"--protocol NAME [options] -o DIR DATASET\n--list",
	opts,
};

static void
print_list(void)
{
	for (size_t i = 0; i < n_protocols; i++)
		printf("%-16s %s\n", protocols[i].name, protocols[i].purpose);
}

static void
check_part(const char *option, double part, bool whole)
{
	if (!(part > 0 && (part < 1 || (whole && part == 1))))
		opt_usage(&command, "--%s: expected a number above 0 and %s 1", option,
		    whole ? "up to" : "below");
}

/* Options that would say nothing are told, lest somebody relies on them. */
static void
check_options(const struct split_options *o)
{
	enum split_rule rule = o->protocol->rule;

	if (!isnan(fraction) && (rule == SPLIT_LAST || rule == SPLIT_GIVEN))
		opt_usage(&command, "--fraction is not for %s", protocol_name);
	if (!isnan(users) && (rule == SPLIT_TIME || rule == SPLIT_GIVEN))
		opt_usage(&command, "--users is not for %s", protocol_name);
	if (validation && rule == SPLIT_GIVEN)
		opt_usage(&command, "--validation is not for given");
	if (attributes.n && !o->protocol->segments)
		opt_usage(&command, "--attribute is for segments only");
	if (!test_path != (rule != SPLIT_GIVEN))
		opt_usage(&command, rule == SPLIT_GIVEN ? "given needs --test DATASET"
							: "--test is for given only");
}

static void
take_options(struct split_options *o)
{
	if (!protocol_name || !directory)
		opt_usage(&command, "--protocol and -o are needed");
	if (!(o->protocol = protocol_find(protocol_name)))
		opt_usage(&command, "--protocol: '%s' is none; --list names them",
		    protocol_name);
	check_options(o);
	o->users = isnan(users) ? o->protocol->users : users;
	o->fraction = isnan(fraction) ? o->protocol->fraction : fraction;
	check_part("users", o->users, true);
	if (!isnan(fraction))
		check_part("fraction", o->fraction, false);
	o->seed = seed;
	if (event_type || !isnan(threshold))
		o->wanted.rules[o->wanted.n++] =
		    (struct event_rule){ event_type ? xstrdup(event_type) : NULL,
			    !isnan(threshold), threshold, 1 };
	o->validation = validation;
	o->only_new = only_new;
	o->only_known = only_known;
}

/* A place for a file or a dataset that is not there yet (to be freed). */
static char *
new_path(const char *name)
{
	char *path = xasprintf("%s/%s", directory, name);

	if (!access(path, F_OK))
		errx(1, "%s: there already; a split goes to a folder of its own", path);
	return path;
}

static void
write_file(const char *path, const struct buf *text)
{
	struct output out;

	if (output_open(&out, path) < 0 ||
	    output_write(&out, text->data, text->len) < 0 || output_commit(&out) < 0)
		err(1, "%s", path);
}

static void
write_dataset(const struct split *s, const struct dataset *d, enum split_place last,
    const char *path)
{
	char *why;

	if (split_write_dataset(s, d, last, path, &why) < 0)
		errx(1, "%s", why);
}

static struct truth_lines
truth_of(const struct split *s, const struct split_options *o, const struct dataset *d,
    enum split_place place)
{
	struct split_queries q = { d, attributes.values, attributes.n };
	struct truth_lines lines = { 0 };
	char *why;

	if (!o->protocol->segments)
		split_truth_of_users(s, place, &lines);
	else if (split_truth_of_items(s, place, &q, &lines, &why) < 0)
		errx(1, "%s: %s", d->path, why);
	if (!lines.n)
		errx(1, "%s: nothing to hold out%s", d->path,
		    place == PLACE_VALIDATION ? " for the validation" : "");
	return lines;
}

static struct dataset *
open_dataset(const char *path)
{
	char *why;
	struct dataset *d = dataset_open(path, false, &why);

	if (!d)
		errx(1, "%s", why);
	return d;
}

static void
print_totals(const struct split *s, const struct split_options *o, size_t inputs)
{
	printf("{\"protocol\":\"%s\",\"seed\":%zu,\"inputs\":%zu,\"train\":%zu,"
	       "\"validation\":%zu,\"truth\":%zu,\"nowhere\":%zu}\n",
	    o->protocol->name, seed, inputs, s->total[PLACE_TRAIN],
	    s->total[PLACE_VALIDATION], s->total[PLACE_TRUTH],
	    s->total[PLACE_HISTORY] + s->total[PLACE_NOWHERE]);
}

/* Truth goes last, so that a folder with truth.jsonl is whole. */
static void
write_split(
    const struct split *s, const struct split_options *o, const struct dataset *d)
{
	char *train = new_path("train"), *history = new_path("history");
	char *held = new_path("validation.jsonl"), *input = new_path("input.jsonl");
	char *truth = new_path("truth.jsonl");
	struct truth_lines test = truth_of(s, o, d, PLACE_TRUTH), choice = { 0 };

	if (validation)
		choice = truth_of(s, o, d, PLACE_VALIDATION);
	if (mkdir(directory, 0777) && errno != EEXIST)
		err(1, "%s", directory);
	write_dataset(s, d, PLACE_TRAIN, train);
	if (validation) {
		write_dataset(s, d, PLACE_HISTORY, history);
		write_file(held, &choice.truth);
	}
	write_file(input, &test.input);
	write_file(truth, &test.truth);
	print_totals(s, o, test.n);
	truth_lines_release(&test);
	truth_lines_release(&choice);
	free(train);
	free(history);
	free(held);
	free(input);
	free(truth);
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	struct split_options o = { 0 };
	struct dataset *d, *given = NULL;
	struct split s;
	char *why;

	if (list) {
		print_list();
		out_close();
		return 0;
	}
	take_options(&o);
	if (arg + 1 != argc)
		opt_usage(&command, "one DATASET is needed");
	d = open_dataset(argv[arg]);
	if (test_path)
		given = open_dataset(test_path);
	if (split_make(&s, d, given, &o, &why) < 0)
		errx(1, "%s", why);
	write_split(&s, &o, d);
	wanted_release(&o.wanted);
	split_release(&s);
	dataset_close(given);
	dataset_close(d);
	free(attributes.values);
	out_close();
	return 0;
}

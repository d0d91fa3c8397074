/* pz-topk - keep the k best entries of each record, or the k best lines */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choice.h"
#include "cut.h"
#include "lines.h"
#include "opt.h"
#include "output.h"
#include "record.h"
#include "util.h"

static size_t k = 25;
static const char *by, *group_by;
static bool reverse;

static const struct opt opts[] = {
	{ OPT_SIZE, 'k', "keep", &k, "K", "how many to keep (25)" },
	{ OPT_STRING, 0, "by", &by, "JQ",
	    "any JSON lines: those with the greatest key" },
	{ OPT_STRING, 0, "group-by", &group_by, "JQ",
	    "any JSON lines: K of each group" },
	{ OPT_FLAG, 0, "reverse", &reverse, NULL, "with --by: the least keys instead" },
	{ 0 },
};

static const struct command command = {
	.name = "pz-topk",
	.purpose = "keep the k best entries of each record, or the k best lines",
	.usage = "[-k K] [FILE...]\n"
		 "[-k K] [--by JQ [--reverse]] [--group-by JQ] [FILE...]",
	.opts = opts,
};

static bool failed; /* some record carries an error */

static void
write_line(struct span line)
{
	out_write(line.data, line.len);
	out_write("\n", 1);
}

/* why is NULL if the line is no JSON object: where it breaks is said then. */
static void
write_error(struct span line, const char *why)
{
	struct buf out = { 0 };
	struct record r;

	failed = true;
	record_parse(&r, line.data, line.len);
	if (why)
		record_error(&out, &r, "%s", why);
	else
		record_error(&out, &r, "%s at byte %zu", r.why, r.at + 1);
	out_write(out.data, out.len);
	buf_release(&out);
}

static void
cut_line(struct cut *c, struct span line)
{
	const char *at = line.data;

	if (cut_find(c, line, k) < 0) {
		write_error(line, NULL);
		return;
	}
	if (!c->has_error && !c->has_lists) {
		write_error(line,
		    c->has_output ? "output has neither recommendedItems nor usersList"
				  : "no output here: pz-topk reads output records, "
				    "or any JSON lines with --by");
		return;
	}
	failed |= c->has_error;
	for (size_t i = 0; i < c->n_lists; i++) {
		out_write(at, (size_t)(c->lists[i].tail.data - at));
		at = c->lists[i].tail.data + c->lists[i].tail.len;
	}
	write_line((struct span){ at, (size_t)(line.data + line.len - at) });
}

/* Made by an earlier stage. The first look spares nearly every line the second. */
static bool
is_error_record(struct span line)
{
	struct record r;

	return memmem(line.data, line.len, "\"error\"", 7) &&
	       record_parse(&r, line.data, line.len) == 0 && r.has_error &&
	       r.input.type && r.output.type;
}

static void
choose_line(struct choice *c, struct span line)
{
	int chosen;

	if (is_error_record(line)) {
		failed = true;
		write_line(line);
		return;
	}
	chosen = choice_offer(c, line);
	if (chosen < 0)
		write_error(line, choice_why(c));
	if (chosen > 0)
		write_line(line);
}

static bool
is_blank(struct span line)
{
	size_t i = 0;

	while (i < line.len && (line.data[i] == ' ' || line.data[i] == '\t'))
		i++;
	return i == line.len;
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command), more;
	struct choice_rule rule = {
		.k = k, .by = by, .least = reverse, .group_by = group_by
	};
	struct choice *choice;
	struct cut cut = { 0 };
	struct lines in;
	struct span line;
	char *why;

	if (!k)
		opt_usage(&command, "-k: keep at least 1");
	if (reverse && !by)
		opt_usage(&command, "--reverse needs --by");
	if (!(choice = choice_open(&rule, &why)))
		errx(2, "%s", why);

	lines_open(&in, argv + arg, (size_t)(argc - arg));
	while ((more = lines_next(&in)) > 0) {
		line = (struct span){ in.text, in.len };
		if (is_blank(line))
			continue;
		if (by || group_by)
			choose_line(choice, line);
		else
			cut_line(&cut, line);
	}
	if (more < 0)
		errx(1, "%s: %s", in.path, in.why);
	while (choice_next(choice, &line))
		write_line(line);

	lines_close(&in);
	choice_close(choice);
	cut_release(&cut);
	out_close();
	return failed ? 3 : 0;
}

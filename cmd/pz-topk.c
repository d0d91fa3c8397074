/* pz-topk - keep the k best entries of each record, or the k best lines */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "idmap.h"
#include "key.h"
#include "lines.h"
#include "opt.h"
#include "output.h"
#include "record.h"
#include "topk.h"
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

/* A selection of lines by key: one heap for each group, or only a count. */
struct choice {
	struct key *by, *group; /* NULL: not asked for */
	struct idmap *groups;   /* of group keys, in order of appearance */
	struct topk **best;     /* [n] with by */
	size_t *passed;         /* [n] without */
	size_t n;
	struct buf group_key, key;
};

static void
write_line(struct span line)
{
	out_write(line.data, line.len);
	out_write("\n", 1);
}

static void
write_error(struct span line, const char *what, const char *why)
{
	struct buf out = { 0 };
	struct record r;

	failed = true;
	if (record_parse(&r, line.data, line.len) < 0 && !why)
		record_error(&out, &r, "%s at byte %zu", r.why, r.at + 1);
	else
		record_error(&out, &r, "%s%s%s", what, why ? ": " : "", why ? why : "");
	out_write(out.data, out.len);
	buf_release(&out);
}

static void
cut_line(struct cut *c, struct span line)
{
	const char *at = line.data;

	if (cut_find(c, line, k) < 0) {
		write_error(line, "", NULL);
		return;
	}
	if (!c->has_error && !c->has_lists) {
		write_error(line,
		    c->has_output ? "output has neither recommendedItems nor usersList"
				  : "no output here: pz-topk reads output records, "
				    "or any JSON lines with --by",
		    NULL);
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
add_group(struct choice *c)
{
	c->passed = xrealloc(c->passed, c->n + 1, sizeof *c->passed);
	c->best = xrealloc(c->best, c->n + 1, sizeof *c->best);
	c->passed[c->n] = 0;
	c->best[c->n] = c->by ? topk_new(k, reverse) : NULL;
	c->n++;
}

static void
offer(struct choice *c, size_t group, struct span line)
{
	if (group == c->n)
		add_group(c);
	if (c->by)
		topk_push(
		    c->best[group], (struct span){ c->key.data, c->key.len }, line);
	else if (c->passed[group]++ < k)
		write_line(line);
}

static void
choose_line(struct choice *c, struct span line)
{
	size_t group = 0;

	if (is_error_record(line)) {
		failed = true;
		write_line(line);
		return;
	}
	buf_clear(&c->key);
	buf_clear(&c->group_key);
	if (c->by && key_add(c->by, line, &c->key) < 0) {
		write_error(line, "--by", key_why(c->by));
		return;
	}
	if (c->group && key_add(c->group, line, &c->group_key) < 0) {
		write_error(line, "--group-by", key_why(c->group));
		return;
	}
	if (c->group)
		group = idmap_add(
		    c->groups, (struct span){ c->group_key.data, c->group_key.len });
	offer(c, group, line);
}

static struct key *
open_key(const char *option, const char *program)
{
	struct key *key;
	char *why;

	if (!program)
		return NULL;
	if (!(key = key_open(program, &why)))
		errx(2, "%s: %s", option, why);
	return key;
}

static void
choice_open(struct choice *c)
{
	*c = (struct choice){ 0 };
	c->by = open_key("--by", by);
	c->group = open_key("--group-by", group_by);
	c->groups = idmap_new();
}

static void
choice_write(struct choice *c)
{
	for (size_t g = 0; g < c->n; g++) {
		size_t n = c->by ? topk_sort(c->best[g]) : 0;

		for (size_t i = 0; i < n; i++)
			write_line(topk_line(c->best[g], i));
	}
}

static void
choice_close(struct choice *c)
{
	for (size_t g = 0; g < c->n; g++)
		topk_free(c->best[g]);
	free(c->best);
	free(c->passed);
	idmap_free(c->groups);
	key_close(c->by);
	key_close(c->group);
	buf_release(&c->key);
	buf_release(&c->group_key);
}

static bool
is_blank(struct span line)
{
	while (line.len && strchr(" \t", line.data[line.len - 1]))
		line.len--;
	return !line.len;
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command), more;
	bool lists = !by && !group_by;
	struct choice choice;
	struct cut cut = { 0 };
	struct lines in;

	if (!k)
		opt_usage(&command, "-k: keep at least 1");
	if (reverse && !by)
		opt_usage(&command, "--reverse needs --by");
	choice_open(&choice);
	lines_open(&in, argv + arg, (size_t)(argc - arg));
	while ((more = lines_next(&in)) > 0) {
		struct span line = { in.text, in.len };

		if (is_blank(line))
			continue;
		if (lists)
			cut_line(&cut, line);
		else
			choose_line(&choice, line);
	}
	if (more < 0)
		errx(1, "%s: %s", in.path, in.why);
	choice_write(&choice);
	lines_close(&in);
	choice_close(&choice);
	cut_release(&cut);
	out_close();
	return failed ? 3 : 0;
}

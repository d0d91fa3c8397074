/* pick - the first k entries of each output record, or the best k of any JSON lines. */
#include "pick.h"

#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "record.h"

struct pick {
	size_t k;
	struct choice *choice; /* NULL: records are cut */
	struct cut cut;
};

struct pick *
pick_new(const struct choice_rule *rule, char **why)
{
	struct pick *p = xcalloc(1, sizeof *p);

	p->k = rule->k;
	if (!rule->by && !rule->group_by)
		return p;
	if ((p->choice = choice_open(rule, why)))
		return p;
	pick_free(p);
	return NULL;
}

void
pick_free(struct pick *p)
{
	if (!p)
		return;
	choice_close(p->choice);
	cut_release(&p->cut);
	free(p);
}

static void
add_line(struct buf *out, struct span line)
{
	buf_reserve(out, line.len + 1);
	buf_add(out, line.data, line.len);
	buf_addc(out, '\n');
}

/* why is NULL if the line is no JSON object: where it breaks is said then. */
static bool
add_error(struct buf *out, struct span line, const char *why)
{
	struct record r;

	record_parse(&r, line.data, line.len);
	if (why)
		record_error(out, &r, "%s", why);
	else
		record_error(out, &r, "%s at byte %zu", r.why, r.at + 1);
	return false;
}

static bool
cut_line(struct pick *p, struct span line, struct buf *out)
{
	const char *at = line.data;
	struct cut *c = &p->cut;

	if (cut_find(c, line, p->k) < 0)
		return add_error(out, line, NULL);
	if (!c->has_error && !c->has_lists)
		return add_error(out, line,
		    c->has_output ? "output has neither recommendedItems nor usersList"
				  : "no output here: pz-topk reads output records, "
				    "or any JSON lines with --by");
	for (size_t i = 0; i < c->n_lists; i++) {
		buf_add(out, at, (size_t)(c->lists[i].tail.data - at));
		at = c->lists[i].tail.data + c->lists[i].tail.len;
	}
	add_line(out, (struct span){ at, (size_t)(line.data + line.len - at) });
	return !c->has_error;
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

static bool
choose_line(struct pick *p, struct span line, struct buf *out)
{
	int chosen;

	if (is_error_record(line)) {
		add_line(out, line);
		return false;
	}
	if ((chosen = choice_offer(p->choice, line)) < 0)
		return add_error(out, line, choice_why(p->choice));
	if (chosen > 0)
		add_line(out, line);
	return true;
}

bool
pick_line(struct pick *p, struct span line, struct buf *out)
{
	return p->choice ? choose_line(p, line, out) : cut_line(p, line, out);
}

bool
pick_next(struct pick *p, struct buf *out)
{
	struct span line;

	if (!p->choice || !choice_next(p->choice, &line))
		return false;
	add_line(out, line);
	return true;
}

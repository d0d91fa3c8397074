/* choice - the k best JSON lines of all, or of each group, by jq programs. */
#include "choice.h"

#include <stdlib.h>

#include "idmap.h"
#include "key.h"
#include "topk.h"

/* Kept lines with by, else how many went through. */
struct group {
	struct topk *best;
	size_t passed;
};

struct choice {
	size_t k;
	bool least;
	struct key *by, *group_by; /* NULL: not asked for */
	struct idmap *names;       /* of groups: their keys */
	struct group *groups;      /* [n] by number in names */
	size_t n, cap;
	size_t at, line; /* of choice_next */
	struct buf key, name;
	struct buf why;
};

static int
open_key(struct key **key, const char *option, const char *program, char **why)
{
	char *inner;

	if (!program || (*key = key_open(program, &inner)))
		return 0;
	*why = xasprintf("%s: %s", option, inner);
	free(inner);
	return -1;
}

struct choice *
choice_open(const struct choice_rule *rule, char **why)
{
	struct choice *c = xcalloc(1, sizeof *c);

	c->k = rule->k;
	c->least = rule->least;
	c->names = idmap_new();
	if (open_key(&c->by, "--by", rule->by, why) < 0 ||
	    open_key(&c->group_by, "--group-by", rule->group_by, why) < 0) {
		choice_close(c);
		return NULL;
	}
	return c;
}

void
choice_close(struct choice *c)
{
	if (!c)
		return;
	for (size_t g = 0; g < c->n; g++)
		topk_free(c->groups[g].best);
	free(c->groups);
	idmap_free(c->names);
	key_close(c->by);
	key_close(c->group_by);
	buf_release(&c->key);
	buf_release(&c->name);
	buf_release(&c->why);
	free(c);
}

static int
add_key(struct choice *c, struct key *k, const char *option, struct span line,
    struct buf *key)
{
	buf_clear(key);
	if (!k || key_add(k, line, key) == 0)
		return 0;
	buf_clear(&c->why);
	buf_addf(&c->why, "%s: %s", option, key_why(k));
	return -1;
}

static struct group *
group_of(struct choice *c, struct span name)
{
	size_t g = c->group_by ? idmap_add(c->names, name) : 0;

	if (g < c->n)
		return &c->groups[g];
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 16;
		c->groups = xrealloc(c->groups, c->cap, sizeof *c->groups);
	}
	c->groups[c->n] =
	    (struct group){ .best = c->by ? topk_new(c->k, c->least) : NULL };
	return &c->groups[c->n++];
}

int
choice_offer(struct choice *c, struct span line)
{
	struct group *group;

	if (add_key(c, c->by, "--by", line, &c->key) < 0 ||
	    add_key(c, c->group_by, "--group-by", line, &c->name) < 0)
		return -1;
	group = group_of(c, (struct span){ c->name.data, c->name.len });
	if (!c->by)
		return group->passed++ < c->k;
	topk_push(group->best, (struct span){ c->key.data, c->key.len }, line);
	return 0;
}

const char *
choice_why(const struct choice *c)
{
	return c->why.data;
}

bool
choice_next(struct choice *c, struct span *line)
{
	struct topk *best;

	for (; c->by && c->at < c->n; c->at++, c->line = 0) {
		best = c->groups[c->at].best;
		if (c->line == 0)
			topk_sort(best);
		if (c->line < topk_count(best)) {
			*line = topk_line(best, c->line++);
			return true;
		}
	}
	return false;
}

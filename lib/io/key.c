/* key - what a jq program makes of a JSON text, as bytes to sort and group by. */
#include "key.h"

#include <stdlib.h>
#include <string.h>

#include "jqrun.h"
#include "json.h"
#include "sortkey.h"
#include "utf8.h"

struct key {
	char *program;
	struct jqrun *jq; /* NULL until needed if the program is a plain path */
	bool plain;
	struct span *steps; /* [n_steps] member names, in program */
	size_t n_steps;
	struct buf why, scratch;
};

/* What a path leads to: a value, or the step that failed and at what. */
struct found {
	struct json_value value; /* type 0: nothing there, which is null */
	const struct span *failed;
};

static bool
is_letter(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t
word_length(const char *p)
{
	size_t n = 0;

	if (is_letter(*p))
		while (is_letter(p[n]) || (p[n] >= '0' && p[n] <= '9'))
			n++;
	return n;
}

/* "text" without escapes; its length without quotes in *len. NULL: something else. */
static const char *
quoted(const char *p, size_t *len)
{
	const char *from = p + 1;

	if (*p != '"')
		return NULL;
	for (p++; *p != '"'; p++)
		if ((unsigned char)*p < ' ' || *p == '\\' || *p == 0x7f)
			return NULL;
	*len = (size_t)(p - from);
	return p + 1;
}

/* One step of a plain path: .name, ."name" or ["name"]. NULL: something else. */
static const char *
parse_step(const char *p, bool first, struct span *step)
{
	const char *end;

	if (*p == '.' && (step->len = word_length(p + 1))) {
		step->data = p + 1;
		return p + 1 + step->len;
	}
	if (*p == '.' && p[1] == '"') {
		step->data = p + 2;
		return quoted(p + 1, &step->len);
	}
	if (first && *p == '.')
		p++;
	else if (first)
		return NULL;
	if (*p != '[' || !(end = quoted(p + 1, &step->len)) || *end != ']')
		return NULL;
	step->data = p + 2;
	return end + 1;
}

/* Split the program into steps if it is a plain path. */
static bool
parse_path(struct key *k)
{
	const char *p = k->program;
	struct span step;

	if (!strcmp(p, "."))
		return true;
	while (*p) {
		if (!(p = parse_step(p, !k->n_steps, &step)))
			return false;
		k->steps = xrealloc(k->steps, k->n_steps + 1, sizeof *k->steps);
		k->steps[k->n_steps++] = step;
	}
	return k->n_steps > 0;
}

static struct key *
open_with(const char *program, bool plain, char **why)
{
	struct key *k = xcalloc(1, sizeof *k);

	k->program = xstrdup(program);
	k->plain = plain && utf8_valid(program, strlen(program)) == strlen(program) &&
		   parse_path(k);
	if (!k->plain && !(k->jq = jqrun_open(program, why))) {
		key_close(k);
		return NULL;
	}
	return k;
}

struct key *
key_open(const char *program, char **why)
{
	return open_with(program, true, why);
}

struct key *
key_open_jq(const char *program, char **why)
{
	return open_with(program, false, why);
}

void
key_close(struct key *k)
{
	if (!k)
		return;
	jqrun_close(k->jq);
	free(k->program);
	free(k->steps);
	buf_release(&k->why);
	buf_release(&k->scratch);
	free(k);
}

static bool
is_step(struct key *k, const struct json_value *name, const struct span *step)
{
	if (name->escaped)
		return span_equal(json_text(name, &k->scratch), *step);
	return name->raw.len == step->len + 2 &&
	       !memcmp(name->raw.data + 1, step->data, step->len);
}

/* Read the value the reader stands before, following the steps from step on. */
static int
follow(struct key *k, struct json *j, size_t step, struct found *f)
{
	struct json_value name, other;
	int more;

	*f = (struct found){ 0 };
	if (step == k->n_steps)
		return json_value(j, &f->value);
	if (json_peek(j) != JSON_OBJECT) {
		if (json_value(j, &f->value) < 0)
			return -1;
		if (f->value.type != JSON_NULL)
			f->failed = &k->steps[step];
		return 0;
	}
	if (json_enter(j, '{') < 0)
		return -1;
	while ((more = json_member(j, &name)) > 0)
		if ((is_step(k, &name, &k->steps[step]) ? follow(k, j, step + 1, f)
							: json_value(j, &other)) < 0)
			return -1;
	return more;
}

/* In libjq's words. */
static int
cannot_index(struct key *k, const struct found *f)
{
	static const char *const kinds[] = { [JSON_NULL] = "null",
		[JSON_FALSE] = "boolean",
		[JSON_TRUE] = "boolean",
		[JSON_NUMBER] = "number",
		[JSON_STRING] = "string",
		[JSON_ARRAY] = "array",
		[JSON_OBJECT] = "object" };

	buf_clear(&k->why);
	buf_addf(&k->why, "Cannot index %s with string \"%.*s\"", kinds[f->value.type],
	    (int)f->failed->len, f->failed->data);
	return -1;
}

static int
add_by_jq(struct key *k, struct span text, struct buf *out)
{
	char *why;

	if (!k->jq && !(k->jq = jqrun_open(k->program, &why))) {
		buf_clear(&k->why);
		buf_adds(&k->why, why);
		free(why);
		return -1;
	}
	if (jqrun_start(k->jq, text.data, text.len) == 0 && jqrun_key(k->jq, out) == 0)
		return 0;
	buf_clear(&k->why);
	buf_adds(&k->why, jqrun_why(k->jq));
	return -1;
}

static void
add_scalar(struct key *k, const struct json_value *v, struct buf *out)
{
	sortkey_tag(out, SORTKEY_ARRAY);
	if (v->type == JSON_STRING)
		sortkey_string(out, json_text(v, &k->scratch));
	else if (v->type == JSON_NUMBER)
		sortkey_number(out, json_number(v));
	else if (v->type == JSON_TRUE)
		sortkey_tag(out, SORTKEY_TRUE);
	else if (v->type == JSON_FALSE)
		sortkey_tag(out, SORTKEY_FALSE);
	else
		sortkey_tag(out, SORTKEY_NULL);
	sortkey_tag(out, SORTKEY_END);
}

int
key_add(struct key *k, struct span text, struct buf *out)
{
	struct found f;
	struct json j;

	if (!k->plain)
		return add_by_jq(k, text, out);
	json_open(&j, text.data, text.len);
	if (follow(k, &j, 0, &f) < 0 || json_finish(&j) < 0) {
		buf_clear(&k->why);
		buf_addf(&k->why, "%s at byte %td", j.why, j.at - text.data + 1);
		return -1;
	}
	if (f.failed)
		return cannot_index(k, &f);
	if (f.value.type == JSON_ARRAY || f.value.type == JSON_OBJECT)
		return add_by_jq(k, text, out);
	add_scalar(k, &f.value, out);
	return 0;
}

const char *
key_why(const struct key *k)
{
	return k->why.data;
}

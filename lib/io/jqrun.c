/* jqrun - run a jq program over JSON texts, one after the other. */
#include "jqrun.h"

#include <jq.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "sortkey.h"
#include "utf8.h"

struct jqrun {
	jq_state *jq;
	struct buf why;
};

/* Append text as one line. */
static void
add_line(struct buf *b, const char *text)
{
	for (; *text; text++)
		buf_addc(b, *text == '\n' || *text == '\r' ? ' ' : *text);
	while (b->len && b->data[b->len - 1] == ' ')
		b->data[--b->len] = '\0';
}

/* A message may be any value: strings as they are, others as JSON. Consumes it. */
static void
add_message(struct buf *b, jv message)
{
	if (jv_get_kind(message) != JV_KIND_STRING)
		message = jv_dump_string(message, 0);
	add_line(b, jv_string_value(message));
	jv_free(message);
}

/*
 * libjq reports every compile error on its own, then their count: keep the
 * first, which is the one that the others follow from.
 */
static void
on_compile_error(void *context, jv message)
{
	struct buf *why = context;
	struct buf line = { 0 };
	const char *text;

	add_message(&line, jq_format_error(message));
	text = line.data ? line.data : "";
	if (!strncmp(text, "jq: error: ", 11))
		text += 11;
	if (!why->len)
		buf_adds(why, text);
	buf_release(&line);
}

static void
ignore_message(void *context, jv message)
{
	(void)context;
	jv_free(message);
}

static jv
no_more_inputs(jq_state *jq, void *context)
{
	(void)jq;
	(void)context;
	return jv_invalid();
}

static jq_state *
compile(const char *program, struct buf *why)
{
	jq_state *jq = jq_init();

	if (!jq) {
		buf_adds(why, "out of memory");
		return NULL;
	}
	jq_set_error_cb(jq, on_compile_error, why);
	/* jq_init leaves this one uninitialised in 1.6, and `debug` would jump to it.
	 */
	jq_set_debug_cb(jq, ignore_message, NULL);
	/* No modules: what a program means must not depend on somebody's ~/.jq. */
	jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	if (!jq_compile(jq, program)) {
		if (!why->len)
			buf_adds(why, "not a jq program");
		jq_teardown(&jq);
		return NULL;
	}
	jq_set_error_cb(jq, ignore_message, NULL);
	jq_set_input_cb(jq, no_more_inputs, NULL);
	return jq;
}

/* `stderr` has no callback in libjq 1.6; a definition in front hides it. */
static jq_state *
compile_silent(const char *program, struct buf *why)
{
	struct buf ignored = { 0 };
	jq_state *jq = NULL;
	char *hidden;

	if (strstr(program, "stderr")) {
		hidden = xasprintf("def stderr: .; %s", program);
		jq = compile(hidden, &ignored);
		free(hidden);
		buf_release(&ignored);
	}
	return jq ? jq : compile(program, why);
}

struct jqrun *
jqrun_open(const char *program, char **why)
{
	struct jqrun *q = xcalloc(1, sizeof *q);

	if (utf8_valid(program, strlen(program)) < strlen(program))
		buf_adds(&q->why, "invalid UTF-8 in the program");
	else
		q->jq = compile_silent(program, &q->why);
	if (!q->jq) {
		*why = xstrdup(q->why.data);
		jqrun_close(q);
		return NULL;
	}
	return q;
}

void
jqrun_close(struct jqrun *q)
{
	if (!q)
		return;
	if (q->jq)
		jq_teardown(&q->jq);
	buf_release(&q->why);
	free(q);
}

static int
fail(struct jqrun *q, const char *why)
{
	buf_clear(&q->why);
	buf_adds(&q->why, why);
	return -1;
}

int
jqrun_start(struct jqrun *q, const char *text, size_t len)
{
	struct json_value whole;
	struct json j;
	jv value;

	/* libjq takes more than JSON (nan, 01, bad UTF-8): others must not differ. */
	json_open(&j, text, len);
	if (json_value(&j, &whole) < 0 || json_finish(&j) < 0) {
		buf_clear(&q->why);
		buf_addf(&q->why, "%s at byte %td", j.why, j.at - text + 1);
		return -1;
	}
	if (len > INT_MAX)
		return fail(q, "too long for jq");
	value = jv_parse_sized(text, (int)len);
	if (!jv_is_valid(value)) {
		buf_clear(&q->why);
		add_message(&q->why, jv_invalid_get_msg(value));
		return -1;
	}
	jq_start(q->jq, value, 0);
	return 0;
}

/* Nothing came: the end, the program's error, or halt. Consumes the result. */
static int
no_result(struct jqrun *q, jv result)
{
	bool failed = jv_invalid_has_msg(jv_copy(result));
	jv message = jv_invalid_get_msg(result);

	if (!failed && jq_halted(q->jq)) {
		jv_free(message);
		message = jq_get_error_message(q->jq);
		failed = jv_is_valid(message);
	}
	if (!failed) {
		jv_free(message);
		return 0;
	}
	buf_clear(&q->why);
	add_message(&q->why, message);
	if (!q->why.len)
		buf_adds(&q->why, "the program failed");
	if (span_is((struct span){ q->why.data, q->why.len }, "break"))
		fail(q, "No more inputs"); /* how 1.6 has `inputs` end, and `input` */
	return -1;
}

static bool too_deep(jv value, int depth);

/* Whether the values of an array or object are; consumes the value. */
static bool
contents_too_deep(jv value, int depth)
{
	bool array = jv_get_kind(value) == JV_KIND_ARRAY, deep = false;
	int n = array ? jv_array_length(jv_copy(value)) : 0;

	for (int i = 0; i < n && !deep; i++)
		deep = too_deep(jv_array_get(jv_copy(value), i), depth);
	if (!array)
		for (int i = jv_object_iter(value);
		     jv_object_iter_valid(value, i) && !deep;
		     i = jv_object_iter_next(value, i))
			deep = too_deep(jv_object_iter_value(value, i), depth);
	jv_free(value);
	return deep;
}

/* libjq prints what lies deeper as a remark that is not JSON. Consumes the value. */
static bool
too_deep(jv value, int depth)
{
	jv_kind kind = jv_get_kind(value);

	if (depth < JSON_DEPTH && (kind == JV_KIND_ARRAY || kind == JV_KIND_OBJECT))
		return contents_too_deep(value, depth + 1);
	jv_free(value);
	return kind == JV_KIND_ARRAY || kind == JV_KIND_OBJECT;
}

/* 1 with *result to be freed, 0, -1. */
static int
next_result(struct jqrun *q, jv *result)
{
	*result = jq_next(q->jq);
	if (!jv_is_valid(*result))
		return no_result(q, *result);
	if (too_deep(jv_copy(*result), 0)) {
		jv_free(*result);
		return fail(q, "the result is nested too deeply");
	}
	return 1;
}

int
jqrun_next(struct jqrun *q, struct buf *out)
{
	jv result, text;
	int more = next_result(q, &result);

	if (more <= 0)
		return more;
	text = jv_dump_string(result, 0);
	buf_add(
	    out, jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text)));
	jv_free(text);
	return 1;
}

static void add_key(struct buf *key, jv value);

static void
add_array_key(struct buf *key, jv array)
{
	int n = jv_array_length(jv_copy(array));

	for (int i = 0; i < n; i++)
		add_key(key, jv_array_get(jv_copy(array), i));
	jv_free(array);
}

static void
add_object_key(struct buf *key, jv object)
{
	jv names = jv_keys(jv_copy(object)); /* sorted bytewise */
	int n = jv_array_length(jv_copy(names));

	add_array_key(key, jv_copy(names));
	sortkey_tag(key, SORTKEY_END);
	for (int i = 0; i < n; i++)
		add_key(key,
		    jv_object_get(jv_copy(object), jv_array_get(jv_copy(names), i)));
	jv_free(names);
	jv_free(object);
}

/* Consumes the value, which is not too_deep. */
static void
add_key(struct buf *key, jv value)
{
	static const enum sortkey_tag tags[] = {
		[JV_KIND_NULL] = SORTKEY_NULL,
		[JV_KIND_FALSE] = SORTKEY_FALSE,
		[JV_KIND_TRUE] = SORTKEY_TRUE,
		[JV_KIND_ARRAY] = SORTKEY_ARRAY,
		[JV_KIND_OBJECT] = SORTKEY_OBJECT,
	};
	jv_kind kind = jv_get_kind(value);

	if (kind == JV_KIND_NUMBER)
		sortkey_number(key, jv_number_value(value));
	else if (kind == JV_KIND_STRING) {
		sortkey_string(
		    key, (struct span){ jv_string_value(value),
			     (size_t)jv_string_length_bytes(jv_copy(value)) });
		jv_free(value);
	} else {
		sortkey_tag(key, tags[kind]);
		if (kind == JV_KIND_ARRAY)
			add_array_key(key, value);
		if (kind == JV_KIND_OBJECT)
			add_object_key(key, value);
		if (kind == JV_KIND_ARRAY || kind == JV_KIND_OBJECT)
			sortkey_tag(key, SORTKEY_END);
	}
}

int
jqrun_key(struct jqrun *q, struct buf *key)
{
	size_t from = key->len;
	jv result;
	int more;

	sortkey_tag(key, SORTKEY_ARRAY);
	while ((more = next_result(q, &result)) > 0)
		add_key(key, result);
	if (more < 0)
		key->len = from;
	else
		sortkey_tag(key, SORTKEY_END);
	return more;
}

const char *
jqrun_why(const struct jqrun *q)
{
	return q->why.data;
}

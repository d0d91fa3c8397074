/* job_stages - the pz commands that a job's records go through, one behind the other.
 */
#include "job_stages.h"

#include <stdlib.h>
#include <string.h>

static size_t
count(char *const *argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	return n;
}

void
job_stages_begin(struct job_stages *s, const char *command)
{
	s->argv = xrealloc(s->argv, s->n + 1, sizeof *s->argv);
	s->argv[s->n++] = xcalloc(1, sizeof **s->argv);
	job_stages_word(s, command);
}

void
job_stages_word(struct job_stages *s, const char *word)
{
	char ***argv = &s->argv[s->n - 1];
	size_t n = count(*argv);

	*argv = xrealloc(*argv, n + 2, sizeof **argv);
	(*argv)[n] = xstrdup(word);
	(*argv)[n + 1] = NULL;
}

void
job_stages_option(struct job_stages *s, const char *option, const char *value)
{
	if (!value)
		return;
	job_stages_word(s, option);
	job_stages_word(s, value);
}

void
job_stages_print(struct buf *b, const struct job_stages *s)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < s->n; i++) {
		buf_adds(b, i ? ",[" : "[");
		for (char **word = s->argv[i]; *word; word++) {
			if (word != s->argv[i])
				buf_addc(b, ',');
			json_quote(b, *word, strlen(*word));
		}
		buf_addc(b, ']');
	}
	buf_addc(b, ']');
}

static int
parse_stage(struct job_stages *s, struct json *j)
{
	struct json_value v;
	bool first = true;
	int more;

	while ((more = json_element(j)) > 0) {
		char *word;

		if (json_value(j, &v) < 0 || !(word = json_dup(&v)))
			return -1;
		if (first)
			job_stages_begin(s, word);
		else
			job_stages_word(s, word);
		first = false;
		free(word);
	}
	return more < 0 || first ? -1 : 0;
}

int
job_stages_parse(struct job_stages *s, struct json_value list)
{
	struct json j;
	int more;

	if (list.type != JSON_ARRAY)
		return -1;
	json_open(&j, list.raw.data, list.raw.len);
	json_enter(&j, '[');
	while ((more = json_element(&j)) > 0)
		if (json_enter(&j, '[') < 0 || parse_stage(s, &j) < 0)
			return -1;
	return more < 0 || !s->n ? -1 : 0;
}

void
job_stages_quote(struct buf *b, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
				    "XYZ0123456789_-+=:,./@%";

	if (*word && !word[strspn(word, plain)]) {
		buf_adds(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, *word);
	buf_addc(b, '\'');
}

void
job_stages_shell(struct buf *b, const struct job_stages *s)
{
	for (size_t i = 0; i < s->n; i++) {
		buf_adds(b, i ? " | " : "");
		for (char **word = s->argv[i]; *word; word++) {
			buf_adds(b, word == s->argv[i] ? "" : " ");
			job_stages_quote(b, *word);
		}
	}
}

void
job_stages_release(struct job_stages *s)
{
	for (size_t i = 0; i < s->n; i++) {
		for (char **word = s->argv[i]; *word; word++)
			free(*word);
		free(s->argv[i]);
	}
	free(s->argv);
	*s = (struct job_stages){ 0 };
}

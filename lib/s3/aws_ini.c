/* aws_ini - the files of AWS tools: sections of settings, as their CLI reads them. */
#include "aws_ini.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

struct parser {
	struct aws_ini *ini;
	struct aws_section *section; /* the one that is open, NULL before the first */
	size_t setting; /* the one that further lines belong to: its index + 1, or 0 */
	size_t indent;  /* of the line that began it */
	size_t blank;   /* empty lines since the last one with text */
	size_t line;
	const char *why;
};

static const char space[] = " \t\r\v\f";

static struct span
trim(struct span s)
{
	while (s.len && strchr(space, *s.data)) {
		s.data++;
		s.len--;
	}
	while (s.len && strchr(space, s.data[s.len - 1]))
		s.len--;
	return s;
}

static int
fail(struct parser *p, const char *why)
{
	p->why = why;
	return -1;
}

static struct aws_setting *
find(const struct aws_section *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->list[i].name, name))
			return &s->list[i];
	return NULL;
}

const struct aws_setting *
aws_section_find(const struct aws_section *s, const char *name)
{
	return find(s, name);
}

static int
open_section(struct parser *p, struct span name)
{
	struct aws_ini *ini = p->ini;

	for (size_t i = 0; i < ini->n; i++)
		if (span_is(name, ini->list[i].name))
			return fail(p, "the section is there already");
	if (ini->n == ini->cap) {
		ini->cap = ini->cap ? 2 * ini->cap : 8;
		ini->list = xrealloc(ini->list, ini->cap, sizeof *ini->list);
	}
	p->section = &ini->list[ini->n++];
	*p->section = (struct aws_section){ .name = xmemdup(name.data, name.len),
		.line = p->line };
	p->setting = 0;
	return 0;
}

/* Takes the name. */
static void
add_setting(struct parser *p, char *name, struct span value)
{
	struct aws_section *s = p->section;

	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 8;
		s->list = xrealloc(s->list, s->cap, sizeof *s->list);
	}
	s->list[s->n++] = (struct aws_setting){
		.name = name, .value = xmemdup(value.data, value.len), .line = p->line
	};
}

static int
begin_setting(struct parser *p, struct span line)
{
	size_t at = 0;
	struct span key, value;
	char *name;

	while (at < line.len && line.data[at] != '=' && line.data[at] != ':')
		at++;
	if (at == line.len)
		return fail(p, "neither '[section]' nor 'name = value'");
	key = trim((struct span){ line.data, at });
	value = trim((struct span){ line.data + at + 1, line.len - at - 1 });
	if (!key.len)
		return fail(p, "no name before the '='");
	name = xmemdup(key.data, key.len);
	for (char *c = name; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	if (find(p->section, name)) {
		free(name);
		return fail(p, "the setting is in this section already");
	}
	add_setting(p, name, value);
	p->setting = p->section->n;
	return 0;
}

static void
replace(char **value, const char *data, size_t len)
{
	explicit_bzero(*value, strlen(*value));
	free(*value);
	*value = xmemdup(data, len);
}

/* A setting below one without a value of its own. */
static int
add_nested(struct parser *p, const struct aws_setting *above, struct span line)
{
	const char *equals = memchr(line.data, '=', line.len);
	struct span key, value;
	struct aws_setting *old;
	size_t at;
	char *name;

	if (!equals)
		return fail(p, "not 'name = value', as the setting above has no value");
	at = (size_t)(equals - line.data);
	key = trim((struct span){ line.data, at });
	value = trim((struct span){ equals + 1, line.len - at - 1 });
	name = xasprintf("%s.%.*s", above->name, (int)key.len, key.data);
	if ((old = find(p->section, name))) {
		replace(&old->value, value.data, value.len);
		old->line = p->line;
		free(name);
	} else
		add_setting(p, name, value);
	return 0;
}

static int
continue_setting(struct parser *p, struct span line)
{
	struct aws_setting *s = &p->section->list[p->setting - 1];
	struct buf b = { 0 };

	if (!*s->value)
		return add_nested(p, s, line);
	buf_adds(&b, s->value);
	for (size_t i = 0; i <= p->blank; i++)
		buf_addc(&b, '\n');
	buf_add(&b, line.data, line.len);
	replace(&s->value, b.data, b.len);
	explicit_bzero(b.data, b.cap);
	buf_release(&b);
	return 0;
}

static int
read_line(struct parser *p, struct span whole)
{
	struct span line = trim(whole);
	size_t indent = line.len ? (size_t)(line.data - whole.data) : 0;
	size_t end = line.len;
	int status;

	if (memchr(line.data, '\0', line.len))
		return fail(p, "a NUL, so this is no text");
	if (!line.len)
		p->blank++;
	if (!line.len || *line.data == '#' || *line.data == ';')
		return 0;
	if (p->setting && indent > p->indent) {
		status = continue_setting(p, line);
		p->blank = 0;
		return status;
	}
	p->blank = 0;
	p->indent = indent;
	while (end && line.data[end - 1] != ']')
		end--;
	if (*line.data == '[' && end > 2)
		return open_section(p, trim((struct span){ line.data + 1, end - 2 }));
	if (!p->section)
		return fail(p, "no [section] before it");
	return begin_setting(p, line);
}

int
aws_ini_parse(
    struct aws_ini *ini, const char *text, size_t len, size_t *line, const char **why)
{
	struct parser p = { .ini = ini };
	struct span rest = { text, len }, whole;
	const char *lf;
	int status = 0;

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		rest = (struct span){ text + 3, len - 3 };
	while (rest.len && !status) {
		lf = memchr(rest.data, '\n', rest.len);
		whole = (struct span){ rest.data,
			lf ? (size_t)(lf - rest.data) : rest.len };
		rest.data += whole.len + !!lf;
		rest.len -= whole.len + !!lf;
		p.line++;
		status = read_line(&p, whole);
	}
	*line = p.line;
	*why = p.why;
	return status;
}

static void
section_release(struct aws_section *s)
{
	for (size_t i = 0; i < s->n; i++) {
		explicit_bzero(s->list[i].value, strlen(s->list[i].value));
		free(s->list[i].value);
		free(s->list[i].name);
	}
	free(s->list);
	free(s->name);
}

void
aws_ini_release(struct aws_ini *ini)
{
	for (size_t i = 0; i < ini->n; i++)
		section_release(&ini->list[i]);
	free(ini->list);
	*ini = (struct aws_ini){ 0 };
}

/* Append what the word at p begins with up to a space; NULL if a quote stays open. */
static const char *
cut_word(const char *p, struct buf *word)
{
	char quote = '\0';

	for (; *p && (quote || !strchr(" \t\r\n", *p)); p++) {
		if (quote ? *p == quote : *p == '"' || *p == '\'')
			quote = quote ? '\0' : *p;
		else if (*p != '\\' || quote == '\'')
			buf_addc(word, *p);
		else if (!*++p)
			return NULL;
		else {
			/* In double quotes a backslash escapes only itself and them. */
			if (quote && *p != '"' && *p != '\\')
				buf_addc(word, '\\');
			buf_addc(word, *p);
		}
	}
	return quote ? NULL : p;
}

char **
aws_words(const char *text)
{
	char **words = xcalloc(1, sizeof *words);
	size_t n = 0;

	while (*(text += strspn(text, " \t\r\n"))) {
		struct buf word = { 0 };

		buf_adds(&word, "");
		text = cut_word(text, &word);
		words = xrealloc(words, n + 2, sizeof *words);
		words[n++] = word.data;
		words[n] = NULL;
		if (!text) {
			aws_words_free(words);
			return NULL;
		}
	}
	return words;
}

void
aws_words_free(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}

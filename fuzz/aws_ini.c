/* aws_ini - a file of settings: what is read out of it is in order, and can be cut. */
#include "aws_ini.h"

#include "fuzz.h"

static void
check_words(const char *text)
{
	char **words = aws_words(text);
	size_t sum = 0;

	for (char **word = words; word && *word; word++)
		sum += strlen(*word);
	REQUIRE(sum <= strlen(text));
	aws_words_free(words);
}

static void
check_section(const struct aws_section *s, size_t n_lines)
{
	REQUIRE(s->line >= 1 && s->line <= n_lines);
	check_words(s->name);
	for (size_t i = 0; i < s->n; i++) {
		const struct aws_setting *x = &s->list[i];
		size_t len = strlen(x->value);

		REQUIRE(*x->name && x->line > s->line && x->line <= n_lines);
		REQUIRE(!len || (!strchr(" \t\n", x->value[0]) &&
				    !strchr(" \t\n", x->value[len - 1])));
		REQUIRE(aws_section_find(s, x->name) != NULL);
		check_words(x->value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact_copy(data, size);
	struct aws_ini ini = { 0 };
	size_t line, n_lines = 1;
	const char *why;

	for (size_t i = 0; i < size; i++)
		n_lines += text[i] == '\n';
	if (aws_ini_parse(&ini, text, size, &line, &why) < 0)
		REQUIRE(why && line >= 1 && line <= n_lines);
	for (size_t i = 0; i < ini.n; i++)
		check_section(&ini.list[i], n_lines);
	aws_ini_release(&ini);
	free(text);
	return 0;
}

/*
 * aws_ini - the files of AWS tools: sections of settings, as their CLI reads them.
 *
 * A line is "[section]", "name = value" or "name: value", a comment that begins with
 * # or ;, or further text of the value above it, which stands more to the right than
 * that value's name. A name without a value on its line has settings of its own there:
 *
 *	[profile shop]
 *	region = eu-central-1
 *	s3 =
 *	    addressing_style = path
 *
 * where the last one is called "s3.addressing_style". Names are in lower case, but
 * those behind the dot as they are written.
 */
#ifndef AWS_INI_H
#define AWS_INI_H

#include <stddef.h>

struct aws_setting {
	char *name;
	char *value; /* further lines behind '\n' */
	size_t line; /* from 1 */
};

struct aws_section {
	char *name; /* all that stands in the brackets */
	size_t line;
	struct aws_setting *list; /* [n], in the order of the file */
	size_t n, cap;
};

struct aws_ini {
	struct aws_section *list; /* [n], in the order of the file */
	size_t n, cap;
};

/*
 * Of a zeroed struct, which is to be released in any case. -1 with the number of the
 * line and *why (static text), which never shows what stands there: it may be a secret.
 */
int aws_ini_parse(
    struct aws_ini *ini, const char *text, size_t len, size_t *line, const char **why);
void aws_ini_release(struct aws_ini *ini); /* wipes the values */

/* NULL if it is not there. */
const struct aws_setting *aws_section_find(
    const struct aws_section *s, const char *name);

/*
 * Cut a text into words as a shell does, which expands nothing: quotes of both kinds,
 * backslashes. An array that ends with NULL; NULL if a quote is not closed.
 */
char **aws_words(const char *text);
void aws_words_free(char **words); /* NULL is fine */

#endif

/* xml - the texts of a small XML document, for answers of AWS services. */
#include "xml.h"

#include <limits.h>
#include <string.h>

#include <expat.h>

enum { DEPTH = 32 };

struct walk {
	XML_Parser parser;
	xml_element *element;
	void *context;
	const char *why;
	struct buf path, text;
	/* Where path and text of the elements above end. */
	size_t path_ends[DEPTH], text_ends[DEPTH];
	size_t depth;
};

static void
stop(struct walk *w, const char *why)
{
	w->why = why;
	XML_StopParser(w->parser, XML_FALSE);
}

static void
begin(void *context, const char *name, const char **attributes)
{
	struct walk *w = context;
	const char *colon = strrchr(name, ':');

	(void)attributes;
	if (w->depth == DEPTH) {
		stop(w, "elements are nested too deep");
		return;
	}
	w->path_ends[w->depth] = w->path.len;
	w->text_ends[w->depth++] = w->text.len;
	if (w->path.len)
		buf_addc(&w->path, '/');
	buf_adds(&w->path, colon && colon[1] ? colon + 1 : name);
}

static void
end(void *context, const char *name)
{
	struct walk *w = context;
	size_t from = w->text_ends[--w->depth];
	struct span text = { w->text.data ? w->text.data + from : "",
		w->text.len - from };

	(void)name;
	w->element(w->context, w->path.data, text);
	w->text.len = from;
	w->path.len = w->path_ends[w->depth];
	w->path.data[w->path.len] = '\0';
}

/*
 * What stands between the children of an element comes to lie behind its own text,
 * as a child's text is dropped at its end.
 */
static void
characters(void *context, const char *p, int len)
{
	struct walk *w = context;

	if (w->depth)
		buf_add(&w->text, p, (size_t)len);
}

static void
doctype(void *context, const char *name, const char *system, const char *public,
    int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	stop(context, "a DOCTYPE");
}

int
xml_walk(
    const char *text, size_t len, xml_element *element, void *context, const char **why)
{
	struct walk w = { .element = element, .context = context };

	*why = NULL;
	if (len > INT_MAX || !(w.parser = XML_ParserCreate(NULL))) {
		*why = "too long";
		return -1;
	}
	XML_SetUserData(w.parser, &w);
	XML_SetElementHandler(w.parser, begin, end);
	XML_SetCharacterDataHandler(w.parser, characters);
	XML_SetStartDoctypeDeclHandler(w.parser, doctype);
	if (XML_Parse(w.parser, text, (int)len, XML_TRUE) != XML_STATUS_OK)
		*why = w.why ? w.why : XML_ErrorString(XML_GetErrorCode(w.parser));
	XML_ParserFree(w.parser);
	buf_release(&w.path);
	buf_release(&w.text);
	return *why ? -1 : 0;
}

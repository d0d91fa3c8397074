/* s3_answer - the XML and the dates of any server. */
#include "s3_answer.h"

#include "fuzz.h"
#include "http.h"
#include "xml.h"

static void
check_page(struct span text)
{
	struct s3_page page;
	const char *why = NULL;

	if (s3_page_parse(&page, text, &why) < 0) {
		REQUIRE(why && *why && !page.list && !page.next);
		return;
	}
	REQUIRE(!why && (!page.n || page.list));
	for (size_t i = 0; i < page.n; i++) {
		char *quoted, *again;

		REQUIRE(page.list[i].key);
		if (!page.list[i].etag || strchr(page.list[i].etag, '"'))
			continue;
		quoted = s3_etag_quoted(page.list[i].etag);
		again = s3_etag_parse(span_of(quoted));
		REQUIRE(!strcmp(again, page.list[i].etag));
		free(quoted);
		free(again);
	}
	s3_page_release(&page);
	REQUIRE(!page.list && !page.next);
}

static void
check_uploads(struct span text)
{
	struct s3_unfinished found;
	const char *why = NULL;
	char *id = s3_upload_id_parse(text), *etag = s3_completed_parse(text);

	REQUIRE(!id || *id);
	free(id);
	free(etag);
	if (s3_unfinished_parse(&found, text, &why) < 0) {
		REQUIRE(why && !found.list);
		return;
	}
	for (size_t i = 0; i < found.n; i++)
		REQUIRE(found.list[i].key && found.list[i].id);
	s3_unfinished_release(&found);
}

/* Paths never lose their balance: the root comes last and has no slash. */
static void
note_element(void *context, const char *path, struct span text)
{
	bool *rooted = context;

	REQUIRE(!*rooted && *path && path[strlen(path) - 1] != '/');
	REQUIRE(text.data);
	*rooted = !strchr(path, '/');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = exact_copy(data, size);
	struct span text = { copy, size };
	struct s3_fault fault;
	bool rooted = false;
	const char *why;

	if (!xml_walk(copy, size, note_element, &rooted, &why))
		REQUIRE(rooted && !why);
	else
		REQUIRE(why);
	if (!s3_fault_parse(&fault, text)) {
		REQUIRE(fault.code);
		s3_fault_release(&fault);
	}
	check_page(text);
	check_uploads(text);
	s3_time_parse(text);
	http_time_parse(text);
	free(copy);
	return 0;
}

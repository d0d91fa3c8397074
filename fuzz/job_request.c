/* job_request - any description of a job: an error in words, or one that prints as
 * itself. */
#include "job_request.h"

#include "fuzz.h"

static void
print(struct buf *b, const struct job_request *r)
{
	job_request_print(b, r);
	/* A comma stands before the first member, if there is one. */
	if (b->len)
		*b->data = '{';
	buf_adds(b, b->len ? "}" : "{}");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct job_request r = { 0 }, again = { 0 };
	char *text = exact_copy(data, size), *why;
	struct buf once = { 0 }, twice = { 0 };

	if (job_request_parse(&r, (struct span){ text, size }, &why) < 0) {
		REQUIRE(*why);
		free(why);
	} else {
		print(&once, &r);
		REQUIRE(!job_request_parse(
		    &again, (struct span){ once.data, once.len }, &why));
		print(&twice, &again);
		REQUIRE(!strcmp(once.data, twice.data));
		if (job_request_check(&r, &why) < 0)
			free(why);
		job_request_release(&again);
	}
	job_request_release(&r);
	buf_release(&once);
	buf_release(&twice);
	free(text);
	return 0;
}

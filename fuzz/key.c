/* key - a path of jq on the first line, JSON on the others: as libjq makes it. */
#include "key.h"

#include "fuzz.h"

/* libjq's own parser of programs leaks strings at a syntax error. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libjq.so\n";
}

/* A key of each way, or an error of each; both see the same texts in a row. */
static void
check_line(struct key *fast, struct key *jq, struct span line)
{
	struct buf a = { 0 }, b = { 0 };
	int fast_status = key_add(fast, line, &a), jq_status = key_add(jq, line, &b);

	REQUIRE(fast_status == jq_status);
	if (fast_status == 0)
		REQUIRE(a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len)));
	else
		REQUIRE(key_why(fast) && *key_why(fast));
	buf_release(&a);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact_copy(data, size), *program, *why = NULL;
	struct span rest = { text, size }, line = first_line(&rest);
	struct key *fast, *jq;

	/* Only paths: another program may run for ever or fill the memory. */
	if (!line.len || *line.data != '.' || memchr(line.data, '|', line.len) ||
	    memchr(line.data, '(', line.len) || memchr(line.data, '=', line.len) ||
	    line.len > 30) {
		free(text);
		return 0;
	}
	program = xmemdup(line.data, line.len);
	fast = key_open(program, &why);
	free(why);
	jq = key_open_jq(program, &why);
	REQUIRE(!fast == !jq);
	while (fast && rest.len)
		check_line(fast, jq, first_line(&rest));
	if (!jq)
		free(why);
	key_close(fast);
	key_close(jq);
	free(program);
	free(text);
	return 0;
}

/* key - a byte that picks a path, then lines: the key of each is as libjq makes it. */
#include "key.h"

#include "fuzz.h"

/* libjq keeps pointers to the ends of its blocks, which look lost. */
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
	/* Opened once: libjq needs 30 ms for each. */
	static const char *const programs[] = { ".", ".a", ".a.b", ".[\"x y\"]" };
	static struct key *fast[LENGTH(programs)], *jq[LENGTH(programs)];
	char *text, *why = NULL;
	struct span rest;
	size_t i;

	if (!size)
		return 0;
	i = data[0] % LENGTH(programs);
	if (!fast[i]) {
		fast[i] = key_open(programs[i], &why);
		jq[i] = key_open_jq(programs[i], &why);
		REQUIRE(fast[i] && jq[i]);
	}
	text = exact_copy(data + 1, size - 1);
	rest = (struct span){ text, size - 1 };
	while (rest.len)
		check_line(fast[i], jq[i], first_line(&rest));
	free(text);
	return 0;
}

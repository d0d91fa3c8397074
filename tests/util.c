/* util - memory, the byte buffer, spans. */
#include "util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "random.h"

/* What a child that runs the function exits with; its stderr is thrown away. */
static int
status_of(void (*run)(void))
{
	int status;
	pid_t child = fork();

	if (!child) {
		freopen("/dev/null", "w", stderr);
		run();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
overflow_in_realloc(void)
{
	free(xrealloc(NULL, SIZE_MAX / 8 + 2, 8));
}

static void
overflow_in_calloc(void)
{
	free(xcalloc(SIZE_MAX / 8 + 2, 8));
}

static void
overflow_in_aligned(void)
{
	free(xaligned(SIZE_MAX / 4, 4));
}

static void
overflow_in_buf(void)
{
	struct buf b = { 0 };

	buf_addc(&b, 'x');
	buf_reserve(&b, SIZE_MAX - 1);
}

static void
no_memory_ends_the_process_with_1(void)
{
	CHECK(status_of(overflow_in_realloc) == 1);
	CHECK(status_of(overflow_in_aligned) == 1);
	CHECK(status_of(overflow_in_buf) == 1);
#ifndef __SANITIZE_ADDRESS__ /* which ends the process itself */
	CHECK(status_of(overflow_in_calloc) == 1);
#else
	(void)overflow_in_calloc;
#endif
}

static void
nothing_is_a_block_too(void)
{
	void *blocks[] = { xmalloc(0), xcalloc(0, 8), xrealloc(NULL, 0, 8),
		xaligned(0, 4), xmemdup(NULL, 0), xstrdup("") };

	for (size_t i = 0; i < LENGTH(blocks); i++) {
		CHECK(blocks[i]);
		free(blocks[i]);
	}
}

static void
blocks_are_aligned_and_whole(void)
{
	size_t wrong = 0;

	for (size_t n = 0; n < 300; n++) {
		char *p = xaligned(n, 3);

		wrong += (uintptr_t)p % 64 != 0;
		memset(p, 1, n * 3);
		free(p);
	}
	CHECK(!wrong);
}

static void
arrays_in_one_piece_are_aligned_and_apart(void)
{
	size_t wrong = 0;

	for (size_t n = 0; n < 100; n++) {
		float *a, *b, *c;
		float *all = xfloats((struct floats[]){
		    { &a, n },
		    { &b, 3 * n },
		    { &c, 1 },
		    { NULL, 0 },
		});

		wrong += (uintptr_t)a % 64 || (uintptr_t)b % 64 || (uintptr_t)c % 64;
		wrong += b < a + n || c < b + 3 * n;
		c[0] = 1;
		free(all);
	}
	CHECK(!wrong);
}

static void
copies_end_with_nul(void)
{
	char *copy = xmemdup("a\0b", 3), *text = xasprintf("%s-%d", "x", 7);

	CHECK(!memcmp(copy, "a\0b", 4));
	CHECK(!strcmp(text, "x-7"));
	free(copy);
	free(text);
}

static void
a_buffer_is_the_sum_of_what_was_added(void)
{
	size_t wrong = 0, len = 0;
	char *expected = malloc(1 << 20), piece[4096];
	struct buf b = { 0 };

	for (int i = 0; i < 2000; i++) {
		size_t n = random_below(one_in(9) ? sizeof piece : 20);

		if (len + n + 1 > 1 << 20 || one_in(300)) {
			buf_clear(&b);
			len = 0;
			wrong += b.data && b.data[0];
		}
		memset(piece, (int)('a' + random_below(26)), sizeof piece);
		if (one_in(2))
			buf_add(&b, piece, n);
		else if (one_in(2))
			buf_addf(&b, "%.*s", (int)n, piece);
		else {
			n = 1;
			buf_addc(&b, piece[0]);
		}
		memcpy(expected + len, piece, n);
		len += n;
		wrong += b.len != len || b.len >= b.cap || b.data[b.len] != '\0' ||
			 memcmp(b.data, expected, len) != 0;
	}
	CHECK(!wrong);
	buf_release(&b);
	CHECK(!b.data && !b.len && !b.cap);
	free(expected);
}

static void
an_empty_buffer_can_be_cleared(void)
{
	struct buf b = { 0 };

	buf_clear(&b);
	CHECK(!b.data && !b.len);
	buf_adds(&b, "");
	CHECK(b.data && !b.data[0]);
	buf_release(&b);
}

static void
spans_compare_as_bytes(void)
{
	struct span empty = { NULL, 0 }, nul = { "a\0b", 3 }, other = { "a\0c", 3 };

	CHECK(span_equal(empty, span_of("")) && span_is(empty, ""));
	CHECK(span_is(span_of("ab"), "ab") && !span_is(span_of("ab"), "a"));
	CHECK(!span_is(nul, "a") && !span_equal(nul, other));
	CHECK(span_compare(nul, other) < 0 && span_compare(other, nul) > 0);
	CHECK(span_compare(nul, nul) == 0 && span_compare(empty, empty) == 0);
	CHECK(span_compare(span_of("a"), span_of("ab")) < 0);
	CHECK(span_compare(span_of("\xff"), span_of("a")) > 0);
	CHECK(span_compare(empty, span_of("a")) < 0);
}

static void
case_is_ignored_in_ascii_letters_only(void)
{
	struct span nul = { "A\0b", 3 }, same = { "a\0B", 3 }, other = { "a\0c", 3 };

	CHECK(span_equal_nocase(span_of("ITEM_ID"), span_of("item_id")));
	CHECK(span_equal_nocase(nul, same) && !span_equal_nocase(nul, other));
	CHECK(!span_equal_nocase(span_of("[a"), span_of("{a")));
	CHECK(!span_equal_nocase(span_of("\xc3\x89"), span_of("\xc3\xa9")));
	CHECK(!span_equal_nocase(span_of("a"), span_of("ab")));
	for (int a = 0; a < 256; a++)
		for (int b = 0; b < 256; b++) {
			char x = (char)a, y = (char)b;
			bool letter = (a >= 'a' && a <= 'z') || (a >= 'A' && a <= 'Z');
			bool expected = a == b || (letter && (a ^ 32) == b);

			if (span_equal_nocase((struct span){ &x, 1 },
				(struct span){ &y, 1 }) != expected)
				CHECK(!"bytes equal but for case");
		}
}

static void
the_clock_rises(void)
{
	double before = now_seconds();

	CHECK(now_seconds() >= before);
}

int
main(void)
{
	no_memory_ends_the_process_with_1();
	nothing_is_a_block_too();
	blocks_are_aligned_and_whole();
	arrays_in_one_piece_are_aligned_and_apart();
	copies_end_with_nul();
	a_buffer_is_the_sum_of_what_was_added();
	an_empty_buffer_can_be_cleared();
	spans_compare_as_bytes();
	case_is_ignored_in_ascii_letters_only();
	the_clock_rises();
	return check_end();
}

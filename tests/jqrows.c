#include "jqrows.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bitset.h"
#include "check.h"

/* Row i is the number i, but every seventh row is a text. */
static void
print_row(void *context, size_t row, struct buf *json)
{
	(void)context;
	buf_addf(json, row % 7 ? "%zu" : "\"%zu\"", row);
}

static char *
run(const char *program, size_t n, uint64_t *set, size_t *failed)
{
	struct jqrows q = { span_of(program), 1234, n, print_row, NULL };
	char *why;

	return jqrows_run(&q, set, failed, &why) < 0 ? why : NULL;
}

static void
rows_hold_if_any_result_is_true(void)
{
	size_t n = 1000, failed, wrong = 0;
	uint64_t *set = bitset_new(n);

	CHECK(!run("null, false, . % 3 == 0, error(\"unseen\") # (", n, set, &failed));
	for (size_t i = 0; i < n; i++)
		wrong += bitset_has(set, i) != (i % 7 && i % 3 == 0);
	CHECK(wrong == 0);
	/* Texts have no rest; others fail behind their results. */
	CHECK(failed == n - bitset_count(set, n));
	CHECK(!run("now == 1234", n, set, &failed) && bitset_count(set, n) == n);
	CHECK(!run("empty", n, set, &failed) && bitset_count(set, n) == 0);
	free(set);
}

static void
a_program_sees_nothing_but_its_row(void)
{
	uint64_t set[1] = { 0 };
	size_t failed;

	setenv("SECRET", "x", 1);
	CHECK(!run("(env, $ENV) | length > 0", 9, set, &failed) && !set[0]);
	CHECK(!run("[inputs] | length > 0", 9, set, &failed) && !set[0]);
	CHECK(!run("input_filename", 9, set, &failed) && !set[0]);
}

static void
what_goes_wrong_is_told(void)
{
	static const char *const programs[][2] = {
		{ ".a |", "syntax error" },
		{ "nothing", "nothing/0 is not defined" },
		{ "\xff", "invalid UTF-8" },
		{ "reduce range(29) as $i (\"x\"; . + .) | length > 0", "memory" },
	};
	uint64_t set[1];
	size_t failed;
	char *why;

	for (size_t i = 0; i < LENGTH(programs); i++) {
		why = run(programs[i][0], 9, set, &failed);
		check_report(why && strstr(why, programs[i][1]) && !strchr(why, '\n'),
		    __func__, programs[i][1], __FILE__, __LINE__);
		free(why);
	}
}

static void
without_rows_a_program_is_only_compiled(void)
{
	size_t failed;
	char *why;

	CHECK(!run("error", 0, NULL, &failed));
	why = run("nothing", 0, NULL, &failed);
	CHECK(why);
	free(why);
}

static atomic_bool done;

static void *
allocate(void *unused)
{
	for (size_t i = 0; !done; i++)
		free(xcalloc(1, 1 + i % 5000));
	return unused;
}

/* What other threads hold at that moment is no reason to wait for ever. */
static void
threads_at_work_do_not_matter(void)
{
	uint64_t set[1];
	size_t failed, wrong = 0;
	pthread_t threads[2];

	for (size_t i = 0; i < LENGTH(threads); i++)
		if (pthread_create(&threads[i], NULL, allocate, NULL))
			abort();
	alarm(300); /* ends the test */
	for (int i = 0; i < 40; i++) {
		set[0] = 0;
		wrong += run(". == 3", 9, set, &failed) || set[0] != 8;
	}
	alarm(0);
	CHECK(wrong == 0);
	done = true;
	for (size_t i = 0; i < LENGTH(threads); i++)
		pthread_join(threads[i], NULL);
}

static void
closed_standard_files_do_not_matter(void)
{
	uint64_t set[1] = { 0 };
	size_t failed;
	int in = dup(0), out = dup(1);
	char *why;

	fflush(stdout);
	close(0);
	close(1);
	why = run(". == 3", 9, set, &failed);
	dup2(in, 0);
	dup2(out, 1);
	CHECK(!why && set[0] == 8);
	free(why);
	close(in);
	close(out);
}

int
main(void)
{
	rows_hold_if_any_result_is_true();
	a_program_sees_nothing_but_its_row();
	what_goes_wrong_is_told();
	without_rows_a_program_is_only_compiled();
	threads_at_work_do_not_matter();
	closed_standard_files_do_not_matter();
	return check_end();
}

/* progress - silent unless wanted, one line on stderr, taken away at the end. */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "scratch.h"
#include "util.h"

static char shown[8192];

/* What the function writes to stderr, a file then. */
static void
record(void (*run)(void))
{
	int saved = dup(2);
	FILE *f;
	size_t n;

	if (!freopen("err", "w", stderr))
		abort();
	run();
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	f = fopen("err", "r");
	n = fread(shown, 1, sizeof shown - 1, f);
	shown[n] = '\0';
	fclose(f);
}

static void
one_show(void)
{
	struct progress p;

	progress_start(&p, "reading", "rows", 200);
	progress_show(&p, 50, "note");
	progress_show(&p, 51, NULL); /* too soon */
	progress_end(&p);
}

static void
no_total(void)
{
	struct progress p;

	progress_start(&p, "reading", "MB", 0);
	progress_show(&p, 1234567, NULL);
	progress_clear(&p);
	progress_clear(&p);
	progress_end(&p);
}

static void
bytes(void)
{
	struct progress p;

	progress_start(&p, "reading", "MB", 20000000);
	p.started -= 4;
	progress_show(&p, 10000000, NULL);
	progress_end(&p);
}

static void
too_much(void)
{
	struct progress p;
	char note[300];

	memset(note, 'x', sizeof note);
	note[sizeof note - 1] = '\0';
	progress_start(&p, "reading", "rows", 2);
	p.started -= 7300;
	progress_show(&p, 3, NULL);
	p.shown = 0;
	progress_show(&p, 1, NULL);
	p.shown = 0;
	progress_show(&p, 1, note);
}

static void
nothing_is_shown_to_a_file(void)
{
	record(one_show);
	CHECK(!*shown);
}

static void
it_can_be_forced_and_silenced(void)
{
	progress_forced = true;
	record(one_show);
	CHECK(!strcmp(shown,
	    "\rreading [#####...............]  25%  50 rows  note\033[K\r\033[K"));
	progress_silent = true;
	record(one_show);
	CHECK(!*shown);
	progress_silent = false;
}

static void
without_a_total_there_is_a_count_only(void)
{
	record(no_total);
	CHECK(!strcmp(shown, "\rreading  1.2 MB\033[K\r\033[K"));
}

static void
bytes_have_a_rate(void)
{
	record(bytes);
	CHECK(strstr(shown, "]  50%  10.0 MB  2.5 MB/s  0:04 left\033[K"));
}

static void
lines_are_cut_and_times_shown(void)
{
	char *line;

	record(too_much);
	CHECK(strstr(shown, "] 100%  3 rows  0:00 left\033[K"));
	CHECK(strstr(shown, "]  50%  1 rows  2:01:40 left\033[K"));
	line = strrchr(shown, '\r');
	CHECK(line && strcspn(line + 1, "\033") == 79);
}

int
main(void)
{
	scratch_enter();
	nothing_is_shown_to_a_file();
	it_can_be_forced_and_silenced();
	without_a_total_there_is_a_count_only();
	bytes_have_a_rate();
	lines_are_cut_and_times_shown();
	return check_end();
}

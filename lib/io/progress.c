/* progress - one line on stderr that says how far a command is. */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "util.h"

bool progress_forced, progress_silent;

void
progress_start(struct progress *p, const char *label, const char *unit, uint64_t total)
{
	*p = (struct progress){
		.label = label, .unit = unit, .total = total, .scale = 1
	};
	if (!strcmp(unit, "MB"))
		p->scale = 1e6;
	p->on = !progress_silent && (progress_forced || isatty(2));
	p->started = now_seconds();
}

static int
columns(void)
{
	struct winsize w;

	return !ioctl(2, TIOCGWINSZ, &w) && w.ws_col > 20 ? w.ws_col : 80;
}

static void
add_time(struct buf *b, double seconds)
{
	unsigned long s = (unsigned long)(seconds + 0.5);

	if (s >= 3600)
		buf_addf(b, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	else
		buf_addf(b, "%lu:%02lu", s / 60, s % 60);
}

static void
add_bar(struct buf *b, double part)
{
	enum { WIDTH = 20 };

	buf_adds(b, " [");
	for (int i = 0; i < WIDTH; i++)
		buf_addc(b, i < part * WIDTH ? '#' : '.');
	buf_addf(b, "] %3.0f%%", 100 * part);
}

void
progress_show(struct progress *p, uint64_t done, const char *note)
{
	double now, spent, part;
	struct buf b = { 0 };

	if (!p->on || (now = now_seconds()) - p->shown < 0.1)
		return;
	p->shown = now;
	spent = now - p->started;
	buf_adds(&b, p->label);
	part = p->total ? MIN(1.0, (double)done / (double)p->total) : 0;
	if (p->total)
		add_bar(&b, part);
	buf_addf(&b, "  %.*f %s", p->scale > 1, (double)done / p->scale, p->unit);
	if (p->scale > 1 && spent > 1)
		buf_addf(&b, "  %.1f %s/s", (double)done / p->scale / spent, p->unit);
	if (note)
		buf_addf(&b, "  %s", note);
	if (part > 0 && spent > 1) {
		buf_adds(&b, "  ");
		add_time(&b, spent / part - spent);
		buf_adds(&b, " left");
	}
	/* \033[K clears the rest of a longer line before. */
	fprintf(stderr, "\r%.*s\033[K", columns() - 1, b.data);
	fflush(stderr);
	p->line = true;
	buf_release(&b);
}

void
progress_clear(struct progress *p)
{
	if (p->line)
		fputs("\r\033[K", stderr);
	p->line = false;
}

void
progress_end(struct progress *p)
{
	progress_clear(p);
	p->on = false;
}

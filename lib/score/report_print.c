/* report_print - reports as JSON or as a table. */
#include <math.h>
#include <string.h>

#include "number.h"
#include "report.h"

/* Six decimals are more than any sample of users is good for. */
static void
add_number(struct buf *b, double value)
{
	char text[NUMBER_SIZE];

	number_json(text, nearbyint(value * 1e6) / 1e6);
	buf_adds(b, text);
}

static void
add_pair(struct buf *b, const char *name, double low, double high)
{
	buf_addf(b, "\"%s\":[", name);
	add_number(b, low);
	buf_addc(b, ',');
	add_number(b, high);
	buf_addc(b, ']');
}

struct count {
	const char *name;
	size_t n;
};

enum { COUNTS = 8 };

/* How many there are of what; the last ones only if a background is known. */
static size_t
counts_of(const struct eval *e, struct count counts[COUNTS])
{
	const struct count all[COUNTS] = {
		{ "inputs", e->truth->n },
		{ "inputs_without_truth", e->truth->n_empty },
		{ "inputs_without_output", e->without_output },
		{ "errors", e->errors },
		{ "outputs_not_asked", e->not_asked },
		{ "outputs_repeated", e->repeated },
		{ "interactions", e->events },
		{ "interactions_unknown", e->events_unknown },
	};
	size_t n = e->truth->of_users ? COUNTS - 2 : COUNTS - !e->o->background;

	memcpy(counts, all, sizeof all);
	return n;
}

static void
add_comparison(const struct report *r, struct buf *b)
{
	const char *comma = "";

	buf_adds(b, ",\"comparison\":{");
	for (size_t i = 0; i < r->n; i++) {
		const struct report_line *line = &r->lines[i];

		if (isnan(line->difference))
			continue;
		buf_addf(b, "%s\"%s\":{\"other\":", comma, line->name);
		add_number(b, line->other);
		buf_adds(b, ",\"difference\":");
		add_number(b, line->difference);
		if (!isnan(line->p)) {
			buf_addc(b, ',');
			add_pair(
			    b, "interval", line->difference_low, line->difference_high);
			buf_adds(b, ",\"p\":");
			add_number(b, line->p);
		}
		buf_addc(b, '}');
		comma = ",";
	}
	buf_addc(b, '}');
}

void
report_json(const struct report *r, struct buf *b)
{
	struct count counts[COUNTS];
	size_t n = counts_of(r->e, counts);
	const char *comma = "";

	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%c\"%s\":%zu", i ? ',' : '{', counts[i].name, counts[i].n);
	for (size_t i = 0; i < r->n; i++) {
		buf_addf(b, ",\"%s\":", r->lines[i].name);
		add_number(b, r->lines[i].value);
	}
	if (r->options.times) {
		buf_addf(b, ",\"resamples\":%zu,\"seed\":%ju,\"intervals\":{",
		    r->options.times, (uintmax_t)r->options.seed);
		for (size_t i = 0; i < r->n; i++) {
			const struct report_line *line = &r->lines[i];

			if (isnan(line->low))
				continue;
			buf_adds(b, comma);
			add_pair(b, line->name, line->low, line->high);
			comma = ",";
		}
		buf_addc(b, '}');
	}
	if (r->other)
		add_comparison(r, b);
	buf_adds(b, "}\n");
}

static void
add_cell(struct buf *b, double value)
{
	if (isnan(value))
		buf_addf(b, " %10s", "");
	else
		buf_addf(b, " %10.4f", value);
}

/* Blanks at the end of a line help nobody. */
static void
end_line(struct buf *b)
{
	while (b->len && b->data[b->len - 1] == ' ')
		b->data[--b->len] = '\0';
	buf_addc(b, '\n');
}

void
report_table(const struct report *r, struct buf *b)
{
	struct count counts[COUNTS];
	size_t n = counts_of(r->e, counts);
	bool intervals = r->options.times > 0;

	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%-44s %10zu\n", counts[i].name, counts[i].n);
	buf_addf(b, "%-44s %10s", "metric", "value");
	if (intervals)
		buf_addf(b, " %10s %10s", "low", "high");
	if (r->other)
		buf_addf(b, " %10s %10s", "other", "difference");
	if (r->other && intervals)
		buf_addf(b, " %10s %10s %10s", "low", "high", "p");
	buf_addc(b, '\n');
	for (size_t i = 0; i < r->n; i++) {
		const struct report_line *line = &r->lines[i];
		const double cells[] = { line->low, line->high, line->other,
			line->difference, line->difference_low, line->difference_high,
			line->p };

		buf_addf(b, "%-44s", line->name);
		add_cell(b, line->value);
		for (size_t c = intervals ? 0 : 2; c < LENGTH(cells); c++)
			add_cell(b, cells[c]);
		end_line(b);
	}
}

void
report_input(const struct eval *e, size_t input, struct buf *b)
{
	const struct truth *t = e->truth;
	const double *row = e->rows + input * e->n_columns;

	buf_adds(b, "{\"input\":");
	buf_add(b, t->texts.data + t->input[input],
	    (size_t)(t->input[input + 1] - t->input[input]));
	for (size_t i = 0; i < e->n_metrics; i++) {
		const struct eval_metric *m = &e->metrics[i];

		buf_addf(b, ",\"%s\":", m->name);
		add_number(b, row[m->over] / row[m->per]);
	}
	buf_adds(b, "}\n");
}

/* describe - what a model tells of its training. */
#include "describe.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "number.h"

static void
add_real(struct buf *b, double value)
{
	char text[NUMBER_SIZE];

	number_json(text, value);
	buf_adds(b, text);
}

/* SOURCE_DATE_EPOCH makes models reproducible to the byte. */
static void
add_time(struct buf *b)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	time_t now = fixed ? (time_t)strtoll(fixed, NULL, 10) : time(NULL);
	char text[32];
	struct tm tm;

	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	buf_addf(b, ",\"created\":\"%s\"", text);
}

static void
add_segments(struct buf *b, const struct dataset *d)
{
	buf_adds(b, ",\"segments\":[");
	for (size_t i = 0; i < d->n_segments; i++) {
		const struct segment *s = &d->segments[i];

		buf_adds(b, i ? ",{\"file\":" : "{\"file\":");
		json_quote(b, s->file, strlen(s->file));
		buf_addf(b, ",\"rows\":%llu,\"checksum\":\"%016llx\"}",
		    (unsigned long long)s->rows, (unsigned long long)s->checksum);
	}
	buf_addc(b, ']');
}

/* As the service's eventParametersList. */
static void
add_wanted(struct buf *b, const struct wanted *w)
{
	buf_adds(b, ",\"eventsConfig\":[");
	for (size_t i = 0; i < w->n; i++) {
		const struct event_rule *r = &w->rules[i];

		buf_adds(b, i ? ",{\"weight\":" : "{\"weight\":");
		add_real(b, r->weight);
		if (r->type) {
			buf_adds(b, ",\"eventType\":");
			json_quote(b, r->type, strlen(r->type));
		}
		if (r->has_threshold) {
			buf_adds(b, ",\"eventValueThreshold\":");
			add_real(b, r->threshold);
		}
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void
add_columns(struct buf *b, const char *name, const char *const *columns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(b, ',');
		else
			buf_addf(b, ",\"%s\":[", name);
		json_quote(b, columns[i], strlen(columns[i]));
	}
	if (n)
		buf_addc(b, ']');
}

static void
add_choices(struct buf *b, const struct train_options *o)
{
	add_columns(b, "includedDatasetColumns", o->included, o->n_included);
	add_columns(b, "excludedDatasetColumns", o->excluded, o->n_excluded);
	if (!o->objective)
		return;
	buf_adds(b, ",\"optimizationObjective\":{\"itemAttribute\":");
	json_quote(b, o->objective, strlen(o->objective));
	buf_adds(b, ",\"objectiveSensitivity\":");
	add_real(b, o->sensitivity);
	buf_addc(b, '}');
}

void
describe(struct buf *b, const struct dataset *d, const struct train_options *o,
    const struct train_data *data)
{
	buf_addf(b, "{\"recipe\":\"%s\",\"algorithm\":\"%s\",\"hyperparameters\":{",
	    o->recipe->name, o->recipe->algorithm_name);
	for (size_t i = 0; i < o->recipe->n_hypers; i++) {
		buf_addf(b, "%s\"%s\":", i ? "," : "", o->recipe->hypers[i].name);
		add_real(b, o->hypers.value[i]);
	}
	buf_addf(b, "},\"seed\":%llu", (unsigned long long)o->seed);
	if (o->wanted.n)
		add_wanted(b, &o->wanted);
	add_choices(b, o);
	buf_adds(b, ",\"pz\":\"" PZ_VERSION "\"");
	add_time(b);
	add_segments(b, d);
	buf_addf(b, ",\"interactions\":%llu,\"users\":%zu,\"items\":%zu",
	    (unsigned long long)data->interactions, data->users, data->items);
}

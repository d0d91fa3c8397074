/* manifest - dataset.json, the list of a dataset's schemas and segments. */
#include "manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

const char *const import_modes[] = { "full", "incremental", "put" };

char *
segment_name(const struct segment *s)
{
	return xasprintf("%s/%06" PRIu64 ".%s.jsonl.zst", dataset_names[s->dataset],
	    s->number, import_modes[s->mode]);
}

/*
 * A manifest may be of foreign origin: only names that segment_name makes are
 * taken, so none can point out of the directory.
 */
int
segment_parse_name(struct segment *s, const char *file)
{
	char folder[16], mode[16], *again;
	bool same;

	if (sscanf(file, "%15[a-z]/%" SCNu64 ".%15[a-z].jsonl.zst", folder, &s->number,
		mode) != 3)
		return -1;
	for (int d = 0; d < DATASET_TYPES; d++)
		for (size_t m = 0; m < LENGTH(import_modes); m++) {
			if (strcmp(folder, dataset_names[d]) ||
			    strcmp(mode, import_modes[m]))
				continue;
			s->dataset = (enum dataset_type)d;
			s->mode = (enum import_mode)m;
			again = segment_name(s);
			same = !strcmp(again, file);
			free(again);
			return same ? 0 : -1;
		}
	return -1;
}

static char *
json_error(const struct json *j)
{
	return xasprintf("byte %zu: %s", (size_t)(j->at - j->text) + 1, j->why);
}

static int
take_count(const struct json_value *v, uint64_t *n)
{
	char *end;

	if (v->type != JSON_NUMBER || v->raw.len > 20 || *v->raw.data == '-')
		return -1;
	errno = 0;
	*n = strtoull(v->raw.data, &end, 10);
	return errno || end != v->raw.data + v->raw.len ? -1 : 0;
}

/* Exactly 16 hexadecimal digits: in JSON a number would lose bits. */
static int
take_checksum(const char *text, uint64_t *checksum)
{
	if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
		return -1;
	*checksum = strtoull(text, NULL, 16);
	return 0;
}

static int
take_time(const char *text, time_t *t)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	if (!end || *end)
		return -1;
	*t = timegm(&tm);
	return 0;
}

static int
take_text(struct segment *s, const struct json_value *name, const char *text)
{
	if (json_is(name, "checksum"))
		return take_checksum(text, &s->checksum);
	if (json_is(name, "time"))
		return take_time(text, &s->time);
	if (json_is(name, "file")) {
		free(s->file);
		s->file = xstrdup(text);
		return segment_parse_name(s, text);
	}
	/* "dataset" and "mode" are in the name too, which is what counts. */
	return 0;
}

static int
take_member(
    struct segment *s, const struct json_value *name, const struct json_value *v)
{
	struct buf scratch = { 0 };
	struct span text;
	char *copy;
	int status;

	if (json_is(name, "rows"))
		return take_count(v, &s->rows);
	if (json_is(name, "bytes"))
		return take_count(v, &s->bytes);
	if (v->type != JSON_STRING)
		return 0;
	text = json_text(v, &scratch);
	copy = xmemdup(text.data, text.len);
	status = take_text(s, name, copy);
	free(copy);
	buf_release(&scratch);
	return status;
}

static char *
parse_segment(struct dataset *d, struct json *j)
{
	struct json_value name, v;
	struct segment *s;
	int more;

	d->segments = xrealloc(d->segments, d->n_segments + 1, sizeof *d->segments);
	s = &d->segments[d->n_segments++];
	*s = (struct segment){ 0 };
	if (json_enter(j, '{') < 0)
		return json_error(j);
	while ((more = json_member(j, &name)) > 0) {
		if (json_value(j, &v) < 0)
			return json_error(j);
		if (take_member(s, &name, &v) < 0)
			return xasprintf("segment %zu: bad %.*s: %.*s", d->n_segments,
			    (int)name.raw.len, name.raw.data,
			    (int)MIN(v.raw.len, (size_t)80), v.raw.data);
	}
	if (more < 0)
		return json_error(j);
	if (!s->file)
		return xasprintf("segment %zu has no file", d->n_segments);
	if (!d->schemas[s->dataset])
		return xasprintf("no schema for %s", s->file);
	return NULL;
}

static char *
parse_schema(struct dataset *d, struct json *j, const struct json_value *name)
{
	struct json_value v;
	int type;
	char *why, *full;

	if (json_value(j, &v) < 0)
		return json_error(j);
	for (type = 0; type < DATASET_TYPES; type++)
		if (json_is(name, dataset_names[type]))
			break;
	if (type == DATASET_TYPES || d->schemas[type])
		return xasprintf("schemas: unexpected member %.*s", (int)name->raw.len,
		    name->raw.data);
	d->schemas[type] = schema_parse(v.raw.data, v.raw.len, type, &why);
	if (d->schemas[type])
		return NULL;
	full = xasprintf("schema of %s: %s", dataset_names[type], why);
	free(why);
	return full;
}

static char *
parse_schemas(struct dataset *d, struct json *j)
{
	struct json_value name;
	char *why = NULL;

	if (json_enter(j, '{') < 0)
		return json_error(j);
	while (!why && json_member(j, &name) > 0)
		why = parse_schema(d, j, &name);
	return why ? why : j->why ? json_error(j) : NULL;
}

static char *
parse_segments(struct dataset *d, struct json *j)
{
	char *why = NULL;

	if (json_enter(j, '[') < 0)
		return json_error(j);
	while (!why && json_element(j) > 0)
		why = parse_segment(d, j);
	return why ? why : j->why ? json_error(j) : NULL;
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = ((const struct segment *)a)->number;
	uint64_t y = ((const struct segment *)b)->number;

	return (x > y) - (x < y);
}

/* "schemas" stands before "segments": a segment without a schema is an error. */
char *
manifest_parse(struct dataset *d, const char *json, size_t len)
{
	struct json_value name, v;
	uint64_t version = 0;
	char *why = NULL;
	struct json j;

	json_open(&j, json, len);
	if (json_enter(&j, '{') < 0)
		return json_error(&j);
	while (!why && json_member(&j, &name) > 0) {
		if (json_is(&name, "schemas"))
			why = parse_schemas(d, &j);
		else if (json_is(&name, "segments"))
			why = parse_segments(d, &j);
		else if (!json_value(&j, &v) && json_is(&name, "version") &&
			 (take_count(&v, &version) < 0 || version != 1))
			why = xasprintf("version %.*s; this pz reads version 1",
			    (int)MIN(v.raw.len, (size_t)40), v.raw.data);
	}
	if (why || json_finish(&j) < 0)
		return why ? why : json_error(&j);
	if (version != 1)
		return xstrdup("no version");
	if (d->n_segments)
		qsort(d->segments, d->n_segments, sizeof *d->segments, by_number);
	return NULL;
}

void
manifest_release(struct dataset *d)
{
	for (int i = 0; i < DATASET_TYPES; i++) {
		schema_free(d->schemas[i]);
		d->schemas[i] = NULL;
	}
	for (size_t i = 0; i < d->n_segments; i++)
		free(d->segments[i].file);
	free(d->segments);
	d->segments = NULL;
	d->n_segments = 0;
}

static void
print_segment(const struct segment *s, struct buf *out)
{
	char time[32];
	struct tm tm;

	strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&s->time, &tm));
	buf_addf(out,
	    "{ \"file\": \"%s\", \"dataset\": \"%s\", \"mode\": \"%s\",\n"
	    "  \"rows\": %" PRIu64 ", \"bytes\": %" PRIu64
	    ", \"checksum\": \"%016" PRIx64 "\", \"time\": \"%s\" }",
	    s->file, dataset_names[s->dataset], import_modes[s->mode], s->rows,
	    s->bytes, s->checksum, time);
}

void
manifest_print(const struct dataset *d, struct buf *out)
{
	const char *comma = "";

	buf_adds(out, "{ \"version\": 1,\n\"schemas\": {");
	for (int i = 0; i < DATASET_TYPES; i++) {
		if (!d->schemas[i])
			continue;
		buf_addf(out, "%s\n\"%s\": ", comma, dataset_names[i]);
		schema_print(d->schemas[i], out);
		comma = ",";
	}
	buf_adds(out, "},\n\"segments\": [");
	for (size_t i = 0; i < d->n_segments; i++) {
		buf_adds(out, i ? ",\n" : "\n");
		print_segment(&d->segments[i], out);
	}
	buf_adds(out, "\n] }\n");
}

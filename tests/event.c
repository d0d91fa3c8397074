/* event - calls become rows, or it is told where and why not. */
#include "event.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char *const schema_texts[DATASET_TYPES] = {
	"{\"type\":\"record\",\"name\":\"Interactions\",\"fields\":["
	"{\"name\":\"USER_ID\",\"type\":\"string\"},"
	"{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
	"{\"name\":\"TIMESTAMP\",\"type\":\"long\"},"
	"{\"name\":\"EVENT_TYPE\",\"type\":[\"null\",\"string\"]},"
	"{\"name\":\"EVENT_VALUE\",\"type\":[\"null\",\"float\"]},"
	"{\"name\":\"IMPRESSION\",\"type\":[\"null\",\"string\"]},"
	"{\"name\":\"RECOMMENDATION_ID\",\"type\":[\"null\",\"string\"]},"
	"{\"name\":\"EVENT_ATTRIBUTION_SOURCE\",\"type\":[\"null\",\"string\"]},"
	"{\"name\":\"NUMBER_OF_RATINGS\",\"type\":[\"null\",\"int\"]}]}",
	"{\"type\":\"record\",\"name\":\"Items\",\"fields\":["
	"{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
	"{\"name\":\"GENRE\",\"type\":[\"null\",\"string\"],\"categorical\":true},"
	"{\"name\":\"CREATION_TIMESTAMP\",\"type\":[\"null\",\"long\"]},"
	"{\"name\":\"inStock\",\"type\":[\"null\",\"boolean\"]}]}",
	"{\"type\":\"record\",\"name\":\"Users\",\"fields\":["
	"{\"name\":\"USER_ID\",\"type\":\"string\"},"
	"{\"name\":\"AGE\",\"type\":\"int\"}]}",
};

static struct schema *schemas[DATASET_TYPES];
static struct events events;

static bool
same(const char *got, const char *expected)
{
	bool equal = !strcmp(got, expected);

	if (!equal)
		printf("# %s\n# not %s\n", got, expected);
	return equal;
}

/*
 * What comes of a line: "whole: why", or entry after entry a row, a fate or why, with
 * the event's ID in front and " !" and the limit behind it. To be freed.
 */
static char *
result(const char *line)
{
	static const char *const fates[] = { "row", "bad", "anonymous", "itemless" };
	size_t len = strlen(line);
	char *exact = malloc(len);
	struct buf b = { 0 };

	memcpy(exact, line, len);
	buf_adds(&b, "");
	if (events_line(&events, (struct span){ exact, len }) < 0)
		buf_addf(&b, "whole: %s", events.why);
	else {
		if (*events.beyond)
			buf_addf(&b, "!%s ", events.beyond);
		while (events_next(&events)) {
			if (b.len && b.data[b.len - 1] != ' ')
				buf_addc(&b, ' ');
			if (events.event_id.len)
				buf_addf(&b, "#%.*s ", (int)events.event_id.len,
				    events.event_id.data);
			if (events.fate == EVENT_ROW)
				buf_add(&b, events.row.data, events.row.len - 1);
			else
				buf_adds(&b, events.fate == EVENT_BAD
						 ? events.why
						 : fates[events.fate]);
			if (*events.beyond)
				buf_addf(&b, " !%s", events.beyond);
		}
	}
	free(exact);
	return b.data;
}

static bool
gives(const char *line, const char *expected)
{
	char *got = result(line);
	bool equal = same(got, expected);

	free(got);
	return equal;
}

/* The members of an event beside eventType and sentAt. */
static bool
event_gives(const char *members, const char *expected)
{
	char *line = xasprintf("{\"userId\":\"u\",\"eventList\":[{\"eventType\":\"t\","
			       "\"sentAt\":1,%s}]}",
	    members);
	bool good = gives(line, expected);

	free(line);
	return good;
}

#define ROW(rest)                                                                      \
	"{\"USER_ID\":\"u\",\"ITEM_ID\":\"i\",\"TIMESTAMP\":1,\"EVENT_TYPE\":"         \
	"\"t\"" rest "}"
#define ITEM "\"itemId\":\"i\","
#define AT "eventList[0]: "

static void
each_call_becomes_rows_of_its_dataset(void)
{
	CHECK(gives("{\"trackingId\":\"T\",\"sessionId\":\"s\",\"eventList\":["
		    "{\"eventType\":\"t\",\"sentAt\":1,\"itemId\":\"i\"},"
		    "{\"itemId\":\"j\",\"sentAt\":2,\"eventId\":\"x\\u0079\","
		    "\"eventType\":\"w\"}],\"userId\":\"u\"}",
	    ROW("") " #xy {\"USER_ID\":\"u\",\"ITEM_ID\":\"j\",\"TIMESTAMP\":2,"
		    "\"EVENT_TYPE\":\"w\"}"));
	CHECK(gives(" { \"datasetArn\" : \"a\", \"items\" : [ { \"itemId\" : \"i\" }, "
		    "{ \"itemId\" : \"j\", \"properties\" : "
		    "\"{ \\\"genre\\\": \\\"a|b\\\", \\\"creationTimestamp\\\": 7, "
		    "\\\"inStock\\\": true }\" } ] } ",
	    "{\"ITEM_ID\":\"i\"} {\"ITEM_ID\":\"j\",\"GENRE\":\"a|b\","
	    "\"CREATION_TIMESTAMP\":7,\"inStock\":true}"));
	CHECK(gives("{\"users\":[{\"userId\":\"u\",\"properties\":\"{\\\"age\\\":"
		    "\\\"41\\\"}\"},{\"userId\":7,\"properties\":{\"age\":42}}]}",
	    "{\"USER_ID\":\"u\",\"AGE\":41} {\"USER_ID\":\"7\",\"AGE\":42}"));
	CHECK(gives("{\"items\":[]}", "!items has 0 entries; PutItems takes 1 to 10 "));
}

static void
members_go_to_their_columns(void)
{
	CHECK(event_gives(ITEM "\"eventValue\":2.50", ROW(",\"EVENT_VALUE\":2.50")));
	CHECK(event_gives(ITEM "\"eventValue\":\"3\"", ROW(",\"EVENT_VALUE\":3")));
	CHECK(event_gives(ITEM "\"eventValue\":null,\"eventId\":null", ROW("")));
	CHECK(event_gives(ITEM "\"impression\":[\"a\",\"\\u00e9\"]",
	    ROW(",\"IMPRESSION\":\"a|\xc3\xa9\"")));
	CHECK(event_gives(ITEM
	    "\"recommendationId\":\"r\","
	    "\"metricAttribution\":{\"eventAttributionSource\":\"w\"}",
	    ROW(",\"RECOMMENDATION_ID\":\"r\",\"EVENT_ATTRIBUTION_SOURCE\":\"w\"")));
	CHECK(
	    event_gives(ITEM "\"properties\":\"{\\\"numberOfRatings\\\":\\\"12\\\"}\"",
		ROW(",\"NUMBER_OF_RATINGS\":12")));
	/* As events were written before they had members of their own for it. */
	CHECK(event_gives("\"properties\":\"{\\\"itemId\\\":\\\"i\\\","
			  "\\\"eventValue\\\":1}\"",
	    ROW(",\"EVENT_VALUE\":1")));
	CHECK(event_gives(ITEM "\"properties\":{\"ITEM_ID\":\"i\"}", ROW("")));
	CHECK(event_gives(ITEM "\"properties\":{\"itemId\":\"j\"}",
	    AT "ITEM_ID: there twice, and not the same"));
	CHECK(event_gives(ITEM "\"properties\":{\"userId\":\"v\"}",
	    AT "USER_ID: there twice, and not the same"));
	CHECK(event_gives(ITEM "\"properties\":{\"nothing\":null}", ROW("")));
}

static bool
time_gives(const char *sent_at, const char *expected)
{
	char *line = xasprintf(
	    "{\"userId\":\"u\",\"eventList\":[{\"eventType\":\"t\",\"itemId\":\"i\","
	    "\"sentAt\":%s}]}",
	    sent_at);
	char *got = result(line), *time = strstr(got, "\"TIMESTAMP\":");
	bool good;

	if (time)
		*strchr(time, ',') = '\0';
	good = same(time ? time + 12 : got, expected);
	free(got);
	free(line);
	return good;
}

static void
times_are_numbers_or_iso_8601(void)
{
	static const char *const bad[] = { "\"yesterday\"", "true", "1e300", "[1]",
		"\"2020-13-01T00:00:00Z\"", "{}" };

	CHECK(time_gives("1600000000", "1600000000"));
	CHECK(time_gives("1600000000.999", "1600000000"));
	CHECK(time_gives("1.6e9", "1600000000"));
	CHECK(time_gives("-0.5", "-1"));
	CHECK(time_gives("0", "0"));
	CHECK(time_gives("\"1600000000.5\"", "1600000000"));
	CHECK(time_gives("\"2020-09-13T12:26:40Z\"", "1600000000"));
	CHECK(time_gives("\"2020-09-13T14:26:40.123000+02:00\"", "1600000000"));
	CHECK(time_gives("\"2020-09-13T12:26:40\"", "1600000000"));
	CHECK(!events_late(&events));
	CHECK(time_gives("1600000000000", "1600000000000") && events_late(&events));
	CHECK(time_gives("null", AT "no sentAt"));
	for (size_t i = 0; i < LENGTH(bad); i++) {
		char *expected = xasprintf(AT
		    "sentAt: %s is neither seconds since 1970 nor a time in ISO 8601",
		    bad[i]);

		CHECK(time_gives(bad[i], expected));
		free(expected);
	}
}

static void
what_makes_no_interaction_has_a_fate(void)
{
	CHECK(gives("{\"sessionId\":\"s\",\"eventList\":[{\"eventType\":\"t\","
		    "\"sentAt\":1,\"itemId\":\"i\"},{\"eventType\":\"t\"}]}",
	    "anonymous eventList[1]: no sentAt"));
	CHECK(
	    gives("{\"sessionId\":\"s\",\"userId\":\"\",\"eventList\":[{\"eventType\":"
		  "\"t\",\"sentAt\":1,\"itemId\":\"i\"}]}",
		"anonymous"));
	CHECK(event_gives("\"eventId\":\"x\"", "#x itemless"));
	CHECK(gives("{\"eventList\":[{}]}", "whole: neither userId nor sessionId"));
	CHECK(
	    gives("{\"userId\":\"u\",\"eventList\":[{\"sentAt\":1,\"itemId\":\"i\"}]}",
		AT "no eventType"));
	CHECK(gives("{\"items\":[{\"properties\":\"{}\"},{\"itemId\":\"\"}]}",
	    "items[0]: no itemId items[1]: no itemId"));
}

static void
bad_lines_are_told(void)
{
	CHECK(gives("", "whole: byte 1: expected an object"));
	CHECK(gives("[]", "whole: byte 1: expected an object"));
	CHECK(gives("{\"items\":[{\"itemId\":\"i\"}]", "whole: byte 26: unexpected end "
						       "of the line"));
	CHECK(gives("{\"items\":[{\"itemId\":\"i\"}]} x",
	    "whole: byte 28: more behind the value"));
	CHECK(gives("{\"userId\":\"u\"}",
	    "whole: none of eventList, items and users is there; expected PutEvents, "
	    "PutItems or PutUsers"));
	CHECK(gives("{\"users\":[],\"items\":[]}",
	    "whole: both items and users; expected one call a line"));
	CHECK(gives("{\"users\":{}}", "whole: users: expected an array"));
	CHECK(gives("{\"users\":[],\"users\":[]}", "whole: users: there twice"));
	CHECK(gives("{\"users\":[],\"EventList\":[]}",
	    "whole: unknown member \"EventList\" of PutUsers"));
	CHECK(gives("{\"items\":[],\"userId\":\"u\"}",
	    "whole: unknown member \"userId\" of PutItems"));
}

static void
bad_entries_are_told_with_their_index(void)
{
	CHECK(event_gives(ITEM "\"itemid\":1",
	    AT "unknown member \"itemid\"; expected some of eventId, eventType, "
	       "eventValue, impression, itemId, metricAttribution, properties, "
	       "recommendationId, sentAt"));
	CHECK(gives("{\"users\":[{\"userId\":\"a\",\"properties\":{\"age\":1}},3]}",
	    "{\"USER_ID\":\"a\",\"AGE\":1} users[1]: expected an object"));
	CHECK(gives("{\"users\":[{\"userId\":\"a\"}]}",
	    "users[0]: AGE: missing or empty, but the schema does not allow null"));
	CHECK(gives("{\"items\":[{\"itemId\":\"a\",\"properties\":{\"color\":\"x\"}}]}",
	    "items[0]: properties: the schema of items has no column for \"color\"; "
	    "there are genre, creationTimestamp, inStock"));
	CHECK(event_gives(ITEM "\"properties\":{\"x\":1}",
	    AT "properties: the schema of interactions has no column for \"x\"; there "
	       "are numberOfRatings"));
	CHECK(event_gives(
	    ITEM "\"eventValue\":\"x\"", AT "EVENT_VALUE: 'x' is not a number"));
	CHECK(event_gives(ITEM "\"itemId\":\"i\"", AT "itemId: there twice"));
	CHECK(event_gives(
	    ITEM "\"eventId\":7", "eventList[0]: eventId: expected a string, not 7"));
	CHECK(event_gives(
	    ITEM "\"properties\":\"{\\\"a\\\"\"", AT "properties: byte 5: expected :"));
	CHECK(event_gives(
	    ITEM "\"properties\":7", AT "properties: expected a string of JSON"));
	CHECK(event_gives(ITEM "\"impression\":\"a\"",
	    AT "impression: expected an array of item IDs"));
	CHECK(event_gives(ITEM "\"impression\":[\"a\",7]",
	    AT "impression[1]: expected an item ID, not 7"));
	CHECK(event_gives(ITEM "\"impression\":[\"a|b\"]",
	    AT "impression[0]: \"a|b\" has a |, which stands between items"));
	CHECK(event_gives(ITEM "\"metricAttribution\":7",
	    AT "metricAttribution: expected {\"eventAttributionSource\":...}"));
}

/* A string of n characters, a quarter of them of two bytes. */
static char *
long_text(size_t n)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++)
		buf_adds(&b, i % 4 ? "x" : "\xc3\xa9");
	return b.data;
}

/* A member's text of n characters is within the limit, one of n + 1 is not. */
static bool
limit_is(const char *format, size_t n, const char *what, bool strict)
{
	char *within = long_text(n), *beyond = long_text(n + 1), *line, *got;
	char *expected =
	    xasprintf("%s%s is %zu characters long; the service allows %zu",
		strict ? "" : "!", what, n + 1, n);
	bool good;

	line = xasprintf(format, within);
	got = result(line);
	good = !strchr(got, '!') && !strstr(got, "allows");
	free(got);
	free(line);
	line = xasprintf(format, beyond);
	got = result(line);
	good = good && strstr(got, expected);
	if (!good)
		printf("# %.300s\n", got);
	free(got);
	free(line);
	free(expected);
	free(within);
	free(beyond);
	return good;
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void
limits_of_characters(bool strict)
{
	static const char head[] =
	    "{\"trackingId\":\"t\",\"sessionId\":\"s\",\"userId\":"
	    "\"u\",\"eventList\":[{\"eventType\":\"t\","
	    "\"sentAt\":1,\"itemId\":\"i\",";
	static const struct {
		const char *name;
		size_t max;
	} members[] = { { "recommendationId", 40 }, { "eventId", 256 } };

	for (size_t i = 0; i < LENGTH(members); i++) {
		char *format = xasprintf("%s\"%s\":\"%%s\"}]}", head, members[i].name);
		char *what = xasprintf("eventList[0]: %s", members[i].name);

		CHECK(limit_is(format, members[i].max, what, strict));
		free(format);
		free(what);
	}
	/* {"genre":"..."} has 12 characters more; its value is too long for a row. */
	CHECK(limit_is("{\"datasetArn\":\"a\",\"items\":[{\"itemId\":\"i\","
		       "\"properties\":\"%s\"}]}",
	    32000, "items[0]: properties", strict));
	CHECK(limit_is("{\"datasetArn\":\"a\",\"users\":[{\"userId\":\"i\","
		       "\"properties\":\"%s\"}]}",
	    24000, "users[0]: properties", strict));
}

/* n events, or impressions, in a line. */
static char *
line_of(const char *head, const char *each, size_t n, const char *tail)
{
	struct buf b = { 0 };

	buf_adds(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i ? "," : "", each);
	buf_adds(&b, tail);
	return b.data;
}

static bool
count_beyond(const char *head, const char *each, size_t n, const char *tail,
    const char *expected)
{
	char *line = line_of(head, each, n, tail), *got = result(line);
	bool good = *expected ? strstr(got, expected) != NULL : !strchr(got, '!');

	if (!good)
		printf("# %.300s\n", got);
	free(line);
	free(got);
	return good;
}

/* A line of that head, its entry made up to n bytes by blanks. */
static bool
gives_bytes(const char *head, size_t len, size_t n, const char *expected)
{
	char *line = xasprintf("%s%*s}]}", head, (int)(n - len), ""),
	     *got = result(line);
	bool good = *expected ? strstr(got, expected) != NULL : !strchr(got, '!');

	if (!good)
		printf("# %.300s\n", got);
	free(line);
	free(got);
	return good;
}

static void
limits_of_numbers(void)
{
	static const char event[] =
	    "{\"eventType\":\"t\",\"sentAt\":1,\"itemId\":\"i\"";
	char *head =
	    xasprintf("{\"userId\":\"u\",\"eventList\":[%s,\"impression\":[", event);
	char *each = xasprintf("%s}", event);

	CHECK(count_beyond("{\"userId\":\"u\",\"eventList\":[", each, 10, "]}", ""));
	CHECK(count_beyond("{\"userId\":\"u\",\"eventList\":[", each, 11, "]}",
	    "!eventList has 11 entries; PutEvents takes 1 to 10 {"));
	CHECK(count_beyond(head, "\"a\"", 25, "]}]}", ""));
	CHECK(count_beyond(head, "\"a\"", 26, "]}]}",
	    "!eventList[0]: impression has 26 items; the service allows 1 to 25"));
	CHECK(count_beyond(head, "\"a\"", 0, "]}]}",
	    "!eventList[0]: impression has 0 items; the service allows 1 to 25"));
	free(head);
	head = xasprintf("{\"userId\":\"u\",\"eventList\":[%s", event);
	/* One entry of that many bytes. */
	CHECK(gives_bytes(head, strlen(event) + 1, 10240, ""));
	CHECK(gives_bytes(head, strlen(event) + 1, 10241,
	    "!eventList[0]: 10241 bytes long; the service allows 10240"));
	free(head);
	free(each);
}

static void
strict_makes_limits_errors(void)
{
	events_close(&events);
	events_open(&events, schemas, true);
	limits_of_characters(true);
	CHECK(gives("{\"items\":[{\"itemId\":\"i\"}]}",
	    "whole: no datasetArn, which the service requires"));
	CHECK(gives("{\"trackingId\":\"t\",\"userId\":\"u\",\"eventList\":[]}",
	    "whole: no sessionId, which the service requires"));
	CHECK(gives("{\"datasetArn\":\"a\",\"users\":[]}",
	    "whole: users has 0 entries; PutUsers takes 1 to 10"));
	events_close(&events);
	events_open(&events, schemas, false);
}

static void
members_without_a_column_are_noted(void)
{
	static const char few[] =
	    "{\"type\":\"record\",\"name\":\"Interactions\",\"fields\":["
	    "{\"name\":\"USER_ID\",\"type\":\"string\"},"
	    "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
	    "{\"name\":\"TIMESTAMP\",\"type\":\"long\"}]}";
	struct schema *only[DATASET_TYPES] = { 0 };
	struct buf names = { 0 };
	char *why;

	events_close(&events);
	only[INTERACTIONS] = schema_parse(few, strlen(few), INTERACTIONS, &why);
	events_open(&events, only, false);
	events_ignored(&events, &names);
	CHECK(!names.len);
	CHECK(event_gives(ITEM "\"eventValue\":7,\"impression\":[\"a\"],"
			       "\"recommendationId\":null",
	    "{\"USER_ID\":\"u\",\"ITEM_ID\":\"i\",\"TIMESTAMP\":1}"));
	events_ignored(&events, &names);
	CHECK(same(names.data, "eventType, eventValue, impression"));
	CHECK(event_gives(ITEM "\"properties\":{\"x\":1}",
	    AT "properties: the schema of interactions has no column for \"x\""));
	events_close(&events);
	events_open(&events, schemas, false);
	schema_free(only[INTERACTIONS]);
	buf_release(&names);
}

int
main(void)
{
	char *why;

	for (int t = 0; t < DATASET_TYPES; t++)
		schemas[t] =
		    schema_parse(schema_texts[t], strlen(schema_texts[t]), t, &why);
	events_open(&events, schemas, false);
	each_call_becomes_rows_of_its_dataset();
	members_go_to_their_columns();
	times_are_numbers_or_iso_8601();
	what_makes_no_interaction_has_a_fate();
	bad_lines_are_told();
	bad_entries_are_told_with_their_index();
	limits_of_characters(false);
	limits_of_numbers();
	strict_makes_limits_errors();
	members_without_a_column_are_noted();
	events_close(&events);
	for (int t = 0; t < DATASET_TYPES; t++)
		schema_free(schemas[t]);
	return check_end();
}

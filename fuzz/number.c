/* number - every double prints as a JSON number that reads back. */
#include "number.h"

#include <math.h>

#include "fuzz.h"
#include "json.h"

static double
read_back(const char *text, size_t len)
{
	struct json_value v;
	struct json j;

	REQUIRE(len == strlen(text) && len < NUMBER_SIZE);
	json_open(&j, text, len);
	REQUIRE(json_value(&j, &v) == 0 && json_finish(&j) == 0);
	REQUIRE(v.type == JSON_NUMBER);
	return json_number(&v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[NUMBER_SIZE];

	for (; size >= sizeof(double); data += sizeof(double), size -= sizeof(double)) {
		double value, back;

		memcpy(&value, data, sizeof value);
		if (!isfinite(value)) {
			REQUIRE(number_score(out, value) == 4 && !strcmp(out, "null"));
			REQUIRE(number_json(out, value) == 4 && !strcmp(out, "null"));
			continue;
		}
		REQUIRE(read_back(out, number_json(out, value)) == value);
		back = read_back(out, number_score(out, value));
		REQUIRE(fabs(back - value) <= 5.0001e-8 + fabs(value) * 2.3e-16);
	}
	return 0;
}

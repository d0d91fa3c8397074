/* s3_error - one line with address, status, code and what to check. */
#include "s3_error.h"

#include <string.h>

#include "check.h"

static bool
says(int status, const char *code, const char *message, const char *expected)
{
	struct s3_error e = { .status = status };
	bool same;

	strncpy(e.code, code, sizeof e.code - 1);
	s3_error_explain(&e, "s3://b/k", message, "s3:GetObject");
	same = !strcmp(e.text, expected);
	if (!same)
		printf("# %s\n", e.text);
	s3_error_release(&e);
	return same;
}

static void
each_failure_says_what_to_check(void)
{
	CHECK(says(403, "AccessDenied", "Access Denied",
	    "s3://b/k: 403 AccessDenied: not allowed: check s3:GetObject"));
	CHECK(says(403, "", NULL, "s3://b/k: 403: not allowed: check s3:GetObject"));
	CHECK(says(404, "NoSuchBucket", NULL,
	    "s3://b/k: 404 NoSuchBucket: there is no such bucket: check name, region "
	    "and endpoint"));
	CHECK(says(403, "AccessDenied",
	    "User is not authorized to perform: kms:Decrypt on this resource",
	    "s3://b/k: 403 AccessDenied: check the KMS key, and kms:GenerateDataKey "
	    "and kms:Decrypt on it"));
	CHECK(says(400, "KMS.DisabledException", NULL,
	    "s3://b/k: 400 KMS.DisabledException: check the KMS key, and "
	    "kms:GenerateDataKey and kms:Decrypt on it"));
}

static void
what_is_not_known_is_said_in_the_servers_words_on_one_line(void)
{
	CHECK(says(418, "Teapot", "short and\nstout\033[31m",
	    "s3://b/k: 418 Teapot: short and stout [31m"));
	CHECK(
	    says(418, "Teapot", NULL, "s3://b/k: 418 Teapot: the server says no more"));
}

static void
a_code_is_looked_up_whole(void)
{
	CHECK(says(404, "NoSuch", "m", "s3://b/k: 404 NoSuch: m"));
}

int
main(void)
{
	each_failure_says_what_to_check();
	what_is_not_known_is_said_in_the_servers_words_on_one_line();
	a_code_is_looked_up_whole();
	return check_end();
}

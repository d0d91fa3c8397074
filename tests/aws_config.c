/* aws_config - settings are read as the AWS CLI reads them. */
#include "aws_config.h"

#include <string.h>

#include "aws_ini.h"
#include "check.h"
#include "scratch.h"
#include "util.h"

static char *why;
static struct aws_config *config;

static bool
is(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void
write_text(const char *path, const char *text)
{
	scratch_write(path, text, strlen(text));
}

/* An environment without anything of AWS's, and these files. */
static void
begin(const char *config_text, const char *credentials_text)
{
	static const char *const variables[] = { "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",
		"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SSO_OIDC",
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_CA_BUNDLE" };

	for (size_t i = 0; i < LENGTH(variables); i++)
		unsetenv(variables[i]);
	write_text("config", config_text);
	write_text("credentials", credentials_text);
	setenv("AWS_CONFIG_FILE", "config", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "credentials", 1);
}

static void
end(void)
{
	aws_config_free(config);
	config = NULL;
	free(why);
	why = NULL;
}

static bool
load(const struct aws_overrides *overrides)
{
	end();
	config = aws_config_load(overrides, &why);
	return config != NULL;
}

/* The only setting of "[default]" in a file of this text. */
static const char *
value_of(const char *text, const char *name)
{
	begin(text, "");
	return load(NULL) ? aws_config_get(config, name) : why;
}

static void
lines_are_read_as_the_cli_reads_them(void)
{
	CHECK(is(value_of("[default]\na=1\n", "a"), "1"));
	CHECK(is(value_of("[default]\na = 1 2 \n", "a"), "1 2"));
	CHECK(is(value_of("[default]\r\na\t=\t1\r\n", "a"), "1"));
	CHECK(is(value_of("\xef\xbb\xbf[default]\na=1", "a"), "1"));
	CHECK(is(value_of("[default]\nA=1\n", "a"), "1"));
	CHECK(is(value_of("[default]\na: b=1\n", "a"), "b=1"));
	CHECK(is(value_of("[default]\na=b:1\n", "a"), "b:1"));
	CHECK(is(value_of("# x\n;y\n[default] # z\n  # x\na=1\n", "a"), "1"));
	CHECK(is(value_of("[default]\na=1 # no comment\n", "a"), "1 # no comment"));
	CHECK(is(value_of("[default]\n  b=1\n  a=2\n", "a"), "2"));
	CHECK(is(value_of("[default]\na=\n", "a"), NULL));
	CHECK(is(value_of("[other]\na=1\n", "a"), NULL));
	CHECK(is(value_of("", "a"), NULL));
}

static void
indented_lines_belong_to_the_setting_above(void)
{
	const char *s3 = "[default]\ns3 =\n  a = 1\n\n# x\n    B=2\n  a=3\nc=4\n";

	CHECK(is(value_of(s3, "s3.a"), "3"));
	CHECK(is(value_of(s3, "s3.B"), "2"));
	CHECK(is(value_of(s3, "s3.b"), NULL));
	CHECK(is(value_of(s3, "c"), "4"));
	CHECK(is(value_of(s3, "s3"), NULL));
	CHECK(is(
	    value_of("[default]\na = 1\n  2\n\n# x\n  3\n\nb=1\n", "a"), "1\n2\n\n3"));
	CHECK(is(value_of("[default]\na = 1\n  b=2\n", "b"), NULL));
	CHECK(is(value_of("[default]\n  a = 1\n  b=2\n", "b"), "2"));
}

static void
what_cannot_be_read_is_told_by_line_without_its_text(void)
{
	CHECK(is(value_of("a=1\n", "a"), "config:1: no [section] before it"));
	CHECK(is(value_of("[default]\nsecret\n", "a"),
	    "config:2: neither '[section]' nor 'name = value'"));
	CHECK(is(
	    value_of("[default]\n=secret\n", "a"), "config:2: no name before the '='"));
	CHECK(is(value_of("[default]\na=1\nA=2\n", "a"),
	    "config:3: the setting is in this section already"));
	CHECK(is(value_of("[default]\na=1\n[default]\n", "a"),
	    "config:3: the section is there already"));
	CHECK(is(value_of("[default]\ns3=\n  secret\n", "a"),
	    "config:3: not 'name = value', as the setting above has no value"));
	begin("[default]\n", "[default]\nx\n");
	CHECK(!load(NULL));
	CHECK(is(why, "credentials:2: neither '[section]' nor 'name = value'"));
	scratch_write("config", "[a\0b]\n", 6);
	CHECK(!load(NULL));
	CHECK(is(why, "config:1: a NUL, so this is no text"));
	setenv("AWS_CONFIG_FILE", ".", 1);
	CHECK(!load(NULL));
	CHECK(is(why, ".: Is a directory"));
}

static void
a_file_that_is_not_there_is_empty(void)
{
	begin("", "");
	setenv("AWS_CONFIG_FILE", "none/config", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "config/none", 1);
	CHECK(load(NULL));
	CHECK(is(aws_config_profile(config), "default"));
	CHECK(!aws_config_profile_is_chosen(config));
}

static void
files_are_those_in_the_home_unless_named(void)
{
	begin("", "");
	unsetenv("AWS_CONFIG_FILE");
	unsetenv("AWS_SHARED_CREDENTIALS_FILE");
	setenv("HOME", "/nowhere", 1);
	CHECK(load(NULL));
	CHECK(is(aws_config_path(config, AWS_CONFIG_FILE), "/nowhere/.aws/config"));
	CHECK(is(aws_config_path(config, AWS_CREDENTIALS_FILE),
	    "/nowhere/.aws/credentials"));
	setenv("AWS_CONFIG_FILE", "~/x", 1);
	CHECK(load(NULL));
	CHECK(is(aws_config_path(config, AWS_CONFIG_FILE), "/nowhere/x"));
}

static void
a_profile_is_named_differently_in_the_two_files(void)
{
	begin("[profile a]\nx=1\n[b]\nx=2\n[profile \"c d\"]\nx=3\n[profile "
	      "default]\nx=4\n"
	      "[profile e f]\nx=5\n",
	    "[a]\ny=1\n[profile b]\ny=2\n");
	CHECK(load(NULL));
	CHECK(is(aws_config_of(config, "a", "x"), "1"));
	CHECK(is(aws_config_of(config, "a", "y"), "1"));
	CHECK(is(aws_config_of(config, "b", "x"), NULL));
	CHECK(!aws_config_has_profile(config, "b"));
	CHECK(is(aws_config_of(config, "profile b", "y"), "2"));
	CHECK(is(aws_config_of(config, "c d", "x"), "3"));
	CHECK(is(aws_config_get(config, "x"), "4"));
	CHECK(!aws_config_has_profile(config, "e"));
}

static void
the_credentials_file_goes_before_the_config_file(void)
{
	size_t line = 0;

	begin("[default]\na=1\nb=1\n", "[default]\n\na=2\n");
	CHECK(load(NULL));
	CHECK(is(aws_config_get(config, "a"), "2"));
	CHECK(is(aws_config_get(config, "b"), "1"));
	CHECK(is(aws_config_in(config, AWS_CONFIG_FILE, "default", "a", &line), "1"));
	CHECK(line == 2);
	CHECK(is(
	    aws_config_in(config, AWS_CREDENTIALS_FILE, "default", "a", &line), "2"));
	CHECK(line == 3);
}

static void
the_profile_is_chosen_by_option_then_by_environment(void)
{
	struct aws_overrides o = { .profile = "a" };

	begin("[profile a]\n[profile b]\n[profile c]\n", "");
	setenv("AWS_DEFAULT_PROFILE", "c", 1);
	CHECK(load(NULL) && is(aws_config_profile(config), "c"));
	setenv("AWS_PROFILE", "b", 1);
	CHECK(load(NULL) && is(aws_config_profile(config), "b"));
	CHECK(!aws_config_profile_is_chosen(config));
	CHECK(load(&o) && is(aws_config_profile(config), "a"));
	CHECK(aws_config_profile_is_chosen(config));
	setenv("AWS_PROFILE", "", 1);
	CHECK(load(NULL) && is(aws_config_profile(config), "c"));
}

static void
a_profile_asked_for_must_be_there(void)
{
	struct aws_overrides o = { .profile = "b" };

	begin("[profile a]\n", "");
	setenv("AWS_PROFILE", "x", 1);
	CHECK(!load(NULL));
	CHECK(is(why, "AWS_PROFILE: there is no profile 'x' in config or credentials"));
	CHECK(!load(&o));
	CHECK(is(why, "--profile: there is no profile 'b' in config or credentials"));
	setenv("AWS_PROFILE", "default", 1);
	CHECK(load(NULL));
}

static void
the_region_comes_from_option_environment_profile(void)
{
	struct aws_overrides o = { .region = "r-1" };

	begin("[default]\n", "");
	CHECK(load(NULL) && is(aws_config_region(config), NULL));
	write_text("config", "[default]\nregion=r-4\n");
	CHECK(load(NULL) && is(aws_config_region(config), "r-4"));
	setenv("AWS_DEFAULT_REGION", "r-3", 1);
	CHECK(load(NULL) && is(aws_config_region(config), "r-3"));
	setenv("AWS_REGION", "r-2", 1);
	CHECK(load(NULL) && is(aws_config_region(config), "r-2"));
	CHECK(load(&o) && is(aws_config_region(config), "r-1"));
}

static void
a_region_is_a_part_of_a_host_name(void)
{
	static const char *const bad[] = { "evil.example/", "us east", "-a", "a-",
		"a.b",
		"0123456789012345678901234567890123456789012345678901234567890123" };

	begin("", "");
	for (size_t i = 0; i < LENGTH(bad); i++) {
		setenv("AWS_REGION", bad[i], 1);
		CHECK(!load(NULL));
	}
	setenv("AWS_REGION", "us east", 1);
	CHECK(!load(NULL));
	CHECK(is(why, "AWS_REGION: 'us east' is no region's name, as us-east-1 is"));
	setenv("AWS_REGION", "US-gov-1", 1);
	CHECK(load(NULL));
}

static void
endpoints_come_from_the_most_special_place(void)
{
	struct aws_overrides o = { .endpoint = "http://1" };

	begin("[default]\nendpoint_url = http://5\nservices = mine\n"
	      "[services mine]\ns3 =\n  endpoint_url = http://4\n"
	      "sso_oidc =\n  endpoint_url = http://6\n",
	    "");
	CHECK(load(NULL));
	CHECK(is(aws_config_endpoint(config, "sts"), "http://5"));
	CHECK(is(aws_config_endpoint(config, "s3"), "http://4"));
	CHECK(is(aws_config_endpoint(config, "sso-oidc"), "http://6"));
	CHECK(is(aws_config_endpoint(config, "sso"), "http://5"));
	setenv("AWS_ENDPOINT_URL", "http://3", 1);
	CHECK(is(aws_config_endpoint(config, "s3"), "http://3"));
	setenv("AWS_ENDPOINT_URL_S3", "http://2", 1);
	setenv("AWS_ENDPOINT_URL_SSO_OIDC", "http://7", 1);
	CHECK(is(aws_config_endpoint(config, "s3"), "http://2"));
	CHECK(is(aws_config_endpoint(config, "sso-oidc"), "http://7"));
	CHECK(load(&o));
	CHECK(is(aws_config_endpoint(config, "s3"), "http://1"));
	CHECK(is(aws_config_endpoint(config, "sts"), "http://3"));
}

static void
configured_endpoints_can_be_ignored(void)
{
	struct aws_overrides o = { .endpoint = "http://1" };

	begin("[default]\nignore_configured_endpoint_urls = true\n"
	      "endpoint_url=http://2\n",
	    "");
	setenv("AWS_ENDPOINT_URL", "http://3", 1);
	CHECK(load(&o));
	CHECK(is(aws_config_endpoint(config, "s3"), "http://1"));
	CHECK(is(aws_config_endpoint(config, "sts"), NULL));
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false", 1);
	CHECK(is(aws_config_endpoint(config, "sts"), "http://3"));
}

static void
a_services_section_that_is_named_must_be_there(void)
{
	begin("[default]\nservices=mine\n", "");
	CHECK(!load(NULL));
	CHECK(is(why, "config: profile default: there is no [services mine]"));
}

static void
the_ca_bundle_comes_from_environment_then_profile(void)
{
	begin("[default]\nca_bundle=/a\n", "");
	CHECK(load(NULL));
	CHECK(is(aws_config_ca_bundle(config), "/a"));
	setenv("AWS_CA_BUNDLE", "/b", 1);
	CHECK(is(aws_config_ca_bundle(config), "/b"));
}

/* The words in brackets, or "open" if a quote is not closed. */
static bool
cut(const char *text, const char *expected)
{
	char **words = aws_words(text);
	struct buf b = { 0 };
	bool same;

	buf_adds(&b, words ? "" : "open");
	for (char **word = words; word && *word; word++)
		buf_addf(&b, "[%s]", *word);
	same = is(b.data, expected);
	buf_release(&b);
	aws_words_free(words);
	return same;
}

static void
words_are_cut_as_a_shell_cuts_them(void)
{
	CHECK(cut("", ""));
	CHECK(cut(" a  b\tc\n", "[a][b][c]"));
	CHECK(cut("'a b'\"c d\"e f", "[a bc de][f]"));
	CHECK(cut("a\\ b \\\"", "[a b][\"]"));
	CHECK(cut("'a\\b' \"a\\b\\\"\\\\\"", "[a\\b][a\\b\"\\]"));
	CHECK(cut("'' \"\"", "[][]"));
	CHECK(cut("$HOME `x` *", "[$HOME][`x`][*]"));
	CHECK(cut("a 'b", "open"));
	CHECK(cut("\"b", "open"));
	CHECK(cut("a\\", "open"));
}

int
main(void)
{
	scratch_enter();
	lines_are_read_as_the_cli_reads_them();
	indented_lines_belong_to_the_setting_above();
	what_cannot_be_read_is_told_by_line_without_its_text();
	a_file_that_is_not_there_is_empty();
	files_are_those_in_the_home_unless_named();
	a_profile_is_named_differently_in_the_two_files();
	the_credentials_file_goes_before_the_config_file();
	the_profile_is_chosen_by_option_then_by_environment();
	a_profile_asked_for_must_be_there();
	the_region_comes_from_option_environment_profile();
	a_region_is_a_part_of_a_host_name();
	endpoints_come_from_the_most_special_place();
	configured_endpoints_can_be_ignored();
	a_services_section_that_is_named_must_be_there();
	the_ca_bundle_comes_from_environment_then_profile();
	words_are_cut_as_a_shell_cuts_them();
	end();
	return check_end();
}

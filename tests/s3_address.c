/* s3_address - addresses, endpoints, and what is asked of which host. */
#include "s3_address.h"

#include <string.h>

#include "check.h"

/* "scheme://host/path" for bucket and key, or why the endpoint is none. */
static bool
goes_to(
    const char *endpoint, const char *region, const char *address, const char *expected)
{
	struct buf host = { 0 }, path = { 0 }, all = { 0 };
	struct s3_endpoint e;
	struct s3_address a;
	const char *why;
	bool same;

	if (s3_endpoint_parse(&e, endpoint, &why) < 0)
		return !expected;
	s3_address_parse(&a, address);
	s3_endpoint_place(&e, region, &a, &host, &path);
	buf_addf(&all, "%s://%s%s", e.scheme, host.data, path.data);
	same = expected && !strcmp(all.data, expected);
	if (!same)
		printf("# %s\n", all.data);
	s3_address_release(&a);
	s3_endpoint_release(&e);
	buf_release(&host);
	buf_release(&path);
	buf_release(&all);
	return same;
}

static void
keys_are_taken_literally(void)
{
	struct buf b = { 0 };
	struct s3_address a;

	s3_address_parse(&a, "s3://b/a%20b//c?d#e/");
	CHECK(!strcmp(a.bucket, "b") && !strcmp(a.key, "a%20b//c?d#e/"));
	s3_address_print(&b, &a);
	CHECK(!strcmp(b.data, "s3://b/a%20b//c?d#e/"));
	s3_address_release(&a);
	s3_address_parse(&a, "s3://b");
	CHECK(!strcmp(a.bucket, "b") && !*a.key);
	s3_address_release(&a);
	s3_address_parse(&a, "s3://b//k");
	CHECK(!strcmp(a.key, "/k"));
	s3_address_release(&a);
	buf_release(&b);
}

static void
at_aws_the_bucket_is_in_the_host(void)
{
	CHECK(goes_to(NULL, "eu-west-1", "s3://shop/a b",
	    "https://shop.s3.eu-west-1.amazonaws.com/a%20b"));
	CHECK(goes_to(NULL, "us-east-1", "s3://shop",
	    "https://shop.s3.us-east-1.amazonaws.com/"));
	CHECK(goes_to(NULL, "us-east-1", "s3://shop//k",
	    "https://shop.s3.us-east-1.amazonaws.com//k"));
	CHECK(goes_to(NULL, "cn-north-1", "s3://shop/k",
	    "https://shop.s3.cn-north-1.amazonaws.com.cn/k"));
}

static void
names_that_are_no_label_of_a_host_go_into_the_path(void)
{
	CHECK(goes_to(
	    NULL, "r", "s3://my.shop/k", "https://s3.r.amazonaws.com/my.shop/k"));
	CHECK(goes_to(
	    NULL, "r", "s3://My_Shop/k", "https://s3.r.amazonaws.com/My_Shop/k"));
	CHECK(goes_to(NULL, "r", "s3://-ab", "https://s3.r.amazonaws.com/-ab"));
	CHECK(goes_to(NULL, "r", "s3://t:b/k", "https://s3.r.amazonaws.com/t%3Ab/k"));
}

static void
elsewhere_the_bucket_is_in_the_path(void)
{
	CHECK(goes_to("http://127.0.0.1:9000", "r", "s3://shop/k",
	    "http://127.0.0.1:9000/shop/k"));
	CHECK(goes_to(
	    "HTTPS://[::1]:9000/s3//", "r", "s3://shop", "https://[::1]:9000/s3/shop"));
}

static void
other_endpoints_are_refused(void)
{
	CHECK(goes_to("ftp://host", "r", "s3://b/k", NULL));
	CHECK(goes_to("host:9000", "r", "s3://b/k", NULL));
	CHECK(goes_to("http://", "r", "s3://b/k", NULL));
	CHECK(goes_to("http:///path", "r", "s3://b/k", NULL));
	CHECK(goes_to("http://key:secret@host", "r", "s3://b/k", NULL));
	CHECK(goes_to("http://host?x", "r", "s3://b/k", NULL));
	CHECK(goes_to("http://host/#x", "r", "s3://b/k", NULL));
}

/* It becomes a part of the host's name, and answers of servers name regions. */
static void
a_region_cannot_lead_to_another_host(void)
{
	CHECK(s3_is_region(span_of("eu-west-1")));
	CHECK(!s3_is_region(span_of("")) && !s3_is_region(span_of("evil.com/")));
	CHECK(!s3_is_region(span_of("a.b")) && !s3_is_region(span_of("r@h")));
	CHECK(!s3_is_region((struct span){ "a\0b", 3 }));
	CHECK(!s3_is_region(span_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
}

int
main(void)
{
	keys_are_taken_literally();
	at_aws_the_bucket_is_in_the_host();
	names_that_are_no_label_of_a_host_go_into_the_path();
	elsewhere_the_bucket_is_in_the_path();
	other_endpoints_are_refused();
	a_region_cannot_lead_to_another_host();
	return check_end();
}

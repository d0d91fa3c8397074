/* s3_answer - what servers say in XML, as several of them write it. */
#include "s3_answer.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char *
page_fault(const char *text)
{
	struct s3_page page;
	const char *why = NULL;

	if (s3_page_parse(&page, span_of(text), &why) < 0)
		return why;
	s3_page_release(&page);
	return NULL;
}

static void
a_page_has_objects_and_a_token(void)
{
	struct s3_page p;
	const char *why;

	CHECK(!s3_page_parse(&p,
	    span_of("<?xml version='1.0'?><ListBucketResult xmlns='x'>"
		    "<IsTruncated>true</IsTruncated><Contents><Key>a%2Bb+c</Key>"
		    "<Size>5</Size><ETag>&quot;e&quot;</ETag>"
		    "<LastModified>2024-02-29T12:34:56.789Z</LastModified></Contents>"
		    "<Contents><Size>18446744073709551615</Size><Key>%C3%A9</Key>"
		    "</Contents><EncodingType>url</EncodingType>"
		    "<NextContinuationToken>1+2%3D</NextContinuationToken>"
		    "</ListBucketResult>"),
	    &why));
	CHECK(p.n == 2 && !strcmp(p.list[0].key, "a+b c"));
	CHECK(p.list[0].size == 5 && !strcmp(p.list[0].etag, "e"));
	CHECK(p.list[0].time == 1709210096);
	CHECK(!strcmp(p.list[1].key, "é") && p.list[1].size == UINT64_MAX);
	CHECK(!p.list[1].etag);
	CHECK(!strcmp(p.next, "1+2%3D"));
	s3_page_release(&p);
}

static void
keys_are_escaped_only_if_the_server_says_so(void)
{
	struct s3_page p;
	const char *why;

	CHECK(!s3_page_parse(&p,
	    span_of("<ListBucketResult><Contents><Key>a%2Bb+c&amp;</Key><Size>0</Size>"
		    "</Contents><NextContinuationToken>old</NextContinuationToken>"
		    "</ListBucketResult>"),
	    &why));
	CHECK(p.n == 1 && !strcmp(p.list[0].key, "a%2Bb+c&"));
	CHECK(!p.next);
	s3_page_release(&p);
}

static void
what_is_no_page_is_said(void)
{
	CHECK(page_fault("") && page_fault("garbage") && page_fault("<html>"));
	CHECK(!strcmp(page_fault("<html></html>"), "no ListBucketResult"));
	CHECK(page_fault("<ListBucketResult><Contents></Contents></ListBucketResult>"));
	CHECK(page_fault("<ListBucketResult><Contents><Key>a</Key><Size>-1</Size>"
			 "</Contents></ListBucketResult>"));
	CHECK(page_fault("<ListBucketResult><Contents><Key>a</Key>"
			 "<Size>18446744073709551616</Size></Contents>"
			 "</ListBucketResult>"));
	CHECK(page_fault("<ListBucketResult><IsTruncated>true</IsTruncated>"
			 "</ListBucketResult>"));
	CHECK(!page_fault("<ListBucketResult/>"));
}

static void
entities_of_its_own_are_refused(void)
{
	const char *why = page_fault("<!DOCTYPE a [<!ENTITY b 'c'>]>"
				     "<ListBucketResult>&b;</ListBucketResult>");

	CHECK(why && !strcmp(why, "a DOCTYPE"));
}

static void
faults_have_code_message_and_region(void)
{
	struct s3_fault f;

	CHECK(!s3_fault_parse(&f,
	    span_of(
		"<Error><Code>AuthorizationHeaderMalformed</Code>"
		"<Message>m &lt;x&gt;</Message><Region>eu-west-1</Region></Error>")));
	CHECK(!strcmp(f.code, "AuthorizationHeaderMalformed"));
	CHECK(!strcmp(f.message, "m <x>") && !strcmp(f.region, "eu-west-1"));
	s3_fault_release(&f);
	CHECK(!s3_fault_parse(
	    &f, span_of("<ErrorResponse xmlns='sts'><Error><Code>ExpiredToken</Code>"
			"</Error></ErrorResponse>")));
	CHECK(!strcmp(f.code, "ExpiredToken") && !f.message);
	s3_fault_release(&f);
	CHECK(s3_fault_parse(&f, span_of("<html>busy")) == -1 && !f.code);
	CHECK(s3_fault_parse(&f, span_of("<Error></Error>")) == -1);
}

static void
uploads_have_ids(void)
{
	struct s3_unfinished found;
	const char *why;
	char *text;

	text = s3_upload_id_parse(span_of("<InitiateMultipartUploadResult>"
					  "<UploadId>2~a/b</UploadId>"
					  "</InitiateMultipartUploadResult>"));
	CHECK(text && !strcmp(text, "2~a/b"));
	free(text);
	CHECK(!s3_upload_id_parse(
	    span_of("<InitiateMultipartUploadResult>"
		    "<UploadId/></InitiateMultipartUploadResult>")));
	CHECK(!s3_upload_id_parse(span_of("<html/>")));
	text = s3_completed_parse(span_of("\n \n<CompleteMultipartUploadResult><ETag>"
					  "\"e-2\"</ETag>"
					  "</CompleteMultipartUploadResult>"));
	CHECK(text && !strcmp(text, "e-2"));
	free(text);
	CHECK(!s3_completed_parse(span_of("<CompleteMultipartUploadResult><ETag>x")));
	text = s3_copied_parse(span_of("<CopyPartResult><LastModified/><ETag>"
				       "&quot;e&quot;</ETag></CopyPartResult>"));
	CHECK(text && !strcmp(text, "e"));
	free(text);
	CHECK(!s3_copied_parse(span_of("<Error><ETag>e</ETag></Error>")));
	CHECK(!s3_copied_parse(span_of("<CopyPartResult><ETag/></CopyPartResult>")));
	CHECK(!s3_unfinished_parse(&found,
	    span_of("<ListMultipartUploadsResult><Upload><Key>k</Key>"
		    "<UploadId>1</UploadId><Initiated>2024-02-29T12:34:56.000Z"
		    "</Initiated></Upload><Upload><Key>no id</Key></Upload>"
		    "<Upload><Key>l</Key><UploadId>2</UploadId></Upload>"
		    "</ListMultipartUploadsResult>"),
	    &why));
	CHECK(found.n == 2 && !strcmp(found.list[0].key, "k"));
	CHECK(!strcmp(found.list[0].id, "1") && found.list[0].begun == 1709210096);
	s3_unfinished_release(&found);
}

static void
tags_of_content_have_quotes_outside(void)
{
	char *tag = s3_etag_parse(span_of("\"a\"")), *quoted = s3_etag_quoted(tag);

	CHECK(!strcmp(tag, "a") && !strcmp(quoted, "\"a\""));
	free(tag);
	free(quoted);
	tag = s3_etag_parse(span_of("W/\"a\""));
	quoted = s3_etag_quoted(tag);
	CHECK(!strcmp(quoted, "W/\"a\""));
	free(tag);
	free(quoted);
}

int
main(void)
{
	a_page_has_objects_and_a_token();
	keys_are_escaped_only_if_the_server_says_so();
	what_is_no_page_is_said();
	entities_of_its_own_are_refused();
	faults_have_code_message_and_region();
	uploads_have_ids();
	tags_of_content_have_quotes_outside();
	return check_end();
}

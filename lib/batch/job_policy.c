/* job_policy - the permissions that a job needs of AWS, as an IAM policy. */
#include "job_policy.h"

#include <string.h>

#include "json.h"
#include "s3_address.h"

/* A statement: actions as the inside of a JSON list, of a resource in parts. */
static void
add(struct buf *b, const char *id, const char *actions, const char *arn)
{
	buf_addf(b,
	    "%s\n  {\"Sid\": \"%s\", \"Effect\": \"Allow\",\n   \"Action\": [%s],"
	    "\n   \"Resource\": ",
	    b->data[b->len - 1] == '[' ? "" : ",", id, actions);
	json_quote(b, arn, strlen(arn));
}

static void
add_object(struct buf *b, const char *id, const char *actions,
    const struct s3_address *a, const char *behind)
{
	struct buf arn = { 0 };

	buf_addf(&arn, "arn:aws:s3:::%s/%s%s", a->bucket, a->key, behind);
	add(b, id, actions, arn.data);
	buf_addc(b, '}');
	buf_release(&arn);
}

/* Listing is of the bucket; a condition says how far. */
static void
add_bucket(struct buf *b, const char *id, const char *actions,
    const struct s3_address *a, const char *behind)
{
	struct buf text = { 0 };

	buf_addf(&text, "arn:aws:s3:::%s", a->bucket);
	add(b, id, actions, text.data);
	buf_clear(&text);
	buf_addf(&text, "%s%s", a->key, behind);
	buf_adds(b, ",\n   \"Condition\": {\"StringLike\": {\"s3:prefix\": ");
	json_quote(b, text.data, text.len);
	buf_adds(b, "}}}");
	buf_release(&text);
}

static bool
is_object(const char *path)
{
	return path && !strncmp(path, "s3://", 5);
}

static void
add_key(struct buf *b, const char *id, const char *actions, const char *arn)
{
	if (!arn)
		return;
	add(b, id, actions, arn);
	buf_addc(b, '}');
}

static void
add_scratch(struct buf *b, const char *scratch)
{
	const char *all = scratch[strlen(scratch) - 1] == '/' ? "*" : "/*";
	struct s3_address a;

	s3_address_parse(&a, scratch);
	add_bucket(b, "ListScratch", "\"s3:ListBucketMultipartUploads\"", &a, all);
	add_object(b, "UseScratch",
	    "\"s3:PutObject\", \"s3:GetObject\", \"s3:DeleteObject\", "
	    "\"s3:AbortMultipartUpload\"",
	    &a, all);
	s3_address_release(&a);
}

void
job_policy_print(struct buf *b, const struct job_request *r, const char *scratch)
{
	const char *input = r->field[JOB_INPUT], *output = r->field[JOB_OUTPUT];
	struct s3_address a;

	buf_adds(b, "{\"Version\": \"2012-10-17\",\n \"Statement\": [");
	if (is_object(input)) {
		s3_address_parse(&a, input);
		add_bucket(b, "ListInput", "\"s3:ListBucket\"", &a, "*");
		add_object(b, "ReadInput", "\"s3:GetObject\"", &a, "*");
		s3_address_release(&a);
		add_key(b, "DecryptInput", "\"kms:Decrypt\"", r->field[JOB_INPUT_KEY]);
	}
	if (is_object(output)) {
		size_t len = strlen(output);
		const char *all = output[len - 1] == '/' ? "*" : "/*";

		s3_address_parse(&a, output);
		/* What a killed process had begun is found and taken back. */
		add_bucket(
		    b, "ListUploads", "\"s3:ListBucketMultipartUploads\"", &a, all);
		add_object(b, "WriteOutput",
		    "\"s3:PutObject\", \"s3:GetObject\", \"s3:AbortMultipartUpload\"",
		    &a, all);
		s3_address_release(&a);
		/* An upload in parts is decrypted by S3 when it is put together. */
		add_key(b, "EncryptOutput", "\"kms:GenerateDataKey\", \"kms:Decrypt\"",
		    r->field[JOB_OUTPUT_KEY]);
	}
	if (is_object(scratch))
		add_scratch(b, scratch);
	buf_adds(b, "]}\n");
}

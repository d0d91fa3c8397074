/* s3_error - why a request failed, in one line for a person. */
#include "s3_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What to check, by the code of the service. %s is the permission. */
static const struct hint {
	const char *code, *text;
} hints[] = {
	{ "AccessControlListNotSupported",
	    "the bucket has ACLs switched off: no --acl" },
	{ "AccountProblem", "something is wrong with the account: see its console" },
	{ "AllAccessDisabled", "the bucket is switched off by its provider" },
	{ "AuthorizationHeaderMalformed", "the bucket is in another region: --region" },
	{ "EntityTooLarge", "larger than the server takes: a larger --part-size?" },
	{ "EntityTooSmall", "a part is smaller than the server takes: a larger "
			    "--part-size" },
	{ "ExpiredToken", "the session token has expired: sign in again" },
	{ "IllegalLocationConstraintException",
	    "the bucket is in another region: --region" },
	{ "InvalidAccessKeyId", "the server does not know this access key: "
				"pz-fetch --whoami says where it is from" },
	{ "InvalidBucketName", "no bucket can have this name" },
	{ "InvalidObjectName", "a key has at most 1,024 bytes" }, /* in Ceph */
	{ "InvalidObjectState", "it is archived: restore it first" },
	{ "InvalidStorageClass", "the server has no such --storage-class" },
	{ "InvalidToken", "the session token is wrong: sign in again" },
	{ "KeyTooLongError", "a key has at most 1,024 bytes" },
	{ "NoSuchBucket", "there is no such bucket: check name, region and endpoint" },
	{ "NoSuchKey", "there is no such object" },
	{ "NoSuchUpload",
	    "the upload is gone: ended by someone else or a lifecycle rule" },
	{ "PermanentRedirect", "the bucket is in another region: --region" },
	{ "QuotaExceeded", "the bucket or account is full" },
	{ "RequestTimeTooSkewed", "this machine's clock is wrong" },
	{ "SignatureDoesNotMatch", "the secret key is not that of the access key: "
				   "pz-fetch --whoami says where they are from" },
	{ "TokenRefreshRequired", "the session token has expired: sign in again" },
};

void
s3_error_release(struct s3_error *e)
{
	free(e->text);
	*e = (struct s3_error){ 0 };
}

static bool
begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static bool
is_about_kms(const struct s3_error *e, const char *message)
{
	return begins(e->code, "KMS.") || (message && strstr(message, "kms:")) ||
	       (message && strstr(message, "KMS"));
}

/* A message of the server's is foreign text: one line, not too long. */
static void
add_message(struct buf *b, const char *message)
{
	for (size_t i = 0; i < 300 && message[i]; i++)
		buf_addc(b, (unsigned char)message[i] < ' ' ? ' ' : message[i]);
}

static void
add_hint(struct buf *b, const struct s3_error *e, const char *message,
    const char *permission)
{
	if (is_about_kms(e, message))
		buf_adds(b,
		    "check the KMS key, and kms:GenerateDataKey and kms:Decrypt "
		    "on it");
	else if (!strcmp(e->code, "AccessDenied") || (e->status == 403 && !*e->code))
		buf_addf(b, "not allowed: check %s", permission);
	else {
		for (size_t i = 0; i < LENGTH(hints); i++)
			if (!strcmp(e->code, hints[i].code)) {
				buf_adds(b, hints[i].text);
				return;
			}
		if (message && *message)
			add_message(b, message);
		else if (e->transient)
			buf_adds(b, "the server cannot do it now: try again later");
		else
			buf_adds(b, "the server says no more");
	}
}

void
s3_error_explain(
    struct s3_error *e, const char *name, const char *message, const char *permission)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s: %d%s%s: ", name, e->status, *e->code ? " " : "", e->code);
	add_hint(&b, e, message, permission);
	free(e->text);
	e->text = b.data;
}

void
s3_error_set(struct s3_error *e, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		text = xstrdup("out of memory");
	va_end(ap);
	s3_error_release(e);
	e->text = text;
}

/*
 * s3_answer - what S3 says in XML: errors, pages of a listing, uploads.
 */
#ifndef S3_ANSWER_H
#define S3_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "util.h"

/* <Error>, or of a body that is none: all NULL. To be released. */
struct s3_fault {
	char *code, *message, *region;
};

/* 0; -1 if the text is no <Error>. */
int s3_fault_parse(struct s3_fault *f, struct span text);
void s3_fault_release(struct s3_fault *f);

struct s3_entry {
	char *key;
	char *etag; /* without quotes */
	uint64_t size;
	time_t time;
};

void s3_entry_release(struct s3_entry *e);

/* A page of ListObjectsV2. Zeroed before; to be released. */
struct s3_page {
	struct s3_entry *list;
	size_t n, cap;
	char *next; /* continuation token, NULL: the last page */
};

int s3_page_parse(struct s3_page *p, struct span text, const char **why);
void s3_page_release(struct s3_page *p);

/* The upload's ID of InitiateMultipartUpload, NULL if it is not there. */
char *s3_upload_id_parse(struct span text);

/* The ETag of CompleteMultipartUpload, without quotes; NULL if it is not there. */
char *s3_completed_parse(struct span text);

/* The same of UploadPartCopy. */
char *s3_copied_parse(struct span text);

/* The unfinished uploads of ListMultipartUploads. */
struct s3_unfinished_upload {
	char *key, *id;
	time_t begun;
};

struct s3_unfinished {
	struct s3_unfinished_upload *list;
	size_t n;
};

int s3_unfinished_parse(struct s3_unfinished *u, struct span text, const char **why);
void s3_unfinished_release(struct s3_unfinished *u);

/* 2026-01-31T12:34:56.000Z; -1 if it is no such time. */
time_t s3_time_parse(struct span text);

/* Without the quotes around it, if there are any; with them. To be freed. */
char *s3_etag_parse(struct span text);
char *s3_etag_quoted(const char *etag);

#endif

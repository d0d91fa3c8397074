/*
 * sources - what operands stand for, files and objects alike, and their bytes.
 */
#ifndef SOURCES_H
#define SOURCES_H

#include "files.h"
#include "s3_error.h"
#include "s3_options.h"
#include "stream.h"

struct s3_reader;

struct sources {
	struct files files;
	enum files_reading reading; /* of the operands to come */
	struct s3_options *s3;      /* borrowed; asked only if an operand is in S3 */
	size_t n_threads;           /* 0: as usual */
	struct s3_reader *reader;
	size_t current;        /* the object being read */
	struct s3_error error; /* of reading it */
};

/* Append what an operand stands for. -1 and an error. */
int sources_add(struct sources *s, const struct location *l, struct s3_error *e);

/* The files from first to last, in this order; NULL and an error. */
struct stream *sources_open(struct sources *s, size_t file, struct s3_error *e);
/* Why reading such a stream failed. */
void sources_explain(
    struct sources *s, size_t file, const struct stream *stream, struct s3_error *e);
void sources_release(struct sources *s);

#endif

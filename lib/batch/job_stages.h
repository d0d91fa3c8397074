/*
 * job_stages - the pz commands that a job's records go through, one behind the other.
 */
#ifndef JOB_STAGES_H
#define JOB_STAGES_H

#include <stddef.h>

#include "json.h"
#include "util.h"

struct job_stages {
	size_t n;
	char ***argv; /* [n], each ends with NULL */
};

/* A new stage, and words behind those of the last one. All is copied. */
void job_stages_begin(struct job_stages *s, const char *command);
void job_stages_word(struct job_stages *s, const char *word);
void job_stages_option(struct job_stages *s, const char *option, const char *value);

/* As JSON, [["pz-score","-m",...],...], and back. -1: it is not that. */
void job_stages_print(struct buf *b, const struct job_stages *s);
int job_stages_parse(struct job_stages *s, struct json_value list);

/* As a line for a shell, " | " between the stages. */
void job_stages_shell(struct buf *b, const struct job_stages *s);
/* One word of it, quoted where it has to be. */
void job_stages_quote(struct buf *b, const char *word);
void job_stages_release(struct job_stages *s);

#endif

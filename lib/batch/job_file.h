/*
 * job_file - the small files of a job's directory: read whole, replaced whole.
 */
#ifndef JOB_FILE_H
#define JOB_FILE_H

#include "json.h"
#include "util.h"

/* Another process sees the old text or the new one. -1 and errno. */
int job_file_write(const char *path, struct span text);
/* The same without waiting for the disk: for what a crash of the machine may lose. */
int job_file_mark(const char *path, struct span text);

/* Of a file that holds one JSON object; text holds it, value is all of it. -1, errno;
 * EINVAL: it holds something else. */
int job_file_json(const char *path, struct buf *text, struct json_value *value);

/* A member's string, to be freed; its number. NULL and 0 if it is not there. */
char *job_file_text(struct json_value in, const char *name);
double job_file_number(struct json_value in, const char *name);
bool job_file_flag(struct json_value in, const char *name); /* whether it is true */

/* Appends "name":"text" or "name":null, with a comma before it. */
void job_file_add(struct buf *b, const char *name, const char *text);

/* Removes the temporary files that killed writers of this file left beside it. */
void job_file_sweep(const char *path);

/* The time, as the service's tools print it; from seconds since 1970. */
void job_file_time(struct buf *b, double seconds);
double job_file_now(void);

#endif

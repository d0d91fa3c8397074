/* part_marks - what is known of a part that was tried: its small files. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "job_file.h"
#include "part.h"

void
part_print(struct buf *b, size_t part, const struct part_done *done)
{
	buf_addf(b,
	    "{\"part\":%zu,\"records\":%zu,\"errors\":%zu,\"seconds\":%.3f,"
	    "\"bytes\":%ju,\"xxh3\":\"%016jx\"}\n",
	    part, done->records, done->errors, done->seconds, (uintmax_t)done->bytes,
	    (uintmax_t)done->hash);
}

bool
part_read(const struct job *j, size_t part, struct part_done *done)
{
	char *path = job_path(j, "parts/%06zu.done", part), *hash;
	struct buf text = { 0 };
	struct json_value all;
	bool is = !job_file_json(path, &text, &all);

	if (is) {
		hash = job_file_text(all, "xxh3");
		*done = (struct part_done){
			.records = (size_t)job_file_number(all, "records"),
			.errors = (size_t)job_file_number(all, "errors"),
			.bytes = (uint64_t)job_file_number(all, "bytes"),
			.hash = hash ? strtoull(hash, NULL, 16) : 0,
			.seconds = job_file_number(all, "seconds"),
		};
		free(hash);
	}
	buf_release(&text);
	free(path);
	return is;
}

void
part_forget(const struct job *j, size_t part)
{
	char *path = job_path(j, "parts/%06zu.done", part);

	unlink(path);
	free(path);
}

void
part_blame(const struct job *j, size_t part, const char *why)
{
	char *path = job_path(j, "parts/%06zu.failed", part);
	struct buf b = { 0 };

	buf_addf(&b, "{\"part\":%zu", part);
	job_file_add(&b, "reason", why);
	buf_adds(&b, "}\n");
	if (job_file_mark(path, (struct span){ b.data, b.len }) < 0)
		job_log(j, "part %zu: %s", part, why);
	buf_release(&b);
	free(path);
}

char *
part_failure(const struct job *j, size_t part)
{
	char *path = job_path(j, "parts/%06zu.failed", part), *why = NULL;
	struct buf text = { 0 };
	struct json_value all;

	if (!job_file_json(path, &text, &all))
		why = job_file_text(all, "reason");
	buf_release(&text);
	free(path);
	return why;
}

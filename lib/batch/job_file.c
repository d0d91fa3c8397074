/* job_file - the small files of a job's directory: read whole, replaced whole. */
#include "job_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "output.h"

static int
replace(const char *path, struct span text, bool unsynced)
{
	struct output o;

	if (output_open(&o, path) < 0)
		return -1;
	o.unsynced = unsynced;
	if (output_write(&o, text.data, text.len) == 0)
		return output_commit(&o);
	output_discard(&o);
	return -1;
}

int
job_file_write(const char *path, struct span text)
{
	return replace(path, text, false);
}

int
job_file_mark(const char *path, struct span text)
{
	return replace(path, text, true);
}

int
job_file_json(const char *path, struct buf *text, struct json_value *value)
{
	struct json j;

	if (buf_read(path, text) < 0)
		return -1;
	json_open(&j, text->data, text->len);
	if (json_value(&j, value) == 0 && json_finish(&j) == 0 &&
	    value->type == JSON_OBJECT)
		return 0;
	errno = EINVAL;
	return -1;
}

char *
job_file_text(struct json_value in, const char *name)
{
	struct json_value v;

	return json_find(in, name, &v) ? json_dup(&v) : NULL;
}

double
job_file_number(struct json_value in, const char *name)
{
	struct json_value v;

	return json_find(in, name, &v) && v.type == JSON_NUMBER ? json_number(&v) : 0;
}

bool
job_file_flag(struct json_value in, const char *name)
{
	struct json_value v;

	return json_find(in, name, &v) && v.type == JSON_TRUE;
}

void
job_file_add(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, ",\"%s\":", name);
	if (text)
		json_quote(b, text, strlen(text));
	else
		buf_adds(b, "null");
}

void
job_file_sweep(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder =
	    slash ? xmemdup(path, (size_t)(slash - path) + 1) : xstrdup("./");
	char *begin = xasprintf(".%s.", slash ? slash + 1 : path);
	DIR *dir = opendir(folder);
	struct dirent *d;

	while (dir && (d = readdir(dir)))
		if (output_is_temporary(d->d_name) &&
		    !strncmp(d->d_name, begin, strlen(begin)))
			unlinkat(dirfd(dir), d->d_name, 0);
	if (dir)
		closedir(dir);
	free(begin);
	free(folder);
}

double
job_file_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void
job_file_time(struct buf *b, double seconds)
{
	time_t whole = (time_t)floor(seconds);
	char text[40];
	struct tm tm;

	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", gmtime_r(&whole, &tm));
	buf_addf(b, "%s.%03d000+00:00", text, (int)((seconds - (double)whole) * 1000));
}

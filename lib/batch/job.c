/* job - the directory of a job: what was asked, how far it is, who works on it. */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job_file.h"
#include "job_names.h"

const char *
job_name(const struct job *j)
{
	return j->request.field[JOB_NAME];
}

char *
job_arn(const struct job *j)
{
	return xasprintf("arn:pz:personalize:::batch-%s-job/%s",
	    j->segment ? "segment" : "inference", job_name(j));
}

const char *
job_folder(const char *given)
{
	const char *set = getenv("PZ_JOBS");

	return given ? given : set && *set ? set : "pz-jobs";
}

char *
job_find(const char *folder, const char *named)
{
	const char *slash = strrchr(named, '/');
	char *path, *whole;

	if (!strncmp(named, "arn:", 4) && slash)
		named = slash + 1;
	else if (slash)
		return job_names_absolute(named);
	path = xasprintf("%s/%s", folder, named);
	whole = job_names_absolute(path);
	free(path);
	return whole;
}

char *
job_path(const struct job *j, const char *format, ...)
{
	char *name = NULL, *path;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&name, format, ap) < 0)
		name = NULL;
	va_end(ap);
	path = xasprintf("%s/%s", j->dir, name ? name : "");
	free(name);
	return path;
}

static int
read_words(struct job *j, struct json_value list)
{
	struct json_value v;
	struct json r;
	int more;

	if (list.type != JSON_ARRAY)
		return -1;
	json_open(&r, list.raw.data, list.raw.len);
	json_enter(&r, '[');
	while ((more = json_element(&r)) > 0) {
		if (json_value(&r, &v) < 0 || v.type != JSON_STRING)
			return -1;
		j->words = xrealloc(j->words, j->n_words + 1, sizeof *j->words);
		j->words[j->n_words++] = json_dup(&v);
	}
	return more;
}

static int
read_job(struct job *j, struct json_value all, char **why)
{
	struct json_value request, stages, words, s3;

	json_find(all, "request", &request);
	json_find(all, "stages", &stages);
	json_find(all, "engineOptions", &words);
	json_find(all, "s3", &s3);
	if (request.type != JSON_OBJECT) {
		*why = xstrdup("no request");
		return -1;
	}
	if (job_request_parse(&j->request, request.raw, why) < 0)
		return -1;
	j->engine = job_file_text(all, "engine");
	if (!j->engine || job_stages_parse(&j->stages, stages) < 0 ||
	    read_words(j, words) < 0 || !job_name(j)) {
		*why = xstrdup("not a job's description");
		return -1;
	}
	j->scratch = job_file_text(all, "scratch");
	j->segment = job_file_flag(all, "segment");
	j->created = job_file_number(all, "created");
	j->at_once = (size_t)job_file_number(all, "partsAtOnce");
	j->threads = (size_t)job_file_number(all, "threads");
	j->s3.endpoint = job_file_text(s3, "endpoint");
	j->s3.region = job_file_text(s3, "region");
	j->s3.profile = job_file_text(s3, "profile");
	j->s3.anonymous = job_file_flag(s3, "anonymous");
	j->s3.requester_pays = job_file_flag(s3, "requesterPays");
	return 0;
}

struct job *
job_open(const char *dir, char **why)
{
	struct job *j = xcalloc(1, sizeof *j);
	struct json_value all;
	struct buf text = { 0 };
	char *path, *reason = NULL;

	j->dir = xstrdup(dir);
	j->lock = -1;
	path = job_path(j, "job.json");
	if (job_file_json(path, &text, &all) < 0)
		*why = errno == ENOENT
			   ? xasprintf("%s: there is no such job", dir)
			   : xasprintf("%s: %s", path,
				 errno == EINVAL ? "not JSON" : strerror(errno));
	else if (read_job(j, all, &reason) < 0)
		*why = xasprintf("%s: %s", path, reason);
	else
		goto out;
	job_free(j);
	j = NULL;
out:
	free(reason);
	free(path);
	buf_release(&text);
	return j;
}

void
job_free(struct job *j)
{
	if (!j)
		return;
	if (j->lock >= 0)
		close(j->lock);
	s3_options_release(&j->s3);
	free((char *)j->s3.endpoint);
	free((char *)j->s3.region);
	free((char *)j->s3.profile);
	for (size_t i = 0; i < j->n_words; i++)
		free(j->words[i]);
	free(j->words);
	job_request_release(&j->request);
	job_stages_release(&j->stages);
	free(j->scratch);
	free(j->engine);
	free(j->dir);
	free(j);
}

static void
print_job(struct buf *b, const struct job *j)
{
	struct buf request = { 0 };

	job_request_print(&request, &j->request);
	buf_addf(b, "{\"segment\":%s,\"created\":%.3f,\"request\":{%s}",
	    j->segment ? "true" : "false", j->created, request.data + 1);
	buf_adds(b, ",\"stages\":");
	job_stages_print(b, &j->stages);
	job_file_add(b, "scratch", j->scratch);
	job_file_add(b, "engine", j->engine);
	buf_addf(b, ",\"partsAtOnce\":%zu,\"threads\":%zu,\"engineOptions\":[",
	    j->at_once, j->threads);
	for (size_t i = 0; i < j->n_words; i++) {
		buf_adds(b, i ? "," : "");
		json_quote(b, j->words[i], strlen(j->words[i]));
	}
	buf_addf(b, "],\"s3\":{\"anonymous\":%s,\"requesterPays\":%s",
	    j->s3.anonymous ? "true" : "false",
	    j->s3.requester_pays ? "true" : "false");
	job_file_add(b, "endpoint", j->s3.endpoint);
	job_file_add(b, "region", j->s3.region);
	job_file_add(b, "profile", j->s3.profile);
	buf_adds(b, "}}\n");
	buf_release(&request);
}

static int
complain(char **why, char *path)
{
	*why = xasprintf("%s: %s", path, strerror(errno));
	free(path);
	return -1;
}

int
job_save(const struct job *j, char **why)
{
	char *path = job_path(j, "job.json");
	struct buf b = { 0 };
	int status;

	print_job(&b, j);
	status = job_file_write(path, (struct span){ b.data, b.len });
	buf_release(&b);
	if (status < 0)
		return complain(why, path);
	free(path);
	return 0;
}

int
job_lock(struct job *j)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char *path = job_path(j, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666), e;

	free(path);
	if (fd < 0)
		return -1;
	if (!fcntl(fd, F_SETLK, &whole)) {
		j->lock = fd;
		return 0;
	}
	e = errno;
	close(fd);
	errno = e;
	return e == EACCES || e == EAGAIN ? 1 : -1;
}

bool
job_is_run(const struct job *j)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char *path = job_path(j, "lock");
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool held;

	free(path);
	if (fd < 0)
		return false;
	held = !fcntl(fd, F_GETLK, &whole) && whole.l_type != F_UNLCK;
	close(fd);
	return held;
}

void
job_unlock(struct job *j)
{
	if (j->lock >= 0)
		close(j->lock);
	j->lock = -1;
}

bool
job_stop_asked(const struct job *j)
{
	char *path = job_path(j, "stop");
	bool is = !access(path, F_OK);

	free(path);
	return is;
}

int
job_ask_stop(const struct job *j)
{
	char *path = job_path(j, "stop");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	free(path);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

void
job_forget_stop(const struct job *j)
{
	char *path = job_path(j, "stop");

	unlink(path);
	free(path);
}

void
job_log(const struct job *j, const char *format, ...)
{
	char *path = job_path(j, "log"), *text = NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	struct buf line = { 0 };
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	va_end(ap);
	job_file_time(&line, job_file_now());
	buf_addf(&line, " %s\n", text ? text : "");
	/* A log that cannot be written must not end the job. */
	if (fd >= 0 && write(fd, line.data, line.len) < 0)
		errno = 0;
	if (fd >= 0)
		close(fd);
	buf_release(&line);
	free(text);
	free(path);
}

/* job_log - what a job and its parts said. */
#include "job_log.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "job_file.h"

int
job_log_more(struct buf *b, const struct job *j, size_t *from)
{
	char *path = job_path(j, "log");
	struct buf text = { 0 };
	int status = buf_read(path, &text);

	if (!status && text.len > *from) {
		buf_add(b, text.data + *from, text.len - *from);
		*from = text.len;
	}
	buf_release(&text);
	free(path);
	return status;
}

static int
is_log(const struct dirent *d)
{
	const char *dot = strchr(d->d_name, '.');

	return dot && !strcmp(dot, ".log") && dot != d->d_name;
}

static void
add_part(struct buf *b, const struct job *j, const char *name)
{
	char *path = job_path(j, "parts/%s", name);
	struct buf text = { 0 };
	const char *at, *lf;

	if (!buf_read(path, &text))
		for (at = text.data; (lf = strchr(at, '\n')); at = lf + 1)
			buf_addf(b, "part %lu: %.*s\n", strtoul(name, NULL, 10),
			    (int)(lf - at), at);
	buf_release(&text);
	free(path);
}

void
job_log_parts(struct buf *b, const struct job *j)
{
	char *folder = job_path(j, "parts");
	struct dirent **names;
	int n = scandir(folder, &names, is_log, alphasort);

	for (int i = 0; i < n; i++) {
		add_part(b, j, names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	free(folder);
}

/* job_names - what solutionVersionArn and filterArn stand for here. */
#include "job_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job_file.h"
#include "util.h"

char *
job_names_absolute(const char *path)
{
	char *cwd, *whole;

	if (*path == '/' || !(cwd = getcwd(NULL, 0)))
		return xstrdup(path);
	while (!strncmp(path, "./", 2))
		path += 2;
	whole = xasprintf("%s/%s", strcmp(cwd, "/") ? cwd : "", path);
	free(cwd);
	return whole;
}

static bool
is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* arn:aws:personalize:REGION:ACCOUNT:solution/NAME/VERSION: behind "solution/". */
static const char *
name_of(const char *named)
{
	const char *slash;

	if (strncmp(named, "arn:", 4) != 0)
		return named;
	slash = strchr(named, '/');
	return slash ? slash + 1 : named;
}

/* folder/name with one of the endings, if there is such a file. */
static char *
find(const char *folder, struct span name, const char *const *endings)
{
	for (; *endings; endings++) {
		char *path = xasprintf("%s/%.*s%s", folder && *folder ? folder : ".",
		    (int)name.len, name.data, *endings);

		if (is_file(path))
			return path;
		free(path);
	}
	return NULL;
}

/* By all of the name, or without what is behind its last slash: the version. */
static char *
find_named(const char *folder, const char *named, const char *const *endings)
{
	const char *name = name_of(named), *slash = strrchr(name, '/');
	char *path = find(folder, span_of(name), endings);

	if (!path && slash && name != named)
		path = find(
		    folder, (struct span){ name, (size_t)(slash - name) }, endings);
	return path;
}

static char *
absolute(char *path)
{
	char *whole = path ? job_names_absolute(path) : NULL;

	free(path);
	return whole;
}

char *
job_names_model(const char *named, char **why)
{
	static const char *const endings[] = { "", ".pzm", NULL };
	const char *folder = getenv("PZ_MODELS");
	char *path;

	if (is_file(named))
		return job_names_absolute(named);
	if ((path = find_named(folder, named, endings)))
		return absolute(path);
	*why = xasprintf("solutionVersionArn: there is no model %s, nor %s.pzm in %s",
	    named, name_of(named), folder && *folder ? folder : "this folder");
	return NULL;
}

/* The text of a file, without the line's end. */
static char *
read_expression(char *path, char **why)
{
	struct buf text = { 0 };

	if (buf_read(path, &text) < 0) {
		*why = xasprintf("%s: %s", path, strerror(errno));
		buf_release(&text);
		free(path);
		return NULL;
	}
	free(path);
	while (text.len && strchr(" \t\r\n", text.data[text.len - 1]))
		text.data[--text.len] = '\0';
	return text.data;
}

char *
job_names_filter(const char *named, char **why)
{
	static const char *const endings[] = { "", ".filter", NULL };
	const char *folder = getenv("PZ_FILTERS");
	char *path;

	if (is_file(named))
		return read_expression(xstrdup(named), why);
	if ((path = find_named(folder, named, endings)))
		return read_expression(path, why);
	/* Every expression has spaces, no name that is an ARN's has any. */
	if (strpbrk(named, " \t\n"))
		return xstrdup(named);
	*why =
	    xasprintf("filterArn: there is no filter %s, nor %s.filter in %s, and it "
		      "is no expression",
		named, name_of(named), folder && *folder ? folder : "this folder");
	return NULL;
}

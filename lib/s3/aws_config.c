/* aws_config - settings of AWS tools: environment, shared config and credentials files.
 */
#include "aws_config.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "aws_ini.h"
#include "util.h"

enum { FILE_MAX = 1024 * 1024 };

/* "[profile shop]" has two words; a section of one word, or of more, has no kind. */
struct label {
	char *kind, *name;
};

struct config_file {
	char *path;
	struct aws_ini ini;
	struct label *labels; /* [ini.n] */
};

struct aws_config {
	struct config_file files[2]; /* by enum aws_file */
	char *profile, *region, *endpoint;
	bool profile_is_chosen;
};

const char *
aws_config_variable(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value ? value : NULL;
}

char *
aws_config_home(const char *path)
{
	const char *home = aws_config_variable("HOME");
	struct passwd entry, *found = NULL;
	char *memory = NULL, *whole;

	if (*path != '~' || (path[1] && path[1] != '/'))
		return xstrdup(path);
	if (!home) {
		enum { SIZE = 16384 };

		memory = xmalloc(SIZE);
		getpwuid_r(getuid(), &entry, memory, SIZE, &found);
		home = found ? found->pw_dir : "/";
	}
	whole = xasprintf("%s%s", home, path + 1);
	free(memory);
	return whole;
}

/* 1, or 0 if there is no such file, or -1 and *why. */
static int
read_all(const char *path, struct buf *b, char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 1;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	buf_reserve(b, FILE_MAX + 1);
	while (fd >= 0 && n > 0 && b->len <= FILE_MAX) {
		do
			n = read(fd, b->data + b->len, FILE_MAX + 1 - b->len);
		while (n < 0 && errno == EINTR);
		if (n > 0)
			b->len += (size_t)n;
	}
	if (fd < 0 || n < 0)
		*why = xasprintf("%s: %s", path, strerror(errno));
	else if (b->len > FILE_MAX)
		*why = xasprintf(
		    "%s: more than 1 MiB, which is no file of settings", path);
	if (fd >= 0)
		close(fd);
	return *why ? -1 : 1;
}

static void
label_section(struct label *l, const struct aws_section *s, enum aws_file file)
{
	char **words = file == AWS_CREDENTIALS_FILE ? NULL : aws_words(s->name);

	if (file == AWS_CREDENTIALS_FILE || !strcmp(s->name, "default"))
		*l = (struct label){ xstrdup("profile"), xstrdup(s->name) };
	else if (words && words[0] && words[1] && !words[2])
		*l = (struct label){ xstrdup(words[0]), xstrdup(words[1]) };
	else
		*l = (struct label){ xstrdup(""), xstrdup(s->name) };
	aws_words_free(words);
}

static int
read_file(struct aws_config *c, enum aws_file file, const char *variable,
    const char *usual, char **why)
{
	struct config_file *f = &c->files[file];
	const char *named = aws_config_variable(variable), *wrong;
	struct buf text = { 0 };
	size_t line;
	int status;

	f->path = aws_config_home(named ? named : usual);
	status = read_all(f->path, &text, why);
	if (status > 0 &&
	    aws_ini_parse(&f->ini, text.data, text.len, &line, &wrong) < 0) {
		*why = xasprintf("%s:%zu: %s", f->path, line, wrong);
		status = -1;
	}
	f->labels = xcalloc(f->ini.n, sizeof *f->labels);
	for (size_t i = 0; i < f->ini.n; i++)
		label_section(&f->labels[i], &f->ini.list[i], file);
	if (text.data)
		explicit_bzero(text.data, text.cap);
	buf_release(&text);
	return status < 0 ? -1 : 0;
}

/* The last one of a name, should "[profile a]" and '[profile "a"]' both be there. */
static const struct aws_section *
find_section(const struct config_file *f, const char *kind, const char *name)
{
	for (size_t i = f->ini.n; i-- > 0;)
		if (!strcmp(f->labels[i].kind, kind) &&
		    !strcmp(f->labels[i].name, name))
			return &f->ini.list[i];
	return NULL;
}

/* One without a value counts as none. */
static const struct aws_setting *
find_setting(const struct config_file *f, const char *kind, const char *section,
    const char *name)
{
	const struct aws_section *s = find_section(f, kind, section);
	const struct aws_setting *found = s ? aws_section_find(s, name) : NULL;

	return found && *found->value ? found : NULL;
}

bool
aws_config_has_section(
    const struct aws_config *c, const char *kind, const char *section)
{
	return find_section(&c->files[AWS_CONFIG_FILE], kind, section);
}

bool
aws_config_has_profile(const struct aws_config *c, const char *profile)
{
	return find_section(&c->files[AWS_CREDENTIALS_FILE], "profile", profile) ||
	       find_section(&c->files[AWS_CONFIG_FILE], "profile", profile);
}

const char *
aws_config_section(
    const struct aws_config *c, const char *kind, const char *section, const char *name)
{
	const struct aws_setting *s =
	    find_setting(&c->files[AWS_CONFIG_FILE], kind, section, name);

	return s ? s->value : NULL;
}

const char *
aws_config_in(const struct aws_config *c, enum aws_file file, const char *profile,
    const char *name, size_t *line)
{
	const struct aws_setting *s =
	    find_setting(&c->files[file], "profile", profile, name);

	if (s && line)
		*line = s->line;
	return s ? s->value : NULL;
}

const char *
aws_config_of(const struct aws_config *c, const char *profile, const char *name)
{
	const char *value = aws_config_in(c, AWS_CREDENTIALS_FILE, profile, name, NULL);

	return value ? value : aws_config_in(c, AWS_CONFIG_FILE, profile, name, NULL);
}

const char *
aws_config_get(const struct aws_config *c, const char *name)
{
	return aws_config_of(c, c->profile, name);
}

const char *
aws_config_path(const struct aws_config *c, enum aws_file file)
{
	return c->files[file].path;
}

const char *
aws_config_profile(const struct aws_config *c)
{
	return c->profile;
}

bool
aws_config_profile_is_chosen(const struct aws_config *c)
{
	return c->profile_is_chosen;
}

const char *
aws_config_either(const struct aws_config *c, const char *variable, const char *name)
{
	const char *value = aws_config_variable(variable);

	return value ? value : aws_config_get(c, name);
}

bool
aws_config_is_region(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len < 64 && text[0] != '-' && text[len - 1] != '-' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789-") == len;
}

static int
choose_profile(struct aws_config *c, const struct aws_overrides *o, char **why)
{
	const char *asked = o->profile, *by = "--profile";

	c->profile_is_chosen = asked != NULL;
	if (!asked && (asked = aws_config_variable("AWS_PROFILE")))
		by = "AWS_PROFILE";
	if (!asked && (asked = aws_config_variable("AWS_DEFAULT_PROFILE")))
		by = "AWS_DEFAULT_PROFILE";
	c->profile = xstrdup(asked ? asked : "default");
	if (!asked || !strcmp(asked, "default") || aws_config_has_profile(c, asked))
		return 0;
	*why = xasprintf("%s: there is no profile '%s' in %s or %s", by, asked,
	    c->files[AWS_CONFIG_FILE].path, c->files[AWS_CREDENTIALS_FILE].path);
	return -1;
}

static int
choose_region(struct aws_config *c, const struct aws_overrides *o, char **why)
{
	const char *asked = o->region, *by = "--region";

	if (!asked && (asked = aws_config_variable("AWS_REGION")))
		by = "AWS_REGION";
	if (!asked && (asked = aws_config_variable("AWS_DEFAULT_REGION")))
		by = "AWS_DEFAULT_REGION";
	if (!asked && (asked = aws_config_get(c, "region")))
		by = "region of the profile";
	if (!asked)
		return 0;
	c->region = xstrdup(asked);
	if (aws_config_is_region(asked))
		return 0;
	*why = xasprintf("%s: '%s' is no region's name, as us-east-1 is", by, asked);
	return -1;
}

static int
check_services(const struct aws_config *c, char **why)
{
	const char *services = aws_config_get(c, "services");

	if (!services || aws_config_has_section(c, "services", services))
		return 0;
	*why = xasprintf("%s: profile %s: there is no [services %s]",
	    c->files[AWS_CONFIG_FILE].path, c->profile, services);
	return -1;
}

struct aws_config *
aws_config_load(const struct aws_overrides *overrides, char **why)
{
	static const struct aws_overrides none;
	const struct aws_overrides *o = overrides ? overrides : &none;
	struct aws_config *c = xcalloc(1, sizeof *c);

	*why = NULL;
	c->endpoint = o->endpoint ? xstrdup(o->endpoint) : NULL;
	if (read_file(c, AWS_CONFIG_FILE, "AWS_CONFIG_FILE", "~/.aws/config", why) <
		0 ||
	    read_file(c, AWS_CREDENTIALS_FILE, "AWS_SHARED_CREDENTIALS_FILE",
		"~/.aws/credentials", why) < 0 ||
	    choose_profile(c, o, why) < 0 || choose_region(c, o, why) < 0 ||
	    check_services(c, why) < 0) {
		aws_config_free(c);
		return NULL;
	}
	return c;
}

void
aws_config_free(struct aws_config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < LENGTH(c->files); i++) {
		struct config_file *f = &c->files[i];

		for (size_t k = 0; f->labels && k < f->ini.n; k++) {
			free(f->labels[k].kind);
			free(f->labels[k].name);
		}
		free(f->labels);
		free(f->path);
		aws_ini_release(&f->ini);
	}
	free(c->profile);
	free(c->region);
	free(c->endpoint);
	free(c);
}

const char *
aws_config_region(const struct aws_config *c)
{
	return c->region;
}

static bool
ignores_endpoints(const struct aws_config *c)
{
	const char *ignore = aws_config_either(c, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
	    "ignore_configured_endpoint_urls");

	return ignore && !strcasecmp(ignore, "true");
}

/* "sso-oidc" is AWS_ENDPOINT_URL_SSO_OIDC, and in files sso_oidc.endpoint_url. */
static const char *
service_endpoint(const struct aws_config *c, const char *service)
{
	char *variable = xasprintf("AWS_ENDPOINT_URL_%s", service);
	char *name = xasprintf("%s.endpoint_url", service);
	const char *services = aws_config_get(c, "services"), *url;

	for (char *p = variable; *p; p++)
		*p = *p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p;
	for (char *p = name; *p; p++)
		*p = *p == '-' ? '_' : *p;
	if (!(url = aws_config_variable(variable)) &&
	    !(url = aws_config_variable("AWS_ENDPOINT_URL")) && services)
		url = aws_config_section(c, "services", services, name);
	free(variable);
	free(name);
	return url;
}

const char *
aws_config_endpoint(const struct aws_config *c, const char *service)
{
	const char *url;

	if (c->endpoint && !strcmp(service, "s3"))
		return c->endpoint;
	if (ignores_endpoints(c))
		return NULL;
	url = service_endpoint(c, service);
	return url ? url : aws_config_get(c, "endpoint_url");
}

const char *
aws_config_ca_bundle(const struct aws_config *c)
{
	return aws_config_either(c, "AWS_CA_BUNDLE", "ca_bundle");
}

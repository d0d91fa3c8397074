/* target - where a stream goes: a file or an object that appears whole or not at all,
 * or standard output.
 */
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int
complain(struct target *t, const char *path)
{
	s3_error_set(&t->error, "%s: %s", path, strerror(errno));
	return -1;
}

static int
open_file(struct target *t, const struct target_options *o)
{
	struct stat st;
	char *failed;

	if (o->make_folders && output_make_folders(t->name, &failed) < 0) {
		complain(t, failed);
		free(failed);
		return -1;
	}
	t->replaces = !stat(t->name, &st);
	if (t->replaces && o->put.if_none_match) {
		errno = EEXIST;
		return complain(t, t->name);
	}
	if (output_open(&t->file, t->name) == 0) {
		t->file.only_new = o->put.if_none_match;
		return 0;
	}
	if (errno != ENOENT || t->replaces)
		return complain(t, t->name);
	s3_error_set(
	    &t->error, "%s: its folder does not exist; --mkdir makes it", t->name);
	return -1;
}

static int
open_object(struct target *t, const struct target_options *o)
{
	struct s3 *client = s3_options_client(o->s3, &t->error);

	if (!client)
		return -1;
	s3_address_parse(&t->address, t->name);
	t->upload = s3_upload_new(client, &t->address, &o->put);
	return 0;
}

int
target_open(struct target *t, const struct location *l, const struct target_options *o)
{
	*t = (struct target){ .kind = l->kind };
	t->name = xstrdup(l->kind == LOCATION_STDIO ? "<stdout>" : l->path);
	if (l->kind == LOCATION_PATH)
		return open_file(t, o);
	if (l->kind == LOCATION_S3)
		return open_object(t, o);
	return 0;
}

int
target_write(void *context, const void *p, size_t len)
{
	struct target *t = context;

	if (t->kind == LOCATION_S3)
		return s3_upload_write(t->upload, p, len, &t->error);
	if (t->kind == LOCATION_STDIO)
		out_write(p, len);
	else if (output_write(&t->file, p, len) < 0)
		return complain(t, t->name);
	return 0;
}

void *
target_room(struct target *t, size_t *len)
{
	return s3_upload_room(t->upload, len, &t->error);
}

void
target_filled(struct target *t, size_t len)
{
	s3_upload_filled(t->upload, len);
}

int
target_commit(struct target *t)
{
	if (t->kind == LOCATION_S3)
		return s3_upload_commit(t->upload, &t->error);
	if (t->kind == LOCATION_PATH && output_commit(&t->file) < 0)
		return complain(t, t->name);
	return 0;
}

void
target_discard(struct target *t)
{
	struct s3_error e = { 0 };
	char *text = t->error.text;

	if (t->kind == LOCATION_PATH)
		output_discard(&t->file);
	if (t->kind != LOCATION_S3 || !s3_upload_discard(t->upload, &e))
		return;
	t->error.text = xasprintf(
	    "%s; and its unfinished upload is left: %s", text ? text : t->name, e.text);
	free(text);
	s3_error_release(&e);
}

void
target_release(struct target *t)
{
	s3_upload_free(t->upload);
	if (t->kind == LOCATION_S3)
		s3_address_release(&t->address);
	s3_error_release(&t->error);
	free(t->name);
	*t = (struct target){ 0 };
}

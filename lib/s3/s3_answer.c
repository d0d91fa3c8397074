/* s3_answer - what S3 says in XML: errors, pages of a listing, uploads. */
#include "s3_answer.h"

#include <stdlib.h>
#include <string.h>

#include "xml.h"

static void
replace(char **text, struct span by)
{
	free(*text);
	*text = xmemdup(by.data, by.len);
}

/* The path below the root element of this name, NULL if it is another's. */
static const char *
below(const char *path, const char *root)
{
	size_t len = strlen(root);

	return !strncmp(path, root, len) && path[len] == '/' ? path + len + 1 : NULL;
}

static void
fault_element(void *context, const char *path, struct span text)
{
	struct s3_fault *f = context;

	/* STS and others wrap it: <ErrorResponse><Error>. */
	if (!strncmp(path, "ErrorResponse/", 14))
		path += 14;
	if (!strcmp(path, "Error/Code"))
		replace(&f->code, text);
	else if (!strcmp(path, "Error/Message"))
		replace(&f->message, text);
	else if (!strcmp(path, "Error/Region"))
		replace(&f->region, text);
}

int
s3_fault_parse(struct s3_fault *f, struct span text)
{
	const char *why;

	*f = (struct s3_fault){ 0 };
	if (!xml_walk(text.data, text.len, fault_element, f, &why) && f->code)
		return 0;
	s3_fault_release(f);
	return -1;
}

void
s3_fault_release(struct s3_fault *f)
{
	free(f->code);
	free(f->message);
	free(f->region);
	*f = (struct s3_fault){ 0 };
}

static bool
digits(const char *p, size_t n, int *value)
{
	*value = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*value = 10 * *value + (p[i] - '0');
	}
	return true;
}

time_t
s3_time_parse(struct span t)
{
	const char *p = t.data;
	struct tm tm = { 0 };

	if (t.len < 20 || p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' ||
	    p[16] != ':' || !digits(p, 4, &tm.tm_year) ||
	    !digits(p + 5, 2, &tm.tm_mon) || !digits(p + 8, 2, &tm.tm_mday) ||
	    !digits(p + 11, 2, &tm.tm_hour) || !digits(p + 14, 2, &tm.tm_min) ||
	    !digits(p + 17, 2, &tm.tm_sec))
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return timegm(&tm);
}

char *
s3_etag_parse(struct span t)
{
	if (t.len >= 2 && t.data[0] == '"' && t.data[t.len - 1] == '"')
		t = (struct span){ t.data + 1, t.len - 2 };
	return xmemdup(t.data, t.len);
}

char *
s3_etag_quoted(const char *etag)
{
	return strchr(etag, '"') ? xstrdup(etag) : xasprintf("\"%s\"", etag);
}

static bool
parse_size(struct span text, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' ||
		    __builtin_mul_overflow(*value, (uint64_t)10, value) ||
		    __builtin_add_overflow(
			*value, (uint64_t)(text.data[i] - '0'), value))
			return false;
	}
	return text.len > 0;
}

static int
hex(char c)
{
	static const char all[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = c ? strchr(all, c) : NULL;

	return found ? (int)(found - all) % 16 : -1;
}

/* As a form encodes: some servers write a space as '+'; a '+' is always %2B. */
static char *
unescape(const char *text)
{
	char *out = xmalloc(strlen(text) + 1), *at = out;

	for (; *text; text++) {
		int high = *text == '%' ? hex(text[1]) : -1;
		int low = high >= 0 ? hex(text[2]) : -1;

		if (low >= 0) {
			*at++ = (char)(16 * high + low);
			text += 2;
		} else
			*at++ = *text == '+' ? ' ' : *text;
	}
	*at = '\0';
	return out;
}

struct page_reader {
	struct s3_page *page;
	struct s3_entry entry;
	bool is_list, sized, truncated, escaped;
	const char *why;
};

void
s3_entry_release(struct s3_entry *e)
{
	free(e->key);
	free(e->etag);
	*e = (struct s3_entry){ 0 };
}

static void
push_entry(struct page_reader *r)
{
	struct s3_page *p = r->page;

	if (!r->entry.key || !r->sized) {
		r->why = "an object without name or size";
		s3_entry_release(&r->entry);
		return;
	}
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 1000;
		p->list = xrealloc(p->list, p->cap, sizeof *p->list);
	}
	p->list[p->n++] = r->entry;
	r->entry = (struct s3_entry){ 0 };
	r->sized = false;
}

static void
page_element(void *context, const char *path, struct span text)
{
	struct page_reader *r = context;

	if (!strcmp(path, "ListBucketResult"))
		r->is_list = true;
	if (!(path = below(path, "ListBucketResult")))
		return;
	if (!strcmp(path, "Contents/Key"))
		replace(&r->entry.key, text);
	else if (!strcmp(path, "Contents/Size"))
		r->sized = parse_size(text, &r->entry.size);
	else if (!strcmp(path, "Contents/LastModified"))
		r->entry.time = s3_time_parse(text);
	else if (!strcmp(path, "Contents/ETag")) {
		free(r->entry.etag);
		r->entry.etag = s3_etag_parse(text);
	} else if (!strcmp(path, "Contents"))
		push_entry(r);
	else if (!strcmp(path, "IsTruncated"))
		r->truncated = span_is(text, "true");
	else if (!strcmp(path, "NextContinuationToken"))
		replace(&r->page->next, text);
	else if (!strcmp(path, "EncodingType"))
		r->escaped = span_is(text, "url");
}

/* EncodingType may stand behind the keys. */
static void
unescape_keys(struct s3_page *p)
{
	for (size_t i = 0; i < p->n; i++) {
		char *key = unescape(p->list[i].key);

		free(p->list[i].key);
		p->list[i].key = key;
	}
}

int
s3_page_parse(struct s3_page *p, struct span text, const char **why)
{
	struct page_reader r = { .page = p };

	*p = (struct s3_page){ 0 };
	if (!xml_walk(text.data, text.len, page_element, &r, why))
		*why = !r.is_list                ? "no ListBucketResult"
		       : r.truncated && !p->next ? "a cut list without a token"
						 : r.why;
	s3_entry_release(&r.entry);
	if (*why) {
		s3_page_release(p);
		return -1;
	}
	if (r.escaped)
		unescape_keys(p);
	if (!r.truncated) {
		free(p->next);
		p->next = NULL;
	}
	return 0;
}

void
s3_page_release(struct s3_page *p)
{
	for (size_t i = 0; i < p->n; i++)
		s3_entry_release(&p->list[i]);
	free(p->list);
	free(p->next);
	*p = (struct s3_page){ 0 };
}

static void
upload_id_element(void *context, const char *path, struct span text)
{
	if (!strcmp(path, "InitiateMultipartUploadResult/UploadId"))
		replace(context, text);
}

char *
s3_upload_id_parse(struct span text)
{
	char *id = NULL;
	const char *why;

	xml_walk(text.data, text.len, upload_id_element, &id, &why);
	if ((why || (id && !*id))) {
		free(id);
		id = NULL;
	}
	return id;
}

static void
completed_element(void *context, const char *path, struct span text)
{
	char **etag = context;

	if (strcmp(path, "CompleteMultipartUploadResult/ETag") != 0)
		return;
	free(*etag);
	*etag = s3_etag_parse(text);
}

char *
s3_completed_parse(struct span text)
{
	char *etag = NULL;
	const char *why;

	xml_walk(text.data, text.len, completed_element, &etag, &why);
	if (why) {
		free(etag);
		etag = NULL;
	}
	return etag;
}

static void
copied_element(void *context, const char *path, struct span text)
{
	char **etag = context;

	if (strcmp(path, "CopyPartResult/ETag") != 0)
		return;
	free(*etag);
	*etag = s3_etag_parse(text);
}

char *
s3_copied_parse(struct span text)
{
	char *etag = NULL;
	const char *why;

	xml_walk(text.data, text.len, copied_element, &etag, &why);
	if (why || (etag && !*etag)) {
		free(etag);
		etag = NULL;
	}
	return etag;
}

struct unfinished_reader {
	struct s3_unfinished *all;
	struct s3_unfinished_upload upload;
};

static void
release_upload(struct s3_unfinished_upload *u)
{
	free(u->key);
	free(u->id);
	*u = (struct s3_unfinished_upload){ 0 };
}

static void
push_upload(struct s3_unfinished *all, struct s3_unfinished_upload *u)
{
	if (!u->key || !u->id) {
		release_upload(u);
		return;
	}
	all->list = xrealloc(all->list, all->n + 1, sizeof *all->list);
	all->list[all->n++] = *u;
	*u = (struct s3_unfinished_upload){ 0 };
}

static void
unfinished_element(void *context, const char *path, struct span text)
{
	struct unfinished_reader *r = context;

	if (!(path = below(path, "ListMultipartUploadsResult")))
		return;
	if (!strcmp(path, "Upload/Key"))
		replace(&r->upload.key, text);
	else if (!strcmp(path, "Upload/UploadId"))
		replace(&r->upload.id, text);
	else if (!strcmp(path, "Upload/Initiated"))
		r->upload.begun = s3_time_parse(text);
	else if (!strcmp(path, "Upload"))
		push_upload(r->all, &r->upload);
}

int
s3_unfinished_parse(struct s3_unfinished *u, struct span text, const char **why)
{
	struct unfinished_reader r = { .all = u };

	*u = (struct s3_unfinished){ 0 };
	xml_walk(text.data, text.len, unfinished_element, &r, why);
	release_upload(&r.upload);
	if (*why)
		s3_unfinished_release(u);
	return *why ? -1 : 0;
}

void
s3_unfinished_release(struct s3_unfinished *u)
{
	for (size_t i = 0; i < u->n; i++)
		release_upload(&u->list[i]);
	free(u->list);
	*u = (struct s3_unfinished){ 0 };
}

/*
 * factor_npy - factors out of NumPy's array files.
 *
 * Six bytes of magic, two of version, the header's length (2 bytes, from version 2 on
 * 4), the header: a Python dictionary as text; then the numbers. Format versions 1 to 3
 * (numpy.lib.format).
 */
#include <stdlib.h>
#include <string.h>

#include "factor_file.h"
#include "stream.h"

enum { MOST_HEADER = 65536 };

struct npy {
	size_t rows, dim, size; /* bytes of a number */
};

/* Exactly size bytes. */
static const char *
read_all(struct stream *s, void *to, size_t size)
{
	ssize_t n;

	for (size_t at = 0; at < size; at += (size_t)n)
		if ((n = stream_read(s, (char *)to + at, size - at)) <= 0)
			return n ? stream_why(s) : "the file ends too early";
	return NULL;
}

/* Behind a key's colon and blanks; NULL: there is no such key. */
static const char *
after_key(const char *header, const char *key)
{
	const char *at = strstr(header, key);

	if (!at)
		return NULL;
	at += strlen(key);
	at += strspn(at, " ");
	if (*at++ != ':')
		return NULL;
	return at + strspn(at, " ");
}

static const char *
parse_header(struct npy *npy, const char *header)
{
	const char *type = after_key(header, "'descr'");
	const char *order = after_key(header, "'fortran_order'");
	const char *shape = after_key(header, "'shape'");
	char *end;

	if (!type || !order || !shape || *shape != '(')
		return "a .npy file without descr, fortran_order and shape";
	if (strncmp(type, "'<f4'", 5) != 0 && strncmp(type, "'<f8'", 5) != 0)
		return "not of float32 or float64, little-endian ('<f4', '<f8')";
	npy->size = type[3] == '4' ? 4 : 8;
	if (strncmp(order, "False", 5) != 0)
		return "in Fortran order: save numpy.ascontiguousarray() of it";
	npy->rows = strtoull(shape + 1, &end, 10);
	if (end == shape + 1 || *end != ',')
		return "the shape is not (rows, dim)";
	shape = end + 1 + strspn(end + 1, " ");
	npy->dim = strtoull(shape, &end, 10);
	if (end == shape || *end != ')' || !npy->dim)
		return "the shape is not (rows, dim)";
	if (npy->dim > FACTOR_MOST)
		return factor_too_many;
	return NULL;
}

static const char *
read_header(struct npy *npy, struct stream *s)
{
	unsigned char start[12];
	const char *why = read_all(s, start, 10);
	char *header;
	size_t len;

	if (why || memcmp(start, "\x93NUMPY", 6) != 0)
		return "not a .npy file";
	if (!start[6] || start[6] > 3)
		return "a .npy file of an unknown version";
	len = start[8] | (size_t)start[9] << 8;
	if (start[6] > 1) {
		if ((why = read_all(s, start + 10, 2)))
			return why;
		len |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
	}
	if (len > MOST_HEADER)
		return "a .npy file with a header of more than 64 KiB";
	header = xcalloc(len + 1, 1);
	why = read_all(s, header, len);
	if (!why)
		why = parse_header(npy, header);
	free(header);
	return why;
}

/* Row r's ID: of the file of IDs, or of those that are known. */
static struct span
id_at(const struct factor_rows *f, const struct factor_ids *ids, size_t r)
{
	if (!ids)
		return strings_get(&f->known->strings, (uint32_t)r);
	return (struct span){ ids->bytes.data + ids->offset[r],
		ids->offset[r + 1] - ids->offset[r] };
}

static const char *
read_rows(struct factor_rows *f, const struct npy *npy, struct stream *s,
    const struct factor_ids *ids, size_t *row)
{
	char *raw = xcalloc(npy->dim, npy->size);
	float *x = xcalloc(npy->dim, sizeof *x);
	const char *why = NULL;
	double wide;

	while (!why && *row < npy->rows) {
		if ((why = read_all(s, raw, npy->dim * npy->size)))
			break;
		for (size_t d = 0; npy->size == 8 && d < npy->dim; d++) {
			memcpy(&wide, raw + d * sizeof wide, sizeof wide);
			x[d] = (float)wide;
		}
		why = factor_rows_add(f, id_at(f, ids, (*row)++),
		    npy->size == 4 ? (const float *)(const void *)raw : x, npy->dim);
	}
	if (!why && stream_read(s, raw, 1) != 0)
		why = "more bytes than the shape says";
	free(raw);
	free(x);
	return why;
}

/* Whether each row has an ID. */
static char *
count_wrong(const struct factor_rows *f, const struct npy *npy,
    const struct factor_source *from, const struct factor_ids *ids)
{
	size_t n = ids ? ids->n : f->known->strings.n;

	if (f->rows && f->dim != npy->dim)
		return xasprintf(
		    "%zu numbers a row, and %zu in the rows before", npy->dim, f->dim);
	if (npy->rows == n)
		return NULL;
	if (ids)
		return xasprintf(
		    "%zu rows, and %s has %zu IDs", npy->rows, from->ids, n);
	return xasprintf("%zu rows, and the dataset has %zu %ss: a file of IDs is "
			 "needed (--from-factors %s-ids=FILE)",
	    npy->rows, n, from->what, from->what);
}

int
factor_npy_read(struct factor_rows *f, const struct factor_source *from,
    const char *path, const struct factor_ids *ids, char **why)
{
	struct stream *s = stream_open(path);
	struct npy npy;
	const char *wrong;
	char *count = NULL;
	size_t row = 0;
	int status = -1;

	if (!s) {
		*why = xasprintf("%s: cannot be opened", path);
		return -1;
	}
	wrong = read_header(&npy, s);
	if (wrong)
		*why = xasprintf("%s: %s", path, wrong);
	else if ((count = count_wrong(f, &npy, from, ids)))
		*why = xasprintf("%s: %s", path, count);
	else if ((wrong = read_rows(f, &npy, s, ids, &row)))
		*why = xasprintf("%s: row %zu: %s", path, row, wrong);
	else
		status = 0;
	free(count);
	stream_close(s);
	return status;
}

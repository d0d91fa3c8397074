/* compress - bytes on their way out, as they are or in zstd or gzip. */
#include "compress.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "util.h"

enum { CHUNK = 256 * 1024 };

struct compress {
	enum compression kind;
	compress_sink *sink;
	void *context;
	ZSTD_CStream *zstd;
	z_stream gzip;
	unsigned char *out; /* [CHUNK] */
};

int
compress_levels(enum compression c)
{
	return c == COMPRESS_ZSTD ? ZSTD_maxCLevel() : c == COMPRESS_GZIP ? 9 : 0;
}

struct compress *
compress_new(enum compression c, int level, compress_sink *sink, void *context)
{
	struct compress *z = xcalloc(1, sizeof *z);

	z->kind = c;
	z->sink = sink;
	z->context = context;
	if (c != COMPRESS_NONE)
		z->out = xmalloc(CHUNK);
	if (c == COMPRESS_ZSTD) {
		if (!(z->zstd = ZSTD_createCStream()))
			errx(1, "out of memory");
		ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_checksumFlag, 1);
		ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_compressionLevel, level);
	}
	/* 16: a gzip header, not zlib's. 8: the usual memory. */
	if (c == COMPRESS_GZIP &&
	    deflateInit2(&z->gzip, level ? level : Z_DEFAULT_COMPRESSION, Z_DEFLATED,
		16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		errx(1, "out of memory");
	return z;
}

static int
write_zstd(struct compress *z, const void *p, size_t len, ZSTD_EndDirective end)
{
	ZSTD_inBuffer in = { p, len, 0 };
	ZSTD_outBuffer out;
	size_t left;

	do {
		out = (ZSTD_outBuffer){ z->out, CHUNK, 0 };
		left = ZSTD_compressStream2(z->zstd, &out, &in, end);
		if (ZSTD_isError(left)) {
			errno = ENOMEM; /* parameters and use are right: nothing else is
					   left */
			return -1;
		}
		if (out.pos && z->sink(z->context, z->out, out.pos) < 0)
			return -1;
	} while (end == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return 0;
}

static int
write_gzip(struct compress *z, const void *p, size_t len, int flush)
{
	size_t made;
	int status;

	/* compress_write sees to it that len fits. */
	z->gzip.next_in = (unsigned char *)p;
	z->gzip.avail_in = (uInt)len;
	do {
		z->gzip.next_out = z->out;
		z->gzip.avail_out = CHUNK;
		status = deflate(&z->gzip, flush);
		made = CHUNK - z->gzip.avail_out;
		if (made && z->sink(z->context, z->out, made) < 0)
			return -1;
	} while (flush == Z_FINISH ? status != Z_STREAM_END : !z->gzip.avail_out);
	return 0;
}

int
compress_write(struct compress *z, const void *p, size_t len)
{
	const char *at = p;

	for (size_t n; len; at += n, len -= n) {
		int status;

		n = MIN(len, (size_t)1 << 30);
		if (z->kind == COMPRESS_ZSTD)
			status = write_zstd(z, at, n, ZSTD_e_continue);
		else if (z->kind == COMPRESS_GZIP)
			status = write_gzip(z, at, n, Z_NO_FLUSH);
		else
			status = z->sink(z->context, at, n);
		if (status < 0)
			return -1;
	}
	return 0;
}

int
compress_finish(struct compress *z)
{
	if (z->kind == COMPRESS_ZSTD)
		return write_zstd(z, NULL, 0, ZSTD_e_end);
	if (z->kind == COMPRESS_GZIP)
		return write_gzip(z, NULL, 0, Z_FINISH);
	return 0;
}

void
compress_free(struct compress *z)
{
	if (!z)
		return;
	ZSTD_freeCStream(z->zstd);
	if (z->kind == COMPRESS_GZIP)
		deflateEnd(&z->gzip);
	free(z->out);
	free(z);
}

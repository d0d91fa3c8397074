/* pack - data compressed as stream must read it. */
#ifndef PACK_H
#define PACK_H

#include <err.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "util.h"

enum pack { PACK_PLAIN, PACK_ZSTD, PACK_GZIP };

static inline void
pack_zstd(struct buf *out, const void *data, size_t len)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t n = ZSTD_compressBound(len);

	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	buf_reserve(out, n);
	n = ZSTD_compress2(c, out->data + out->len, n, data, len);
	if (ZSTD_isError(n))
		errx(1, "%s", ZSTD_getErrorName(n));
	out->len += n;
	ZSTD_freeCCtx(c);
}

static inline void
pack_gzip(struct buf *out, const void *data, size_t len)
{
	z_stream z = { 0 };
	size_t n;

	if (deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY))
		errx(1, "deflateInit2");
	n = deflateBound(&z, len);
	buf_reserve(out, n);
	z.next_in = (Bytef *)data;
	z.avail_in = (uInt)len;
	z.next_out = (Bytef *)out->data + out->len;
	z.avail_out = (uInt)n;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		errx(1, "deflate");
	out->len += n - z.avail_out;
	deflateEnd(&z);
}

/* One frame, or the bytes as they are. */
static inline void
pack(struct buf *out, enum pack as, const void *data, size_t len)
{
	if (as == PACK_ZSTD)
		pack_zstd(out, data, len);
	else if (as == PACK_GZIP)
		pack_gzip(out, data, len);
	else
		buf_add(out, data, len);
}

#endif

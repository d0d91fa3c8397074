/*
 * jqrun - run a jq program over JSON texts, one after the other.
 *
 * The only module that sees libjq. The functions are not called jq_*, nor the
 * file jq.h, because libjq's are. One struct serves one thread; nothing in it
 * is shared. libjq is slow (25 MB/s) and re-prints numbers (12345678901234567890
 * becomes ...7000): what should pass untouched must pass as its own bytes.
 *
 *	if (jqrun_start(q, text, len) < 0)
 *		complain(jqrun_why(q));
 *	while ((more = jqrun_next(q, &out)) > 0)
 *		...
 *	if (more < 0)
 *		complain(jqrun_why(q));
 *
 * A program sees one text at a time: `input` fails with "No more inputs",
 * `inputs` is empty, `debug` and `stderr` pass their input on silently, `halt`
 * ends the results of this text, `halt_error` is an error of this text.
 */
#ifndef JQRUN_H
#define JQRUN_H

#include <stddef.h>

#include "util.h"

struct jqrun;

/* NULL if the program does not compile: *why (one line, to be freed) says why. */
struct jqrun *jqrun_open(const char *program, char **why);
void jqrun_close(struct jqrun *q); /* NULL is fine */

/*
 * Begin with one JSON text, which must be RFC 8259's to the letter. -1 if it is
 * not. What an earlier text left undone is dropped.
 */
int jqrun_start(struct jqrun *q, const char *text, size_t len);

/* Append the next result as compact JSON, sorted as libjq has it. 1, 0 at the end, -1.
 */
int jqrun_next(struct jqrun *q, struct buf *out);

/*
 * Append all results as one list in the form of sortkey.h, so that keys compare as
 * jq's sort_by has it. After jqrun_start, instead of jqrun_next. -1: nothing added.
 */
int jqrun_key(struct jqrun *q, struct buf *key);

/* After -1: one line, borrowed until the next call. */
const char *jqrun_why(const struct jqrun *q);

#endif

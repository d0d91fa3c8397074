/* words - the words of a text, in lower case, for the metadata of items. */
#include "words.h"

#include "utf8.h"

void
words_open(struct words *w, struct span text)
{
	w->at = text.data;
	w->end = text.data + text.len;
}

void
words_release(struct words *w)
{
	buf_release(&w->word);
}

/* One character of valid UTF-8; a stray byte stands for itself. */
static uint32_t
next_character(struct words *w)
{
	unsigned char lead = (unsigned char)*w->at++;
	size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
	uint32_t c = more ? lead & (0x3fu >> more) : lead;

	for (; more && w->at < w->end; more--)
		c = c << 6 | ((unsigned char)*w->at++ & 0x3f);
	return c;
}

static bool
is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		       (c >= 'A' && c <= 'Z');
	return !(c < 0xc0 && c != 0xaa && c != 0xb5 && c != 0xba) && c != 0xd7 &&
	       c != 0xf7 && !(c >= 0x2000 && c <= 0x206f) &&
	       !(c >= 0x3000 && c <= 0x303f) && !(c >= 0xff00 && c <= 0xff0f);
}

static uint32_t
small(uint32_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde) ||
	    (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
		return c + 32;
	return c >= 0x400 && c <= 0x40f ? c + 80 : c;
}

bool
words_next(struct words *w)
{
	buf_clear(&w->word);
	while (w->at < w->end) {
		const char *start = w->at;
		uint32_t c = next_character(w);

		if (is_letter(c)) {
			if (!w->word.len)
				w->raw.data = start;
			utf8_add(&w->word, small(c));
			w->raw.len = (size_t)(w->at - w->raw.data);
		} else if (w->word.len)
			return true;
	}
	return w->word.len > 0;
}

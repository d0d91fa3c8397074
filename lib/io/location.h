/*
 * location - what an operand names: stdin or stdout, a path, or an object in S3.
 */
#ifndef LOCATION_H
#define LOCATION_H

enum location_kind { LOCATION_STDIO, LOCATION_PATH, LOCATION_S3 };

struct location {
	enum location_kind kind;
	char *path; /* PATH: to open; others: the operand. To be freed */
};

/*
 * "-", a path, file:///path (percent-decoded), s3://bucket/key. -1 and *why (static
 * text) for other schemes and bad URLs.
 */
int location_parse(struct location *l, const char *operand, const char **why);

#endif

/*
 * s3_options - what commands that reach S3 have in common on their command lines.
 */
#ifndef S3_OPTIONS_H
#define S3_OPTIONS_H

#include "s3.h"

struct s3_options {
	const char *endpoint, *region, *profile;
	bool anonymous, requester_pays;
	struct s3 *client; /* once it was asked for */
};

/* Put these rows into a command's option table. */
#define S3_OPTIONS(o)                                                                  \
	{ OPT_STRING, 0, "endpoint-url", &(o).endpoint, "URL",                         \
		"where S3 is, if not at AWS" },                                        \
	    { OPT_STRING, 0, "region", &(o).region, "NAME", "the bucket's region" },   \
	    { OPT_STRING, 0, "profile", &(o).profile, "NAME",                          \
		    "the profile of AWS tools to use" },                               \
	    { OPT_FLAG, 0, "no-sign-request", &(o).anonymous, NULL,                    \
		    "use no credentials" },                                            \
	{                                                                              \
		OPT_FLAG, 0, "request-payer", &(o).requester_pays, NULL,               \
		    "pay for requests to others' buckets"                              \
	}

/* The client, made when it is first asked for. NULL and an error. */
struct s3 *s3_options_client(struct s3_options *o, struct s3_error *e);
/* Append a JSON line that says whose keys are used, never the secret. -1. */
int s3_options_whoami(struct s3_options *o, struct buf *line, struct s3_error *e);
void s3_options_release(struct s3_options *o);

#endif

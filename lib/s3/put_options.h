/*
 * put_options - what may be asked for objects that are made, on command lines.
 */
#ifndef PUT_OPTIONS_H
#define PUT_OPTIONS_H

#include "opt.h"
#include "s3_put.h"

struct put_options {
	struct s3_put_options put;
	const char *checksum;
	size_t part_bytes;
	struct opt_list tags;
	struct buf tagging;
};

/* Put these rows into a command's option table. */
#define PUT_OPTIONS(o)                                                                 \
	{ OPT_STRING, 0, "sse", &(o).put.sse, "KIND",                                  \
		"encrypted at the server: AES256 or aws:kms" },                        \
	    { OPT_STRING, 0, "sse-kms-key-id", &(o).put.kms_key, "ID",                 \
		    "with this key of KMS" },                                          \
	    { OPT_STRING, 0, "storage-class", &(o).put.storage_class, "CLASS",         \
		    "such as STANDARD_IA" },                                           \
	    { OPT_STRING, 0, "acl", &(o).put.acl, "ACL",                               \
		    "such as bucket-owner-full-control" },                             \
	    { OPT_LIST, 0, "tag", &(o).tags, "NAME=VALUE", "may be repeated" },        \
	    { OPT_STRING, 0, "content-type", &(o).put.content_type, "TYPE",            \
		    "such as application/x-ndjson" },                                  \
	    { OPT_STRING, 0, "checksum", &(o).checksum, "KIND",                        \
		    "kept with the object: crc32c, sha256 or none" },                  \
	{                                                                              \
		OPT_SIZE, 0, "part-size", &(o).part_bytes, "N",                        \
		    "bytes in the first parts: 5 MiB to 5 GiB (8 MiB)"                 \
	}

/* Check what was given and fill in put. -1 and *why, to be freed. */
int put_options_finish(struct put_options *o, char **why);

/* The first that is given and has no meaning for files, NULL if there is none. */
const char *put_options_given(const struct put_options *o);
void put_options_release(struct put_options *o);

#endif

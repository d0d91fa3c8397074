/*
 * load - read a dataset as training does, on all cores: load DATASET
 *
 * Prints how many interactions it has.
 */
#include <err.h>
#include <stdio.h>

#include "catalog_load.h"
#include "threads.h"

int
main(int argc, char *argv[])
{
	struct dataset *d;
	struct catalog *c;
	char *why;

	if (argc != 2)
		errx(2, "usage: load DATASET");
	if (!(d = dataset_open(argv[1], false, &why)) ||
	    !(c = catalog_load(d, NULL, threads_cores(), &why)))
		errx(1, "%s", why);
	printf("%llu\n", (unsigned long long)c->history.offset[c->users.strings.n]);
	return 0;
}

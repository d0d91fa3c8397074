/* ranks_alone - a command without MPI, which finds itself under mpirun at most. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ranks.h"
#include "util.h"

/* How many processes a launcher says there are: OpenMPI's, PMI's (MPICH's), Slurm's. */
static long
launched(void)
{
	static const char *const names[] = { "OMPI_COMM_WORLD_SIZE", "PMI_SIZE" };
	const char *text = NULL;

	for (size_t i = 0; !text && i < LENGTH(names); i++)
		text = getenv(names[i]);
	if (!text && getenv("PMIX_RANK"))
		text = getenv("SLURM_NTASKS");
	return text ? strtol(text, NULL, 10) : 1;
}

/* Beside this command, where it was built, or where it was installed. Else errno. */
static void
become(const char *self, char *argv[])
{
	const char *slash = strrchr(self, '/');
	char *beside = xasprintf("%s-mpi", self);
	char *installed = xasprintf("%.*s/../libexec/pz%s-mpi",
	    slash ? (int)(slash - self) : 0, self, slash ? slash : "");

	execv(beside, argv);
	if (errno == ENOENT)
		execv(installed, argv);
	free(beside);
	free(installed);
}

int
ranks_open(const struct ranks **ranks, char *argv[], char **why)
{
	char self[PATH_MAX];
	ssize_t len;

	*ranks = NULL;
	if (launched() < 2)
		return 0;
	len = readlink("/proc/self/exe", self, sizeof self - 1);
	self[MAX(len, 0)] = '\0';
	become(self, argv);
	*why = xasprintf("%s-mpi: %s: it is what works under mpirun, and built where "
			 "mpicc is installed",
	    self, strerror(errno));
	return -1;
}

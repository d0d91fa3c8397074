/*
 * ranks_mpi - the processes that mpirun has started.
 *
 * Sums are made at rank 0 and sent from there, so that all have the same bits, whatever
 * way a library would sum. Errors of MPI end all ranks, as is its default.
 */
#include <mpi.h>

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "als_share.h"
#include "util.h"

enum { MOST = 1 << 30 }; /* bytes of one message; counts are int */

static struct ranks here;
static bool is_busy;

static void
sum(double *x, size_t n)
{
	if (here.rank)
		MPI_Reduce(x, NULL, (int)n, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
	else
		MPI_Reduce(
		    MPI_IN_PLACE, x, (int)n, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
	MPI_Bcast(x, (int)n, MPI_DOUBLE, 0, MPI_COMM_WORLD);
}

/* Counts are of rows, of which there are fewer than an int holds. */
static void
gather(void *rows, const size_t *first, size_t bytes)
{
	int *counts = xcalloc(here.n, sizeof *counts);
	int *starts = xcalloc(here.n, sizeof *starts);
	MPI_Datatype row;

	for (size_t r = 0; r < here.n; r++) {
		starts[r] = (int)first[r];
		counts[r] = (int)(first[r + 1] - first[r]);
	}
	MPI_Type_contiguous((int)bytes, MPI_BYTE, &row);
	MPI_Type_commit(&row);
	MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, rows, counts, starts, row,
	    MPI_COMM_WORLD);
	MPI_Type_free(&row);
	free(counts);
	free(starts);
}

/* MPI waits by asking over and over; rank 0 needs the cores more. */
static void
wait_asleep(MPI_Request *request)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	int done = 0;

	for (MPI_Test(request, &done, MPI_STATUS_IGNORE); !done;
	     MPI_Test(request, &done, MPI_STATUS_IGNORE))
		nanosleep(&moment, NULL);
}

static void
broadcast(void *p, size_t bytes)
{
	for (size_t at = 0, n; at < bytes; at += n) {
		MPI_Request request;

		n = MIN(bytes - at, (size_t)MOST);
		MPI_Ibcast(
		    (char *)p + at, (int)n, MPI_BYTE, 0, MPI_COMM_WORLD, &request);
		wait_asleep(&request);
	}
}

static void
send(const void *p, size_t bytes, size_t to)
{
	for (size_t at = 0, n; at < bytes; at += n) {
		n = MIN(bytes - at, (size_t)MOST);
		MPI_Send(
		    (const char *)p + at, (int)n, MPI_BYTE, (int)to, 0, MPI_COMM_WORLD);
	}
}

static void
receive(void *p, size_t bytes)
{
	for (size_t at = 0, n; at < bytes; at += n) {
		n = MIN(bytes - at, (size_t)MOST);
		MPI_Recv((char *)p + at, (int)n, MPI_BYTE, 0, 0, MPI_COMM_WORLD,
		    MPI_STATUS_IGNORE);
	}
}

static void
set_busy(bool is)
{
	is_busy = is;
}

/* At exit, for whatever reason: the others end, too. */
static void
end(void)
{
	if (is_busy)
		MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
	if (!here.rank)
		als_share_end(&here);
	MPI_Finalize();
}

int
ranks_open(const struct ranks **ranks, char *argv[], char **why)
{
	int n = 1, rank = 0;

	(void)argv;
	if (MPI_Init(NULL, NULL) != MPI_SUCCESS) {
		*why = xstrdup("MPI cannot be started");
		return -1;
	}
	MPI_Comm_size(MPI_COMM_WORLD, &n);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	atexit(end);
	here = (struct ranks){ .n = (size_t)n,
		.rank = (size_t)rank,
		.sum = sum,
		.gather = gather,
		.broadcast = broadcast,
		.send = send,
		.receive = receive,
		.busy = set_busy };
	*ranks = n > 1 ? &here : NULL;
	return 0;
}

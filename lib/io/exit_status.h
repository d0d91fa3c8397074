/*
 * exit_status - how commands exit when it is not with 0.
 */
#ifndef EXIT_STATUS_H
#define EXIT_STATUS_H

enum {
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_ERRORS = 3, /* all is done, but there are error records */
	STATUS_AGAIN = 75, /* a later try may do: EX_TEMPFAIL of sysexits.h */
};

#endif

/*
 * interrupt - signals that end a command, noticed where it can still clean up.
 *
 * For what a signal handler cannot undo by itself, such as an upload.
 */
#ifndef INTERRUPT_H
#define INTERRUPT_H

/*
 * From here on SIGINT, SIGTERM, SIGHUP and SIGQUIT are only noted, unless they are
 * ignored; the first one calls wake from its handler, a second one kills.
 */
void interrupt_watch(void (*wake)(void));

int interrupt_signal(void); /* the one that came, 0: none */

/*
 * Wait until fd can be read (-1: for nothing) or seconds are over (< 0: never).
 * 1 to read, 0 in time, -1 if a signal came, even before.
 */
int interrupt_wait(int fd, double seconds);

/* End as the signal would have done it, or this one. */
_Noreturn void interrupt_die(void);
_Noreturn void interrupt_die_of(int sig);

#endif

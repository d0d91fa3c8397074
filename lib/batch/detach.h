/*
 * detach - go on in the background, without the terminal.
 */
#ifndef DETACH_H
#define DETACH_H

/*
 * 0 in the process that goes on, which has a session of its own and no standard
 * streams; in the one that was there before 1, once detach_ready was called, or -1 -
 * status if the other exited with that before; -2 too if there could be no other.
 */
int detach_begin(void);

/* From here on the one before may tell that all is well. */
void detach_ready(void);

#endif

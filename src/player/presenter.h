/* The thread that owns the display: opens it, draws the next picture ahead of its time, presents it
 * when it is due, and takes the viewer's keys. */
#ifndef DEN_PLAYER_PRESENTER_H
#define DEN_PLAYER_PRESENTER_H

/* A thread's main function; arg is a struct core. Returns when core.closing is set, or after
 * PLAYER_EVENT_FAILED. */
void *presenter_main(void *arg);

#endif

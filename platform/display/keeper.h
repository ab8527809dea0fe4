/* The process that holds a virtual console in graphics mode for a display (vt.h). It does nothing but
 * calls that are safe after a fork of a program with threads, and has all signals blocked, so that
 * Ctrl-C to the process group does not end it. It stays in the session: only who has the console as
 * its controlling terminal, or root, may change its mode.
 *
 *     display -> keeper   KEEPER_LEFT     nothing is drawn any more
 *                         end of file     give the console back and end
 *     keeper -> display   struct keeper_start, once
 *                         KEEPER_LEAVES   answer with KEEPER_LEFT, soon
 *                         KEEPER_RETURNS  the console is shown again */
#ifndef DEN_PLATFORM_DISPLAY_KEEPER_H
#define DEN_PLATFORM_DISPLAY_KEEPER_H

#include <stdbool.h>

#define KEEPER_LEFT 'l'
#define KEEPER_LEAVES 'L'
#define KEEPER_RETURNS 'R'

struct keeper_start {
    int error; /* errno of what failed; the keeper has ended then. 0: it holds the console */
    bool away; /* another console is shown at the moment */
};

/* To be called in a fresh child with all signals blocked: tty is the console, line a stream socket. */
_Noreturn void keeper_run(int tty, int line);

#endif

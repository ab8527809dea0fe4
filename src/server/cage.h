/* What the server may still do, once it has what it needs: dend(8), SANDBOX. */
#ifndef DEN_SERVER_CAGE_H
#define DEN_SERVER_CAGE_H

#include <stdbool.h>

struct cage {
    bool wanted;
    int landlock; /* its ABI number, or a negative errno */
    int filter;   /* 0, or a negative errno */
};

/* Bounds files and sockets. Before any thread starts, for later ones alone are bound with this one; after
 * whatever is outside of the two directories was opened, and the sockets that listen on TCP. Makes the
 * library if it is not there, for what is made later could not be read. */
void cage_places(struct cage *c, const char *state, const char *library);
/* Bounds the system calls of all threads, when all is open, and says in one line what holds. */
void cage_calls(struct cage *c);

#endif

/* Where what members say to the server is shown: standard output, a terminal or a journal. */
#ifndef DEN_SERVER_SCREEN_H
#define DEN_SERVER_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed at first. */
struct screen {
    bool mute; /* it took nothing when it was tried last */
};

/* Whole lines. Whoever stops the terminal does not stop the server: what is not taken within a
 * second is lost, which is logged once, and while it takes nothing there is no more waiting. owner:
 * the struct screen. */
void screen_show(void *owner, const char *text, size_t len);

#endif

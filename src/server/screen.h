/* Where what members say to the server and answers to commands typed at it are shown: standard
 * output, a terminal or a journal. */
#ifndef DEN_SERVER_SCREEN_H
#define DEN_SERVER_SCREEN_H

#include <stddef.h>
#include <stdint.h>

#include "platform/standard.h"

struct screen {
    struct standard_out out;
    int64_t told; /* when it was logged that something was lost; 0: never */
};

/* Before files can't be opened any more. */
void screen_open(struct screen *s);
/* Idempotent. */
void screen_close(struct screen *s);

/* Whole lines. Whoever stops the terminal, or reads slowly, does not stop the server: what is not
 * taken soon is lost, which is logged once a minute. owner: the struct screen. */
void screen_show(void *owner, const char *text, size_t len);

#endif

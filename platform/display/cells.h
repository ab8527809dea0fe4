/* A surface as a terminal's cells: the upper half block (U+2580) in the colour of the upper pixel on
 * the colour of the lower one. Only what changed since the last picture is written. */
#ifndef DEN_PLATFORM_DISPLAY_CELLS_H
#define DEN_PLATFORM_DISPLAY_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/display.h"

/* Zeroed to begin with, but for few. shown: what the terminal has, two colours for each cell. */
struct cells {
    bool few; /* 256 colours, xterm's table, instead of 24 bits */
    unsigned columns, rows;
    uint32_t *shown;
    char *bytes; /* the last picture */
    size_t len;
    size_t *ends; /* of each row in it; what is behind the last one ends the picture */
};

/* Nothing is known of the terminal then. False without memory: nothing can be drawn. */
bool cells_resize(struct cells *c, unsigned columns, unsigned rows);
/* Nothing is known of the rows from there on. */
void cells_forget(struct cells *c, unsigned row);
/* Makes bytes (len 0 if nothing changed) of an XRGB surface, columns wide and 2 * rows high. */
void cells_draw(struct cells *c, const struct surface *from);
void cells_free(struct cells *c);

#endif

/* What is written at the bottom of the picture: the edited line and the last lines of the chat. */
#ifndef DEN_PLAYER_CAPTION_H
#define DEN_PLAYER_CAPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/console_font.h"
#include "platform/display.h"
#include "player/player.h"

#define CAPTION_INK 0xf0f0f0
#define CAPTION_PAPER 0x101018
#define CAPTION_ROWS 8 /* at most, and never more than half the picture */

/* A copy of a struct player_text. */
struct caption {
    bool shown, edits; /* edits: there is an edited line, though it may be empty */
    size_t cursor;
    char edited[PLAYER_TEXT_BYTES + 1]; /* what is around the cursor */
    char lines[PLAYER_TEXT_LINES][PLAYER_TEXT_BYTES + 1];
};

/* True if it is another text than before. */
bool caption_set(struct caption *c, const struct player_text *text);
/* In letters of the console's font where face is one, of a size that goes with the surface's. */
void caption_draw(const struct caption *c, const struct surface *to,
                  const struct console_face *face);

#endif

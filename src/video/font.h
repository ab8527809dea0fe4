/* A bitmap font of our own for what stands on pictures: cells of 8 by 12; Latin (ASCII, Latin-1,
 * Extended-A), Greek and Cyrillic. */
#ifndef DEN_VIDEO_FONT_H
#define DEN_VIDEO_FONT_H

#include <stddef.h>
#include <stdint.h>

#include "platform/console_font.h"
#include "platform/display.h"

#define FONT_WIDTH 8
#define FONT_HEIGHT 12 /* capitals fill rows 2 to 9 */

/* Where text may be drawn: rows of pitch bytes. */
struct font_plane {
    uint8_t *pixels; /* borrowed */
    size_t pitch;
    size_t width, height;
};

/* FONT_HEIGHT rows, the most significant bit left; a box for what the font has not. */
const uint8_t *font_glyph(uint32_t code);

/* Takes the next character off *text, which is not at its end; U+FFFD for a byte that begins none. */
uint32_t font_next(const char **text);
/* The cells of a character: 0 for those that only mark the one before, 2 for wide ones, else 1. */
unsigned font_columns(uint32_t code);
/* How wide UTF-8 text is on one line, in cells; what is not UTF-8 counts a cell a byte. */
size_t font_cells(const char *text);

/* The size of a cell: of the console's font where face is one, else of ours. */
unsigned font_cell_width(const struct console_face *face);
unsigned font_cell_height(const struct console_face *face);

/* Draws one line of UTF-8 text with its left upper corner at (x, y), each of the font's pixels as
 * scale by scale, in ink alone; what would lie outside is cut off. In a plane of 8 bits a pixel: */
void font_draw_gray(const struct font_plane *plane, int x, int y, unsigned scale, uint8_t ink,
                    const char *text);
/* In a surface of any format, ink 0x00RRGGBB, with the console's font where face is one; a letter that
 * it has not is drawn in ours, a wide one as a box of two cells. */
void font_draw(const struct surface *to, const struct console_face *face, int x, int y,
               unsigned scale, uint32_t ink, const char *text);

#endif

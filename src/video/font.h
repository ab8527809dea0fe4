/* A bitmap font of our own for what stands on pictures: cells of 8 by 12, ASCII and Latin-1. */
#ifndef DEN_VIDEO_FONT_H
#define DEN_VIDEO_FONT_H

#include <stddef.h>
#include <stdint.h>

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

/* How wide UTF-8 text is on one line, in cells; what is not UTF-8 counts a cell a byte. */
size_t font_cells(const char *text);

/* Draws one line of UTF-8 text with its left upper corner at (x, y), each of the font's pixels as
 * scale by scale, in ink alone; what would lie outside is cut off. In a plane of 8 bits a pixel: */
void font_draw_gray(const struct font_plane *plane, int x, int y, unsigned scale, uint8_t ink,
                    const char *text);
/* In native-endian words of 32 bits a pixel (XRGB); pixels and pitch must be aligned to 4. */
void font_draw_xrgb(const struct font_plane *plane, int x, int y, unsigned scale, uint32_t ink,
                    const char *text);

#endif

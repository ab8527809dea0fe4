/* The machine-readable strip of a test card: which frame of which rendition a shown picture is.
 *
 * It fills the lowest 5/48 of the picture over its whole width, in 31 columns of equal width
 * (column c from width*c/31 to width*(c+1)/31) and three rows, given in 48ths of the height:
 *
 *   43 to 44  clock: white, black, white, ... white
 *   44 to 46  white, black, bits 55 to 28, white
 *   46 to 48  white, black, bits 27 to 0, white
 *
 * A white cell is a 1. The 56 bits, highest first: frame number 24, height 16, and the low 16 bits of
 * the CRC-32C over these five bytes in network order. The clock tells where the strip is in a
 * screenshot; the three cells around the bits tell what is black and white there. */
#ifndef DEN_VIDEO_STRIP_H
#define DEN_VIDEO_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRIP_WIDTH 124 /* pixels of the smallest picture that it can be drawn in */
#define STRIP_HEIGHT 96

/* The first row of the strip in a picture of that height: nothing else is drawn from there on. */
size_t strip_top(size_t height);
/* Into a plane of luma, full range; number < 2^24, rendition (its height) < 2^16. */
void strip_draw(uint8_t *luma, size_t pitch, size_t width, size_t height, uint32_t number,
                uint32_t rendition);
/* Out of a picture that fills the plane, scaled as it may be. False if there is no valid strip. */
bool strip_read(const uint8_t *luma, size_t pitch, size_t width, size_t height, uint32_t *number,
                uint32_t *rendition);
/* Out of a plane (a screenshot) that has the picture somewhere in it, upright, all of the strip. */
bool strip_seek(const uint8_t *luma, size_t pitch, size_t width, size_t height, uint32_t *number,
                uint32_t *rendition);

#endif

/* One JPEG to planes of luma and chroma, by TurboJPEG, at the smallest scale that still covers where it is shown. */
#ifndef DEN_PLAYER_DECODE_H
#define DEN_PLAYER_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "player/picture.h"

struct decode {
    void *handle; /* TurboJPEG's, kept from frame to frame */
};

enum err decode_open(struct decode *d);
/* Idempotent. */
void decode_close(struct decode *d);
/* The numerator of 8/8, 4/8, 2/8 or 1/8: the smallest of which a picture of that size still covers
 * what scale_fit makes of it in a surface of to_width x to_height. */
int decode_scale(unsigned width, unsigned height, unsigned to_width, unsigned to_height);
/* ERR_BROKEN: no JPEG, or one that ends too early or can't be decoded; what a decoder can mend (stray
 * bytes from a camera) passes. ERR_LIMIT: over LIMIT_WIDTH, _HEIGHT or _PIXELS, found before memory
 * is taken for it. */
enum err decode_picture(struct decode *d, const uint8_t *jpeg, size_t length, unsigned to_width,
                        unsigned to_height, struct picture *out);

#endif

/* Pictures to JPEG, by TurboJPEG: of cameras that do not do it themselves. For a worker: 640x480 takes
 * some 0.9 ms of one core here. */
#ifndef DEN_PLAYER_ENCODE_H
#define DEN_PLAYER_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define ENCODE_QUALITY 80

/* pixels: Y U Y V for each two of a row, rows of pitch bytes; width is even. *jpeg is from malloc.
 * ERR_MEMORY; ERR_LIMIT: over LIMIT_PIXELS; ERR_BROKEN. */
enum err encode_yuyv(const uint8_t *pixels, size_t pitch, unsigned width, unsigned height,
                     uint8_t **jpeg, size_t *len);

#endif

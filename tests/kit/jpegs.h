/* Small JPEGs for tests, each a plain colour of its own. */
#ifndef DEN_TESTS_KIT_JPEGS_H
#define DEN_TESTS_KIT_JPEGS_H

#include <stddef.h>
#include <stdint.h>

/* A picture of that size and colour (0x00RRGGBB), from malloc. Dies (abort) if it can't. */
uint8_t *jpegs_make(unsigned width, unsigned height, uint32_t colour, size_t *length);
/* A soft slope of colours, with chroma sampled as TurboJPEG's TJSAMP_ value says. */
uint8_t *jpegs_slope(unsigned width, unsigned height, int sampling, size_t *length);
/* A copy, from malloc. */
uint8_t *jpegs_copy(const uint8_t *jpeg, size_t length);

#endif

/* The dearest of line.c's loops for x86-64, by hand: with SSE2, which each has, or with AVX2. What
 * compilers make of the C differs by five times (clang's for SSE2 being the slowest). Results are the
 * same bit for bit. */
#ifndef DEN_VIDEO_LINE_X86_H
#define DEN_VIDEO_LINE_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "video/line.h"

#if defined __x86_64__ && !defined LINE_COMMON
#define LINE_X86 1
#else
#define LINE_X86 0
#endif

/* Luma is y's, or plain's as it is. out: of XRGB8888, or narrow: of RGB565. Works in whole blocks. */
void line_x86_colour(void *out, bool narrow, const struct line_pair *y, const uint8_t *plain,
                     const struct line_pair *u, const struct line_pair *v, size_t width);
/* As line_double. */
void line_x86_double(int16_t *row, const uint8_t *samples, size_t width, int16_t bias);
/* Pixels to three bytes each, the whole blocks of width only. */
void line_x86_three(uint8_t *out, const uint32_t *line, size_t width);

#endif

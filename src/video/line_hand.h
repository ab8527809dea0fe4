/* The dearest of line.c's loops by hand: for x86-64 with SSE2, which each has, or with AVX2
 * (line_x86.c), and for aarch64 (line_neon.c). What compilers make of the C differs by five times
 * (clang's for SSE2 being the slowest). Results are the same bit for bit. */
#ifndef DEN_VIDEO_LINE_HAND_H
#define DEN_VIDEO_LINE_HAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "video/line.h"

#if defined __x86_64__ && !defined LINE_COMMON
#define LINE_X86 1
#else
#define LINE_X86 0
#endif
#if defined __aarch64__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && !defined LINE_COMMON
#define LINE_NEON 1
#else
#define LINE_NEON 0
#endif
#define LINE_HAND (LINE_X86 || LINE_NEON)

/* As line_colour and line_passed. They work in whole blocks. */
void line_hand_colour(void *out, enum line_kind kind, const struct line_source *s, size_t width);
void line_hand_passed(void);
/* As line_double. */
void line_hand_double(int16_t *row, const uint8_t *samples, size_t width, int16_t bias);
#if LINE_X86
struct line_pick;

/* Whether line_hand_pick works here. */
bool line_hand_picks(void);
/* As line_pick_scale. */
void line_hand_pick(int16_t *row, const uint8_t *samples, const struct line_pick *picks,
                    size_t count, int16_t bias);
#endif
/* Pixels to three bytes each, the whole blocks of width only. */
void line_hand_three(uint8_t *out, const uint32_t *line, size_t width);

#endif

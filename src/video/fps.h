/* Frame rates, which are fractions: 24000/1001 is not 23.976. */
#ifndef DEN_VIDEO_FPS_H
#define DEN_VIDEO_FPS_H

#include <stdbool.h>
#include <stdint.h>

#define FPS_TERM 1000000 /* numerator and denominator are at most this */
#define FPS_MOST 1000    /* frames a second */
#define FPS_SLOWEST 100  /* seconds a frame */
#define FPS_TEXT 24      /* bytes of the longest text, with its NUL */

struct fraction {
    uint32_t num, den; /* reduced; den is never 0 */
};

/* "24", "24000/1001", or a decimal: "23.976", "29.97" and the like become the exact 24000/1001 and
 * 30000/1001, other decimals the fraction they write. False if it is none or over the limits. */
bool fps_parse(const char *text, struct fraction *out);
/* Reduced; false if it is over the limits above. */
bool fps_set(uint64_t num, uint64_t den, struct fraction *out);
/* The same, but a rate within one in 4000 of a well-known one becomes that, and one with large terms
 * is rounded: for rates that were measured. */
bool fps_near(uint64_t num, uint64_t den, struct fraction *out);
/* "24" or "24000/1001". */
void fps_format(struct fraction fps, char out[static FPS_TEXT]);

#endif

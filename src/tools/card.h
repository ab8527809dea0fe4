/* The test card's pictures: planes of full-range YCbCr 4:2:0 (BT.601, as JPEG has them). */
#ifndef DEN_TOOLS_CARD_H
#define DEN_TOOLS_CARD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CARD_LEAST 120 /* lines of the smallest and the largest card */
#define CARD_MOST 2160

struct card {
    unsigned width, height;
    size_t frames; /* of the whole clip */
    /* Owned: the picture that was drawn last, and what stands still in it. Chroma has half the
     * width and height, rounded up. */
    uint8_t *planes[3];
    uint8_t *still[3];
};

/* The width of a 16:9 picture, even. */
unsigned card_width(unsigned height);
/* Draws what stands still. CARD_LEAST <= height <= CARD_MOST; fps is shown, as is the title. */
enum err card_open(struct card *c, unsigned height, size_t frames, const char *title,
                   const char *fps);
/* Draws frame i < frames into planes; the same picture for the same arguments. */
void card_draw(struct card *c, size_t i);
/* Idempotent. */
void card_close(struct card *c);

#endif

/* The glyphs' bits, for font.c. */
#ifndef DEN_VIDEO_FONT_TABLE_H
#define DEN_VIDEO_FONT_TABLE_H

#include <stdint.h>

#include "video/font.h"

#define FONT_ASCII 95 /* U+0020 to U+007E */
#define FONT_LATIN 96 /* U+00A0 to U+00FF */
#define FONT_LETTERS 317

struct font_letter {
    uint16_t code;
    uint8_t rows[FONT_HEIGHT];
};

extern const uint8_t font_ascii[FONT_ASCII][FONT_HEIGHT];
extern const uint8_t font_latin[FONT_LATIN][FONT_HEIGHT];
/* Latin Extended-A and more of Latin, Greek, Cyrillic, marks and arrows; by rising code. */
extern const struct font_letter font_letters[FONT_LETTERS];
extern const uint8_t font_missing[FONT_HEIGHT];

#endif

/* The font of a Linux console, read into plain memory. */
#ifndef DEN_PLATFORM_CONSOLE_FONT_H
#define DEN_PLATFORM_CONSOLE_FONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONSOLE_FONT_SIDE 32    /* pixels of a glyph's width or height */
#define CONSOLE_FONT_GLYPHS 512 /* what the kernel holds */

struct console_letter {
    uint32_t code; /* Unicode */
    unsigned glyph;
};

struct console_face {
    unsigned width, height, glyphs; /* all 0: none */
    size_t stride;                  /* bytes of a row, the most significant bit left */
    uint8_t *rows;                  /* glyphs * height * stride, owned */
    struct console_letter *letters; /* by rising code, owned */
    size_t count;
};

/* By KDFONTOP and GIO_UNIMAP on a console's terminal. False and errno: it is none, or has no bitmap
 * font of a size that is known here; out is then a font that is free. */
bool console_font_read(int terminal, struct console_face *out);
/* The same from what these give: bits holds every glyph in 32 rows, of which `height` count; letters
 * in any order, those of no glyph are passed over. False and EINVAL or ENOMEM. */
bool console_font_make(struct console_face *out, unsigned width, unsigned height, unsigned glyphs,
                       const uint8_t *bits, const struct console_letter *letters, size_t count);
/* A letter's rows, or NULL if the font has it not. */
const uint8_t *console_font_find(const struct console_face *font, uint32_t code);
/* Idempotent. */
void console_font_free(struct console_face *font);

#endif

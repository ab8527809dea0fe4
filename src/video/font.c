#include "video/font.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "video/font_table.h"

/* What is drawn with, in either format. */
struct font_pen {
    const struct font_plane *plane;
    unsigned scale;
    uint32_t ink;
    size_t bytes; /* of a pixel: 1 or 4 */
};

const uint8_t *font_glyph(uint32_t code)
{
    if (code >= 0x20 && code < 0x20 + FONT_ASCII)
        return font_ascii[code - 0x20];
    if (code >= 0xa0 && code < 0xa0 + FONT_LATIN)
        return font_latin[code - 0xa0];
    return font_missing;
}

/* Takes the next character off *text; U+FFFD for a byte that begins none. */
static uint32_t font_next(const char **text)
{
    const uint8_t *p = (const uint8_t *)*text;
    size_t len = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    uint32_t code;

    if (strnlen(*text, len) < len || !text_valid(p, len)) {
        ++*text;
        return 0xfffd;
    }
    code = len == 1 ? *p : *p & (0x7fU >> len);
    for (size_t i = 1; i < len; i++)
        code = code << 6 | (p[i] & 0x3f);
    *text += len;
    return code;
}

size_t font_cells(const char *text)
{
    size_t n = 0;

    for (; *text != 0; n++)
        font_next(&text);
    return n;
}

/* Clips the run [from, from + len) to [0, limit); false if nothing is left. */
static bool font_clip(int64_t *from, int64_t *len, size_t limit)
{
    int64_t end = *from + *len;

    if (*from < 0)
        *from = 0;
    if (end > (int64_t)limit)
        end = (int64_t)limit;
    *len = end - *from;
    return *len > 0;
}

static void font_rectangle(const struct font_pen *pen, int64_t x, int64_t y, int64_t w, int64_t h)
{
    const struct font_plane *plane = pen->plane;

    if (!font_clip(&x, &w, plane->width) || !font_clip(&y, &h, plane->height))
        return;
    for (int64_t row = y; row < y + h; row++) {
        uint8_t *line = plane->pixels + (size_t)row * plane->pitch + (size_t)x * pen->bytes;

        if (pen->bytes == 1)
            memset(line, (int)pen->ink, (size_t)w);
        for (int64_t i = 0; pen->bytes == 4 && i < w; i++)
            memcpy(line + i * 4, &pen->ink, 4);
    }
}

static void font_draw_glyph(const struct font_pen *pen, int64_t x, int64_t y, const uint8_t *rows)
{
    for (int row = 0; row < FONT_HEIGHT; row++) {
        for (int from = 0; from < FONT_WIDTH; from++) {
            int to = from;

            while (to < FONT_WIDTH && rows[row] >> (7 - to) & 1)
                to++;
            if (to > from)
                font_rectangle(pen, x + from * (int64_t)pen->scale, y + row * (int64_t)pen->scale,
                               (to - from) * (int64_t)pen->scale, pen->scale);
            from = to;
        }
    }
}

static void font_draw(const struct font_pen *pen, int64_t x, int64_t y, const char *text)
{
    while (*text != 0 && x < (int64_t)pen->plane->width) {
        font_draw_glyph(pen, x, y, font_glyph(font_next(&text)));
        x += FONT_WIDTH * (int64_t)pen->scale;
    }
}

void font_draw_gray(const struct font_plane *plane, int x, int y, unsigned scale, uint8_t ink,
                    const char *text)
{
    font_draw(&(struct font_pen){plane, scale, ink, 1}, x, y, text);
}

void font_draw_xrgb(const struct font_plane *plane, int x, int y, unsigned scale, uint32_t ink,
                    const char *text)
{
    font_draw(&(struct font_pen){plane, scale, ink, 4}, x, y, text);
}

#include "video/font.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "video/font_table.h"
#include "video/pixel.h"

/* What is drawn with. */
struct font_pen {
    struct font_plane plane;
    unsigned scale;
    struct pixel ink; /* its size is that of the plane's pixels */
    const struct console_face *face;
};

/* A letter's bits, and where they go. */
struct font_shape {
    const uint8_t *rows;
    unsigned width, height;
    size_t stride;
    int64_t x, y;
    unsigned scale;
};

struct font_range {
    uint32_t first, last;
};

/* East Asian Wide and Fullwidth, in blocks. */
static const struct font_range font_wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
};
static const struct font_range font_marks[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f},
};

static int font_compare(const void *key, const void *letter)
{
    const uint32_t *code = key;
    const struct font_letter *l = letter;

    return *code < l->code ? -1 : *code > l->code;
}

const uint8_t *font_glyph(uint32_t code)
{
    const struct font_letter *found;

    if (code >= 0x20 && code < 0x20 + FONT_ASCII)
        return font_ascii[code - 0x20];
    if (code >= 0xa0 && code < 0xa0 + FONT_LATIN)
        return font_latin[code - 0xa0];
    found = bsearch(&code, font_letters, FONT_LETTERS, sizeof font_letters[0], font_compare);
    return found == NULL ? font_missing : found->rows;
}

uint32_t font_next(const char **text)
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

static bool font_within(const struct font_range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

unsigned font_columns(uint32_t code)
{
    if (font_within(font_marks, sizeof font_marks / sizeof font_marks[0], code))
        return 0;
    return font_within(font_wide, sizeof font_wide / sizeof font_wide[0], code) ? 2 : 1;
}

size_t font_cells(const char *text)
{
    size_t n = 0;

    while (*text != 0)
        n += font_columns(font_next(&text));
    return n;
}

unsigned font_cell_width(const struct console_face *face)
{
    return face == NULL ? FONT_WIDTH : face->width;
}

unsigned font_cell_height(const struct console_face *face)
{
    return face == NULL ? FONT_HEIGHT : face->height;
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
    const struct font_plane *plane = &pen->plane;

    if (!font_clip(&x, &w, plane->width) || !font_clip(&y, &h, plane->height))
        return;
    for (int64_t row = y; row < y + h; row++) {
        uint8_t *at = plane->pixels + (size_t)row * plane->pitch + (size_t)x * pen->ink.size;

        for (int64_t i = 0; i < w; i++, at += pen->ink.size)
            memcpy(at, pen->ink.bytes, pen->ink.size);
    }
}

static bool font_bit(const struct font_shape *s, unsigned row, unsigned column)
{
    return s->rows[row * s->stride + column / 8] >> (7 - column % 8) & 1;
}

static void font_draw_shape(const struct font_pen *pen, const struct font_shape *s)
{
    for (unsigned row = 0; row < s->height; row++) {
        for (unsigned from = 0; from < s->width; from++) {
            unsigned to = from;

            while (to < s->width && font_bit(s, row, to))
                to++;
            if (to > from)
                font_rectangle(pen, s->x + from * (int64_t)s->scale, s->y + row * (int64_t)s->scale,
                               (to - from) * (int64_t)s->scale, s->scale);
            from = to;
        }
    }
}

/* A letter of ours, in the middle of the cell, as large as whole pixels make it. */
static void font_draw_ours(const struct font_pen *pen, int64_t x, int64_t y, uint32_t code)
{
    unsigned width = font_cell_width(pen->face), height = font_cell_height(pen->face);
    unsigned grow =
        width / FONT_WIDTH < height / FONT_HEIGHT ? width / FONT_WIDTH : height / FONT_HEIGHT;
    struct font_shape s = {
        .rows = font_glyph(code), .width = FONT_WIDTH, .height = FONT_HEIGHT, .stride = 1};

    grow = grow == 0 ? 1 : grow;
    s.scale = pen->scale * grow;
    s.x = x + ((int64_t)width - FONT_WIDTH * grow) / 2 * pen->scale;
    s.y = y + ((int64_t)height - FONT_HEIGHT * grow) / 2 * pen->scale;
    font_draw_shape(pen, &s);
}

static void font_draw_box(const struct font_pen *pen, int64_t x, int64_t y)
{
    int64_t thick = pen->scale;
    int64_t width = (2 * (int64_t)font_cell_width(pen->face) - 1) * thick;
    int64_t height = ((int64_t)font_cell_height(pen->face) - 4) * thick;

    y += 2 * thick;
    font_rectangle(pen, x, y, width, thick);
    font_rectangle(pen, x, y + height - thick, width, thick);
    font_rectangle(pen, x, y, thick, height);
    font_rectangle(pen, x + width - thick, y, thick, height);
}

static void font_draw_letter(const struct font_pen *pen, int64_t x, int64_t y, uint32_t code)
{
    const struct console_face *f = pen->face;
    const uint8_t *rows = f == NULL ? NULL : console_font_find(f, code);

    if (rows != NULL)
        font_draw_shape(pen, &(struct font_shape){.rows = rows,
                                                  .width = f->width,
                                                  .height = f->height,
                                                  .stride = f->stride,
                                                  .x = x,
                                                  .y = y,
                                                  .scale = pen->scale});
    else if (font_columns(code) == 2)
        font_draw_box(pen, x, y);
    else if (font_columns(code) == 1)
        font_draw_ours(pen, x, y, code);
}

static void font_draw_text(const struct font_pen *pen, int64_t x, int64_t y, const char *text)
{
    int64_t cell = (int64_t)font_cell_width(pen->face) * pen->scale;

    while (*text != 0 && x < (int64_t)pen->plane.width) {
        uint32_t code = font_next(&text);
        font_draw_letter(pen, x, y, code);
        x += font_columns(code) * cell;
    }
}

void font_draw_gray(const struct font_plane *plane, int x, int y, unsigned scale, uint8_t ink,
                    const char *text)
{
    font_draw_text(&(struct font_pen){*plane, scale, {{ink}, 1}, NULL}, x, y, text);
}

void font_draw(const struct surface *to, const struct console_face *face, int x, int y,
               unsigned scale, uint32_t ink, const char *text)
{
    const struct font_pen pen = {
        {to->pixels, to->pitch, to->width, to->height}, scale, pixel_make(to->format, ink), face};

    font_draw_text(&pen, x, y, text);
}

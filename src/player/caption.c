#include "player/caption.h"

#include <string.h>

#include "base/text.h"
#include "video/font.h"
#include "video/pixel.h"

#define CAPTION_ACROSS 40 /* cells that a row has at least, if the surface has so many */
#define CAPTION_DOWN 30   /* cells that the surface's height has at least */

/* The text as it goes onto one surface. */
struct caption_page {
    const struct surface *to;
    const struct console_face *face;
    unsigned scale;
    unsigned width, height; /* of a cell, in the surface's pixels */
    size_t columns;         /* of a row */
    unsigned most, count;   /* rows */
    struct {
        const char *text;
        size_t length;
    } rows[CAPTION_ROWS];
};

static size_t caption_copy(char out[static PLAYER_TEXT_BYTES + 1], const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);

    if (length > PLAYER_TEXT_BYTES)
        length = text_fit(text, length, PLAYER_TEXT_BYTES);
    memset(out, 0, PLAYER_TEXT_BYTES + 1);
    if (length > 0)
        memcpy(out, text, length);
    return length;
}

/* Of an edited line that is too long, what ends a little after the cursor. */
static void caption_copy_edited(struct caption *c, const struct player_text *text)
{
    size_t length = strlen(text->edited), cursor = text->cursor < length ? text->cursor : length;
    size_t from = 0;

    if (length > PLAYER_TEXT_BYTES && cursor > PLAYER_TEXT_BYTES / 2) {
        from = cursor - PLAYER_TEXT_BYTES / 2;
        while (from < cursor && ((unsigned char)text->edited[from] & 0xc0) == 0x80)
            from++;
    }
    c->cursor = cursor - from;
    length = caption_copy(c->edited, text->edited + from);
    if (c->cursor > length)
        c->cursor = length;
}

bool caption_set(struct caption *c, const struct player_text *text)
{
    struct caption next;

    memset(&next, 0, sizeof next);
    next.shown = text->shown;
    if (text->shown) {
        next.edits = text->edited != NULL;
        if (next.edits)
            caption_copy_edited(&next, text);
        for (size_t i = 0; i < PLAYER_TEXT_LINES; i++)
            caption_copy(next.lines[i], text->lines[i]);
    }
    if (memcmp(c, &next, sizeof next) == 0)
        return false;
    *c = next;
    return true;
}

/* The end of what fits in so many columns; a row takes a character at least, or it had no end. */
static const char *caption_fit(const char *text, size_t columns)
{
    const char *end = text;
    size_t used = 0;

    while (*end != 0) {
        const char *next = end;
        used += font_columns(font_next(&next));
        if (used > columns && end > text)
            break;
        end = next;
    }
    return end;
}

static void caption_push(struct caption_page *p, const char *text, size_t length)
{
    if (p->count == p->most) {
        memmove(p->rows, p->rows + 1, (p->most - 1) * sizeof p->rows[0]);
        p->count--;
    }
    p->rows[p->count].text = text;
    p->rows[p->count++].length = length;
}

/* Wraps at the last space of a row's second half, if there is one. */
static void caption_wrap(struct caption_page *p, const char *text)
{
    while (*text != 0) {
        const char *end = caption_fit(text, p->columns), *cut = end;

        while (*end != 0 && cut > text + (end - text) / 2 && cut[-1] != ' ')
            cut--;
        if (*end == 0 || cut == text + (end - text) / 2)
            cut = end;
        caption_push(p, text, (size_t)(cut - text));
        text = cut;
    }
}

static bool caption_prepare(struct caption_page *p, const struct surface *to,
                            const struct console_face *face)
{
    unsigned width = font_cell_width(face), height = font_cell_height(face);
    unsigned scale = to->height / (height * CAPTION_DOWN);

    if (scale > to->width / (width * CAPTION_ACROSS))
        scale = to->width / (width * CAPTION_ACROSS);
    *p = (struct caption_page){.to = to, .face = face, .scale = scale == 0 ? 1 : scale};
    p->width = width * p->scale;
    p->height = height * p->scale;
    p->columns = to->width / p->width;
    p->most = to->height / 2 / p->height;
    if (p->most > CAPTION_ROWS)
        p->most = CAPTION_ROWS;
    return p->columns >= 2 && p->most > 0;
}

static void caption_write(const struct caption_page *p, unsigned x, unsigned y, uint32_t ink,
                          const char *text, size_t length)
{
    char row[PLAYER_TEXT_BYTES + 1];

    memcpy(row, text, length);
    row[length] = 0;
    font_draw(p->to, p->face, (int)x, (int)y, p->scale, ink, row);
}

static size_t caption_columns(const char *from, const char *to)
{
    size_t columns = 0;

    while (from < to)
        columns += font_columns(font_next(&from));
    return columns;
}

/* The edited line is moved to the left until the cursor's cell is in view. */
static void caption_edit(const struct caption_page *p, const struct caption *c, unsigned y)
{
    const char *from = c->edited, *cursor = c->edited + c->cursor, *next = cursor;
    unsigned wide = *cursor == 0 ? 1 : font_columns(font_next(&next)), x;
    size_t before = caption_columns(from, cursor);

    wide = wide == 0 ? 1 : wide;
    while (from < cursor && before + wide > p->columns)
        before -= font_columns(font_next(&from));
    caption_write(p, 0, y, CAPTION_INK, from, (size_t)(caption_fit(from, p->columns) - from));
    x = (unsigned)before * p->width;
    pixel_fill(p->to, x, y, wide * p->width, p->height, CAPTION_INK);
    caption_write(p, x, y, CAPTION_PAPER, cursor, (size_t)(next - cursor));
}

void caption_draw(const struct caption *c, const struct surface *to,
                  const struct console_face *face)
{
    struct caption_page page;
    unsigned y;

    if (!c->shown || !caption_prepare(&page, to, face))
        return;
    for (size_t i = 0; i < PLAYER_TEXT_LINES; i++)
        caption_wrap(&page, c->lines[i]);
    if (c->edits)
        caption_push(&page, "", 0);
    y = to->height - page.count * page.height;
    pixel_fill(to, 0, y, to->width, to->height - y, CAPTION_PAPER);
    for (unsigned i = 0; i < page.count; i++, y += page.height)
        caption_write(&page, 0, y, CAPTION_INK, page.rows[i].text, page.rows[i].length);
    if (c->edits)
        caption_edit(&page, c, y - page.height);
}

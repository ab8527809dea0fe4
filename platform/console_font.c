#include "platform/console_font.h"

#include <errno.h>
#include <linux/kd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define CONSOLE_FONT_ROWS 32 /* of a glyph as the kernel hands it out */
#define CONSOLE_FONT_PAIRS 65535

static int console_font_compare(const void *a, const void *b)
{
    const struct console_letter *x = a, *y = b;

    return x->code < y->code ? -1 : x->code > y->code;
}

static void console_font_copy(struct console_face *f, const uint8_t *bits,
                              const struct console_letter *letters, size_t count)
{
    size_t glyph = f->height * f->stride;

    for (unsigned i = 0; i < f->glyphs; i++)
        memcpy(f->rows + i * glyph, bits + i * CONSOLE_FONT_ROWS * f->stride, glyph);
    for (size_t i = 0; i < count; i++) {
        if (letters[i].glyph < f->glyphs)
            f->letters[f->count++] = letters[i];
    }
    if (f->count > 0)
        qsort(f->letters, f->count, sizeof f->letters[0], console_font_compare);
}

bool console_font_make(struct console_face *out, unsigned width, unsigned height, unsigned glyphs,
                       const uint8_t *bits, const struct console_letter *letters, size_t count)
{
    struct console_face f = {.width = width, .height = height, .glyphs = glyphs};

    *out = (struct console_face){0};
    if (width == 0 || width > CONSOLE_FONT_SIDE || height == 0 || height > CONSOLE_FONT_SIDE ||
        glyphs == 0 || glyphs > CONSOLE_FONT_GLYPHS || count > CONSOLE_FONT_PAIRS) {
        errno = EINVAL;
        return false;
    }
    f.stride = (width + 7) / 8;
    f.rows = malloc(glyphs * height * f.stride);
    f.letters = malloc((count + 1) * sizeof f.letters[0]);
    if (f.rows == NULL || f.letters == NULL) {
        console_font_free(&f);
        errno = ENOMEM;
        return false;
    }
    console_font_copy(&f, bits, letters, count);
    *out = f;
    return true;
}

const uint8_t *console_font_find(const struct console_face *font, uint32_t code)
{
    const struct console_letter key = {.code = code};
    const struct console_letter *found;

    if (font->count == 0)
        return NULL;
    found = bsearch(&key, font->letters, font->count, sizeof key, console_font_compare);
    return found == NULL ? NULL : font->rows + found->glyph * font->height * font->stride;
}

void console_font_free(struct console_face *font)
{
    free(font->rows);
    free(font->letters);
    *font = (struct console_face){0};
}

/* The kernel's map, in our words; NULL and errno. */
static struct console_letter *console_font_letters(int terminal, size_t *count)
{
    struct unimapdesc map = {.entry_ct = CONSOLE_FONT_PAIRS};
    struct console_letter *letters = NULL;

    map.entries = malloc(CONSOLE_FONT_PAIRS * sizeof map.entries[0]);
    if (map.entries != NULL && ioctl(terminal, GIO_UNIMAP, &map) == 0) {
        letters = malloc((map.entry_ct + 1U) * sizeof letters[0]);
        for (size_t i = 0; letters != NULL && i < map.entry_ct; i++) {
            letters[i].code = map.entries[i].unicode;
            letters[i].glyph = map.entries[i].fontpos;
        }
    }
    *count = map.entry_ct;
    free(map.entries);
    return letters;
}

bool console_font_read(int terminal, struct console_face *out)
{
    struct console_font_op op = {.op = KD_FONT_OP_GET,
                                 .width = CONSOLE_FONT_SIDE,
                                 .height = CONSOLE_FONT_SIDE,
                                 .charcount = CONSOLE_FONT_GLYPHS};
    struct console_letter *letters;
    size_t count;
    bool made = false;

    *out = (struct console_face){0};
    op.data = calloc(CONSOLE_FONT_GLYPHS, CONSOLE_FONT_ROWS * CONSOLE_FONT_SIDE / 8);
    letters = op.data == NULL ? NULL : console_font_letters(terminal, &count);
    if (letters != NULL && ioctl(terminal, KDFONTOP, &op) == 0)
        made = console_font_make(out, op.width, op.height, op.charcount, op.data, letters, count);
    free(letters);
    free(op.data);
    return made;
}

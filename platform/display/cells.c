#include "platform/display/cells.h"

#include <stdlib.h>
#include <string.h>

enum { UNKNOWN = 0x1000000 }; /* a colour that no pixel has */
/* Bytes at most: a move, both colours, the block; what is around all rows. */
enum { CELL = 64, AROUND = 64 };

static const char head[] = "\0337\033[?2026h";
static const char tail[] = "\033[m\033[?2026l\0338";

/* What is written: where, and in which colours it goes on. */
struct pen {
    char *to;
    uint32_t top, bottom;
    bool here; /* the cursor stands before the next cell */
};

static void add(struct pen *p, const char *text, size_t len)
{
    memcpy(p->to, text, len);
    p->to += len;
}

static void add_number(struct pen *p, unsigned n)
{
    if (n >= 10)
        add_number(p, n / 10);
    *p->to++ = (char)('0' + n % 10);
}

/* The nearest of the six steps that xterm's cube has in each channel, and its value. */
static unsigned step(unsigned channel, unsigned *value)
{
    static const uint8_t values[] = {0, 95, 135, 175, 215, 255};
    unsigned n = channel < 48 ? 0 : channel < 115 ? 1 : (channel - 35) / 40;

    *value = values[n];
    return n;
}

static unsigned distance(unsigned r, unsigned g, unsigned b, uint32_t colour)
{
    int dr = (int)r - (int)(colour >> 16), dg = (int)g - (int)(colour >> 8 & 0xff),
        db = (int)b - (int)(colour & 0xff);

    return (unsigned)(dr * dr * 2 + dg * dg * 4 + db * db);
}

/* The number in xterm's table: of its cube, or of its 24 greys where one is nearer. */
static uint32_t number(uint32_t colour)
{
    unsigned r, g, b;
    unsigned cube = 16 + 36 * step(colour >> 16, &r);
    unsigned grey = ((colour >> 16) * 2 + (colour >> 8 & 0xff) * 4 + (colour & 0xff)) / 7;
    unsigned nth = grey < 8 ? 0 : grey > 238 ? 23 : (grey - 3) / 10;

    cube += 6 * step(colour >> 8 & 0xff, &g);
    cube += step(colour & 0xff, &b);
    grey = 8 + 10 * nth;
    return distance(grey, grey, grey, colour) < distance(r, g, b, colour) ? 232 + nth : cube;
}

static void add_colour(struct pen *p, const char *which, uint32_t colour, bool few)
{
    add(p, which, 2);
    add(p, few ? ";5;" : ";2;", 3);
    if (few) {
        add_number(p, colour);
        return;
    }
    add_number(p, colour >> 16);
    *p->to++ = ';';
    add_number(p, colour >> 8 & 0xff);
    *p->to++ = ';';
    add_number(p, colour & 0xff);
}

static void add_colours(struct pen *p, uint32_t top, uint32_t bottom, bool few)
{
    if (top == p->top && bottom == p->bottom)
        return;
    add(p, "\033[", 2);
    if (top != p->top)
        add_colour(p, "38", top, few);
    if (top != p->top && bottom != p->bottom)
        *p->to++ = ';';
    if (bottom != p->bottom)
        add_colour(p, "48", bottom, few);
    *p->to++ = 'm';
    p->top = top;
    p->bottom = bottom;
}

static void move(struct pen *p, unsigned row, unsigned column)
{
    if (!p->here) {
        add(p, "\033[", 2);
        add_number(p, row + 1);
        *p->to++ = ';';
        add_number(p, column + 1);
        *p->to++ = 'H';
    }
    p->here = true;
}

static const uint32_t *line(const struct surface *s, unsigned y)
{
    return (const uint32_t *)(const void *)((const uint8_t *)s->pixels + y * s->pitch);
}

static void draw_row(struct cells *c, const struct surface *from, unsigned row, struct pen *p)
{
    const uint32_t *above = line(from, 2 * row), *below = line(from, 2 * row + 1);
    uint32_t *was = c->shown + (size_t)row * c->columns * 2;

    /* Each row stands for itself: it may be the first after a cut. */
    p->top = p->bottom = UNKNOWN;
    p->here = false;
    for (unsigned x = 0; x < c->columns; x++, was += 2) {
        uint32_t top = above[x] & 0xffffff, bottom = below[x] & 0xffffff;

        top = c->few ? number(top) : top;
        bottom = c->few ? number(bottom) : bottom;
        if (top == was[0] && bottom == was[1]) {
            p->here = false;
            continue;
        }
        move(p, row, x);
        add_colours(p, top, bottom, c->few);
        if (top == bottom)
            *p->to++ = ' ';
        else
            add(p, "\342\226\200", 3);
        was[0] = top;
        was[1] = bottom;
    }
}

void cells_draw(struct cells *c, const struct surface *from)
{
    struct pen p = {.to = c->bytes};
    char *begin;

    add(&p, head, sizeof head - 1);
    begin = p.to;
    for (unsigned row = 0; row < c->rows; row++) {
        draw_row(c, from, row, &p);
        c->ends[row] = (size_t)(p.to - c->bytes);
    }
    if (p.to == begin)
        p.to = c->bytes;
    else
        add(&p, tail, sizeof tail - 1);
    c->len = (size_t)(p.to - c->bytes);
}

void cells_forget(struct cells *c, unsigned row)
{
    for (size_t i = (size_t)row * c->columns * 2; i < (size_t)c->rows * c->columns * 2; i++)
        c->shown[i] = UNKNOWN;
}

bool cells_resize(struct cells *c, unsigned columns, unsigned rows)
{
    size_t count = (size_t)columns * rows;

    cells_free(c);
    c->shown = calloc(count, 2 * sizeof *c->shown);
    c->bytes = malloc(count * CELL + AROUND);
    c->ends = calloc(rows, sizeof *c->ends);
    if (c->shown == NULL || c->bytes == NULL || c->ends == NULL) {
        cells_free(c);
        return false;
    }
    c->columns = columns;
    c->rows = rows;
    cells_forget(c, 0);
    return true;
}

void cells_free(struct cells *c)
{
    free(c->shown);
    free(c->bytes);
    free(c->ends);
    *c = (struct cells){.few = c->few};
}

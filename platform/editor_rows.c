#include "platform/editor_rows.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct place {
    int row, column;
};

struct window {
    int width, first, last; /* the rows that are drawn */
    FILE *out;              /* NULL: only measures */
};

static wchar_t at(const struct editor_rows *r, size_t i)
{
    return i < r->prompt_count ? r->prompt[i] : r->line[i - r->prompt_count];
}

static void put(const struct window *w, const struct place *p, wchar_t c)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t n;

    if (w->out == NULL || p->row < w->first || p->row > w->last)
        return;
    n = wcrtomb(bytes, c, &state);
    if (n != (size_t)-1)
        fwrite(bytes, 1, n, w->out);
}

static int cells(wchar_t c)
{
    int n = wcwidth(c);

    return n < 0 ? 0 : n;
}

/* The next row, if a character of so many cells does not fit any more. */
static void make_room(const struct window *w, struct place *p, int wanted)
{
    if (p->column + wanted <= w->width)
        return;
    for (; p->column < w->width; p->column++)
        put(w, p, L' ');
    p->row++;
    p->column = 0;
}

/* Draws the first `count` characters of all; where the next would go. */
static struct place walk(const struct editor_rows *r, size_t count, const struct window *w)
{
    size_t all = r->prompt_count + r->count;
    struct place p = {0, 0};

    for (size_t i = 0; i < count; i++) {
        make_room(w, &p, cells(at(r, i)));
        put(w, &p, at(r, i));
        p.column += cells(at(r, i));
    }
    make_room(w, &p, count < all && cells(at(r, count)) > 0 ? cells(at(r, count)) : 1);
    return p;
}

static struct place measure(const struct editor_rows *r, size_t count, int width)
{
    const struct window w = {.width = width, .out = NULL};

    return walk(r, count, &w);
}

int editor_rows_above(const struct editor_rows *r, int width)
{
    return measure(r, r->prompt_count + r->cursor, width).row;
}

int editor_rows_draw(const struct editor_rows *r, int width, int height, FILE *out)
{
    struct place cursor = measure(r, r->prompt_count + r->cursor, width);
    struct place end = measure(r, r->prompt_count + r->count, width);
    struct window w = {.width = width, .first = end.row - height + 1, .out = out};

    if (w.first < 0)
        w.first = 0;
    if (w.first > cursor.row)
        w.first = cursor.row;
    w.last = w.first + height - 1;
    walk(r, r->prompt_count + r->count, &w);
    if (end.row > w.last)
        end.row = w.last;
    else if (end.column == 0 && end.row > 0)
        fputs(" \r", out); /* a terminal wraps only when the next character comes */
    if (end.row > cursor.row)
        fprintf(out, "\033[%dA", end.row - cursor.row);
    fputc('\r', out);
    if (cursor.column > 0)
        fprintf(out, "\033[%dC", cursor.column);
    return cursor.row - w.first;
}

char *editor_rows_text(const struct editor_rows *r, const char *mark)
{
    size_t count = r->prompt_count + r->count, len = 0;
    char *text = malloc((count + 1) * MB_LEN_MAX + strlen(mark) + 1);
    mbstate_t state = {0};

    for (size_t i = 0; text != NULL && i < count; i++) {
        size_t n = wcrtomb(text + len, at(r, i), &state);

        len += n == (size_t)-1 ? 0 : n;
    }
    if (text != NULL)
        strcpy(text + len, mark);
    return text;
}

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/display/cells.h"
#include "platform/display/drivers.h"
#include "platform/now.h"
#include "platform/panes.h"

/* What is lent while there is no room for a picture. */
enum { LEAST_COLUMNS = 16, LEAST_ROWS = 4 };
#define OWED_NS INT64_C(200000000) /* a film at rest: what was left out is shown after that */

struct tty {
    struct panes *panes;      /* borrowed */
    struct panes_place place; /* that the surface is for */
    struct cells cells;
    uint32_t *pixels;
    bool skipped; /* what was presented last */
};

static void tty_close(void *state)
{
    struct tty *t = state;

    panes_drop(t->panes);
    cells_free(&t->cells);
    free(t->pixels);
    free(t);
}

static bool deep(void)
{
    const char *colours = getenv("COLORTERM");

    return colours != NULL && (strcmp(colours, "truecolor") == 0 || strcmp(colours, "24bit") == 0);
}

static void *tty_open(const struct display_options *options, char why[static DISPLAY_WHY])
{
    struct tty *t = NULL;

    if (options->panes == NULL)
        snprintf(why, DISPLAY_WHY, "standard output is no terminal of ours that can draw");
    else if (!panes_roomy(options->panes))
        snprintf(why, DISPLAY_WHY, "the terminal is too small");
    else if ((t = calloc(1, sizeof *t)) == NULL)
        snprintf(why, DISPLAY_WHY, "out of memory");
    if (t == NULL)
        return NULL;
    t->panes = options->panes;
    t->place.generation = panes_place(t->panes).generation;
    t->cells.few = !deep();
    return t;
}

/* Where there is no room the size stays what it was, and nothing is shown. */
static bool tty_lend(void *state, struct surface *out)
{
    struct tty *t = state;
    struct panes_place now = panes_place(t->panes);
    unsigned columns = now.rows > 0 ? now.columns : LEAST_COLUMNS;
    unsigned rows = now.rows > 0 ? now.rows : LEAST_ROWS;

    if (t->pixels == NULL || t->place.generation != now.generation) {
        panes_drop(t->panes);
        free(t->pixels);
        t->pixels = calloc((size_t)columns * rows, 2 * sizeof *t->pixels);
        if (t->pixels == NULL || !cells_resize(&t->cells, columns, rows))
            return false;
    }
    t->place = now;
    *out = (struct surface){.pixels = t->pixels,
                            .pitch = columns * sizeof *t->pixels,
                            .width = columns,
                            .height = 2 * rows,
                            .format = SURFACE_XRGB8888};
    return true;
}

static bool tty_present(void *state)
{
    struct tty *t = state;
    const struct surface surface = {.pixels = t->pixels, .pitch = t->cells.columns * 4};
    struct panes_picture picture = {.rows = t->place.rows, .generation = t->place.generation};
    unsigned cut;

    /* A slow terminal: this picture is left out. */
    t->skipped = panes_pending(t->panes, &cut);
    if (t->place.rows == 0 || t->skipped)
        return true;
    cells_forget(&t->cells, cut < t->cells.rows ? cut : t->cells.rows);
    cells_draw(&t->cells, &surface);
    picture.bytes = t->cells.bytes;
    picture.len = t->cells.len;
    picture.ends = t->cells.ends;
    panes_draw(t->panes, &picture);
    return true;
}

/* The last picture was left out or cut, and may be drawn now, or (pending) a little later. */
static bool tty_owes(const struct tty *t, bool pending)
{
    unsigned cut;

    return panes_pending(t->panes, &cut) == pending && (t->skipped || cut < t->place.rows);
}

static void tty_wait(void *state, int64_t until_ns, struct display_event *out)
{
    struct tty *t = state;
    unsigned before = t->place.generation;
    bool owes = tty_owes(t, true) || tty_owes(t, false);
    int64_t soon = owes ? now_ns() + OWED_NS : INT64_MAX;
    bool woken = panes_wait(t->panes, soon < until_ns ? soon : until_ns, before);

    out->kind = DISPLAY_NOTHING;
    if (panes_place(t->panes).generation != before ||
        (!woken && soon < until_ns && tty_owes(t, false)))
        out->kind = DISPLAY_REDRAW;
}

static void tty_wake(void *state)
{
    struct tty *t = state;

    panes_wake(t->panes);
}

const struct display_driver tty_driver = {
    .name = "tty",
    .open = tty_open,
    .close = tty_close,
    .lend = tty_lend,
    .present = tty_present,
    .wait = tty_wait,
    .wake = tty_wake,
};

/* A plane's line is widened to the output's width once, when it is first needed; each line of pixels is
 * then made of two such rows of each plane, which still lie in the cache. */
#include "video/paint.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "video/pixel.h"

#define PAINT_ONE 65536u /* the share of all */
#define PAINT_ALIGN 64
#define PAINT_GREY (128 * LINE_ONE)

/* One direction of a plane. */
struct paint_axis {
    unsigned samples;
    uint64_t step; /* half of the samples that an output sample goes on by, at 2^32 */
};

/* every: the luma's samples for each of the plane's. */
static struct paint_axis paint_axis(unsigned samples, unsigned every, unsigned luma, unsigned to)
{
    return (struct paint_axis){samples, ((uint64_t)luma << 32) / (2 * (uint64_t)to * every)};
}

/* Where output sample i lies among the samples: at or behind *at, with the share of the one after,
 * which there is unless the share is 0. */
static unsigned paint_place(const struct paint_axis *a, unsigned i, unsigned *at)
{
    uint64_t middle = (2 * (uint64_t)i + 1) * a->step >> 16;

    middle = middle < PAINT_ONE / 2 ? 0 : middle - PAINT_ONE / 2;
    *at = (unsigned)(middle / PAINT_ONE);
    if (*at < a->samples - 1)
        return (unsigned)(middle % PAINT_ONE);
    *at = a->samples - 1;
    return 0;
}

static void paint_columns(struct paint_plane *plane, unsigned luma, unsigned to)
{
    const struct paint_axis across = paint_axis(plane->width, plane->across, luma, to);

    for (unsigned i = 0; i < to; i++) {
        unsigned at, share = paint_place(&across, i, &at);

        share = (share + PAINT_ONE / LINE_ONE / 2) / (PAINT_ONE / LINE_ONE);
        plane->columns.at[i] = (int32_t)at;
        plane->columns.shares[i] = share | (LINE_ONE - share) << 16;
    }
    plane->picked = line_pick_make(plane->picks, &plane->columns, plane->width, to);
}

/* The next part of the memory; counts only, while there is none. */
static void *paint_carve(uint8_t *memory, size_t *used, size_t bytes)
{
    void *part = memory == NULL ? NULL : memory + *used;

    *used += (bytes + PAINT_ALIGN - 1) / PAINT_ALIGN * PAINT_ALIGN;
    return part;
}

static size_t paint_lay_out(struct paint *p, uint8_t *memory, unsigned width, unsigned to)
{
    /* Doubling a line of samples may end two blocks behind it. */
    size_t room = line_room(to) + 2 * LINE_BLOCK, samples = line_room(width) + 2 * LINE_BLOCK;
    size_t used = 0;

    for (size_t i = 0; i < 3; i++) {
        p->planes[i].columns.at = paint_carve(memory, &used, room * sizeof(int32_t));
        p->planes[i].columns.shares = paint_carve(memory, &used, room * sizeof(uint32_t));
        p->planes[i].picks =
            paint_carve(memory, &used, line_pick_count(to) * sizeof(struct line_pick));
        for (size_t k = 0; k < 2; k++)
            p->planes[i].rows[k] = paint_carve(memory, &used, room * sizeof(int16_t));
    }
    p->edged = paint_carve(memory, &used, samples);
    p->pairs = paint_carve(memory, &used, samples * sizeof p->pairs[0]);
    p->line = paint_carve(memory, &used, room * sizeof p->line[0]);
    return used;
}

static void paint_set_planes(struct paint *p, const struct paint_planes *from)
{
    for (size_t i = 0; i < 3; i++) {
        struct paint_plane *plane = &p->planes[i];
        bool whole = i == 0 || from->across == 0;

        plane->across = whole ? 1 : from->across;
        plane->down = whole ? 1 : from->down;
        plane->data = from->data[i];
        plane->pitch = from->pitch[i];
        plane->width = (from->width + plane->across - 1) / plane->across;
        plane->height = (from->height + plane->down - 1) / plane->down;
        plane->bias = i == 0 ? 0 : PAINT_GREY;
        plane->row[0] = plane->row[1] = UINT_MAX;
    }
}

static enum err paint_prepare(struct paint *p, const struct paint_planes *from, unsigned to)
{
    bool same = p->memory != NULL && p->width == from->width && p->across == from->across &&
                p->to_width == to;

    if (!same) {
        struct paint none = {0};
        uint8_t *memory = calloc(1, paint_lay_out(&none, NULL, from->width, to));
        if (memory == NULL)
            return ERR_MEMORY;
        paint_free(p);
        p->memory = memory;
        paint_lay_out(p, memory, from->width, to);
    }
    paint_set_planes(p, from);
    for (size_t i = 0; i < 3 && !same; i++)
        paint_columns(&p->planes[i], from->width, to);
    p->width = from->width;
    p->across = from->across;
    p->to_width = to;
    return ERR_OK;
}

void paint_free(struct paint *p)
{
    free(p->memory);
    *p = (struct paint){0};
}

/* A line's samples from `at` on, with the ones before and after them; the first and the last stand for
 * those outside. Vectors must not read behind a plane, and what was copied is slow to read at once: so
 * only the ends of a line come here. */
static const uint8_t *paint_end(const struct paint *p, const uint8_t *samples, size_t at,
                                size_t width)
{
    uint8_t *edged = p->edged + 1;

    memcpy(edged, samples + at, width - at);
    edged[-1] = samples[at > 0 ? at - 1 : 0];
    edged[width - at] = samples[width - 1];
    return edged;
}

static void paint_once(const struct paint *p, const struct paint_plane *plane,
                       const uint8_t *samples, int16_t *out)
{
    size_t width = plane->width, whole = width / LINE_BLOCK * LINE_BLOCK;

    line_widen(out, samples, whole, plane->bias);
    line_widen(out + whole, paint_end(p, samples, whole, width), width - whole, plane->bias);
}

static int16_t paint_between(const struct paint_plane *plane, uint8_t near, uint8_t other)
{
    return (int16_t)((near * 3 + other) * (LINE_ONE / 4) - plane->bias);
}

/* The last block may overlap the one before: that is quicker than any copy. */
static void paint_double(const struct paint *p, const struct paint_plane *plane,
                         const uint8_t *samples, int16_t *out)
{
    size_t last = plane->width - 1u, end = last - LINE_BLOCK;

    if (last <= LINE_BLOCK) {
        line_double(out, paint_end(p, samples, 0, plane->width), plane->width, plane->bias);
        return;
    }
    line_double(out + 2, samples + 1, (last - 1) / LINE_BLOCK * LINE_BLOCK, plane->bias);
    line_double(out + 2 * end, samples + end, LINE_BLOCK, plane->bias);
    out[0] = paint_between(plane, samples[0], samples[0]);
    out[1] = paint_between(plane, samples[0], samples[1]);
    out[2 * last] = paint_between(plane, samples[last], samples[last - 1]);
    out[2 * last + 1] = paint_between(plane, samples[last], samples[last]);
}

static void paint_scale(const struct paint *p, const struct paint_plane *plane,
                        const uint8_t *samples, int16_t *out)
{
    size_t width = plane->width, whole = (width - 1) / LINE_BLOCK * LINE_BLOCK;

    if (plane->picked) {
        line_pick_scale(out, samples, plane->picks, p->to_width, plane->bias);
        return;
    }
    line_pairs(p->pairs, samples, whole);
    line_pairs(p->pairs + whole, paint_end(p, samples, whole, width), width - whole);
    line_scale(out, p->pairs, &plane->columns, p->to_width, plane->bias);
}

static void paint_widen(const struct paint *p, const struct paint_plane *plane, unsigned row,
                        int16_t *out)
{
    const uint8_t *samples = plane->data + row * plane->pitch;

    if (plane->across == 1 && p->width == p->to_width)
        paint_once(p, plane, samples, out);
    else if (plane->across == 2 && p->width == p->to_width)
        paint_double(p, plane, samples, out);
    else
        paint_scale(p, plane, samples, out);
}

/* Line `row` of the plane, widened; the one that is kept stays as it is. */
static const int16_t *paint_row(const struct paint *p, struct paint_plane *plane, unsigned row,
                                unsigned kept)
{
    size_t i = plane->row[0] == kept ? 1 : 0;

    if (plane->row[0] == row)
        return plane->rows[0];
    if (plane->row[1] == row)
        return plane->rows[1];
    paint_widen(p, plane, row, plane->rows[i]);
    plane->row[i] = row;
    return plane->rows[i];
}

/* The nearer row gets less than half of the other, so that shares fit 16 bits. */
static void paint_pair(const struct paint *p, struct paint_plane *plane, unsigned at,
                       unsigned share, struct line_pair *out)
{
    unsigned near = share < PAINT_ONE / 2 ? at : at + 1;
    unsigned other = share == 0 ? near : share < PAINT_ONE / 2 ? at + 1 : at;

    share = share < PAINT_ONE / 2 ? share : PAINT_ONE - share;
    out->share = (int16_t)(share < INT16_MAX ? share : INT16_MAX);
    out->near = paint_row(p, plane, near, other);
    out->other = paint_row(p, plane, other, near);
}

static void paint_find(struct paint *p, const struct paint_axis down[static 3], unsigned y,
                       struct line_source *out)
{
    struct line_pair *pairs[3] = {&out->y, &out->u, &out->v};

    out->plain = NULL;
    for (size_t i = 0; i < 3; i++) {
        struct paint_plane *plane = &p->planes[i];
        unsigned at, share = paint_place(&down[i], y, &at);

        if (i > 0 && p->across == 0)
            *pairs[i] = (struct line_pair){plane->rows[0], plane->rows[0], 0};
        else if (i == 0 && share == 0 && p->width == p->to_width)
            out->plain = plane->data + at * plane->pitch;
        else
            paint_pair(p, plane, at, share, pairs[i]);
    }
}

static struct line_pair paint_from(const struct line_pair *pair, size_t from)
{
    return (struct line_pair){pair->near + from, pair->other + from, pair->share};
}

/* What is left of the width behind its whole blocks, with the block that it is in. */
static void paint_rest(const struct paint *p, const struct line_source *s, void *out,
                       enum line_kind kind, size_t whole, size_t width)
{
    struct line_source rest = {.u = paint_from(&s->u, whole), .v = paint_from(&s->v, whole)};

    if (s->plain == NULL) {
        rest.y = paint_from(&s->y, whole);
    } else {
        /* Luma has no room behind its line. */
        memcpy(p->edged, s->plain + whole, width - whole);
        rest.plain = p->edged;
    }
    line_colour(out, kind, &rest, width - whole);
}

/* Right onto the surface. */
static void paint_direct(const struct paint *p, const struct line_source *s, uint8_t *out,
                         enum line_kind kind, size_t width)
{
    size_t whole = width / LINE_BLOCK * LINE_BLOCK, size = kind == LINE_565 ? 2 : 4;

    if (kind == LINE_32 && p->past && (uintptr_t)out % LINE_ALIGN == 0)
        line_colour(out, LINE_32_PAST, s, whole);
    else
        line_colour(out, kind, s, whole);
    if (whole == width)
        return;
    paint_rest(p, s, p->line, kind, whole, width);
    memcpy(out + whole * size, p->line, (width - whole) * size);
}

static void paint_line(const struct paint *p, const struct line_source *s, uint8_t *out,
                       enum surface_format format, size_t width)
{
    size_t whole = width / LINE_BLOCK * LINE_BLOCK, size = pixel_size(format);

    if (format == SURFACE_XRGB8888 && (uintptr_t)out % size == 0) {
        paint_direct(p, s, out, LINE_32, width);
    } else if (format == SURFACE_RGB565 && (uintptr_t)out % size == 0) {
        paint_direct(p, s, out, LINE_565, width);
    } else {
        line_colour(p->line, LINE_32, s, whole);
        if (whole < width)
            paint_rest(p, s, p->line + whole, LINE_32, whole, width);
        line_pack(out, format, p->line, width);
    }
}

enum err paint_draw(struct paint *p, const struct paint_planes *from, const struct surface *to,
                    const struct display_rect *r)
{
    size_t size = pixel_size(to->format);
    enum err err = paint_prepare(p, from, r->width);
    struct line_source source = {0};
    struct paint_axis down[3];

    if (err != ERR_OK)
        return err;
    p->past = to->device;
    for (size_t i = 0; i < 3; i++)
        down[i] = paint_axis(p->planes[i].height, p->planes[i].down, from->height, r->height);
    pixel_fill(to, 0, 0, to->width, r->y, 0);
    pixel_fill(to, 0, r->y, r->x, r->height, 0);
    for (unsigned y = 0; y < r->height; y++) {
        paint_find(p, down, y, &source);
        paint_line(p, &source, (uint8_t *)to->pixels + (r->y + y) * to->pitch + r->x * size,
                   to->format, r->width);
    }
    line_passed();
    pixel_fill(to, r->x + r->width, r->y, to->width - r->x - r->width, r->height, 0);
    pixel_fill(to, 0, r->y + r->height, to->width, to->height - r->y - r->height, 0);
    return ERR_OK;
}

#include "tools/card.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "video/font.h"
#include "video/strip.h"

/* Places are in 240ths of the height, from the picture's left upper corner. */
#define CARD_UNITS 240
#define CARD_BARS 36  /* colour bars from 0 to here */
#define CARD_RAMP 44  /* a ramp of grey from there to here */
#define CARD_PANEL 52 /* the panel with the number from here */
#define CARD_PANEL_END 132
#define CARD_WORDS 139 /* rendition and title */
#define CARD_LANE 172  /* the ball's lane, to the strip */
#define CARD_RADIUS 16 /* of the ball */
#define CARD_MARGIN 14

struct card_colour {
    uint8_t r, g, b;
};

static const struct card_colour card_night = {14, 20, 34}, card_dusk = {44, 62, 92},
                                card_panel = {8, 11, 19}, card_edge = {92, 122, 168},
                                card_ball = {255, 184, 48}, card_trail = {52, 74, 110};

static const struct card_colour card_bars[] = {
    {235, 235, 235}, {228, 214, 36}, {38, 196, 206}, {44, 186, 72},
    {196, 62, 178},  {206, 48, 44},  {40, 64, 190},  {16, 16, 18},
};

static uint8_t card_ycc(struct card_colour c, int plane)
{
    static const int weights[3][4] = {
        {19595, 38470, 7471, 0}, {-11059, -21709, 32768, 128}, {32768, -27439, -5329, 128}};
    const int *w = weights[plane];
    int v = (w[0] * c.r + w[1] * c.g + w[2] * c.b + 32768 + (w[3] << 16)) >> 16;

    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* All four: between a and b, at / of the way. */
static struct card_colour card_mix(struct card_colour a, struct card_colour b, int at, int of)
{
    return (struct card_colour){(uint8_t)(a.r + (b.r - a.r) * at / of),
                                (uint8_t)(a.g + (b.g - a.g) * at / of),
                                (uint8_t)(a.b + (b.b - a.b) * at / of)};
}

static size_t card_pitch(const struct card *c, int plane)
{
    return plane == 0 ? c->width : (c->width + 1) / 2;
}

static size_t card_lines(const struct card *c, int plane)
{
    return plane == 0 ? c->height : (c->height + 1) / 2;
}

static int card_at(const struct card *c, int units)
{
    return (int)c->height * units / CARD_UNITS;
}

static void card_fill(const struct card *c, uint8_t *planes[3], int x, int y, int w, int h,
                      struct card_colour colour)
{
    for (int p = 0; p < 3; p++) {
        int half = p > 0, x0 = (x + half) >> half, y0 = (y + half) >> half;
        int x1 = (x + w + half) >> half, y1 = (y + h + half) >> half;

        if (x1 > (int)card_pitch(c, p))
            x1 = (int)card_pitch(c, p);
        for (int row = y0; row < y1 && row < (int)card_lines(c, p); row++)
            if (x1 > x0)
                memset(planes[p] + (size_t)row * card_pitch(c, p) + x0, card_ycc(colour, p),
                       (size_t)(x1 - x0));
    }
}

static void card_text(const struct card *c, uint8_t *luma, int x, int y, unsigned scale,
                      uint8_t ink, const char *text)
{
    const struct font_plane plane = {luma, c->width, c->width, c->height};

    font_draw_gray(&plane, x, y, scale, ink, text);
}

static void card_background(const struct card *c, uint8_t *planes[3])
{
    int h = (int)c->height, w = (int)c->width, bars = sizeof card_bars / sizeof *card_bars;

    for (int y = 0; y < h; y += 2)
        card_fill(c, planes, 0, y, w, 2, card_mix(card_dusk, card_night, y, h));
    for (int i = 0; i < bars; i++)
        card_fill(c, planes, w * i / bars, 0, w * (i + 1) / bars - w * i / bars,
                  card_at(c, CARD_BARS), card_bars[i]);
    for (int x = 0; x < w; x += 2) {
        uint8_t level = (uint8_t)(255 * x / w);

        card_fill(c, planes, x, card_at(c, CARD_BARS), 2,
                  card_at(c, CARD_RAMP) - card_at(c, CARD_BARS),
                  (struct card_colour){level, level, level});
    }
}

/* Lines and squares of one pixel and of two: what only a high rendition can show finely. */
static void card_patch(const struct card *c, uint8_t *luma, int left, int top, int side)
{
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            bool right = x >= side / 2, low = y >= side / 2;
            int grain = low ? x / 2 + (right ? y / 2 : 0) : x + (right ? y : 0);

            luma[(size_t)(top + y) * c->width + (size_t)(left + x)] = grain & 1 ? 208 : 16;
        }
    }
}

static void card_panel_still(const struct card *c, uint8_t *planes[3])
{
    int left = card_at(c, CARD_MARGIN), top = card_at(c, CARD_PANEL);
    int edge = card_at(c, 2), side = card_at(c, CARD_PANEL_END) - top;
    int wide = (int)c->width - 2 * left;

    card_fill(c, planes, left, top, wide, side, card_edge);
    card_fill(c, planes, left + edge, top + edge, wide - 2 * edge, side - 2 * edge, card_panel);
    side -= 8 * edge;
    card_patch(c, planes[0], left + wide - side - 4 * edge, top + 4 * edge, side);
}

static void card_words(const struct card *c, uint8_t *luma, const char *title, const char *fps)
{
    unsigned large = c->height / 80, small = c->height / 240 > 0 ? c->height / 240 : 1;
    int left = card_at(c, CARD_MARGIN), top = card_at(c, CARD_WORDS);
    char text[32];
    int beside;

    beside = left + snprintf(text, sizeof text, "%up", c->height) * FONT_WIDTH * (int)large +
             card_at(c, 16);
    card_text(c, luma, left, top - 2 * (int)large, large, 235, text);
    card_text(c, luma, beside, top, small, 235, title);
    snprintf(text, sizeof text, "%ux%u, %s fps", c->width, c->height, fps);
    card_text(c, luma, beside, top + FONT_HEIGHT * (int)small, small, 190, text);
}

static void card_lane(const struct card *c, uint8_t *planes[3])
{
    int y = (card_at(c, CARD_LANE) + (int)strip_top(c->height)) / 2, thick = card_at(c, 2);

    card_fill(c, planes, card_at(c, CARD_MARGIN), y - thick / 2,
              (int)c->width - 2 * card_at(c, CARD_MARGIN), thick, card_trail);
}

unsigned card_width(unsigned height)
{
    return height * 16 / 9 / 2 * 2;
}

enum err card_open(struct card *c, unsigned height, size_t frames, const char *title,
                   const char *fps)
{
    *c = (struct card){.width = card_width(height), .height = height, .frames = frames};
    for (int p = 0; p < 3; p++) {
        size_t size = card_pitch(c, p) * card_lines(c, p);

        c->still[p] = malloc(size);
        c->planes[p] = malloc(size);
        if (c->still[p] == NULL || c->planes[p] == NULL) {
            card_close(c);
            return ERR_MEMORY;
        }
    }
    card_background(c, c->still);
    card_panel_still(c, c->still);
    card_words(c, c->still[0], title, fps);
    card_lane(c, c->still);
    card_fill(c, c->still, 0, (int)strip_top(height), (int)c->width, (int)height,
              (struct card_colour){0, 0, 0});
    for (int p = 0; p < 3; p++)
        memcpy(c->planes[p], c->still[p], card_pitch(c, p) * card_lines(c, p));
    return ERR_OK;
}

/* Makes lines from to to as they are without what moves. */
static void card_restore(struct card *c, int from, int to)
{
    for (int p = 0; p < 3; p++) {
        size_t pitch = card_pitch(c, p), half = p > 0;
        size_t first = (size_t)from >> half, end = ((size_t)to + half) >> half;

        memcpy(c->planes[p] + first * pitch, c->still[p] + first * pitch, (end - first) * pitch);
    }
}

/* A disc with a soft edge, its centre and radius in 1/16 of a pixel of the plane: so that slow
 * motion is smooth. */
static void card_disc(uint8_t *plane, size_t pitch, int64_t cx, int64_t cy, int64_t radius,
                      uint8_t ink)
{
    for (int64_t y = (cy - radius) / 16 - 1; y <= (cy + radius) / 16 + 1; y++) {
        for (int64_t x = (cx - radius) / 16 - 1; x <= (cx + radius) / 16 + 1; x++) {
            int64_t dx = x * 16 + 8 - cx, dy = y * 16 + 8 - cy;
            /* Near the edge (r^2 - d^2) / 2r is the distance from it: coverage in 16ths. */
            int64_t cover = (radius * radius - dx * dx - dy * dy) / (2 * radius) + 8;
            uint8_t *at = plane + (size_t)y * pitch + (size_t)x;

            if (cover > 0)
                *at = (uint8_t)(*at + (ink - *at) * (cover > 16 ? 16 : cover) / 16);
        }
    }
}

static void card_ball_draw(struct card *c, size_t i)
{
    int64_t radius = (int64_t)c->height * 16 * CARD_RADIUS / CARD_UNITS;
    int64_t margin = (int64_t)c->height * 16 * CARD_MARGIN / CARD_UNITS + radius;
    int64_t way = (int64_t)c->width * 16 - 2 * margin;
    int64_t last = c->frames > 1 ? (int64_t)c->frames - 1 : 1;
    int64_t x = margin + way * (int64_t)i / last;
    int64_t y = (card_at(c, CARD_LANE) + (int64_t)strip_top(c->height)) * 8;

    for (int p = 0; p < 3; p++) {
        int half = p > 0;

        card_disc(c->planes[p], card_pitch(c, p), x >> half, y >> half, radius >> half,
                  card_ycc(card_ball, p));
    }
}

void card_draw(struct card *c, size_t i)
{
    char number[16];
    unsigned scale = c->height / 40;
    int top = card_at(c, (CARD_PANEL + CARD_PANEL_END) / 2) - FONT_HEIGHT * (int)scale / 2;

    snprintf(number, sizeof number, "%06zu", i);
    card_restore(c, card_at(c, CARD_PANEL), card_at(c, CARD_PANEL_END));
    card_restore(c, card_at(c, CARD_LANE), (int)strip_top(c->height));
    card_text(c, c->planes[0], card_at(c, CARD_MARGIN + 8), top, scale, 244, number);
    card_ball_draw(c, i);
    strip_draw(c->planes[0], c->width, c->width, c->height, (uint32_t)i, c->height);
}

void card_close(struct card *c)
{
    for (int p = 0; p < 3; p++) {
        free(c->planes[p]);
        free(c->still[p]);
        c->planes[p] = c->still[p] = NULL;
    }
}

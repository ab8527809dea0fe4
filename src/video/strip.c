#include "video/strip.h"

#include <string.h>

#include "base/bytes.h"

#define STRIP_COLUMNS 31
#define STRIP_BITS 28     /* of a row */
#define STRIP_CONTRAST 60 /* between black and white, at the least */

struct strip_plane {
    const uint8_t *luma;
    size_t pitch, width, height;
};

/* Where the strip's cells are, in 1/256 of a pixel, since pictures are scaled freely. */
struct strip_place {
    int64_t left, column; /* where the first column begins, and how wide one is */
    int64_t rows[2];      /* where a row of bits begins */
    int64_t row;          /* how high it is */
};

static uint64_t strip_code(uint32_t number, uint32_t rendition)
{
    uint8_t bytes[5] = {(uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number,
                        (uint8_t)(rendition >> 8), (uint8_t)rendition};

    return (uint64_t)number << 32 | (uint64_t)rendition << 16 |
           (bytes_crc32c(0, bytes, sizeof bytes) & 0xffff);
}

size_t strip_top(size_t height)
{
    return height * 43 / 48;
}

/* bits are the columns from left to right, the leftmost the highest. */
static void strip_draw_row(uint8_t *luma, size_t pitch, size_t width, size_t from, size_t to,
                           uint32_t bits)
{
    uint8_t *first = luma + from * pitch;

    for (size_t c = 0; c < STRIP_COLUMNS; c++) {
        size_t left = width * c / STRIP_COLUMNS, right = width * (c + 1) / STRIP_COLUMNS;

        memset(first + left, bits >> (STRIP_COLUMNS - 1 - c) & 1 ? 255 : 0, right - left);
    }
    for (size_t y = from + 1; y < to; y++)
        memcpy(luma + y * pitch, first, width);
}

void strip_draw(uint8_t *luma, size_t pitch, size_t width, size_t height, uint32_t number,
                uint32_t rendition)
{
    uint64_t code = strip_code(number, rendition);
    uint32_t high = (uint32_t)(code >> STRIP_BITS), low = (uint32_t)code & ((1U << STRIP_BITS) - 1);

    strip_draw_row(luma, pitch, width, strip_top(height), height * 44 / 48, 0x55555555);
    strip_draw_row(luma, pitch, width, height * 44 / 48, height * 46 / 48,
                   2U << 29 | high << 1 | 1);
    strip_draw_row(luma, pitch, width, height * 46 / 48, height, 2U << 29 | low << 1 | 1);
}

/* The mean of the middle of a cell; -1 outside the plane. */
static int strip_cell(const struct strip_plane *p, const struct strip_place *at, int row,
                      int column)
{
    int64_t left = at->left + at->column * column + at->column / 4;
    int64_t top = at->rows[row] + at->row / 4;
    int64_t x0 = left >> 8, x1 = (left + at->column / 2) >> 8;
    int64_t y0 = top >> 8, y1 = (top + at->row / 2) >> 8;
    int64_t sum = 0;

    if (x0 < 0 || y0 < 0 || x1 >= (int64_t)p->width || y1 >= (int64_t)p->height)
        return -1;
    for (int64_t y = y0; y <= y1; y++)
        for (int64_t x = x0; x <= x1; x++)
            sum += p->luma[(size_t)y * p->pitch + (size_t)x];
    return (int)(sum / ((x1 - x0 + 1) * (y1 - y0 + 1)));
}

static bool strip_read_row(const struct strip_plane *p, const struct strip_place *at, int row,
                           uint64_t *code)
{
    int white = strip_cell(p, at, row, 0), black = strip_cell(p, at, row, 1);
    int other = strip_cell(p, at, row, STRIP_COLUMNS - 1);

    if (black < 0 || white - black < STRIP_CONTRAST || other - black < STRIP_CONTRAST)
        return false;
    for (int c = 2; c < STRIP_COLUMNS - 1; c++)
        *code = *code << 1 | (strip_cell(p, at, row, c) > (white + black) / 2);
    return true;
}

static bool strip_read_at(const struct strip_plane *p, const struct strip_place *at,
                          uint32_t *number, uint32_t *rendition)
{
    uint64_t code = 0;

    if (!strip_read_row(p, at, 0, &code) || !strip_read_row(p, at, 1, &code) ||
        strip_code((uint32_t)(code >> 32), (uint32_t)(code >> 16) & 0xffff) != code)
        return false;
    *number = (uint32_t)(code >> 32);
    *rendition = (uint32_t)(code >> 16) & 0xffff;
    return true;
}

bool strip_read(const uint8_t *luma, size_t pitch, size_t width, size_t height, uint32_t *number,
                uint32_t *rendition)
{
    const struct strip_plane p = {luma, pitch, width, height};
    int64_t h = (int64_t)height * 256;
    const struct strip_place at = {
        .column = (int64_t)width * 256 / STRIP_COLUMNS,
        .rows = {h * 44 / 48, h * 46 / 48},
        .row = h * 2 / 48,
    };

    return strip_read_at(&p, &at, number, rendition);
}

/* The runs of dark and bright in a line, the last few only. */
struct strip_runs {
    size_t ends[STRIP_COLUMNS - 1]; /* where runs ended, as a ring */
    size_t count;
};

/* True if the last 29 runs have the same length: these are the clock's but for its two ends, which
 * may have run into what is around them. */
static bool strip_even(const struct strip_runs *r, struct strip_place *at)
{
    const size_t n = STRIP_COLUMNS - 1;
    size_t first, last, slack, before;

    if (r->count < n)
        return false;
    first = before = r->ends[r->count % n];
    last = r->ends[(r->count - 1) % n];
    slack = (last - first) / (n * 4) + 2;
    for (size_t i = 1; i < n; i++) {
        size_t end = r->ends[(r->count + i) % n], length = (end - before) * (n - 1);

        if (length + slack * (n - 1) < last - first || length > last - first + slack * (n - 1))
            return false;
        before = end;
    }
    at->column = (int64_t)(last - first) * 256 / (int64_t)(n - 1);
    at->left = (int64_t)first * 256 - at->column;
    return at->column >= 3 * 256;
}

static bool strip_is_clock(const struct strip_plane *p, size_t y, struct strip_place *at)
{
    const uint8_t *line = p->luma + y * p->pitch;
    struct strip_runs runs = {.count = 0};

    for (size_t x = 1; x < p->width; x++) {
        if (line[x] >> 7 == line[x - 1] >> 7)
            continue;
        runs.ends[runs.count % (STRIP_COLUMNS - 1)] = x;
        runs.count++;
        if (line[x] >> 7 == 1 && strip_even(&runs, at))
            return true;
    }
    return false;
}

bool strip_seek(const uint8_t *luma, size_t pitch, size_t width, size_t height, uint32_t *number,
                uint32_t *rendition)
{
    const struct strip_plane p = {luma, pitch, width, height};
    struct strip_place at = {0};
    size_t high = 0; /* of the clock, so far */

    for (size_t y = 0; y < height; y++) {
        if (strip_is_clock(&p, y, &at)) {
            high++;
        } else if (high > 0) {
            /* Blur takes a line from it or gives it one. */
            for (int64_t twice = (int64_t)high * 2 - 2; twice <= (int64_t)high * 2 + 2; twice++) {
                at.row = twice * 256;
                at.rows[0] = (int64_t)y * 256;
                at.rows[1] = at.rows[0] + at.row;
                if (strip_read_at(&p, &at, number, rendition))
                    return true;
            }
            high = 0;
        }
    }
    return false;
}

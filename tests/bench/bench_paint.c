/* Planes to pixels, beside libswscale (bilinear) doing the same, in turn. Prints for each case
 *     row | ours | other | ratio | reach | - | runs | steady
 * ours and other in milliseconds of the processor a picture, ratio the median of the rounds', reach what it may be. */
#include <libavutil/pixfmt.h>
#include <libswscale/swscale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "video/paint.h"
#include "video/pixel.h"

#define ROUNDS 11
#define PICTURES 12 /* of a round, each way */
#define REACH 1.3

struct shape {
    const char *row;
    unsigned width, height, to_width, to_height;
    enum surface_format format;
    enum AVPixelFormat other;
};

static const struct shape shapes[] = {
    {"paint 1280x720 as it is (also 2560x1440 decoded at 1/2), 32 bits", 1280, 720, 1280, 720,
     SURFACE_XRGB8888, AV_PIX_FMT_BGR0},
    {"paint 640x360 to 1280x720, 32 bits", 640, 360, 1280, 720, SURFACE_XRGB8888, AV_PIX_FMT_BGR0},
    {"paint 426x240 to 1280x720, 32 bits", 426, 240, 1280, 720, SURFACE_XRGB8888, AV_PIX_FMT_BGR0},
    {"paint 1280x720 to 1920x1080, 32 bits", 1280, 720, 1920, 1080, SURFACE_XRGB8888,
     AV_PIX_FMT_BGR0},
    {"paint 1920x1080 to 1280x720, 32 bits", 1920, 1080, 1280, 720, SURFACE_XRGB8888,
     AV_PIX_FMT_BGR0},
    {"paint 1280x720 to 800x480 less its bars, 16 bits", 1280, 720, 800, 450, SURFACE_RGB565,
     AV_PIX_FMT_RGB565},
    {"paint 1280x720 as it is, 16 bits", 1280, 720, 1280, 720, SURFACE_RGB565, AV_PIX_FMT_RGB565},
    {"paint 1280x720 as it is, 24 bits", 1280, 720, 1280, 720, SURFACE_RGB888, AV_PIX_FMT_BGR24},
};

struct bench {
    struct paint paint;
    struct paint_planes planes;
    struct surface to;
    struct SwsContext *other;
    uint8_t *samples[3];
};

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

static void bench_open(struct bench *b, const struct shape *s)
{
    unsigned half = (s->width + 1) / 2, half_height = (s->height + 1) / 2;

    *b = (struct bench){.planes = {.width = s->width, .height = s->height, .across = 2, .down = 2}};
    for (size_t i = 0; i < 3; i++) {
        size_t bytes = i == 0 ? (size_t)s->width * s->height : (size_t)half * half_height;
        b->samples[i] = must(malloc(bytes + 64)); /* libswscale reads on */
        b->planes.data[i] = b->samples[i];
        b->planes.pitch[i] = i == 0 ? s->width : half;
        for (size_t k = 0; k < bytes; k++)
            b->samples[i][k] = (uint8_t)rand();
    }
    b->to = (struct surface){.pitch = s->to_width * pixel_size(s->format),
                             .width = s->to_width,
                             .height = s->to_height,
                             .format = s->format};
    b->to.pixels = must(aligned_alloc(64, (b->to.pitch * s->to_height + 127) / 64 * 64));
    b->other =
        must(sws_getContext((int)s->width, (int)s->height, AV_PIX_FMT_YUV420P, (int)s->to_width,
                            (int)s->to_height, s->other, SWS_BILINEAR, NULL, NULL, NULL));
    sws_setColorspaceDetails(b->other, sws_getCoefficients(SWS_CS_ITU601), 1,
                             sws_getCoefficients(SWS_CS_ITU601), 1, 0, 1 << 16, 1 << 16);
}

static void bench_close(struct bench *b)
{
    sws_freeContext(b->other);
    paint_free(&b->paint);
    free(b->to.pixels);
    for (size_t i = 0; i < 3; i++)
        free(b->samples[i]);
}

static void bench_once(struct bench *b, bool ours)
{
    const struct display_rect all = {.width = b->to.width, .height = b->to.height};
    int pitch[4] = {(int)b->planes.pitch[0], (int)b->planes.pitch[1], (int)b->planes.pitch[2], 0};
    int to_pitch[4] = {(int)b->to.pitch};
    uint8_t *to[4] = {b->to.pixels};
    const uint8_t *from[4] = {b->samples[0], b->samples[1], b->samples[2], NULL};

    if (ours) {
        if (paint_draw(&b->paint, &b->planes, &b->to, &all) != ERR_OK)
            abort();
    } else {
        sws_scale(b->other, from, pitch, 0, (int)b->planes.height, to, to_pitch);
    }
}

/* Of the processor, so that others on the machine count less. */
static double milliseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Milliseconds a picture. */
static double bench_round(struct bench *b, bool ours)
{
    double begun = milliseconds();

    for (int i = 0; i < PICTURES; i++)
        bench_once(b, ours);
    return (milliseconds() - begun) / PICTURES;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static double median(double values[static ROUNDS])
{
    qsort(values, ROUNDS, sizeof values[0], by_value);
    return values[ROUNDS / 2];
}

static void bench_shape(const struct shape *s)
{
    double ours[ROUNDS], other[ROUNDS], ratio[ROUNDS];
    struct bench b;

    bench_open(&b, s);
    bench_round(&b, true);
    bench_round(&b, false);
    for (int i = 0; i < ROUNDS; i++) {
        ours[i] = bench_round(&b, true);
        other[i] = bench_round(&b, false);
        ratio[i] = ours[i] / other[i];
    }
    printf("%s | %.3f | %.3f | %.2f | %.2f | - | %d | steady\n", s->row, median(ours),
           median(other), median(ratio), REACH, ROUNDS);
    bench_close(&b);
}

int main(void)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        bench_shape(&shapes[i]);
    return 0;
}

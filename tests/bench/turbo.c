/* tests/turbo FILE [FPS]: the floor of every player. TurboJPEG alone decodes the frames of an .mjpeg file
 * to planes, at the smallest scale that covers 1280x720, and the processor's milliseconds for one are
 * printed. With FPS it sleeps until each is due, as a player does: on a processor that slept, the same
 * work takes longer. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <turbojpeg.h>

#include "player/decode.h"
#include "video/scan.h"

#define TURBO_SIDE 4096 /* of the largest frame */

struct turbo {
    tjhandle handle;
    uint8_t *bytes, *planes[3];
    size_t length, frames;
};

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

static void turbo_read(struct turbo *t, const char *path)
{
    FILE *file = must(fopen(path, "rb"));

    fseek(file, 0, SEEK_END);
    t->length = (size_t)ftell(file);
    rewind(file);
    t->bytes = must(malloc(t->length));
    if (fread(t->bytes, 1, t->length, file) != t->length)
        abort();
    fclose(file);
}

static void turbo_decode(struct turbo *t, const uint8_t *jpeg, size_t length)
{
    int width, height, sampling, colours, eighths;

    if (tjDecompressHeader3(t->handle, jpeg, length, &width, &height, &sampling, &colours) != 0 ||
        width > TURBO_SIDE || height > TURBO_SIDE)
        abort();
    eighths = decode_scale((unsigned)width, (unsigned)height, 1280, 720);
    if (tjDecompressToYUVPlanes(t->handle, jpeg, length, t->planes, (width * eighths + 7) / 8, NULL,
                                (height * eighths + 7) / 8, 0) != 0)
        abort();
}

static double milliseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Until `frames` of fps are over, counted from the first call. */
static void turbo_wait(size_t frames, long fps)
{
    static struct timespec first;
    struct timespec due;

    if (frames == 0)
        clock_gettime(CLOCK_MONOTONIC, &first);
    due = first;
    due.tv_sec += (time_t)frames / fps;
    due.tv_nsec += (long)frames % fps * (1000000000 / fps);
    due.tv_sec += due.tv_nsec / 1000000000;
    due.tv_nsec %= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

/* The milliseconds of decoding alone; fps 0: without a pause. */
static double turbo_all(struct turbo *t, long fps)
{
    struct scan_frame frame;
    struct scan scan;
    size_t at = 0, used;
    double spent = 0;

    scan_init(&scan);
    for (; scan_feed(&scan, t->bytes + at, t->length - at, &used, &frame) == SCAN_FRAME;
         at += used) {
        double begun;
        if (fps > 0)
            turbo_wait(t->frames, fps);
        begun = milliseconds();
        turbo_decode(t, t->bytes + frame.offset, frame.length);
        spent += milliseconds() - begun;
        t->frames++;
    }
    return spent;
}

int main(int argc, char **argv)
{
    struct turbo t = {.handle = must(tjInitDecompress())};
    double spent;
    long fps = argc == 3 ? strtol(argv[2], NULL, 10) : 0;

    if (argc < 2 || argc > 3 || fps < 0)
        return 2;
    turbo_read(&t, argv[1]);
    for (size_t i = 0; i < 3; i++)
        t.planes[i] = must(malloc(TURBO_SIDE * TURBO_SIDE));
    spent = turbo_all(&t, fps);
    if (t.frames == 0)
        return 1;
    printf("%.4f\n", spent / (double)t.frames);
    for (size_t i = 0; i < 3; i++)
        free(t.planes[i]);
    free(t.bytes);
    tjDestroy(t.handle);
    return 0;
}

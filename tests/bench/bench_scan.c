/* How fast the frames of a film are found, beside what memory itself can do. Rows as tests/bench/run
 * wants them. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "video/scan.h"

#define ROUNDS 20
#define PIECE (256 * 1024) /* as index_build feeds it */

static volatile size_t sink;

/* Of the processor, so that others on the machine count less. */
static int64_t cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint8_t *read_all(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    uint8_t *p = NULL;
    long size;

    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) <= 0)
        return NULL;
    rewind(f);
    *len = (size_t)size;
    p = malloc(*len);
    if (p != NULL && fread(p, 1, *len, f) != *len) {
        free(p);
        p = NULL;
    }
    fclose(f);
    return p;
}

static double scan_all(const uint8_t *p, size_t len)
{
    int64_t began = cpu_ns();
    size_t frames = 0;

    for (int round = 0; round < ROUNDS; round++) {
        struct scan s;
        size_t at = 0;

        scan_init(&s);
        while (at < len) {
            struct scan_frame frame;
            size_t used, n = len - at < PIECE ? len - at : PIECE;

            frames += scan_feed(&s, p + at, n, &used, &frame) == SCAN_FRAME;
            at += used;
        }
    }
    sink = frames;
    return (double)len * ROUNDS / (double)(cpu_ns() - began);
}

static double copy_all(const uint8_t *p, size_t len, uint8_t *piece)
{
    int64_t began = cpu_ns();

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t at = 0; at < len; at += PIECE) {
            memcpy(piece, p + at, len - at < PIECE ? len - at : PIECE);
            sink = piece[round];
        }
    }
    return (double)len * ROUNDS / (double)(cpu_ns() - began);
}

static double look_all(const uint8_t *p, size_t len)
{
    int64_t began = cpu_ns();

    for (int round = 0; round < ROUNDS; round++) {
        const uint8_t *at = p, *end = p + len;

        while (at < end && (at = memchr(at, 0xff, (size_t)(end - at))) != NULL)
            at++;
        sink = at == NULL;
    }
    return (double)len * ROUNDS / (double)(cpu_ns() - began);
}

static bool measure(const char *library, unsigned height)
{
    size_t len = 0;
    char path[512];
    uint8_t *film, *piece = malloc(PIECE);
    double scan, look;

    snprintf(path, sizeof path, "%s/testcard/%up.mjpeg", library, height);
    film = read_all(path, &len);
    if (film != NULL && piece != NULL) {
        scan_all(film, len); /* warms up */
        scan = scan_all(film, len);
        look = look_all(film, len);
        printf("finding the frames of a film at %up | %.2f GB/s | memchr %.2f | %.2f | >= 2\n",
               height, scan, look, scan);
        printf("memory itself, %.1f MB at %up: memcpy %.2f GB/s\n", (double)len / 1e6, height,
               copy_all(film, len, piece));
    }
    free(film);
    free(piece);
    return film != NULL && piece != NULL;
}

int main(void)
{
    const char *library = getenv("BENCH_LIBRARY");

    if (library == NULL) {
        fprintf(stderr, "BENCH_LIBRARY is not set: start it by tests/bench/run\n");
        return 2;
    }
    return measure(library, 240) && measure(library, 720) && measure(library, 1440) ? 0 : 1;
}

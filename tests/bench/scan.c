/* How fast frames are found, beside what memory itself can do, over one film. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/now.h"
#include "video/scan.h"

#define ROUNDS 20
#define PIECE (256 * 1024) /* as index_build feeds it */

static volatile size_t sink;

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
    int64_t began = now_ns();
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
    return (double)len * ROUNDS / (double)(now_ns() - began);
}

static double copy_all(const uint8_t *p, size_t len, uint8_t *piece)
{
    int64_t began = now_ns();

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t at = 0; at < len; at += PIECE) {
            memcpy(piece, p + at, len - at < PIECE ? len - at : PIECE);
            sink = piece[round];
        }
    }
    return (double)len * ROUNDS / (double)(now_ns() - began);
}

static double look_all(const uint8_t *p, size_t len)
{
    int64_t began = now_ns();

    for (int round = 0; round < ROUNDS; round++) {
        const uint8_t *at = p, *end = p + len;

        while (at < end && (at = memchr(at, 0xff, (size_t)(end - at))) != NULL)
            at++;
        sink = at == NULL;
    }
    return (double)len * ROUNDS / (double)(now_ns() - began);
}

int main(int argc, char **argv)
{
    size_t len = 0;
    uint8_t *film = argc == 2 ? read_all(argv[1], &len) : NULL, *piece = malloc(PIECE);
    double scan, look, copy;

    if (film == NULL || piece == NULL) {
        fprintf(stderr, "usage: scan FILM.mjpeg\n");
        return 2;
    }
    scan_all(film, len); /* warms up */
    scan = scan_all(film, len);
    look = look_all(film, len);
    copy = copy_all(film, len, piece);
    printf("scan %.2f GB/s, memchr alone %.2f GB/s (x %.2f), memcpy %.2f GB/s (x %.2f), %.1f MB\n",
           scan, look, scan / look, copy, scan / copy, (double)len / 1e6);
    free(film);
    free(piece);
    return 0;
}

#include "film.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void film_marker(struct buf *b, uint8_t marker, unsigned traits)
{
    if (traits & FILM_FILL)
        buf_add(b, "\xff\xff\xff", 3);
    buf_add8(b, 0xff);
    buf_add8(b, marker);
}

static void film_segment(struct buf *b, uint8_t marker, const void *p, size_t len, unsigned traits)
{
    film_marker(b, marker, traits);
    buf_add16(b, (uint16_t)(len + 2));
    buf_add(b, p, len);
}

static void film_scan(struct buf *b, unsigned traits)
{
    static const uint8_t head[] = {1, 1, 0, 0, 63, 0};

    film_segment(b, 0xda, head, sizeof head, traits);
    buf_add(b, "\x12\x34\x56\xd8\xd9", 5);
    if (traits & FILM_RESTART)
        buf_add(b, "\xff\x00\xff\xd0\x77\xff\xff\xd7\xff\x00", 10);
}

void film_frame(struct buf *b, unsigned width, unsigned height, unsigned traits)
{
    static const uint8_t tables[8] = {0};
    uint8_t size[15] = {8,
                        (uint8_t)(height >> 8),
                        (uint8_t)height,
                        (uint8_t)(width >> 8),
                        (uint8_t)width,
                        3,
                        1,
                        0x22,
                        0,
                        2,
                        0x11,
                        0,
                        3,
                        0x11,
                        0};

    buf_add(b, "\xff\xd8", 2);
    if (traits & FILM_THUMBNAIL) {
        struct buf inner;

        buf_init(&inner, 4096);
        film_frame(&inner, 16, 16, FILM_RESTART);
        film_segment(b, 0xe1, inner.data, inner.len, traits);
        buf_free(&inner);
    }
    film_segment(b, 0xdb, tables, sizeof tables, traits);
    if (traits & FILM_BAD_MARK)
        buf_add8(b, 0x42);
    size[5] = traits & FILM_GRAY ? 1 : 3;
    film_segment(b, traits & FILM_SCANS ? 0xc2 : 0xc0, size, traits & FILM_GRAY ? 9 : 15, traits);
    film_segment(b, 0xfe, "", 0, traits);
    for (int i = 0; !(traits & FILM_NO_SCAN) && i < (traits & FILM_SCANS ? 3 : 1); i++) {
        film_segment(b, 0xc4, tables, sizeof tables, traits);
        film_scan(b, traits);
    }
    if (!(traits & FILM_NO_END))
        film_marker(b, 0xd9, traits);
}

void film_frames(struct buf *b, unsigned width, unsigned height, size_t n)
{
    for (size_t i = 0; i < n; i++)
        film_frame(b, width, height, (unsigned)(i * 7) % 16);
}

void film_folder(char path[static FILM_PATH])
{
    const char *top = getenv("TMPDIR");
    int n = snprintf(path, FILM_PATH, "%s/den-film-XXXXXX", top != NULL ? top : "/tmp");

    assert(n > 0 && n < FILM_PATH);
    if (mkdtemp(path) == NULL)
        abort();
}

void film_subfolder(char out[static FILM_PATH], const char *path, const char *inner)
{
    int n = snprintf(out, FILM_PATH, "%s/%s", path, inner);

    if (n < 0 || n >= FILM_PATH || mkdir(out, 0755) != 0)
        abort();
}

void film_file(const char *path, const char *name, const void *p, size_t len)
{
    char full[2 * FILM_PATH];
    FILE *f;

    snprintf(full, sizeof full, "%s/%s", path, name);
    f = fopen(full, "wb");
    if (f == NULL || fwrite(p, 1, len, f) != len || fclose(f) != 0)
        abort();
}

void film_remove(const char *path)
{
    DIR *d = opendir(path);
    const struct dirent *entry;

    while (d != NULL && (entry = readdir(d)) != NULL) {
        char full[FILM_PATH + 256];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(full, sizeof full, "%s/%s", path, entry->d_name);
        if (unlink(full) != 0)
            film_remove(full);
    }
    if (d != NULL)
        closedir(d);
    rmdir(path);
}

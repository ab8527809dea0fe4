#include "tests/kit/jpegs.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

static void *jpegs_must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

uint8_t *jpegs_copy(const uint8_t *jpeg, size_t length)
{
    uint8_t *copy = jpegs_must(malloc(length));

    memcpy(copy, jpeg, length);
    return copy;
}

static uint8_t *jpegs_compress(const uint8_t *rgb, unsigned width, unsigned height, int sampling,
                               size_t *length)
{
    tjhandle handle = jpegs_must(tjInitCompress());
    unsigned char *made = NULL;
    unsigned long made_length = 0;
    uint8_t *jpeg;

    if (tjCompress2(handle, rgb, (int)width, 0, (int)height, TJPF_RGB, &made, &made_length,
                    sampling, 90, 0) != 0)
        abort();
    jpeg = jpegs_copy(made, made_length);
    *length = made_length;
    tjFree(made);
    tjDestroy(handle);
    return jpeg;
}

uint8_t *jpegs_make(unsigned width, unsigned height, uint32_t colour, size_t *length)
{
    size_t pixels = (size_t)width * height;
    uint8_t *rgb = jpegs_must(malloc(pixels * 3)), *jpeg;

    for (size_t i = 0; i < pixels; i++) {
        rgb[3 * i] = (uint8_t)(colour >> 16);
        rgb[3 * i + 1] = (uint8_t)(colour >> 8);
        rgb[3 * i + 2] = (uint8_t)colour;
    }
    jpeg = jpegs_compress(rgb, width, height, TJSAMP_420, length);
    free(rgb);
    return jpeg;
}

uint8_t *jpegs_slope(unsigned width, unsigned height, int sampling, size_t *length)
{
    uint8_t *rgb = jpegs_must(malloc((size_t)width * height * 3)), *jpeg;

    for (unsigned y = 0; y < height; y++) {
        for (unsigned x = 0; x < width; x++) {
            uint8_t *at = rgb + ((size_t)y * width + x) * 3;
            at[0] = (uint8_t)(x * 200 / width + 20);
            at[1] = (uint8_t)(y * 200 / height + 20);
            at[2] = (uint8_t)(220 - x * 200 / width);
        }
    }
    jpeg = jpegs_compress(rgb, width, height, sampling, length);
    free(rgb);
    return jpeg;
}

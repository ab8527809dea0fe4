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

uint8_t *jpegs_make(unsigned width, unsigned height, uint32_t colour, size_t *length)
{
    size_t pixels = (size_t)width * height;
    uint8_t *rgb = jpegs_must(malloc(pixels * 3));
    tjhandle handle = jpegs_must(tjInitCompress());
    unsigned char *made = NULL;
    unsigned long made_length = 0;
    uint8_t *jpeg;

    for (size_t i = 0; i < pixels; i++) {
        rgb[3 * i] = (uint8_t)(colour >> 16);
        rgb[3 * i + 1] = (uint8_t)(colour >> 8);
        rgb[3 * i + 2] = (uint8_t)colour;
    }
    if (tjCompress2(handle, rgb, (int)width, 0, (int)height, TJPF_RGB, &made, &made_length,
                    TJSAMP_420, 90, 0) != 0)
        abort();
    jpeg = jpegs_copy(made, made_length);
    *length = made_length;
    tjFree(made);
    tjDestroy(handle);
    free(rgb);
    return jpeg;
}

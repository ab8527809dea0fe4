#include "player/encode.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "base/limits.h"

/* One row's samples to each of the planes. */
static void split_row(const uint8_t *from, unsigned width, uint8_t *y, uint8_t *u, uint8_t *v)
{
    for (unsigned i = 0; i < width / 2; i++) {
        y[2 * i] = from[4 * i];
        u[i] = from[4 * i + 1];
        y[2 * i + 1] = from[4 * i + 2];
        v[i] = from[4 * i + 3];
    }
}

static enum err compress(const uint8_t *planes[3], unsigned width, unsigned height, uint8_t **jpeg,
                         size_t *len)
{
    const int strides[3] = {(int)width, (int)width / 2, (int)width / 2};
    unsigned char *made = NULL;
    unsigned long made_len = 0;
    tjhandle handle = tjInitCompress();
    enum err e = ERR_BROKEN;

    if (handle != NULL &&
        tjCompressFromYUVPlanes(handle, planes, (int)width, strides, (int)height, TJSAMP_422, &made,
                                &made_len, ENCODE_QUALITY, TJFLAG_FASTDCT) == 0) {
        *jpeg = malloc(made_len);
        e = *jpeg == NULL ? ERR_MEMORY : ERR_OK;
        if (*jpeg != NULL)
            memcpy(*jpeg, made, made_len);
        *len = made_len;
    }
    tjFree(made);
    if (handle != NULL)
        tjDestroy(handle);
    return e;
}

enum err encode_yuyv(const uint8_t *pixels, size_t pitch, unsigned width, unsigned height,
                     uint8_t **jpeg, size_t *len)
{
    size_t size = (size_t)width * height;
    uint8_t *memory;
    const uint8_t *planes[3];
    enum err e;

    *jpeg = NULL;
    *len = 0;
    if (width == 0 || height == 0 || width % 2 != 0 || width > LIMIT_WIDTH ||
        height > LIMIT_HEIGHT || size > LIMIT_PIXELS)
        return ERR_LIMIT;
    memory = malloc(2 * size);
    if (memory == NULL)
        return ERR_MEMORY;
    for (size_t row = 0; row < height; row++)
        split_row(pixels + row * pitch, width, memory + row * width,
                  memory + size + row * (width / 2), memory + size + size / 2 + row * (width / 2));
    planes[0] = memory;
    planes[1] = memory + size;
    planes[2] = memory + size + size / 2;
    e = compress(planes, width, height, jpeg, len);
    free(memory);
    return e;
}

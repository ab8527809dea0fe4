#include "player/decode.h"

#include <stdbool.h>
#include <turbojpeg.h>

#include "base/limits.h"
#include "video/scale.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define DECODE_XRGB TJPF_BGRX
#else
#define DECODE_XRGB TJPF_XRGB
#endif

enum err decode_open(struct decode *d)
{
    d->handle = tjInitDecompress();
    return d->handle == NULL ? ERR_MEMORY : ERR_OK;
}

void decode_close(struct decode *d)
{
    if (d->handle != NULL)
        tjDestroy(d->handle);
    d->handle = NULL;
}

static unsigned decode_scaled(unsigned length, int eighths)
{
    return (length * (unsigned)eighths + 7) / 8;
}

int decode_scale(unsigned width, unsigned height, unsigned to_width, unsigned to_height)
{
    struct scale_rect r = scale_fit(width, height, to_width, to_height);
    int eighths = 8;

    while (eighths > 1 && decode_scaled(width, eighths / 2) >= r.width &&
           decode_scaled(height, eighths / 2) >= r.height)
        eighths /= 2;
    return eighths;
}

static enum err decode_check(int width, int height)
{
    if (width <= 0 || height <= 0)
        return ERR_BROKEN;
    if (width > LIMIT_WIDTH || height > LIMIT_HEIGHT || (int64_t)width * height > LIMIT_PIXELS)
        return ERR_LIMIT;
    return ERR_OK;
}

/* TurboJPEG only warns of a picture that was cut off, and fills the rest with grey. */
static bool decode_ends(const uint8_t *jpeg, size_t length)
{
    return length >= 2 && jpeg[length - 2] == 0xff && jpeg[length - 1] == 0xd9;
}

enum err decode_picture(struct decode *d, const uint8_t *jpeg, size_t length, unsigned to_width,
                        unsigned to_height, struct picture *out)
{
    int width, height, sampling, colours, eighths;
    enum err err;

    if (tjDecompressHeader3(d->handle, jpeg, (unsigned long)length, &width, &height, &sampling,
                            &colours) != 0 &&
        tjGetErrorCode(d->handle) != TJERR_WARNING)
        return ERR_BROKEN;
    err = decode_check(width, height);
    if (err != ERR_OK)
        return err;
    out->full_width = (unsigned)width;
    out->full_height = (unsigned)height;
    eighths = decode_scale(out->full_width, out->full_height, to_width, to_height);
    err = picture_size(out, decode_scaled(out->full_width, eighths),
                       decode_scaled(out->full_height, eighths));
    if (err != ERR_OK)
        return err;
    if (tjDecompress2(d->handle, jpeg, (unsigned long)length, out->surface.pixels,
                      (int)out->surface.width, (int)out->surface.pitch,
                      (int)out->surface.height, DECODE_XRGB, TJFLAG_LIMITSCANS) != 0 &&
        (tjGetErrorCode(d->handle) != TJERR_WARNING || !decode_ends(jpeg, length)))
        return ERR_BROKEN;
    return ERR_OK;
}

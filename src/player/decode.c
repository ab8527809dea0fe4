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

/* Whether a call that failed left a picture all the same. */
static bool decode_passes(const struct decode *d, const uint8_t *jpeg, size_t length)
{
    return tjGetErrorCode(d->handle) == TJERR_WARNING && decode_ends(jpeg, length);
}

static enum err decode_header(struct decode *d, const uint8_t *jpeg, size_t length,
                              struct picture *out)
{
    int width = 0, height = 0, sampling, colours;
    enum err err;

    if (tjDecompressHeader3(d->handle, jpeg, (unsigned long)length, &width, &height, &sampling,
                            &colours) != 0 &&
        !decode_passes(d, jpeg, length))
        return ERR_BROKEN;
    err = decode_check(width, height);
    if (err != ERR_OK)
        return err;
    out->full_width = (unsigned)width;
    out->full_height = (unsigned)height;
    return ERR_OK;
}

static enum err decode_pixels(struct decode *d, const uint8_t *jpeg, size_t length, int eighths,
                              struct picture *out)
{
    enum err err = picture_size(out, decode_scaled(out->full_width, eighths),
                                decode_scaled(out->full_height, eighths));

    if (err != ERR_OK)
        return err;
    if (tjDecompress2(d->handle, jpeg, (unsigned long)length, out->surface.pixels,
                      (int)out->surface.width, (int)out->surface.pitch, (int)out->surface.height,
                      DECODE_XRGB, TJFLAG_LIMITSCANS) != 0 &&
        !decode_passes(d, jpeg, length))
        return ERR_BROKEN;
    return ERR_OK;
}

enum err decode_picture(struct decode *d, const uint8_t *jpeg, size_t length, unsigned to_width,
                        unsigned to_height, struct picture *out)
{
    enum err err = d->handle == NULL ? decode_open(d) : ERR_OK;

    if (err == ERR_OK)
        err = decode_header(d, jpeg, length, out);
    if (err == ERR_OK)
        err = decode_pixels(d, jpeg, length,
                            decode_scale(out->full_width, out->full_height, to_width, to_height),
                            out);
    /* A header that fails leaves TurboJPEG 2.1 in the middle of it: the next, sound one would fail
     * too. */
    if (err != ERR_OK)
        decode_close(d);
    return err;
}

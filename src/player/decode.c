#include "player/decode.h"

#include <stdbool.h>
#include <stdlib.h>
#include <turbojpeg.h>

#include "base/limits.h"
#include "video/scale.h"

/* What a JPEG says of itself. */
struct decode_header {
    int sampling, colours; /* TJSAMP_, TJCS_ */
};

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
    struct display_rect r = scale_fit(width, height, to_width, to_height);
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
                              struct decode_header *header, struct picture *out)
{
    int width = 0, height = 0;
    enum err err;

    if (tjDecompressHeader3(d->handle, jpeg, (unsigned long)length, &width, &height,
                            &header->sampling, &header->colours) != 0 &&
        !decode_passes(d, jpeg, length))
        return ERR_BROKEN;
    err = decode_check(width, height);
    if (err != ERR_OK)
        return err;
    out->full_width = (unsigned)width;
    out->full_height = (unsigned)height;
    return ERR_OK;
}

static enum err decode_room(const struct decode_header *header, int eighths, struct picture *out)
{
    bool grey = header->sampling == TJSAMP_GRAY;
    unsigned across = grey ? 0 : (unsigned)tjMCUWidth[header->sampling] / 8;
    unsigned down = grey ? 0 : (unsigned)tjMCUHeight[header->sampling] / 8;

    return picture_size(out, decode_scaled(out->full_width, eighths),
                        decode_scaled(out->full_height, eighths), across, down);
}

static void decode_planes(const struct picture *out, unsigned char *planes[static 3],
                          int strides[static 3])
{
    for (size_t i = 0; i < 3; i++) {
        planes[i] = picture_plane(out, i);
        strides[i] = (int)out->planes.pitch[i];
    }
}

static enum err decode_samples(struct decode *d, const uint8_t *jpeg, size_t length,
                               struct picture *out)
{
    unsigned char *planes[3];
    int strides[3];

    decode_planes(out, planes, strides);
    if (tjDecompressToYUVPlanes(d->handle, jpeg, (unsigned long)length, planes,
                                (int)out->planes.width, strides, (int)out->planes.height,
                                TJFLAG_LIMITSCANS) != 0 &&
        !decode_passes(d, jpeg, length))
        return ERR_BROKEN;
    return ERR_OK;
}

/* A JPEG of red, green and blue, which only Adobe's programs make: its planes are none of ours. */
static enum err decode_rgb(struct decode *d, const uint8_t *jpeg, size_t length,
                           struct picture *out)
{
    int width = (int)out->planes.width, height = (int)out->planes.height, strides[3];
    unsigned char *planes[3], *rgb = malloc((size_t)width * (size_t)height * 3);
    tjhandle maker = tjInitCompress();
    enum err err = rgb == NULL || maker == NULL ? ERR_MEMORY : ERR_OK;

    decode_planes(out, planes, strides);
    if (err == ERR_OK &&
        tjDecompress2(d->handle, jpeg, (unsigned long)length, rgb, width, 0, height, TJPF_RGB,
                      TJFLAG_LIMITSCANS) != 0 &&
        !decode_passes(d, jpeg, length))
        err = ERR_BROKEN;
    if (err == ERR_OK && tjEncodeYUVPlanes(maker, rgb, width, 0, height, TJPF_RGB, planes, strides,
                                           TJSAMP_444, 0) != 0)
        err = ERR_BROKEN;
    if (maker != NULL)
        tjDestroy(maker);
    free(rgb);
    return err;
}

static enum err decode_pixels(struct decode *d, const uint8_t *jpeg, size_t length,
                              struct decode_header *header, int eighths, struct picture *out)
{
    bool rgb = header->colours != TJCS_YCbCr && header->colours != TJCS_GRAY;
    enum err err;

    if (rgb)
        header->sampling = TJSAMP_444;
    err = decode_room(header, eighths, out);
    if (err != ERR_OK)
        return err;
    return rgb ? decode_rgb(d, jpeg, length, out) : decode_samples(d, jpeg, length, out);
}

enum err decode_picture(struct decode *d, const uint8_t *jpeg, size_t length, unsigned to_width,
                        unsigned to_height, struct picture *out)
{
    struct decode_header header;
    enum err err = d->handle == NULL ? decode_open(d) : ERR_OK;

    if (err == ERR_OK)
        err = decode_header(d, jpeg, length, &header, out);
    if (err == ERR_OK)
        err = decode_pixels(d, jpeg, length, &header,
                            decode_scale(out->full_width, out->full_height, to_width, to_height),
                            out);
    /* A header that fails leaves TurboJPEG 2.1 in the middle of it: the next, sound one would fail
     * too. */
    if (err != ERR_OK)
        decode_close(d);
    return err;
}

/* JPEG to pixels: whatever comes, what is decoded has the size that was asked for and can be painted,
 * and the sound picture behind it is as it should be.
 *
 * The first two bytes of the input are how large it is shown, the rest is the JPEG. TurboJPEG itself
 * is not instrumented; pictures above 65,536 pixels are left out, for time. */
#include <turbojpeg.h>

#include "base/limits.h"
#include "player/decode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/jpegs.h"

#define COLOUR 0x00c04080u
#define PIXELS 65536

/* The header as a decoder of its own reads it. */
static bool is_affordable(const uint8_t *jpeg, size_t len)
{
    tjhandle handle = tjInitDecompress();
    int width = 0, height = 0, sampling, colours;

    FUZZ_HOLDS(handle != NULL);
    tjDecompressHeader3(handle, jpeg, (unsigned long)len, &width, &height, &sampling, &colours);
    tjDestroy(handle);
    return (int64_t)width * height <= PIXELS || width > LIMIT_WIDTH || height > LIMIT_HEIGHT;
}

/* All of it on a surface of that size, the last pixel of which is given. */
static uint32_t paint(const struct picture *p, unsigned width, unsigned height)
{
    static uint32_t pixels[256 * 256];
    static struct paint kept;
    const struct surface to = {pixels, (size_t)width * 4, width, height, SURFACE_XRGB8888, false,
                               false};
    struct display_rect rect = scale_fit(p->full_width, p->full_height, width, height);

    FUZZ_HOLDS(width <= 256 && height <= 256);
    FUZZ_HOLDS(paint_draw(&kept, &p->planes, &to, &rect) == ERR_OK);
    return pixels[(size_t)width * height - 1];
}

static void check_sound(struct decode *d, struct picture *p)
{
    static uint8_t *sound;
    static size_t len;
    uint32_t is;

    if (sound == NULL)
        sound = jpegs_make(32, 24, COLOUR, &len);
    FUZZ_HOLDS(decode_picture(d, sound, len, 32, 24, p) == ERR_OK);
    FUZZ_HOLDS(p->full_width == 32 && p->full_height == 24);
    FUZZ_HOLDS(p->planes.width == 32 && p->planes.height == 24);
    is = paint(p, 32, 24);
    for (unsigned i = 0; i < 24; i += 8)
        FUZZ_HOLDS(abs((int)(is >> i & 0xff) - (int)(COLOUR >> i & 0xff)) < 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct picture_set set;
    static struct decode d;
    struct picture *p = &set.all[0];
    unsigned width, height;
    enum err e;

    if (len < 2 || len > 1u << 20 || !is_affordable(data + 2, len - 2))
        return 0;
    width = data[0] + 1u;
    height = data[1] + 1u;
    e = decode_picture(&d, data + 2, len - 2, width, height, p);
    FUZZ_HOLDS(e == ERR_OK || e == ERR_BROKEN || e == ERR_LIMIT);
    if (e == ERR_OK) {
        int eighths = decode_scale(p->full_width, p->full_height, width, height);

        FUZZ_HOLDS(p->planes.width == (p->full_width * (unsigned)eighths + 7) / 8);
        FUZZ_HOLDS(p->planes.height == (p->full_height * (unsigned)eighths + 7) / 8);
        paint(p, width, height);
    }
    check_sound(&d, p);
    decode_close(&d);
    return 0;
}

static void put_jpeg(fuzz_put *put, void *context, int sampling, int flags)
{
    static uint8_t pixels[48 * 40 * 3], input[65536];
    tjhandle handle = tjInitCompress();
    unsigned char *jpeg = NULL;
    unsigned long len = 0;

    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i / 7);
    FUZZ_HOLDS(handle != NULL && tjCompress2(handle, pixels, 48, 0, 40, TJPF_RGB, &jpeg, &len,
                                             sampling, 70, flags) == 0);
    FUZZ_HOLDS(len + 2 <= sizeof input);
    input[0] = 23;
    input[1] = 19;
    for (size_t i = 0; i < len; i++)
        input[2 + i] = jpeg[i];
    put(context, input, 2 + len);
    tjFree(jpeg);
    tjDestroy(handle);
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    put_jpeg(put, context, TJSAMP_420, 0);
    put_jpeg(put, context, TJSAMP_444, 0);
    put_jpeg(put, context, TJSAMP_422, TJFLAG_PROGRESSIVE);
    put_jpeg(put, context, TJSAMP_GRAY, 0);
}

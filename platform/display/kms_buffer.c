#include "platform/display/kms_buffer.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "platform/display/kms_abi.h"
#include "platform/display/kms_find.h"

#define KMS_FOURCC(a, b, c, d) \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

static const struct kms_format {
    uint32_t fourcc, bits;
    enum surface_format format;
} kms_formats[] = {
    {KMS_FOURCC('X', 'R', '2', '4'), 32, SURFACE_XRGB8888},
    {KMS_FOURCC('R', 'G', '1', '6'), 16, SURFACE_RGB565},
    {KMS_FOURCC('X', 'B', '2', '4'), 32, SURFACE_XBGR8888},
    {KMS_FOURCC('R', 'G', '2', '4'), 24, SURFACE_RGB888},
    {KMS_FOURCC('B', 'G', '2', '4'), 24, SURFACE_BGR888},
    {KMS_FOURCC('B', 'G', '1', '6'), 16, SURFACE_BGR565},
};

#define FORMATS (sizeof kms_formats / sizeof kms_formats[0])

void kms_buffer_close(struct kms_buffer *b, int fd)
{
    if (b->surface.pixels != NULL)
        munmap(b->surface.pixels, b->size);
    if (b->fb != 0)
        kms_call(fd, KMS_REMOVE_FB, &b->fb);
    if (b->handle != 0)
        kms_call(fd, KMS_DESTROY_DUMB, &b->handle);
    *b = (struct kms_buffer){0};
}

static bool kms_buffer_map(struct kms_buffer *b, int fd)
{
    struct kms_map map = {.handle = b->handle};
    void *pixels;

    if (kms_call(fd, KMS_MAP_DUMB, &map) != 0)
        return false;
    /* The offset is above 4 GiB also for a program of 32 bits. */
    pixels = mmap(NULL, b->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)map.offset);
    if (pixels == MAP_FAILED)
        return false;
    b->surface.pixels = pixels;
    return true;
}

static bool kms_buffer_make(struct kms_buffer *b, int fd, const struct kms_format *format)
{
    struct kms_dumb dumb = {
        .width = b->surface.width, .height = b->surface.height, .bpp = format->bits};
    struct kms_fb fb = {
        .width = b->surface.width, .height = b->surface.height, .fourcc = format->fourcc};

    if (kms_call(fd, KMS_CREATE_DUMB, &dumb) != 0)
        return false;
    b->handle = fb.handles[0] = dumb.handle;
    b->size = (size_t)dumb.size;
    b->surface.pitch = fb.pitches[0] = dumb.pitch;
    b->surface.format = format->format;
    if (dumb.size < (uint64_t)dumb.pitch * dumb.height || dumb.size > SIZE_MAX / 2) {
        errno = EINVAL;
        return false;
    }
    if (kms_call(fd, KMS_ADD_FB, &fb) != 0)
        return false;
    b->fb = fb.fb;
    return kms_buffer_map(b, fd);
}

static bool kms_buffer_try(struct kms_buffer *b, int fd, const struct kms_format *format)
{
    const struct kms_buffer empty = *b;
    int error;

    if (kms_buffer_make(b, fd, format))
        return true;
    error = errno;
    kms_buffer_close(b, fd);
    *b = empty;
    errno = error;
    return false;
}

/* What the card says is best for pictures that are drawn by hand; 32 where it says nothing. */
static uint32_t kms_buffer_preferred(int fd)
{
    struct kms_cap depth = {.cap = KMS_CAP_DUMB_DEPTH};

    return kms_call(fd, KMS_GET_CAP, &depth) == 0 && depth.value == 16 ? 16 : 32;
}

bool kms_buffer_open(struct kms_buffer *b, int fd, unsigned width, unsigned height)
{
    uint32_t bits = kms_buffer_preferred(fd);

    *b = (struct kms_buffer){.surface = {.width = width, .height = height, .device = true}};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < FORMATS; i++) {
            if ((kms_formats[i].bits == bits) == (round == 0) &&
                kms_buffer_try(b, fd, &kms_formats[i]))
                return true;
        }
    }
    return false;
}

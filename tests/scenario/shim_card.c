/* The graphics card of shim.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/display/kms_abi.h"
#include "shim.h"

#define BUFFERS 64

static struct {
    uint64_t offset, size;
    uint32_t pitch, bits;
} buffers[BUFFERS];
static unsigned made;
static uint64_t end;
static bool pending; /* a flip whose event was not read yet */

static struct {
    unsigned width, height, flips;
    char fourcc[8];
} card_is;

static void show(uint32_t number)
{
    char text[64];

    snprintf(text, sizeof text, "%-20llu%-10u%-10u",
             (unsigned long long)buffers[number % BUFFERS].offset, buffers[number % BUFFERS].pitch,
             buffers[number % BUFFERS].bits);
    shim_note("card0.shown", text, false);
}

static int card_dumb(int fd, struct kms_dumb *d)
{
    if (made + 1 == BUFFERS)
        return shim_fail(ENOMEM);
    d->handle = ++made;
    d->pitch = (d->width * d->bpp / 8 + 63) / 64 * 64;
    d->size = (uint64_t)d->pitch * d->height;
    end = (end + 4095) / 4096 * 4096;
    buffers[made].offset = end;
    buffers[made].pitch = d->pitch;
    buffers[made].bits = d->bpp;
    end += d->size;
    return ftruncate(fd, (off_t)end);
}

static int card_connector(struct kms_connector *c)
{
    bool room = c->count_modes > 0, encoders = c->count_encoders > 0;

    c->connection = shim_there("unplugged") ? 2 : KMS_CONNECTED;
    c->encoder = 0;
    c->count_modes = 2;
    if (c->connector != 31)
        c->connection = 2, c->count_modes = 0;
    if (room && c->count_modes > 0) {
        struct kms_mode *modes = (struct kms_mode *)(uintptr_t)c->modes;
        modes[0] = (struct kms_mode){.width = 320, .height = 200};
        if (encoders) /* else there is room for one alone */
            modes[1] = (struct kms_mode){.width = (uint16_t)card_is.width,
                                         .height = (uint16_t)card_is.height,
                                         .type = KMS_PREFERRED};
    }
    if (encoders)
        *(uint32_t *)(uintptr_t)c->encoders = 21;
    c->count_encoders = 1;
    return 0;
}

static int card_resources(struct kms_resources *r)
{
    if (r->count_crtcs >= 2)
        memcpy((void *)(uintptr_t)r->crtcs, (const uint32_t[]){10, 11}, 8);
    if (r->count_connectors >= 2)
        memcpy((void *)(uintptr_t)r->connectors, (const uint32_t[]){30, 31}, 8);
    r->count_crtcs = r->count_connectors = 2;
    return 0;
}

static int card_flip(const struct kms_flip *f)
{
    if (card_is.flips == 0)
        return shim_fail(EINVAL);
    if (f->crtc != 11 || pending)
        return shim_fail(EBUSY);
    pending = true;
    show(f->fb);
    return 0;
}

static int card_crtc(const struct kms_crtc *c)
{
    shim_note("console.log", c->fb == 99 ? "restored\n" : "", true);
    if (c->fb != 99)
        show(c->fb);
    return c->crtc == 11 ? 0 : shim_fail(EINVAL);
}

int shim_card(int fd, unsigned long request, void *arg)
{
    if (sscanf(getenv("SHIM_CARD"), "%u %u %7s %u", &card_is.width, &card_is.height, card_is.fourcc,
               &card_is.flips) != 4)
        abort();
    switch (request) {
    case KMS_GET_CAP:
        ((struct kms_cap *)arg)->value = ((struct kms_cap *)arg)->cap == KMS_CAP_DUMB ? 1 : 32;
        return 0;
    case KMS_SET_MASTER:
        return shim_there("busy") ? shim_fail(EBUSY) : 0;
    case KMS_DROP_MASTER:
        shim_note("console.log", "dropped\n", true);
        return 0;
    case KMS_GET_RESOURCES:
        return card_resources(arg);
    case KMS_GET_CONNECTOR:
        return card_connector(arg);
    case KMS_GET_ENCODER:
        *(struct kms_encoder *)arg = (struct kms_encoder){.encoder = 21, .possible_crtcs = 2};
        return 0;
    case KMS_GET_CRTC:
        *(struct kms_crtc *)arg = (struct kms_crtc){.crtc = 11, .fb = 99, .mode_valid = 1};
        return 0;
    case KMS_SET_CRTC:
        return card_crtc(arg);
    case KMS_CREATE_DUMB:
        return card_dumb(fd, arg);
    case KMS_ADD_FB:
        if (memcmp(&((struct kms_fb *)arg)->fourcc, card_is.fourcc, 4) != 0)
            return shim_fail(EINVAL);
        ((struct kms_fb *)arg)->fb = ((struct kms_fb *)arg)->handles[0];
        return 0;
    case KMS_MAP_DUMB:
        ((struct kms_map *)arg)->offset = buffers[((struct kms_map *)arg)->handle % BUFFERS].offset;
        return 0;
    case KMS_PAGE_FLIP:
        return card_flip(arg);
    case KMS_REMOVE_FB:
    case KMS_DESTROY_DUMB:
        return 0;
    default: /* also KMS_DIRTY_FB */
        return shim_fail(ENOSYS);
    }
}

bool shim_card_event(int fd, void *to, size_t size)
{
    const struct kms_event event = {.kind = KMS_FLIP_COMPLETE, .length = SHIM_EVENT, .crtc = 11};

    if (!pending || size < sizeof event || !shim_is(fd, "card0"))
        return false;
    pending = false;
    memcpy(to, &event, sizeof event);
    return true;
}

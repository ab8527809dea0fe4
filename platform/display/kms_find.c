#include "platform/display/kms_find.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define KMS_PARTS 32   /* connectors, CRTCs, encoders of a connector: a mask of CRTCs has 32 bits */
#define KMS_MODES 1024 /* of a monitor */

struct kms_parts {
    uint32_t crtcs[KMS_PARTS], connectors[KMS_PARTS];
    uint32_t count_crtcs, count_connectors;
};

int kms_call(int fd, unsigned long request, void *arg)
{
    int result;

    do {
        result = ioctl(fd, request, arg);
    } while (result != 0 && (errno == EINTR || errno == EAGAIN));
    return result;
}

static uint64_t kms_address(void *p)
{
    return (uint64_t)(uintptr_t)p;
}

static bool kms_parts(int fd, struct kms_parts *out)
{
    struct kms_resources r = {.crtcs = kms_address(out->crtcs),
                              .connectors = kms_address(out->connectors),
                              .count_crtcs = KMS_PARTS,
                              .count_connectors = KMS_PARTS};

    if (kms_call(fd, KMS_GET_RESOURCES, &r) != 0)
        return false;
    /* Where there are more, the kernel writes none at all. */
    out->count_crtcs = r.count_crtcs <= KMS_PARTS ? r.count_crtcs : 0;
    out->count_connectors = r.count_connectors <= KMS_PARTS ? r.count_connectors : 0;
    return true;
}

/* The one that the encoder drives already, or else the first that it can. 0: none. */
static uint32_t kms_encoder_crtc(int fd, uint32_t id, const struct kms_parts *parts, bool now)
{
    struct kms_encoder e = {.encoder = id};

    if (kms_call(fd, KMS_GET_ENCODER, &e) != 0)
        return 0;
    if (now)
        return e.crtc;
    for (uint32_t i = 0; i < parts->count_crtcs; i++) {
        if ((e.possible_crtcs >> i & 1) != 0)
            return parts->crtcs[i];
    }
    return 0;
}

static uint32_t kms_crtc(int fd, const struct kms_connector *c, const uint32_t *encoders,
                         const struct kms_parts *parts)
{
    uint32_t crtc = c->encoder == 0 ? 0 : kms_encoder_crtc(fd, c->encoder, parts, true);

    for (uint32_t i = 0; i < c->count_encoders && i < KMS_PARTS && crtc == 0; i++)
        crtc = kms_encoder_crtc(fd, encoders[i], parts, false);
    return crtc;
}

static const struct kms_mode *kms_preferred(const struct kms_mode *modes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if ((modes[i].type & KMS_PREFERRED) != 0)
            return &modes[i];
    }
    return modes;
}

/* False: no monitor, or one that can't be used. */
static bool kms_try(int fd, uint32_t id, const struct kms_parts *parts, struct kms_path *out)
{
    struct kms_connector c = {.connector = id};
    uint32_t encoders[KMS_PARTS], count;
    struct kms_mode *modes;

    /* With room for no modes the kernel asks the monitor. */
    if (kms_call(fd, KMS_GET_CONNECTOR, &c) != 0 || c.connection != KMS_CONNECTED ||
        c.count_modes == 0 || c.count_modes > KMS_MODES)
        return false;
    count = c.count_modes;
    modes = calloc(count, sizeof *modes);
    if (modes == NULL)
        return false;
    c = (struct kms_connector){.connector = id,
                               .modes = kms_address(modes),
                               .encoders = kms_address(encoders),
                               .count_modes = count,
                               .count_encoders = KMS_PARTS};
    *out = (struct kms_path){.connector = id};
    /* More may have come since. */
    if (kms_call(fd, KMS_GET_CONNECTOR, &c) == 0 && c.count_modes != 0 && c.count_modes <= count) {
        out->mode = *kms_preferred(modes, c.count_modes);
        out->crtc = kms_crtc(fd, &c, encoders, parts);
    }
    free(modes);
    return out->crtc != 0 && out->mode.width != 0 && out->mode.height != 0;
}

bool kms_find(int fd, struct kms_path *out, char why[static DISPLAY_WHY])
{
    struct kms_parts parts;

    if (!kms_parts(fd, &parts)) {
        snprintf(why, DISPLAY_WHY, "%s",
                 errno == EOPNOTSUPP || errno == ENOTTY || errno == EINVAL ? "has no displays"
                                                                           : strerror(errno));
        return false;
    }
    for (uint32_t i = 0; i < parts.count_connectors; i++) {
        if (kms_try(fd, parts.connectors[i], &parts, out))
            return true;
    }
    snprintf(why, DISPLAY_WHY, "no monitor is connected");
    return false;
}

bool kms_connected(int fd, uint32_t connector)
{
    struct kms_mode one;
    struct kms_connector c = {.connector = connector, .modes = kms_address(&one), .count_modes = 1};

    return kms_call(fd, KMS_GET_CONNECTOR, &c) == 0 && c.connection == KMS_CONNECTED;
}

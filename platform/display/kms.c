/* A monitor by the kernel's mode setting: two buffers in turn, one shown while the other is drawn.
 * Raw calls, no libdrm: it is a dozen structures. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/display/attend.h"
#include "platform/display/drivers.h"
#include "platform/display/kms_abi.h"
#include "platform/display/kms_buffer.h"
#include "platform/display/kms_find.h"
#include "platform/now.h"
#include "platform/wake.h"

#define KMS_CARDS 8
#define KMS_FLIP_MS 1000                /* a flip that takes longer does not work */
#define KMS_LOOK_NS INT64_C(1000000000) /* between looks whether the monitor is still there */

struct kms {
    int fd;
    struct attend attend;
    struct kms_path path;
    struct kms_crtc former;
    struct kms_buffer buffers[2];
    unsigned back; /* the one that is lent */
    bool set;      /* the screen shows one of the buffers */
    bool flips;    /* PAGE_FLIP works; else SET_CRTC for each picture */
    bool flipping; /* a flip's event is still to come */
    bool dirty;    /* DIRTY_FB is asked for where the screen has a memory of its own */
    int64_t looked;
};

static bool kms_failed(char why[static DISPLAY_WHY], const char *path, const char *reason)
{
    size_t used = strlen(why);

    snprintf(why + used, DISPLAY_WHY - used, "%s%.128s: %.300s", used > 0 ? ", " : "", path,
             reason);
    return false;
}

/* The events of a card are whole in each read. */
static void kms_take_events(struct kms *k)
{
    char events[1024];
    struct kms_event head;
    ssize_t n = read(k->fd, events, sizeof events);

    for (size_t at = 0; n > 0 && at + sizeof head <= (size_t)n; at += head.length) {
        memcpy(&head, events + at, sizeof head);
        if (head.kind == KMS_FLIP_COMPLETE)
            k->flipping = false;
        if (head.length < 8)
            return;
    }
}

static void kms_await_flip(struct kms *k)
{
    int64_t until = now_ns() + KMS_FLIP_MS * INT64_C(1000000);

    while (k->flipping) {
        struct pollfd in = {.fd = k->fd, .events = POLLIN};
        int64_t left = (until - now_ns()) / 1000000;
        if (left < 0) {
            k->flips = k->flipping = false;
            return;
        }
        if (poll(&in, 1, (int)left + 1) > 0)
            kms_take_events(k);
    }
}

/* Screens behind a slow line, and virtual ones, are sent what was drawn; others know no such call. */
static void kms_flush(struct kms *k, uint32_t fb)
{
    struct kms_dirty all = {.fb = fb};

    if (k->dirty)
        k->dirty = kms_call(k->fd, KMS_DIRTY_FB, &all) == 0;
}

static bool kms_set(struct kms *k)
{
    uint32_t connector = k->path.connector;
    struct kms_crtc crtc = {.connectors = (uint64_t)(uintptr_t)&connector,
                            .count_connectors = 1,
                            .crtc = k->path.crtc,
                            .fb = k->buffers[k->back].fb,
                            .mode_valid = 1,
                            .mode = k->path.mode};

    if (kms_call(k->fd, KMS_SET_CRTC, &crtc) != 0)
        return false;
    kms_flush(k, crtc.fb);
    k->set = true;
    return true;
}

static bool kms_flip_back(struct kms *k)
{
    struct kms_flip flip = {
        .crtc = k->path.crtc, .fb = k->buffers[k->back].fb, .flags = KMS_FLIP_EVENT};

    if (!k->set || !k->flips)
        return false;
    k->flips = k->flipping = kms_call(k->fd, KMS_PAGE_FLIP, &flip) == 0;
    return k->flips;
}

/* Gives back what the screen showed before. */
static void kms_restore(struct kms *k)
{
    uint32_t connector = k->path.connector;

    if (!k->set || k->attend.vt.away)
        return;
    k->former.connectors = (uint64_t)(uintptr_t)&connector;
    k->former.count_connectors = k->former.mode_valid != 0 ? 1 : 0;
    kms_call(k->fd, KMS_SET_CRTC, &k->former);
}

static void kms_close(void *state)
{
    struct kms *k = state;

    if (k->fd >= 0) {
        kms_await_flip(k);
        kms_restore(k);
        kms_buffer_close(&k->buffers[0], k->fd);
        kms_buffer_close(&k->buffers[1], k->fd);
        close(k->fd);
    }
    attend_close(&k->attend);
    free(k);
}

/* One card; false with its reason added to why, and closed. */
static bool kms_open_card(struct kms *k, const char *path, char why[static DISPLAY_WHY])
{
    struct kms_cap dumb = {.cap = KMS_CAP_DUMB};
    char reason[DISPLAY_WHY] = "can't show what is drawn by hand";

    k->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (k->fd < 0)
        return kms_failed(why, path, strerror(errno));
    if (kms_call(k->fd, KMS_GET_CAP, &dumb) == 0 && dumb.value != 0 &&
        kms_find(k->fd, &k->path, reason))
        return true;
    close(k->fd);
    k->fd = -1;
    return kms_failed(why, path, reason);
}

static bool kms_open_any(struct kms *k, const char *named, char why[static DISPLAY_WHY])
{
    const char *card = named[0] != '\0' ? named : getenv("DEN_CARD");
    char path[32];

    why[0] = '\0';
    if (card != NULL && card[0] != '\0')
        return kms_open_card(k, card, why);
    for (unsigned i = 0; i < KMS_CARDS; i++) {
        snprintf(path, sizeof path, "/dev/dri/card%u", i);
        if (access(path, F_OK) == 0 && kms_open_card(k, path, why))
            return true;
    }
    return why[0] == '\0' ? kms_failed(why, "/dev/dri", "no graphics card") : false;
}

/* Who opens a card first may set its modes, as long as nobody else does. */
static bool kms_master(const struct kms *k, char why[static DISPLAY_WHY])
{
    if (kms_call(k->fd, KMS_SET_MASTER, NULL) == 0)
        return true;
    snprintf(why, DISPLAY_WHY, "the card is in use by another program (%s)", strerror(errno));
    return false;
}

static bool kms_buffers(struct kms *k, char why[static DISPLAY_WHY])
{
    const struct kms_mode *mode = &k->path.mode;

    for (int i = 0; i < 2; i++) {
        if (!kms_buffer_open(&k->buffers[i], k->fd, mode->width, mode->height)) {
            snprintf(why, DISPLAY_WHY, "no memory for %ux%u pixels: %s", mode->width, mode->height,
                     strerror(errno));
            return false;
        }
    }
    return true;
}

static bool kms_start(struct kms *k, const char *named, char why[static DISPLAY_WHY])
{
    if (!kms_open_any(k, named, why) || !kms_master(k, why) || !kms_buffers(k, why))
        return false;
    k->former.crtc = k->path.crtc;
    if (kms_call(k->fd, KMS_GET_CRTC, &k->former) != 0)
        k->former.mode_valid = 0;
    k->flips = k->dirty = true;
    k->looked = now_ns();
    if (!attend_open(&k->attend, why))
        return false;
    if (k->attend.vt.away)
        kms_call(k->fd, KMS_DROP_MASTER, NULL);
    return true;
}

static void *kms_open(const struct display_options *options, char why[static DISPLAY_WHY])
{
    struct kms *k = calloc(1, sizeof *k);

    if (k == NULL) {
        snprintf(why, DISPLAY_WHY, "out of memory");
        return NULL;
    }
    k->fd = -1;
    k->attend = (struct attend)ATTEND_CLOSED;
    if (kms_start(k, options->device, why))
        return k;
    kms_close(k);
    return NULL;
}

/* Another console's program may set modes while that is shown; after it the mode is set anew. */
static void kms_attend(struct kms *k)
{
    enum vt_change change;

    while ((change = vt_next(&k->attend.vt)) != VT_STAYS) {
        if (change == VT_RETURNS) {
            kms_call(k->fd, KMS_SET_MASTER, NULL);
            k->set = false;
            k->flips = true;
            k->attend.redraw = true;
            continue;
        }
        kms_await_flip(k);
        kms_call(k->fd, KMS_DROP_MASTER, NULL);
        vt_leave(&k->attend.vt);
    }
}

static bool kms_there(struct kms *k)
{
    int64_t now = now_ns();

    if (now - k->looked < KMS_LOOK_NS)
        return true;
    k->looked = now;
    return kms_connected(k->fd, k->path.connector);
}

static bool kms_lend(void *state, struct surface *out)
{
    struct kms *k = state;

    if (!kms_there(k))
        return false;
    kms_await_flip(k);
    *out = k->buffers[k->back].surface;
    return true;
}

static bool kms_present(void *state)
{
    struct kms *k = state;

    kms_attend(k);
    if (k->attend.vt.away)
        return true;
    kms_await_flip(k);
    /* Who may not set modes any more shows nothing until he may again. */
    if (!kms_flip_back(k) && !kms_set(k))
        return errno == EACCES || errno == EPERM;
    k->back ^= 1;
    return true;
}

static void kms_wait(void *state, int64_t until_ns, struct display_event *out)
{
    struct kms *k = state;

    attend_wait(&k->attend, k->flipping ? k->fd : -1, until_ns);
    if (k->flipping)
        kms_take_events(k);
    kms_attend(k);
    attend_tell(&k->attend, out);
}

static void kms_wake(void *state)
{
    struct kms *k = state;

    wake_send(k->attend.wake);
}

static const struct console_face *kms_font(void *state)
{
    const struct kms *k = state;

    return attend_font(&k->attend);
}

const struct display_driver kms_driver = {
    .name = "kms",
    .seizes = true,
    .open = kms_open,
    .close = kms_close,
    .lend = kms_lend,
    .present = kms_present,
    .wait = kms_wait,
    .wake = kms_wake,
    .font = kms_font,
};

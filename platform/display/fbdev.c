/* The kernel's plain framebuffer. Where its memory holds two pictures and the hardware can move from
 * one to the other, the hidden one is lent; else memory of our own, copied when it is to be seen, or
 * what is seen itself, for who draws it in one go. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/display/attend.h"
#include "platform/display/drivers.h"
#include "platform/display/fbmode.h"
#include "platform/wake.h"

#define FBDEV_DEFAULT "/dev/fb0"

struct fbdev {
    int fd;
    struct attend attend;
    struct fb_var_screeninfo former, mode;
    struct fb_fix_screeninfo fixed;
    struct surface surface; /* without pixels */
    uint8_t *memory;        /* the device's, all of it; NULL: not mapped */
    uint8_t *back;          /* lent while !pans */
    size_t back_size;
    bool pans;     /* moving between the two halves works; yoffset tells which is shown */
    bool vertical; /* waiting for the screen to be at its end works */
    bool lost;     /* another mode was set that can't be drawn */
};

static bool fbdev_failed(char why[static DISPLAY_WHY], const char *path, const char *reason)
{
    snprintf(why, DISPLAY_WHY, "%.128s: %.300s", path, reason);
    return false;
}

static bool fbdev_read_mode(struct fbdev *f)
{
    return ioctl(f->fd, FBIOGET_VSCREENINFO, &f->mode) == 0 &&
           ioctl(f->fd, FBIOGET_FSCREENINFO, &f->fixed) == 0;
}

/* Room for two pictures. A driver may refuse, or say yes and change nothing: what counts is what the
 * mode says afterwards. */
static void fbdev_ask_for_two(struct fbdev *f)
{
    struct fb_var_screeninfo wish = f->mode;

    if (fbmode_doubles(&f->mode, &f->fixed) || f->fixed.ypanstep == 0)
        return;
    wish.yres_virtual = wish.yres * 2;
    wish.activate = FB_ACTIVATE_NOW;
    if ((uint64_t)wish.yres_virtual * f->fixed.line_length <= f->fixed.smem_len)
        ioctl(f->fd, FBIOPUT_VSCREENINFO, &wish);
}

static bool fbdev_pan(struct fbdev *f, unsigned line)
{
    struct fb_var_screeninfo wish = f->mode, now;

    wish.yoffset = line;
    wish.activate = FB_ACTIVATE_VBL;
    if (ioctl(f->fd, FBIOPAN_DISPLAY, &wish) != 0 || ioctl(f->fd, FBIOGET_VSCREENINFO, &now) != 0 ||
        now.yoffset != line)
        return false;
    f->mode.yoffset = line;
    return true;
}

static uint8_t *fbdev_at(const struct fbdev *f, unsigned line)
{
    return f->memory + fbmode_place(&f->mode, &f->fixed, line);
}

static unsigned fbdev_hidden(const struct fbdev *f)
{
    return f->mode.yoffset == 0 ? f->mode.yres : 0;
}

static size_t fbdev_line_bytes(const struct fbdev *f)
{
    return (size_t)f->mode.xres * f->mode.bits_per_pixel / 8;
}

/* Lines may lie further apart than they are long: what lies between is not ours. */
static void fbdev_blacken(const struct fbdev *f, unsigned line)
{
    for (unsigned y = 0; y < f->mode.yres; y++)
        memset(fbdev_at(f, line + y), 0, fbdev_line_bytes(f));
}

/* Tried at once, while there is only the console's text to be lost. */
static bool fbdev_try_panning(struct fbdev *f)
{
    if (!fbmode_doubles(&f->mode, &f->fixed))
        return false;
    fbdev_blacken(f, fbdev_hidden(f));
    return fbdev_pan(f, fbdev_hidden(f));
}

static void fbdev_unmap(struct fbdev *f)
{
    if (f->memory != NULL)
        munmap(f->memory, f->fixed.smem_len);
    f->memory = NULL;
    free(f->back);
    f->back = NULL;
}

static bool fbdev_make_back(struct fbdev *f)
{
    f->pans = false;
    f->back = calloc(f->mode.yres, f->surface.pitch);
    return f->back != NULL;
}

/* From the mode as it is now. */
static bool fbdev_map(struct fbdev *f, const char *path, char why[static DISPLAY_WHY])
{
    char reason[DISPLAY_WHY];
    void *memory;

    if (!fbdev_read_mode(f))
        return fbdev_failed(why, path, errno == ENOTTY ? "is no framebuffer" : strerror(errno));
    fbdev_ask_for_two(f);
    if (!fbdev_read_mode(f))
        return fbdev_failed(why, path, strerror(errno));
    if (!fbmode_surface(&f->mode, &f->fixed, &f->surface, reason))
        return fbdev_failed(why, path, reason);
    memory = mmap(NULL, f->fixed.smem_len, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
    if (memory == MAP_FAILED)
        return fbdev_failed(why, path, strerror(errno));
    f->memory = memory;
    return true;
}

/* Once the console draws no more. */
static bool fbdev_begin(struct fbdev *f)
{
    f->vertical = true;
    f->pans = !f->attend.vt.away && fbdev_try_panning(f);
    return f->pans || fbdev_make_back(f);
}

static bool fbdev_moved(const struct fbdev *f)
{
    return f->former.xres != 0 &&
           (f->former.yoffset != f->mode.yoffset || f->former.yres_virtual != f->mode.yres_virtual);
}

static void fbdev_close(void *state)
{
    struct fbdev *f = state;

    fbdev_unmap(f);
    if (f->fd >= 0) {
        if (fbdev_moved(f) && !f->attend.vt.away)
            ioctl(f->fd, FBIOPUT_VSCREENINFO, &f->former);
        close(f->fd);
    }
    attend_close(&f->attend);
    free(f);
}

static const char *fbdev_path(const struct display_options *options)
{
    const char *named = getenv("DEN_FB");

    if (options->device[0] != '\0')
        return options->device;
    return named != NULL && named[0] != '\0' ? named : FBDEV_DEFAULT;
}

static bool fbdev_start(struct fbdev *f, const char *path, char why[static DISPLAY_WHY])
{
    f->fd = open(path, O_RDWR | O_CLOEXEC);
    if (f->fd < 0)
        return fbdev_failed(why, path, strerror(errno));
    ioctl(f->fd, FBIOGET_VSCREENINFO, &f->former);
    if (!fbdev_map(f, path, why) || !attend_open(&f->attend, why))
        return false;
    if (!fbdev_begin(f))
        return fbdev_failed(why, path, "out of memory");
    return true;
}

static void *fbdev_open(const struct display_options *options, char why[static DISPLAY_WHY])
{
    struct fbdev *f = calloc(1, sizeof *f);

    if (f == NULL) {
        snprintf(why, DISPLAY_WHY, "out of memory");
        return NULL;
    }
    f->fd = -1;
    f->attend = (struct attend)ATTEND_CLOSED;
    if (fbdev_start(f, fbdev_path(options), why))
        return f;
    fbdev_close(f);
    return NULL;
}

/* While another console was shown everything may have become different. */
static void fbdev_return(struct fbdev *f)
{
    char why[DISPLAY_WHY];

    fbdev_unmap(f);
    f->lost = !fbdev_map(f, "", why) || !fbdev_begin(f);
    f->attend.redraw = true;
}

static void fbdev_attend(struct fbdev *f)
{
    enum vt_change change;

    while ((change = vt_next(&f->attend.vt)) != VT_STAYS) {
        if (change == VT_RETURNS)
            fbdev_return(f);
        else
            vt_leave(&f->attend.vt);
    }
}

static bool fbdev_lend(void *state, struct surface *out)
{
    struct fbdev *f = state;

    if (f->lost)
        return false;
    *out = f->surface;
    out->pixels = f->pans ? fbdev_at(f, fbdev_hidden(f)) : f->back;
    out->device = f->pans;
    out->copied = !f->pans;
    return true;
}

/* Many drivers can't, and some take a tenth of a second to find out. */
static void fbdev_wait_vertical(struct fbdev *f)
{
    unsigned crtc = 0;

    if (f->vertical)
        f->vertical = ioctl(f->fd, FBIO_WAITFORVSYNC, &crtc) == 0;
}

static void fbdev_copy(const struct fbdev *f, const uint8_t *from)
{
    for (unsigned y = 0; y < f->mode.yres; y++)
        memcpy(fbdev_at(f, f->mode.yoffset + y), from + y * f->surface.pitch, fbdev_line_bytes(f));
}

static bool fbdev_visible(struct fbdev *f)
{
    fbdev_attend(f);
    return !f->attend.vt.away && !f->attend.redraw;
}

static bool fbdev_shown(void *state, struct surface *out)
{
    struct fbdev *f = state;

    if (!fbdev_visible(f) || f->pans || f->lost)
        return false;
    fbdev_wait_vertical(f);
    *out = f->surface;
    out->pixels = fbdev_at(f, f->mode.yoffset);
    out->device = true;
    return true;
}

static bool fbdev_present(void *state)
{
    struct fbdev *f = state;

    if (!fbdev_visible(f))
        return !f->lost;
    if (f->pans && fbdev_pan(f, fbdev_hidden(f))) {
        fbdev_wait_vertical(f);
        return true;
    }
    if (f->pans) {
        fbdev_copy(f, fbdev_at(f, fbdev_hidden(f)));
        return fbdev_make_back(f);
    }
    fbdev_wait_vertical(f);
    fbdev_copy(f, f->back);
    return true;
}

static void fbdev_wait(void *state, int64_t until_ns, struct display_event *out)
{
    struct fbdev *f = state;

    attend_wait(&f->attend, -1, until_ns);
    fbdev_attend(f);
    attend_tell(&f->attend, out);
}

static void fbdev_wake(void *state)
{
    struct fbdev *f = state;

    wake_send(f->attend.wake);
}

static const struct console_face *fbdev_font(void *state)
{
    const struct fbdev *f = state;

    return attend_font(&f->attend);
}

const struct display_driver fbdev_driver = {
    .name = "fbdev",
    .seizes = true,
    .open = fbdev_open,
    .close = fbdev_close,
    .lend = fbdev_lend,
    .present = fbdev_present,
    .shown = fbdev_shown,
    .wait = fbdev_wait,
    .wake = fbdev_wake,
    .font = fbdev_font,
};

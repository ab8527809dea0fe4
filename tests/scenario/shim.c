/* Loaded before den (LD_PRELOAD), plays the kernel's part of a framebuffer, a graphics card and a
 * virtual console for screens.py. Opening one of the devices opens a file of that name in $SHIM; its
 * memory is that file, so mmap stays the real one; ioctl answers from settings in the environment.
 *
 *     fb0       SHIM_FB="WIDTH HEIGHT BITS RED GREEN BLUE PITCH PAGES": offsets of the colours, bytes of
 *               a line, pages that panning can choose (1: panning fails); what is shown begins at the
 *               offset that stands in fb0.shown
 *     card0     SHIM_CARD="WIDTH HEIGHT FOURCC FLIPS": connected unless the file `unplugged` is there;
 *               buffers one behind the other; the shown one's offset, pitch, bits in card0.shown
 *     console   a tty if SHIM_CONSOLE is its number; what is asked of it is written to console.log */
#include <errno.h>
#include <fcntl.h>
#include <linux/fb.h>
#include <linux/kd.h>
#include <linux/vt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "shim.h"

static void in_place(char path[static 512], const char *name)
{
    const char *place = getenv("SHIM");

    snprintf(path, 512, "%s/%s", place == NULL ? "" : place, name);
}

bool shim_there(const char *name)
{
    char path[512];

    in_place(path, name);
    return syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

/* The device's file in $SHIM, or the path itself. */
static const char *placed(const char *path, char own[static 512])
{
    if (getenv("SHIM") == NULL)
        return path;
    if (strcmp(path, "/dev/fb0") == 0 && getenv("SHIM_FB") != NULL)
        in_place(own, "fb0");
    else if (strcmp(path, "/dev/dri/card0") == 0 && getenv("SHIM_CARD") != NULL)
        in_place(own, "card0");
    else if (strcmp(path, "/dev/tty") == 0 && getenv("SHIM_CONSOLE") != NULL)
        in_place(own, "console");
    else if (strncmp(path, "/dev/fb", 7) == 0 || strncmp(path, "/dev/dri/", 9) == 0 ||
             (strncmp(path, "/dev/tty", 8) == 0 && path[8] != 0))
        in_place(own, "nothing");
    else
        return path;
    return own;
}

static int open_placed(int at, const char *path, int flags, va_list args)
{
    char own[512];
    unsigned mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, unsigned) : 0;

    return (int)syscall(SYS_openat, at, placed(path, own), flags, mode);
}

#define OPEN(name)                                         \
    int name(const char *path, int flags, ...)             \
    {                                                      \
        va_list args;                                      \
        va_start(args, flags);                             \
        int fd = open_placed(AT_FDCWD, path, flags, args); \
        va_end(args);                                      \
        return fd;                                         \
    }

int open(const char *path, int flags, ...);
int open64(const char *path, int flags, ...);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
OPEN(open)
OPEN(open64)

int __open_2(const char *path, int flags)
{
    return open(path, flags);
}

int __open64_2(const char *path, int flags)
{
    return open(path, flags);
}

int access(const char *path, int mode)
{
    char own[512];

    return (int)syscall(SYS_faccessat, AT_FDCWD, placed(path, own), mode);
}

/* By the file itself, so that it also holds after dup and fork. */
bool shim_is(int fd, const char *name)
{
    char path[512];
    struct stat a, b;

    if (getenv("SHIM") == NULL)
        return false;
    in_place(path, name);
    return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

void shim_note(const char *name, const char *text, bool more)
{
    char path[512];
    int fd;

    in_place(path, name);
    fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | (more ? O_APPEND : 0), 0600);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        abort();
    close(fd);
}

int shim_fail(int error)
{
    errno = error;
    return -1;
}

/* ---- the console ---- */

static int console_mode(bool set, int mode)
{
    char path[512], one = (char)('0' + mode);
    int fd;

    in_place(path, "console.mode");
    fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT, 0600);
    if (set ? pwrite(fd, &one, 1, 0) != 1 : pread(fd, &one, 1, 0) != 1)
        one = '0';
    close(fd);
    return one - '0';
}

static int console(unsigned long request, void *arg)
{
    unsigned number = (unsigned)atoi(getenv("SHIM_CONSOLE"));
    const struct vt_mode *mode = arg;
    char line[128];

    switch (request) {
    case KDGETMODE:
        *(int *)arg = console_mode(false, 0);
        return 0;
    case KDSETMODE:
        if (shim_there("console.refuses"))
            return shim_fail(EPERM);
        console_mode(true, (int)(uintptr_t)arg);
        shim_note("console.log", arg == NULL ? "text\n" : "graphics\n", true);
        return 0;
    case TIOCGDEV:
        *(unsigned *)arg = 4u << 8 | number;
        return 0;
    case VT_GETSTATE:
        *(struct vt_stat *)arg = (struct vt_stat){
            .v_active = (unsigned short)(number + (shim_there("elsewhere") ? 1 : 0))};
        return 0;
    case VT_SETMODE:
        snprintf(line, sizeof line, "mode %s %d %d %d\n",
                 mode->mode == VT_AUTO ? "auto" : "process", mode->relsig, mode->acqsig,
                 (int)getpid());
        shim_note("console.log", line, true);
        return 0;
    case VT_RELDISP:
        shim_note("console.log", (uintptr_t)arg == 1 ? "released\n" : "acquired\n", true);
        return 0;
    default:
        return shim_fail(ENOTTY);
    }
}

/* ---- the framebuffer ---- */

static struct fb_var_screeninfo var;
static struct fb_fix_screeninfo fix;
static unsigned pages;

static void fb_set_up(void)
{
    unsigned red, green, blue, six;

    if (var.xres != 0)
        return;
    if (sscanf(getenv("SHIM_FB"), "%u %u %u %u %u %u %u %u", &var.xres, &var.yres,
               &var.bits_per_pixel, &red, &green, &blue, &fix.line_length, &pages) != 8)
        abort();
    six = var.bits_per_pixel == 16 ? 5 : 8;
    var.red = (struct fb_bitfield){.offset = red, .length = six};
    var.green = (struct fb_bitfield){.offset = green, .length = six + (six == 5 ? 1 : 0)};
    var.blue = (struct fb_bitfield){.offset = blue, .length = six};
    var.xres_virtual = var.xres;
    var.yres_virtual = var.yres;
    fix.smem_len = fix.line_length * var.yres * (pages < 2 ? 1 : pages);
    fix.type = FB_TYPE_PACKED_PIXELS;
    fix.visual = FB_VISUAL_TRUECOLOR;
    fix.ypanstep = pages > 1;
    memcpy(fix.id, "shim", 5);
}

static int fb_pan(unsigned line)
{
    char text[32];

    if (pages < 2 || line + var.yres > var.yres_virtual)
        return shim_fail(EINVAL);
    var.yoffset = line;
    snprintf(text, sizeof text, "%-20u", line * fix.line_length);
    shim_note("fb0.shown", text, false);
    return 0;
}

static int fb(unsigned long request, void *arg)
{
    struct fb_var_screeninfo *wish = arg;

    fb_set_up();
    switch (request) {
    case FBIOGET_VSCREENINFO:
        *wish = var;
        return 0;
    case FBIOGET_FSCREENINFO:
        *(struct fb_fix_screeninfo *)arg = fix;
        return 0;
    case FBIOPUT_VSCREENINFO:
        if (wish->yres_virtual > var.yres * pages)
            return shim_fail(EINVAL);
        var.yres_virtual = wish->yres_virtual;
        return fb_pan(wish->yoffset);
    case FBIOPAN_DISPLAY:
        return shim_there("stuck") ? shim_fail(EINVAL) : fb_pan(wish->yoffset);
    default: /* also FBIO_WAITFORVSYNC */
        return shim_fail(ENOTTY);
    }
}

ssize_t read(int fd, void *to, size_t size)
{
    if (shim_card_event(fd, to, size))
        return SHIM_EVENT;
    return syscall(SYS_read, fd, to, size);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list args;
    void *arg;

    va_start(args, request);
    arg = va_arg(args, void *);
    va_end(args);
    if (getenv("SHIM_FB") != NULL && shim_is(fd, "fb0"))
        return fb(request, arg);
    if (getenv("SHIM_CARD") != NULL && shim_is(fd, "card0"))
        return shim_card(fd, request, arg);
    if (getenv("SHIM_CONSOLE") != NULL && shim_is(fd, "console"))
        return console(request, arg);
    return (int)syscall(SYS_ioctl, fd, request, arg);
}

/* Loaded before den (LD_PRELOAD), plays the kernel's part of a camera for live_camera.py: opening
 * /dev/video0 gives one, whose frames come 30 times a second.
 *
 *     SHIM_CAMERA="FOURCC WIDTH HEIGHT"   the only format and size that it has, whatever is asked for
 *     SHIM_FRAMES=FILE                    for MJPG: a file with concatenated JPEG frames, given in turns
 *     SHIM_GONE=N                         after so many frames it is unplugged
 * Frames of other formats are a slope that changes with each. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <unistd.h>

#define BUFFERS 3

static int camera = -1;
static uint32_t fourcc, width, height;
static uint8_t *memory[BUFFERS];
static unsigned queued[BUFFERS], waiting, frame;
static uint8_t *film;
static size_t film_len, at;

static size_t room(void)
{
    return 2 * (size_t)width * height + 64;
}

static int open_camera(void)
{
    const struct itimerspec each = {{0, 33333333}, {0, 33333333}};
    char code[8];

    if (sscanf(getenv("SHIM_CAMERA"), "%4s %u %u", code, &width, &height) != 3)
        abort();
    fourcc = v4l2_fourcc(code[0], code[1], code[2], code[3]);
    if (getenv("SHIM_FRAMES") != NULL) {
        FILE *f = fopen(getenv("SHIM_FRAMES"), "rb");

        film = malloc(1 << 24);
        film_len = fread(film, 1, 1 << 24, f);
        fclose(f);
    }
    camera = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    timerfd_settime(camera, 0, &each, NULL);
    return camera;
}

int open(const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;

    va_start(more, flags);
    mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (strcmp(path, "/dev/video0") == 0)
        return open_camera();
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

void *mmap(void *to, size_t len, int access, int flags, int fd, off_t offset)
{
    if (fd < 0 || fd != camera)
        return (void *)syscall(SYS_mmap, to, len, access, flags, fd, offset);
    return memory[offset / 4096];
}

void *mmap64(void *, size_t, int, int, int, off_t) __attribute__((alias("mmap")));

int munmap(void *p, size_t len)
{
    for (size_t i = 0; i < BUFFERS; i++) {
        if (memory[i] == p)
            return 0;
    }
    return (int)syscall(SYS_munmap, p, len);
}

/* The next JPEG of the file, with rubbish behind it as some cameras have. */
static uint32_t put_jpeg(uint8_t *to)
{
    size_t end = at + 2, len;

    while (end + 3 < film_len &&
           !(film[end] == 0xff && film[end + 1] == 0xd9 && film[end + 2] == 0xff))
        end++;
    end = end + 3 < film_len ? end + 2 : film_len;
    memcpy(to, film + at, end - at);
    memset(to + (end - at), 0, 32);
    len = end - at + 32;
    at = end >= film_len ? 0 : end;
    return (uint32_t)len;
}

static uint32_t put_slope(uint8_t *to)
{
    for (size_t i = 0; i < 2 * (size_t)width * height; i++)
        to[i] = (uint8_t)(i % 2 == 0 ? i / 2 % width + frame : 128);
    return 2 * width * height;
}

static int dequeue(struct v4l2_buffer *b)
{
    uint64_t ticks;

    if (read(camera, &ticks, sizeof ticks) < 0)
        return -1;
    if (getenv("SHIM_GONE") != NULL && frame >= (unsigned)atoi(getenv("SHIM_GONE"))) {
        errno = ENODEV;
        return -1;
    }
    if (waiting == 0) {
        errno = EAGAIN;
        return -1;
    }
    b->index = queued[0];
    memmove(queued, queued + 1, --waiting * sizeof *queued);
    b->flags = 0;
    b->bytesused = film != NULL ? put_jpeg(memory[b->index]) : put_slope(memory[b->index]);
    frame++;
    return 0;
}

static void put_format(struct v4l2_format *f)
{
    f->fmt.pix.pixelformat = fourcc;
    f->fmt.pix.width = width;
    f->fmt.pix.height = height;
    f->fmt.pix.bytesperline = 2 * width;
    f->fmt.pix.sizeimage = (uint32_t)room();
}

static int answer(unsigned long what, void *argument)
{
    struct v4l2_buffer *b = argument;

    switch (what) {
    case VIDIOC_QUERYCAP:
        ((struct v4l2_capability *)argument)->capabilities =
            V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        return 0;
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
        put_format(argument);
        return 0;
    case VIDIOC_REQBUFS:
        ((struct v4l2_requestbuffers *)argument)->count = BUFFERS;
        for (size_t i = 0; i < BUFFERS; i++)
            memory[i] = malloc(room() + (1 << 20));
        return 0;
    case VIDIOC_QUERYBUF:
        b->length = (uint32_t)room() + (1 << 20);
        b->m.offset = b->index * 4096;
        return 0;
    case VIDIOC_QBUF:
        queued[waiting++] = b->index;
        return 0;
    case VIDIOC_DQBUF:
        return dequeue(b);
    default: /* STREAMON, STREAMOFF, S_PARM */
        return 0;
    }
}

int ioctl(int fd, unsigned long what, ...)
{
    va_list more;
    void *argument;

    va_start(more, what);
    argument = va_arg(more, void *);
    va_end(more);
    if (fd >= 0 && fd == camera)
        return answer(what, argument);
    return (int)syscall(SYS_ioctl, fd, what, argument);
}

#include "platform/camera.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int ask(int fd, unsigned long what, void *argument)
{
    int result;

    do
        result = ioctl(fd, what, argument);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : 0;
}

static bool no(char why[static CAMERA_WHY], const char *path, const char *text)
{
    snprintf(why, CAMERA_WHY, "%.100s: %.120s", path, text);
    return false;
}

void camera_close(struct camera *c)
{
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

    if (c->fd < 0)
        return;
    ask(c->fd, VIDIOC_STREAMOFF, &type);
    for (unsigned i = 0; i < c->count; i++)
        munmap(c->memory[i], c->length[i]);
    c->count = 0;
    close(c->fd);
    c->fd = -1;
}

static bool is_camera(int fd)
{
    struct v4l2_capability cap = {0};
    uint32_t all;

    if (ask(fd, VIDIOC_QUERYCAP, &cap) != 0)
        return false;
    all = (cap.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? cap.device_caps : cap.capabilities;
    return (all & V4L2_CAP_VIDEO_CAPTURE) != 0 && (all & V4L2_CAP_STREAMING) != 0;
}

/* True if it now gives that format; the driver may have chosen another, and another size. */
static bool set_format(struct camera *c, const struct camera_mode *wish, uint32_t fourcc)
{
    struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};

    if (ask(c->fd, VIDIOC_G_FMT, &f) != 0)
        return false;
    if (wish->width != 0) {
        f.fmt.pix.width = wish->width;
        f.fmt.pix.height = wish->height;
    }
    f.fmt.pix.pixelformat = fourcc;
    f.fmt.pix.field = V4L2_FIELD_ANY;
    f.fmt.pix.bytesperline = 0;
    if (ask(c->fd, VIDIOC_S_FMT, &f) != 0 || f.fmt.pix.pixelformat != fourcc)
        return false;
    c->mode.width = f.fmt.pix.width;
    c->mode.height = f.fmt.pix.height;
    c->mode.pitch = f.fmt.pix.bytesperline;
    c->mode.format = fourcc == V4L2_PIX_FMT_YUYV ? CAMERA_YUYV : CAMERA_MJPEG;
    return true;
}

static bool choose_format(struct camera *c, const char *path, const struct camera_mode *wish,
                          unsigned long most, char why[static CAMERA_WHY])
{
    static const uint32_t known[] = {V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_JPEG, V4L2_PIX_FMT_YUYV};
    size_t i = 0;

    while (i < sizeof known / sizeof known[0] && !set_format(c, wish, known[i]))
        i++;
    if (i == sizeof known / sizeof known[0])
        return no(why, path, "it gives neither MJPEG nor YUYV");
    if (c->mode.width == 0 || c->mode.height == 0 || c->mode.width > most / c->mode.height ||
        (c->mode.format == CAMERA_YUYV &&
         (c->mode.width % 2 != 0 || c->mode.pitch < 2 * (size_t)c->mode.width)))
        return no(why, path, "it gives frames of a size that can't be");
    return true;
}

/* What it can't do is no reason to fail. */
static void set_rate(const struct camera *c, const struct camera_mode *wish)
{
    struct v4l2_streamparm p = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};

    if (wish->fps_num == 0)
        return;
    p.parm.capture.timeperframe.numerator = wish->fps_den;
    p.parm.capture.timeperframe.denominator = wish->fps_num;
    ask(c->fd, VIDIOC_S_PARM, &p);
}

static struct v4l2_buffer buffer(unsigned index)
{
    return (struct v4l2_buffer){
        .index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
}

static int map_buffers(struct camera *c)
{
    struct v4l2_requestbuffers r = {
        .count = CAMERA_BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int failed = ask(c->fd, VIDIOC_REQBUFS, &r);

    if (failed == 0 && r.count < 2)
        failed = -ENOMEM;
    for (unsigned i = 0; failed == 0 && i < r.count && i < CAMERA_BUFFERS; i++) {
        struct v4l2_buffer b = buffer(i);
        void *memory;

        failed = ask(c->fd, VIDIOC_QUERYBUF, &b);
        if (failed != 0)
            break;
        memory = mmap(NULL, b.length, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, b.m.offset);
        if (memory == MAP_FAILED)
            return -errno;
        c->memory[i] = memory;
        c->length[i] = b.length;
        c->count++;
        failed = ask(c->fd, VIDIOC_QBUF, &b);
    }
    return failed;
}

bool camera_open(struct camera *c, const char *path, const struct camera_mode *wish,
                 unsigned long most, char why[static CAMERA_WHY])
{
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE, failed;

    *c = (struct camera){.fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
    if (c->fd < 0)
        return no(why, path, strerror(errno));
    if (!is_camera(c->fd)) {
        no(why, path, "it is no camera");
    } else if (choose_format(c, path, wish, most, why)) {
        set_rate(c, wish);
        failed = map_buffers(c);
        if (failed == 0)
            failed = ask(c->fd, VIDIOC_STREAMON, &type);
        if (failed == 0)
            return true;
        no(why, path, strerror(-failed));
    }
    camera_close(c);
    return false;
}

int camera_take(struct camera *c, const uint8_t **data, size_t *len)
{
    struct v4l2_buffer b = buffer(0);
    int failed = ask(c->fd, VIDIOC_DQBUF, &b);
    bool whole;

    if (failed != 0)
        return failed;
    if (b.index >= c->count)
        return -EIO;
    c->taken = b.index;
    *data = c->memory[b.index];
    *len = b.bytesused < c->length[b.index] ? b.bytesused : c->length[b.index];
    whole = (b.flags & V4L2_BUF_FLAG_ERROR) == 0 && *len > 0;
    if (c->mode.format == CAMERA_YUYV)
        whole = whole && *len >= c->mode.pitch * (c->mode.height - 1) + 2 * (size_t)c->mode.width;
    if (whole)
        return 0;
    failed = camera_give(c);
    return failed == 0 ? -EBADMSG : failed;
}

int camera_give(struct camera *c)
{
    struct v4l2_buffer b = buffer(c->taken);

    return ask(c->fd, VIDIOC_QBUF, &b);
}

/* In the guest: feed DEVICE FORMAT WIDTH HEIGHT FPS FILE writes the JPEG frames of FILE to DEVICE, which
 * v4l2loopback shows as a camera, over and over. FORMAT is MJPG: as they are; or YUYV: decoded, in grey. */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <turbojpeg.h>
#include <unistd.h>

struct film {
    uint8_t *data;
    size_t len, at;
};

static int fail(const char *what)
{
    fprintf(stderr, "feed: %s: %s\n", what, strerror(errno));
    return 1;
}

static int read_film(struct film *f, const char *path)
{
    FILE *in = fopen(path, "rb");
    bool whole = in != NULL && fseek(in, 0, SEEK_END) == 0;

    if (whole) {
        f->len = (size_t)ftell(in);
        f->data = malloc(f->len);
        rewind(in);
        whole = f->data != NULL && fread(f->data, 1, f->len, in) == f->len;
    }
    if (in != NULL)
        fclose(in);
    return whole ? 0 : -1;
}

/* The test card's frames have no bytes between them, and no pictures inside. */
static size_t next_frame(struct film *f, const uint8_t **frame)
{
    size_t begin = f->at == f->len ? 0 : f->at, end = begin + 2;

    while (end + 2 < f->len && memcmp(f->data + end, "\xff\xd9\xff\xd8", 4) != 0)
        end++;
    f->at = end + 2;
    *frame = f->data + begin;
    return f->at - begin;
}

static int set_format(int fd, uint32_t fourcc, uint32_t width, uint32_t height)
{
    struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};

    f.fmt.pix.width = width;
    f.fmt.pix.height = height;
    f.fmt.pix.pixelformat = fourcc;
    f.fmt.pix.field = V4L2_FIELD_NONE;
    f.fmt.pix.bytesperline = fourcc == V4L2_PIX_FMT_YUYV ? 2 * width : 0;
    f.fmt.pix.sizeimage = 2 * width * height;
    return ioctl(fd, VIDIOC_S_FMT, &f);
}

static int put_grey(int fd, tjhandle jpeg, const uint8_t *frame, size_t len, int width, int height)
{
    size_t count = (size_t)width * (size_t)height;
    uint8_t *grey = malloc(count), *pairs = malloc(2 * count);
    int result = -1;

    if (grey != NULL && pairs != NULL &&
        tjDecompress2(jpeg, frame, (unsigned long)len, grey, width, 0, height, TJPF_GRAY, 0) == 0) {
        for (size_t i = 0; i < count; i++) {
            pairs[2 * i] = grey[i];
            pairs[2 * i + 1] = 128;
        }
        result = write(fd, pairs, 2 * count) == (ssize_t)(2 * count) ? 0 : -1;
    }
    free(grey);
    free(pairs);
    return result;
}

int main(int argc, char **argv)
{
    tjhandle jpeg = tjInitDecompress();
    struct film film = {0};
    struct timespec pause = {0};
    int width, height, fd, grey;
    uint32_t fourcc;

    if (argc != 7 || jpeg == NULL || read_film(&film, argv[6]) != 0)
        return fail("usage or film");
    fourcc = v4l2_fourcc(argv[2][0], argv[2][1], argv[2][2], argv[2][3]);
    grey = fourcc == V4L2_PIX_FMT_YUYV;
    width = atoi(argv[3]);
    height = atoi(argv[4]);
    pause.tv_nsec = 999999999L / atoi(argv[5]);
    fd = open(argv[1], O_RDWR);
    if (fd < 0 || set_format(fd, fourcc, (uint32_t)width, (uint32_t)height) != 0)
        return fail(argv[1]);
    printf("feed: begins\n");
    fflush(stdout);
    for (;;) {
        const uint8_t *frame;
        size_t len = next_frame(&film, &frame);
        int failed = grey ? put_grey(fd, jpeg, frame, len, width, height)
                          : write(fd, frame, len) != (ssize_t)len;

        if (failed != 0)
            return fail("a frame");
        nanosleep(&pause, NULL);
    }
}

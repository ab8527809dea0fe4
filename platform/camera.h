/* A camera by the kernel's own interface (Video4Linux): frames in memory that is shared with the driver.
 *
 *     with the driver            taken             given back
 *     camera_open, camera_give   camera_take       camera_give */
#ifndef DEN_PLATFORM_CAMERA_H
#define DEN_PLATFORM_CAMERA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAMERA_BUFFERS 4
#define CAMERA_WHY 256

enum camera_format {
    CAMERA_MJPEG, /* each frame is a JPEG, perhaps with bytes behind it */
    CAMERA_YUYV   /* Y U Y V for each two pixels of a row; rows of `pitch` bytes */
};

/* What is wished for, and what it came to be. */
struct camera_mode {
    unsigned width, height;    /* 0: as the camera likes */
    uint32_t fps_num, fps_den; /* fps_num 0: as the camera likes; not all do what is wished */
    enum camera_format format; /* out */
    size_t pitch;              /* out */
};

struct camera {
    int fd; /* readable when a frame can be taken; -1: closed */
    struct camera_mode mode;
    void *memory[CAMERA_BUFFERS];
    size_t length[CAMERA_BUFFERS];
    unsigned count;
    unsigned taken; /* the buffer */
};

/* Opens and starts it: MJPEG if it has that, else YUYV. most: no frame may have more pixels. False with a
 * sentence in why, and nothing is open then. */
bool camera_open(struct camera *c, const char *path, const struct camera_mode *wish,
                 unsigned long most, char why[static CAMERA_WHY]);
/* Idempotent. */
void camera_close(struct camera *c);
/* The oldest frame that is there: its bytes, valid until camera_give. 0, or -EAGAIN: none; -EBADMSG: one
 * that the driver says is damaged; else the camera is gone. */
int camera_take(struct camera *c, const uint8_t **data, size_t *len);
/* After camera_take gave a frame. Negative errno on failure. */
int camera_give(struct camera *c);

#endif

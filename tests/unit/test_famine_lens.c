/* A camera as the source of a cast: JPEG as it is, other pictures made JPEG on the worker, a camera that is damaged or
 * gone, closed at any time; and all that when memory runs out. platform/camera.h is played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "client/lens.h"
#include "net/pool.h"
#include "platform/now.h"
#include "player/encode.h"
#include "tests/kit/famine.h"
#include "tests/kit/jpegs.h"

#define SECOND INT64_C(1000000000)
#define WIDTH 32
#define HEIGHT 16
#define PITCH (2 * WIDTH + 6)

/* The camera: a pipe, of which each byte is a frame. */
static struct played {
    enum camera_format format;
    int gives, takes; /* what give and take say; 0: it works */
    int fd;           /* the other end */
    unsigned lent;    /* frames that were taken and not given back */
    unsigned opened, closed;
    size_t len;
    uint8_t data[4096];
} played;

bool camera_open(struct camera *c, const char *path, const struct camera_mode *wish,
                 unsigned long most, char why[static CAMERA_WHY])
{
    int ends[2];

    (void)most;
    *c = (struct camera){.fd = -1};
    if (strcmp(path, "none") == 0 || pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) {
        snprintf(why, CAMERA_WHY, "%s: none", path);
        return false;
    }
    *c = (struct camera){.fd = ends[0], .mode = *wish};
    c->mode.width = WIDTH;
    c->mode.height = HEIGHT;
    c->mode.pitch = PITCH;
    c->mode.format = played.format;
    played.fd = ends[1];
    played.opened++;
    return true;
}

void camera_close(struct camera *c)
{
    if (c->fd < 0)
        return;
    close(c->fd);
    close(played.fd);
    c->fd = -1;
    played.closed++;
}

int camera_take(struct camera *c, const uint8_t **data, size_t *len)
{
    uint8_t byte;

    assert_int_equal(played.lent, 0);
    if (read(c->fd, &byte, 1) != 1)
        return -EAGAIN;
    if (played.takes != 0)
        return played.takes;
    played.lent++;
    *data = played.data;
    *len = played.len;
    return 0;
}

int camera_give(struct camera *c)
{
    (void)c;
    assert_int_equal(played.lent, 1);
    played.lent--;
    return played.gives;
}

static struct loop *loop;
static struct pool pool;
static struct lens lens;

static struct heard {
    size_t frames, broken, ended;
    size_t len;
    uint8_t data[4096];
    int64_t pts_ns;
    char why[64];
} heard;

static void on_frame(void *owner, struct span frame, int64_t pts_ns)
{
    assert_ptr_equal(owner, &heard);
    assert_int_equal(heard.ended, 0);
    assert_in_range(frame.len, 1, sizeof heard.data);
    assert_true(pts_ns >= heard.pts_ns);
    memcpy(heard.data, frame.data, frame.len);
    heard.len = frame.len;
    heard.pts_ns = pts_ns;
    heard.frames++;
}

static void on_broken(void *owner)
{
    assert_ptr_equal(owner, &heard);
    heard.broken++;
}

static void on_ended(void *owner, const char *why)
{
    assert_ptr_equal(owner, &heard);
    assert_int_equal(lens.camera.fd, -1);
    snprintf(heard.why, sizeof heard.why, "%s", why);
    heard.ended++;
}

static const struct source_events events = {on_frame, on_broken, on_ended, &heard};

static bool open_it(const char *path)
{
    const struct camera_mode wish = {.fps_num = 30, .fps_den = 1};
    char why[CAMERA_WHY] = "";
    bool good = lens_open(&lens, loop, pool.worker, path, &wish, &events, why);

    assert_true(good || *why != 0);
    assert_int_equal(good, lens.camera.fd >= 0);
    return good;
}

static void make_room(void)
{
    loop = loop_open(64);
    assert_non_null(loop);
    assert_true(pool_open(&pool, loop, 1, 4));
    heard = (struct heard){0};
    played = (struct played){.len = 0};
    lens = (struct lens){.camera = {.fd = -1}, .watch = {.fd = -1}};
}

static int make(void **state)
{
    (void)state;
    make_room();
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    lens_close(&lens);
    lens_close(&lens);
    pool_close(&pool);
    loop_close(loop);
    assert_int_equal(played.opened, played.closed);
    return 0;
}

static void play_jpeg(void)
{
    uint8_t *jpeg = jpegs_make(WIDTH, HEIGHT, 0x204060, &played.len);

    played.format = CAMERA_MJPEG;
    memcpy(played.data, jpeg, played.len);
    free(jpeg);
}

/* Grey, and what lies between the rows is not. */
static void play_yuyv(uint8_t grey)
{
    played.format = CAMERA_YUYV;
    played.len = PITCH * HEIGHT;
    memset(played.data, 0xff, sizeof played.data);
    for (size_t y = 0; y < HEIGHT; y++) {
        for (size_t x = 0; x < WIDTH; x++) {
            played.data[y * PITCH + 2 * x] = grey;
            played.data[y * PITCH + 2 * x + 1] = 128;
        }
    }
}

static void shutter(void)
{
    assert_int_equal(write(played.fd, "x", 1), 1);
    loop_turn(loop, now_ns() + SECOND);
}

static void work(void)
{
    while (worker_pending(pool.worker) > 0)
        loop_turn(loop, now_ns() + SECOND);
}

static void jpeg_goes_as_it_is(void **state)
{
    size_t len;

    (void)state;
    play_jpeg();
    len = played.len;
    assert_true(open_it("camera"));
    shutter();
    assert_true(heard.frames == 1 && heard.len == len && heard.pts_ns == 0);
    assert_memory_equal(heard.data, played.data, len);
    /* Some fill up behind it, or have something before it. */
    memset(played.data + len, 0, 100);
    played.len = len + 100;
    shutter();
    assert_true(heard.frames == 2 && heard.len == len);
    memmove(played.data + 7, played.data, len);
    memset(played.data, 0, 7);
    shutter();
    assert_true(heard.frames == 3 && heard.len == len);
    /* Half a one, and none. */
    played.len = len / 2;
    shutter();
    memset(played.data, 0, sizeof played.data);
    shutter();
    assert_true(heard.frames == 3 && heard.broken == 2 && heard.ended == 0);
    assert_true(worker_pending(pool.worker) == 0 && played.lent == 0);
}

static void other_pictures_are_made_jpeg(void **state)
{
    uint8_t *jpeg;
    size_t len;

    (void)state;
    play_yuyv(126);
    assert_true(open_it("camera"));
    shutter();
    shutter(); /* left out, if the first is still under way */
    work();
    assert_in_range(heard.frames, 1, 2);
    assert_int_equal(encode_yuyv(played.data, PITCH, WIDTH, HEIGHT, &jpeg, &len), ERR_OK);
    assert_int_equal(heard.len, len);
    assert_memory_equal(heard.data, jpeg, len);
    free(jpeg);
    heard.frames = 0;
    shutter();
    work();
    assert_true(heard.frames == 1 && heard.broken == 0);
}

/* Of a job that was under way then nothing comes. */
static void closed_at_any_time(void **state)
{
    (void)state;
    play_yuyv(50);
    for (int i = 0; i < 20; i++) {
        assert_true(open_it("camera"));
        shutter();
        lens_close(&lens);
        if (i % 2 == 0)
            work();
        assert_null(lens.job);
    }
    work();
    assert_true(heard.frames == 0 && heard.ended == 0);
}

static void a_camera_that_fails(void **state)
{
    (void)state;
    play_jpeg();
    assert_false(open_it("none"));
    assert_true(open_it("camera"));
    played.takes = -EBADMSG; /* a frame that the driver says is damaged */
    shutter();
    assert_true(heard.broken == 1 && heard.ended == 0);
    played.takes = -EAGAIN;
    shutter();
    assert_true(heard.broken == 1 && heard.ended == 0);
    played.takes = -ENODEV;
    shutter();
    assert_true(heard.ended == 1 && strcmp(heard.why, strerror(ENODEV)) == 0);
    /* It takes the last one, but can't go on; with a picture under way. */
    heard.ended = 0;
    play_yuyv(99);
    played.takes = 0;
    assert_true(open_it("camera"));
    played.gives = -EIO;
    shutter();
    assert_true(heard.ended == 1 && strcmp(heard.why, strerror(EIO)) == 0);
    work();
    assert_int_equal(heard.frames, 0);
}

/* A frame that there is no memory for is left out; the next one comes. */
static void hungry(void)
{
    bool struck;

    make_room();
    play_yuyv(77);
    famine_begin();
    if (!open_it("camera")) {
        assert_true(famine_end());
        assert_true(open_it("camera"));
    }
    shutter();
    work();
    struck = famine_end();
    assert_true(heard.ended == 0 && (struck || heard.frames == 1));
    heard.frames = 0;
    shutter();
    work();
    assert_int_equal(heard.frames, 1);
    unmake(NULL);
}

static void memory_runs_out(void **state)
{
    (void)state;
    famine_walk(hungry);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(jpeg_goes_as_it_is),  CASE(other_pictures_are_made_jpeg), CASE(closed_at_any_time),
        CASE(a_camera_that_fails), cmocka_unit_test(memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Where the frames of a cast come from: pipes as they come, files at their own pace, and what is no frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/source.h"
#include "platform/now.h"
#include "tests/kit/jpegs.h"
#include "tests/kit/scratch.h"

#define SECOND INT64_C(1000000000)
#define FILM 10 /* frames */

static struct scratch dir;
static struct loop *loop;
static struct source source;
static uint8_t *jpeg;
static size_t jpeg_len;

static struct heard {
    size_t frames, broken, ended;
    bool failed;
    bool close_at_frame; /* who gets a frame closes the source in the callback */
} heard;

static void on_frame(void *owner, struct span frame, int64_t pts_ns)
{
    assert_ptr_equal(owner, &heard);
    assert_int_equal(frame.len, jpeg_len);
    assert_memory_equal(frame.data, jpeg, jpeg_len);
    assert_true(pts_ns >= 0);
    assert_int_equal(heard.ended, 0);
    heard.frames++;
    if (heard.close_at_frame)
        source_close(&source);
}

static void on_broken(void *owner)
{
    assert_ptr_equal(owner, &heard);
    heard.broken++;
}

static void on_ended(void *owner, const char *why)
{
    assert_ptr_equal(owner, &heard);
    heard.ended++;
    heard.failed = why != NULL;
}

static const struct source_events events = {on_frame, on_broken, on_ended, &heard};

static int make(void **state)
{
    (void)state;
    heard = (struct heard){0};
    scratch_make(&dir);
    loop = loop_open(64);
    assert_non_null(loop);
    jpeg = jpegs_make(32, 16, 0x123456, &jpeg_len);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    source_close(&source);
    source_close(&source);
    loop_close(loop);
    free(jpeg);
    scratch_remove(&dir);
    return 0;
}

static bool open_it(const char *name, struct fraction fps)
{
    char path[512], why[256];

    scratch_path(&dir, name, path);
    return source_open(&source, loop, path, fps, &events, why);
}

static void put_film(void)
{
    struct buf film;

    buf_init(&film, 1 << 20);
    for (int i = 0; i < FILM; i++)
        buf_add(&film, jpeg, jpeg_len);
    scratch_put(&dir, "film.mjpeg", film.data, film.len);
    buf_free(&film);
}

static int open_pipe(void)
{
    char path[512];
    int fd;

    scratch_path(&dir, "pipe", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_true(open_it("pipe", (struct fraction){0, 0}));
    fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void feed(int fd, const void *p, size_t len)
{
    assert_int_equal(write(fd, p, len), len);
    loop_turn(loop, now_ns() + SECOND);
}

static void a_pipe_gives_what_comes(void **state)
{
    int fd = open_pipe();

    (void)state;
    assert_int_equal(source_due(&source), INT64_MAX);
    for (size_t i = 0; i < jpeg_len; i++) {
        assert_int_equal(heard.frames, 0);
        feed(fd, jpeg + i, 1);
    }
    assert_int_equal(heard.frames, 1);
    feed(fd, "between", 7);
    feed(fd, jpeg, jpeg_len);
    assert_int_equal(heard.frames, 2);
    assert_int_equal(heard.broken, 0);
    /* It ends in the middle of one. */
    feed(fd, jpeg, jpeg_len / 2);
    close(fd);
    loop_turn(loop, now_ns() + SECOND);
    assert_true(heard.frames == 2 && heard.broken == 1 && heard.ended == 1 && !heard.failed);
    assert_int_equal(source.fd, -1);
}

static void many_at_once(void **state)
{
    int fd = open_pipe();
    struct buf b;

    (void)state;
    buf_init(&b, 65536);
    for (int i = 0; i < 5; i++)
        buf_add(&b, jpeg, jpeg_len);
    feed(fd, b.data, b.len);
    assert_int_equal(heard.frames, 5);
    heard.close_at_frame = true; /* what is behind it is not told any more */
    feed(fd, b.data, b.len);
    assert_int_equal(heard.frames, 6);
    assert_int_equal(heard.ended, 0);
    buf_free(&b);
    close(fd);
}

static void a_file_keeps_its_pace(void **state)
{
    int64_t begun;

    (void)state;
    put_film();
    assert_true(open_it("film.mjpeg", (struct fraction){3, 1}));
    begun = source.started;
    assert_int_equal(source_due(&source), begun);
    source_tick(&source, begun - 1);
    assert_int_equal(heard.frames, 0);
    source.started = begun -= 2 * SECOND; /* its frames' times are those of the clock */
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(source_due(&source), begun + (int64_t)i * SECOND / 3);
        source_tick(&source, source_due(&source));
        assert_int_equal(heard.frames, i + 1);
    }
    /* Held up for long: no burst, the pace begins anew. */
    source.started -= 100 * SECOND;
    begun = now_ns();
    source_tick(&source, begun);
    assert_int_equal(heard.frames, 5);
    assert_int_equal(source_due(&source), begun);
    while (heard.ended == 0)
        source_tick(&source, source_due(&source));
    assert_true(heard.frames == FILM && heard.broken == 0 && !heard.failed);
    assert_int_equal(source_due(&source), INT64_MAX);
}

static void the_rate_beside_it(void **state)
{
    static const char conf[] = "fps = 30000/1001\n", wrong[] = "fps = fast\n";

    (void)state;
    put_film();
    assert_true(open_it("film.mjpeg", (struct fraction){0, 0}));
    assert_true(source.fps.num == 25 && source.fps.den == 1);
    source_close(&source);
    scratch_put(&dir, "clip.conf", wrong, sizeof wrong - 1);
    assert_true(open_it("film.mjpeg", (struct fraction){0, 0}));
    assert_true(source.fps.num == 25 && source.fps.den == 1);
    source_close(&source);
    scratch_put(&dir, "clip.conf", conf, sizeof conf - 1);
    assert_true(open_it("film.mjpeg", (struct fraction){0, 0}));
    assert_true(source.fps.num == 30000 && source.fps.den == 1001);
    source_close(&source);
    assert_true(open_it("film.mjpeg", (struct fraction){5, 1}));
    assert_int_equal(source.fps.num, 5);
}

static void what_can_not_be_opened(void **state)
{
    (void)state;
    assert_false(open_it("none", (struct fraction){0, 0}));
    assert_false(open_it(".", (struct fraction){0, 0}));
    assert_int_equal(source.fd, -1);
    assert_null(source.held);
    /* An empty file is over at once. */
    scratch_put(&dir, "empty", "", 0);
    assert_true(open_it("empty", (struct fraction){0, 0}));
    source_tick(&source, source_due(&source));
    assert_true(heard.ended == 1 && !heard.failed && heard.frames == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_pipe_gives_what_comes, make, unmake),
        cmocka_unit_test_setup_teardown(many_at_once, make, unmake),
        cmocka_unit_test_setup_teardown(a_file_keeps_its_pace, make, unmake),
        cmocka_unit_test_setup_teardown(the_rate_beside_it, make, unmake),
        cmocka_unit_test_setup_teardown(what_can_not_be_opened, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

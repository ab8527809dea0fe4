/* Indexes: made from files, kept in files, and nothing believed of the latter. */
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

#include "base/bytes.h"
#include "base/limits.h"
#include "tests/kit/film.h"
#include "video/folder.h"
#include "video/index.h"

struct place {
    char path[FILM_PATH];
    int dir;
};

static int set_up(void **state)
{
    struct place *p = malloc(sizeof *p);

    film_folder(p->path);
    *state = p;
    return folder_open(p->path, &p->dir) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct place *p = *state;

    close(p->dir);
    film_remove(p->path);
    free(p);
    return 0;
}

static enum err build(const struct place *p, const void *bytes, size_t len, struct index *x)
{
    int fd;
    enum err e;

    film_file(p->path, "film", bytes, len);
    assert_int_equal(folder_file(p->dir, "film", &fd), ERR_OK);
    e = index_build(fd, NULL, x);
    close(fd);
    return e;
}

static void same(const struct index *a, const struct index *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->broken, b->broken);
    assert_int_equal(a->source_size, b->source_size);
    assert_int_equal(a->source_mtime, b->source_mtime);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->entries[i].offset, b->entries[i].offset);
        assert_int_equal(a->entries[i].length, b->entries[i].length);
    }
}

static void it_holds_every_frame(void **state)
{
    struct buf film;
    struct index x;
    int64_t at = 0;

    buf_init(&film, 1 << 20);
    film_frames(&film, 426, 240, 3000); /* over one piece of what is read at a time */
    assert_int_equal(build(*state, film.data, film.len, &x), ERR_OK);
    assert_true(film.len > 256 * 1024);
    assert_int_equal(x.count, 3000);
    assert_int_equal(x.width, 426);
    assert_int_equal(x.height, 240);
    assert_int_equal(x.broken, 0);
    assert_int_equal(x.source_size, film.len);
    for (size_t i = 0; i < x.count; i++) {
        assert_int_equal(x.entries[i].offset, at);
        at += x.entries[i].length;
    }
    assert_int_equal(at, film.len);
    index_free(&x);
    index_free(&x);
    buf_free(&film);
}

static void what_is_broken_is_counted(void **state)
{
    struct buf film;
    struct index x;

    buf_init(&film, 65536);
    film_frame(&film, 64, 48, 0);
    film_frame(&film, 64, 48, FILM_NO_SCAN);
    film_frame(&film, 32, 48, 0); /* of another size */
    buf_add(&film, "stray", 5);
    film_frame(&film, 64, 48, 0);
    film_frame(&film, 64, 48, FILM_NO_END); /* cut off */
    assert_int_equal(build(*state, film.data, film.len, &x), ERR_OK);
    assert_int_equal(x.count, 4);
    assert_int_equal(x.broken, 4);
    assert_true(x.entries[0].length > 0 && x.entries[3].length > 0);
    assert_int_equal(x.entries[1].length, 0);
    assert_int_equal(x.entries[2].length, 0);
    index_free(&x);
    buf_free(&film);
}

static void an_empty_file_has_no_frames(void **state)
{
    struct index x;

    assert_int_equal(build(*state, "", 0, &x), ERR_OK);
    assert_int_equal(x.count, 0);
    assert_int_equal(x.width, 0);
    index_free(&x);
}

static void building_can_be_stopped(void **state)
{
    const struct place *p = *state;
    atomic_bool stop = true;
    struct index x;
    int fd;

    film_file(p->path, "film", "x", 1);
    assert_int_equal(folder_file(p->dir, "film", &fd), ERR_OK);
    assert_int_equal(index_build(fd, &stop, &x), ERR_STATE);
    close(fd);
}

/* A small index with a broken frame in it, as bytes. */
static void small(struct place *p, struct buf *bytes, struct index *x)
{
    struct buf film;

    buf_init(&film, 65536);
    film_frame(&film, 64, 48, 0);
    film_frame(&film, 64, 48, FILM_NO_SCAN);
    film_frame(&film, 64, 48, 0);
    assert_int_equal(build(p, film.data, film.len, x), ERR_OK);
    buf_free(&film);
    buf_init(bytes, 65536);
    index_encode(x, bytes);
    assert_false(bytes->failed);
}

static void decoding_gives_back_what_was_encoded(void **state)
{
    struct buf bytes;
    struct index x, y;

    small(*state, &bytes, &x);
    assert_int_equal(bytes.len, 56 + 3 * 12 + 4);
    assert_int_equal(index_decode(bytes.data, bytes.len, &y), ERR_OK);
    same(&x, &y);
    index_free(&x);
    index_free(&y);
    buf_free(&bytes);
}

static void every_truncation_and_bit_flip_is_refused(void **state)
{
    struct buf bytes;
    struct index x, y = {0};

    small(*state, &bytes, &x);
    for (size_t len = 0; len < bytes.len; len++) {
        uint8_t *exact = malloc(len + 1); /* so that the sanitizer sees a read past len + 1 */

        memcpy(exact, bytes.data, len);
        assert_int_not_equal(index_decode(exact, len, &y), ERR_OK);
        free(exact);
    }
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(index_decode(bytes.data, bytes.len, &y), ERR_OK);
        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_null(y.entries);
    index_free(&x);
    buf_free(&bytes);
}

static enum err sealed_again(struct buf *bytes)
{
    struct index y = {0};
    enum err e;

    bytes_put32le(bytes->data + bytes->len - 4, bytes_crc32c(0, bytes->data, bytes->len - 4));
    e = index_decode(bytes->data, bytes->len, &y);
    index_free(&y);
    return e;
}

/* Lies with a right check value: what a hostile library could hold. */
static void lies_are_refused(void **state)
{
    static const struct {
        size_t at;
        uint64_t value;
    } lies[] = {
        {12, 100000},              /* width */
        {16, 100000},              /* height */
        {24, 10},                  /* source smaller than its frames */
        {24, UINT64_MAX},          /* negative */
        {48, 2},                   /* count does not fit the length */
        {48, (uint64_t)1 << 60},   /* count that would overflow */
        {56, (uint64_t)1 << 62},   /* first frame beyond the end */
        {56, UINT64_MAX},          /* before the beginning */
        {56 + 8, LIMIT_FRAME + 1}, /* a frame too long (and an offset spoilt) */
        {56 + 24, 0},              /* two frames in the same place */
    };
    struct buf bytes;
    struct index x;

    small(*state, &bytes, &x);
    assert_int_equal(sealed_again(&bytes), ERR_OK);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        uint8_t before[8];

        memcpy(before, bytes.data + lies[i].at, 8);
        if (lies[i].at < 24)
            bytes_put32le(bytes.data + lies[i].at, (uint32_t)lies[i].value);
        else
            bytes_put64le(bytes.data + lies[i].at, lies[i].value);
        assert_int_not_equal(sealed_again(&bytes), ERR_OK);
        memcpy(bytes.data + lies[i].at, before, 8);
    }
    index_free(&x);
    buf_free(&bytes);
}

static void saved_and_read_again(void **state)
{
    struct place *p = *state;
    struct buf bytes;
    struct index x, y;

    small(p, &bytes, &x);
    assert_int_equal(index_read(p->dir, "film.idx", &y), ERR_UNKNOWN);
    assert_int_equal(index_save(p->dir, "film.idx", &x), ERR_OK);
    assert_int_equal(index_save(p->dir, "film.idx", &x), ERR_OK);
    assert_int_equal(index_read(p->dir, "film.idx", &y), ERR_OK);
    same(&x, &y);
    index_free(&x);
    index_free(&y);
    buf_free(&bytes);
}

static void a_newer_version_is_left_alone(void **state)
{
    struct place *p = *state;
    struct buf bytes, after;
    struct index x, y;

    small(p, &bytes, &x);
    bytes_put32le(bytes.data + 8, 2);
    film_file(p->path, "film.idx", bytes.data, bytes.len);
    assert_int_equal(index_read(p->dir, "film.idx", &y), ERR_VERSION);
    assert_int_equal(index_save(p->dir, "film.idx", &x), ERR_VERSION);
    buf_init(&after, 65536);
    assert_int_equal(folder_read(p->dir, "film.idx", &after), ERR_OK);
    assert_int_equal(after.len, bytes.len);
    assert_memory_equal(after.data, bytes.data, bytes.len);
    index_free(&x);
    buf_free(&bytes);
    buf_free(&after);
}

static void size_or_time_make_it_stale(void **state)
{
    struct place *p = *state;
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1000000000, .tv_nsec = 1}};
    struct buf bytes;
    struct index x;
    int fd;

    small(p, &bytes, &x);
    fd = openat(p->dir, "film", O_RDWR | O_CLOEXEC);
    assert_true(index_fresh(&x, fd));
    assert_int_equal(futimens(fd, times), 0);
    assert_false(index_fresh(&x, fd));
    x.source_mtime = 1000000000000000001;
    assert_true(index_fresh(&x, fd));
    assert_int_equal(ftruncate(fd, 10), 0);
    assert_int_equal(futimens(fd, times), 0);
    assert_false(index_fresh(&x, fd));
    close(fd);
    index_free(&x);
    buf_free(&bytes);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_holds_every_frame),
        CASE(what_is_broken_is_counted),
        CASE(an_empty_file_has_no_frames),
        CASE(building_can_be_stopped),
        CASE(decoding_gives_back_what_was_encoded),
        CASE(every_truncation_and_bit_flip_is_refused),
        CASE(lies_are_refused),
        CASE(saved_and_read_again),
        CASE(a_newer_version_is_left_alone),
        CASE(size_or_time_make_it_stale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/kit/viewer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/kit/dice.h"
#include "tests/kit/film.h"

static const unsigned heights[] = {240, 720, 1440, 2160};

void viewer_frame(struct buf *out, unsigned height, size_t i)
{
    struct dice dice = dice_make(height * 100000 + i);
    size_t len = 50 + dice_below(&dice, dice_below(&dice, 4) == 0 ? 9000 : 300);
    struct buf plain;

    buf_init(&plain, 1000);
    film_frame(&plain, 64, height / 10, FILM_RESTART);
    buf_add(out, plain.data, 2);
    buf_add(out, "\xff\xfe", 2); /* a comment of that length */
    buf_add16(out, (uint16_t)(len + 2));
    for (size_t k = 0; k < len; k++)
        buf_add8(out, (uint8_t)dice_u64(&dice));
    buf_add(out, plain.data + 2, plain.len - 2);
    buf_free(&plain);
}

static bool listed(const size_t *list, size_t i)
{
    for (; list != NULL && *list != SIZE_MAX; list++) {
        if (*list == i)
            return true;
    }
    return false;
}

static void make_directory(struct stage *s, const char *name)
{
    char path[512];

    scratch_path(&s->desk.scratch, name, path);
    mkdir(path, 0755);
}

void viewer_put_clip(struct stage *s, const char *name, size_t count, const size_t *frames,
                     const size_t *broken)
{
    char file[200];
    struct buf film;

    snprintf(file, sizeof file, "clips/%s", name);
    make_directory(s, "clips");
    make_directory(s, file);
    snprintf(file, sizeof file, "clips/%s/clip.conf", name);
    scratch_put(&s->desk.scratch, file, "fps = 25\n", 9);
    for (size_t r = 0; r < count; r++) {
        buf_init(&film, 1 << 26);
        for (size_t i = 0; i < frames[r]; i++) {
            if (listed(broken, i))
                film_frame(&film, 64, heights[r] / 10, FILM_NO_SCAN);
            else
                viewer_frame(&film, heights[r], i);
        }
        snprintf(file, sizeof file, "clips/%s/%up.mjpeg", name, heights[r]);
        assert_false(film.failed);
        scratch_put(&s->desk.scratch, file, buf_text(&film), film.len);
        buf_free(&film);
    }
}

void viewer_play(struct actor *a, uint32_t stream, const char *clip, const char *schedule,
                 uint32_t start, uint32_t credit)
{
    struct wire_play m = {.stream = stream,
                          .clip = {(const uint8_t *)clip, strlen(clip)},
                          .schedule = {(const uint8_t *)schedule, strlen(schedule)},
                          .start = start,
                          .credit = credit};
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_play(&out, &m);
    actor_send(a, &out);
    buf_free(&out);
}

void viewer_credit(struct actor *a, uint32_t stream, uint32_t bytes, uint32_t wanted)
{
    struct wire_credit m = {stream, bytes, wanted};
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_credit(&out, &m);
    actor_send(a, &out);
    buf_free(&out);
}

void viewer_seek(struct actor *a, uint32_t stream, uint32_t as, uint32_t frame)
{
    struct wire_seek m = {stream, as, frame};
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_seek(&out, &m);
    actor_send(a, &out);
    buf_free(&out);
}

void viewer_rendition(struct actor *a, uint32_t stream, uint16_t height)
{
    struct wire_rendition m = {stream, height};
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_rendition(&out, &m);
    actor_send(a, &out);
    buf_free(&out);
}

void viewer_stop(struct actor *a, uint32_t stream)
{
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_stop(&out, stream);
    actor_send(a, &out);
    buf_free(&out);
}

size_t viewer_fill(struct actor *a, size_t room)
{
    size_t before = a->out.len, n, tail;
    uint8_t *record = malloc(room > 0 ? room : 1), *queued;

    assert_non_null(record);
    n = session_fill(&a->session, record, room);
    if (n == 0 && worker_pending(a->stage->desk.worker) > 0) {
        desk_finish(&a->stage->desk);
        before = a->out.len;
        n = session_fill(&a->session, record, room);
    }
    assert_true(n <= room);
    tail = a->out.len - before;
    queued = malloc(tail + 1);
    assert_non_null(queued);
    if (tail > 0)
        memcpy(queued, a->out.data + before, tail);
    a->out.len = before;
    buf_add(&a->out, record, n);
    buf_add(&a->out, queued, tail);
    free(queued);
    free(record);
    return n;
}

#include "tests/kit/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <poll.h>

#include "crypto/digest.h"
#include "tests/kit/jpegs.h"

int show_setup(void **state)
{
    static struct show f;
    static const unsigned sizes[KINDS][2] = {{42, 24}, {128, 72}, {256, 144}};

    for (unsigned i = 0; i < KINDS; i++)
        f.jpeg[i] = jpegs_make(sizes[i][0], sizes[i][1], 0x204080u * (i + 1), &f.length[i]);
    *state = &f;
    return 0;
}

int show_teardown(void **state)
{
    struct show *f = *state;

    for (unsigned i = 0; i < KINDS; i++)
        free(f->jpeg[i]);
    return 0;
}

struct player *show_start(uint32_t fps, uint32_t frames)
{
    const struct player_options options = {.display = "headless",
                                           .title = "test",
                                           .fps_num = fps,
                                           .fps_den = 1,
                                           .frames = frames,
                                           .threads = 2,
                                           .digest = true};
    struct player *p;

    assert_int_equal(player_open(&options, &p), ERR_OK);
    assert_non_null(p);
    return p;
}

enum err show_give(struct show *f, struct player *p, uint32_t number)
{
    struct player_frame frame = {.number = number, .height = number % KINDS + 1};

    frame.source_number = number / KINDS;
    frame.length = f->length[number % KINDS];
    frame.jpeg = jpegs_copy(f->jpeg[number % KINDS], frame.length);
    return player_give(p, &frame);
}

void show_next(struct player *p, struct player_event *out)
{
    struct pollfd wait = {.fd = player_fd(p), .events = POLLIN};

    while (!player_next(p, out))
        assert_int_equal(poll(&wait, 1, 20000), 1);
}

void show_next_of(struct player *p, enum player_event_kind kind, struct player_event *out)
{
    do {
        show_next(p, out);
        assert_int_not_equal(out->kind, PLAYER_EVENT_FAILED);
    } while (out->kind != kind);
}

void show_check(struct show *f, const struct player_event *e, uint32_t number)
{
    uint8_t digest[32];

    assert_int_equal(e->kind, PLAYER_EVENT_FRAME);
    assert_int_equal(e->number, number);
    if (e->outcome == PLAYER_SKIPPED)
        return;
    assert_int_equal(e->height, number % KINDS + 1);
    assert_int_equal(e->source_number, number / KINDS);
    assert_int_equal(e->bytes, f->length[number % KINDS]);
    digest_sha256(digest, f->jpeg[number % KINDS], f->length[number % KINDS]);
    assert_memory_equal(e->sha256, digest, 32);
}

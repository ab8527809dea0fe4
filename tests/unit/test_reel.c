/* Frames from pieces: any cut gives the same frame, and no piece in the wrong place does harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "client/reel.h"

#define LENGTH 1000

static uint8_t picture[LENGTH];

static struct wire_frame piece(size_t from, size_t len)
{
    return (struct wire_frame){
        .flags = (uint8_t)((from == 0 ? FRAME_FIRST : 0) | (from + len == LENGTH ? FRAME_LAST : 0)),
        .number = 7,
        .height = 720,
        .source = 7,
        .length = LENGTH,
        .data = {picture + from, len},
    };
}

static void check_whole(struct player_frame *whole)
{
    assert_non_null(whole->jpeg);
    assert_int_equal(whole->number, 7);
    assert_int_equal(whole->height, 720);
    assert_int_equal(whole->source_number, 7);
    assert_int_equal(whole->length, LENGTH);
    assert_memory_equal(whole->jpeg, picture, LENGTH);
    free(whole->jpeg);
}

static void test_every_cut_in_two(void **state)
{
    struct reel r = {0};
    struct player_frame whole;

    (void)state;
    for (size_t cut = 1; cut < LENGTH; cut++) {
        struct wire_frame a = piece(0, cut), b = piece(cut, LENGTH - cut);

        assert_int_equal(reel_add(&r, &a, &whole), ERR_OK);
        assert_null(whole.jpeg);
        assert_false(reel_empty(&r));
        assert_int_equal(reel_add(&r, &b, &whole), ERR_OK);
        check_whole(&whole);
        assert_true(reel_empty(&r));
    }
}

static void test_whole_and_byte_by_byte(void **state)
{
    struct reel r = {0};
    struct player_frame whole;
    struct wire_frame all = piece(0, LENGTH);

    (void)state;
    assert_int_equal(reel_add(&r, &all, &whole), ERR_OK);
    check_whole(&whole);
    for (size_t i = 0; i < LENGTH; i++) {
        struct wire_frame one = piece(i, 1);

        assert_int_equal(reel_add(&r, &one, &whole), ERR_OK);
        assert_int_equal(whole.jpeg != NULL, i + 1 == LENGTH);
    }
    check_whole(&whole);
}

static void refused(struct reel *r, struct wire_frame m)
{
    struct player_frame whole;

    assert_int_equal(reel_add(r, &m, &whole), ERR_FORMAT);
    assert_null(whole.jpeg);
}

static void test_what_is_refused(void **state)
{
    struct reel r = {0};
    struct player_frame whole;
    struct wire_frame m, first = piece(0, 400);

    (void)state;
    refused(&r, piece(400, 100)); /* no first one before it */
    assert_int_equal(reel_add(&r, &first, &whole), ERR_OK);
    refused(&r, first); /* a second first one */
    m = piece(400, 100);
    m.number = 8;
    refused(&r, m); /* of another frame */
    m = piece(400, 100);
    m.flags = FRAME_LAST;
    refused(&r, m); /* the last one, but not all has come */
    reel_drop(&r);
    reel_drop(&r);
    assert_true(reel_empty(&r));

    assert_int_equal(reel_add(&r, &first, &whole), ERR_OK);
    m = piece(300, 700);
    refused(&r, m); /* more than the length */
    m = piece(400, 600);
    m.flags = 0;
    refused(&r, m); /* all has come, but it is not the last one */
    reel_drop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut_in_two),
        cmocka_unit_test(test_whole_and_byte_by_byte),
        cmocka_unit_test(test_what_is_refused),
    };

    for (size_t i = 0; i < LENGTH; i++)
        picture[i] = (uint8_t)(i * 31 + i / 256);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

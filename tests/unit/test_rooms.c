/* Which rooms are offered, what an answer means, and the last one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/rooms.h"
#include "tests/kit/dice.h"
#include "tests/kit/scratch.h"

static const struct lan_service heard[] = {
    {.name = "Den on pi", .host = "pi.local", .at = "192.168.1.5", .port = 7411},
    {.name = "x\x1b[2Jy\xff", .host = "tower.local", .at = "fe80::1%eth0", .port = 80},
};

static void listed(const struct rooms *r, bool numbered, const char *want)
{
    struct buf out;

    buf_init(&out, 65536);
    rooms_list(r, numbered, &out);
    assert_string_equal(buf_text(&out), want);
    buf_free(&out);
}

static void what_is_heard(void **state)
{
    struct rooms r;

    (void)state;
    rooms_make(&r, heard, 2, "");
    assert_int_equal(r.count, 2);
    assert_int_equal(r.usual, 0);
    listed(&r, true,
           "  1  pi.local:7411                 Den on pi\n"
           "  2  tower.local:80                x\xef\xbf\xbd[2Jy\xef\xbf\xbd\n");
    rooms_make(&r, heard, 2, "tower.local:80");
    assert_int_equal(r.count, 2);
    assert_int_equal(r.usual, 1);
    listed(&r, false,
           "pi.local:7411                 Den on pi\n"
           "tower.local:80                x\xef\xbf\xbd[2Jy\xef\xbf\xbd  (the last one)\n");
    rooms_make(&r, NULL, 0, "");
    assert_int_equal(r.count, 0);
    assert_null(rooms_pick(&r, ""));
    listed(&r, true, "");
}

static void the_last_one_is_offered_too(void **state)
{
    struct rooms r;

    (void)state;
    rooms_make(&r, heard, 1, "[2001:db8::1]:7411");
    assert_int_equal(r.count, 2);
    assert_int_equal(r.usual, 1);
    listed(&r, true,
           "  1  pi.local:7411                 Den on pi\n"
           "  2  [2001:db8::1]:7411            (the last one; not heard of now)\n");
    assert_string_equal(r.list[1].at, "");
}

static void answers(void **state)
{
    static const char *const wrong[] = {"0", "4",       "99999999999999999999", "-1", "1 ",
                                        "x", "pi.local"};
    struct rooms r;

    (void)state;
    rooms_make(&r, heard, 2, "home:1");
    assert_ptr_equal(rooms_pick(&r, "1"), &r.list[0]);
    assert_ptr_equal(rooms_pick(&r, "3"), &r.list[2]);
    assert_ptr_equal(rooms_pick(&r, ""), &r.list[2]);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(rooms_pick(&r, wrong[i]));
}

static void json(void **state)
{
    struct rooms r;
    struct buf out;

    (void)state;
    rooms_make(&r, heard, 1, "home:1");
    buf_init(&out, 65536);
    rooms_json(&r, &out);
    assert_string_equal(buf_text(&out),
                        "{\"event\":\"room\",\"address\":\"pi.local:7411\",\"name\":\"Den on pi\","
                        "\"at\":\"192.168.1.5\",\"last\":false}\n"
                        "{\"event\":\"room\",\"address\":\"home:1\",\"last\":true}\n");
    buf_free(&out);
}

/* A network that tells of many, with any names: what is listed stays a list. */
static void any_network(void **state)
{
    static struct lan_service many[3 * ROOMS_MOST];
    struct dice dice = dice_make(4711);

    (void)state;
    for (int round = 0; round < 200; round++) {
        size_t count = dice_below(&dice, 3 * ROOMS_MOST), lines = 0;
        struct rooms r;
        struct buf out;

        for (size_t i = 0; i < count; i++) {
            many[i] = (struct lan_service){.port = (uint16_t)(1 + dice_below(&dice, 65535))};
            dice_bytes(&dice, many[i].name, dice_below(&dice, LAN_NAME));
            memset(many[i].host, 'h', 1 + dice_below(&dice, LAN_HOST - 1));
        }
        rooms_make(&r, many, count, round % 2 == 0 ? "" : "last:1");
        assert_true(r.count <= ROOMS_MOST + 1 && (r.count == 0 || r.usual < r.count));
        buf_init(&out, 1 << 20);
        rooms_list(&r, true, &out);
        assert_true(!out.failed && text_valid(out.data, out.len));
        for (size_t i = 0; i < out.len; i++)
            lines += out.data[i] == '\n';
        assert_int_equal(lines, r.count);
        buf_free(&out);
    }
}

static void remembered(void **state)
{
    static const char *const damaged[] = {"",
                                          "den last 1\n",
                                          "den last 2\npi:1\n",
                                          "den last 1\npi:1",
                                          "den last 1\npi\n",
                                          "den last 1\npi:0\n",
                                          "den last 1\n\x1b[2J:1\n",
                                          "den last 1\na b:1\n",
                                          "garbage"};
    char place[PINS_PLACE];
    struct scratch s;

    (void)state;
    scratch_make(&s);
    rooms_last(place, s.path);
    assert_string_equal(place, "");
    assert_int_equal(rooms_remember("pi.local:7411", s.path), ERR_OK);
    rooms_last(place, s.path);
    assert_string_equal(place, "pi.local:7411");
    assert_int_equal(rooms_remember("[::1]:80", s.path), ERR_OK);
    rooms_last(place, s.path);
    assert_string_equal(place, "[::1]:80");
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        scratch_put(&s, "last", damaged[i], strlen(damaged[i]));
        rooms_last(place, s.path);
        assert_string_equal(place, "");
    }
    assert_int_equal(rooms_remember("pi:1", "/nowhere/at/all"), ERR_IO);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_heard), cmocka_unit_test(the_last_one_is_offered_too),
        cmocka_unit_test(answers),       cmocka_unit_test(json),
        cmocka_unit_test(any_network),   cmocka_unit_test(remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Which server has which key: kept at once, and never lost to a file that is not understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "client/pins.h"
#include "crypto/fingerprint.h"
#include "tests/kit/dice.h"
#include "tests/kit/notebook.h"

static const uint8_t one[32] = {1, 2, 3}, two[32] = {0xff};

static void set(struct pins *p, const char *place, const uint8_t *fingerprint)
{
    assert_int_equal(pins_set(p, place, fingerprint), ERR_OK);
    assert_memory_equal(pins_find(p, place), fingerprint, 32);
}

static void remembers_at_once(void **state)
{
    struct pins p = notebook_pins("servers");

    (void)state;
    assert_null(pins_find(&p, "pi:7411"));
    assert_null(pins_place(&p, one));
    set(&p, "pi:7411", one);
    set(&p, "[fe80::1]:7411", two);
    set(&p, "pi:7412", one);
    pins_close(&p);
    pins_close(&p);

    p = notebook_pins("servers");
    assert_int_equal(p.count, 3);
    assert_memory_equal(pins_find(&p, "pi:7411"), one, 32);
    assert_memory_equal(pins_find(&p, "[fe80::1]:7411"), two, 32);
    assert_null(pins_find(&p, "pi:741"));
    assert_null(pins_find(&p, "pi:74110"));
    assert_string_equal(pins_place(&p, one), "pi:7411");
    assert_string_equal(pins_place(&p, two), "[fe80::1]:7411");
    set(&p, "pi:7411", two);
    pins_close(&p);

    p = notebook_pins("servers");
    assert_int_equal(p.count, 3);
    assert_memory_equal(pins_find(&p, "pi:7411"), two, 32);
    assert_string_equal(pins_place(&p, one), "pi:7412");
    pins_close(&p);
}

static void in_memory(void **state)
{
    struct pins p;

    (void)state;
    assert_int_equal(pins_open(&p, NULL), ERR_OK);
    set(&p, "pi:7411", one);
    pins_close(&p);
}

static void tells_that_it_could_not_write(void **state)
{
    struct pins p = notebook_pins("no/directory");

    (void)state;
    assert_int_equal(pins_set(&p, "pi:7411", one), ERR_IO);
    assert_int_equal(errno, ENOENT);
    assert_memory_equal(pins_find(&p, "pi:7411"), one, 32);
    pins_close(&p);
}

static void the_longest_place(void **state)
{
    char place[PINS_PLACE];
    struct pins p = notebook_pins("long");

    (void)state;
    memset(place, 'h', sizeof place - 1);
    place[sizeof place - 1] = 0;
    set(&p, place, one);
    pins_close(&p);
    p = notebook_pins("long");
    assert_memory_equal(pins_find(&p, place), one, 32);
    pins_close(&p);
}

static void refuse(const void *text, size_t len, enum err expected)
{
    char path[512];
    struct pins p;
    struct buf now;

    scratch_put(&notebook, "refused", text, len);
    scratch_path(&notebook, "refused", path);
    assert_int_equal(pins_open(&p, path), expected);
    pins_close(&p);
    buf_init(&now, 1024 * 1024);
    scratch_get(&notebook, "refused", &now);
    assert_int_equal(now.len, len);
    assert_memory_equal(now.data, text, len);
    buf_free(&now);
}

static void refuse_text(const char *text, enum err expected)
{
    refuse(text, strlen(text), expected);
}

/* A file of which the line for pi is as it should be, but for what takes the place of parts. */
static void refuse_line(const char *place, const char *space, const char *end)
{
    char fingerprint[FINGERPRINT_TEXT];
    struct buf b;

    fingerprint_text(fingerprint, one);
    buf_init(&b, 4096);
    buf_printf(&b, "den servers 1\nother:7411 %s\n%s%s%s%s", fingerprint, place, space, fingerprint,
               end);
    refuse(b.data, b.len, ERR_BROKEN);
    buf_free(&b);
}

static void refuses_what_is_not_understood(void **state)
{
    char place[PINS_PLACE + 1];

    (void)state;
    refuse_text("den servers 2\n", ERR_VERSION);
    refuse_text("den servers 11\nx\n", ERR_VERSION);
    refuse_text("den servers", ERR_BROKEN);
    refuse_text("den contacts 1\n", ERR_BROKEN);
    refuse_text("", ERR_BROKEN);
    refuse_text("den servers 1\n\n\n", ERR_BROKEN);
    refuse("den servers 1\n\0", 15, ERR_BROKEN);
    refuse_line("", " ", "\n");
    refuse_line("pi:7411", "", "\n");
    refuse_line("pi:7411", "  ", "\n");
    refuse_line("pi:7411", " ", " \n");
    refuse_line("pi:7411", " ", "0\n");
    refuse_line("pi:7411", " ", "\r\n");
    refuse_line("other:7411", " ", "\n");
    refuse_line("\npi:7411", " ", "\n");
    memset(place, 'h', sizeof place - 1);
    place[sizeof place - 1] = 0;
    refuse_line(place, " ", "\n");
}

static void cut_and_changed(void **state)
{
    struct dice d = dice_make(8);
    char path[512];
    struct buf b;
    struct pins p = notebook_pins("changed");

    (void)state;
    set(&p, "pi:7411", one);
    pins_close(&p);
    buf_init(&b, 4096);
    scratch_get(&notebook, "changed", &b);
    for (size_t len = 15; len < b.len - 1; len++)
        refuse(b.data, len, ERR_BROKEN);
    scratch_path(&notebook, "changed", path);
    for (int round = 0; round < 500; round++) {
        size_t at = dice_below(&d, b.len);
        uint8_t before = b.data[at];

        b.data[at] = (uint8_t)dice_below(&d, 256);
        scratch_put(&notebook, "changed", b.data, b.len);
        if (pins_open(&p, path) == ERR_OK)
            assert_int_equal(p.count, 1);
        pins_close(&p);
        b.data[at] = before;
    }
    buf_free(&b);
}

static void stops_at_the_limit(void **state)
{
    struct pins p;

    (void)state;
    assert_int_equal(pins_open(&p, NULL), ERR_OK);
    p.list = calloc(LIMIT_PINS, sizeof *p.list);
    assert_non_null(p.list);
    p.cap = LIMIT_PINS;
    for (; p.count < LIMIT_PINS; p.count++)
        snprintf(p.list[p.count].place, sizeof p.list->place, "h%zu:1", p.count);
    assert_int_equal(pins_set(&p, "one-more:1", one), ERR_LIMIT);
    set(&p, "h9999:1", two);
    pins_close(&p);
}

/* Two dens with one state directory meet two servers. */
static void another_den_writes_too(void **state)
{
    struct pins a = notebook_pins("both"), b = notebook_pins("both");

    (void)state;
    set(&a, "pi:7411", one);
    set(&b, "pi:7412", two);
    assert_memory_equal(pins_find(&b, "pi:7411"), one, 32);
    set(&a, "pi:7413", two);
    pins_close(&a);
    pins_close(&b);
    a = notebook_pins("both");
    assert_int_equal(a.count, 3);
    /* It is not understood any more: it is left as it is. */
    scratch_put(&notebook, "both", "den servers 2\n", 14);
    assert_int_equal(pins_set(&a, "pi:7414", one), ERR_VERSION);
    assert_memory_equal(pins_find(&a, "pi:7414"), one, 32);
    assert_int_equal(a.count, 4);
    pins_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remembers_at_once), cmocka_unit_test(another_den_writes_too),
        cmocka_unit_test(in_memory),         cmocka_unit_test(tells_that_it_could_not_write),
        cmocka_unit_test(the_longest_place), cmocka_unit_test(refuses_what_is_not_understood),
        cmocka_unit_test(cut_and_changed),   cmocka_unit_test(stops_at_the_limit),
    };
    return cmocka_run_group_tests(tests, notebook_make, notebook_remove);
}

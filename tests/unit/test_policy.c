/* Who may watch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/policy.h"

static void reads_as_it_says(void **state)
{
    static const struct {
        const char *text;
        const char *in, *out;
    } rows[] = {
        {"all", "bob", ""},           {"bob", "bob", "carol"},     {"bob,carol", "carol", "dave"},
        {"all,!bob", "carol", "bob"}, {"!bob,all", "bob", ""},     {"Bob", "bOB", "bobb"},
        {"nobody", "", "bob"},        {"all,!bob,bob", "bob", ""}, {"bob,!all", "bob", "carol"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(policy_valid(rows[i].text));
        if (*rows[i].in != 0)
            assert_true(policy_admits(rows[i].text, rows[i].in));
        if (*rows[i].out != 0)
            assert_false(policy_admits(rows[i].text, rows[i].out));
    }
}

static void refuses_what_is_none(void **state)
{
    static const char *const bad[] = {"",      ",",         "bob,",
                                      ",bob",  "a b",       "!",
                                      "!!bob", "bob;carol", "123456789012345678901234567890123"};
    char longest[POLICY_TEXT + 2];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(policy_valid(bad[i]));
    memset(longest, 'a', sizeof longest);
    for (size_t i = 8; i < sizeof longest; i += 8)
        longest[i] = ',';
    longest[POLICY_TEXT] = 0;
    assert_false(policy_valid(longest));
    longest[POLICY_TEXT - 1] = 0;
    assert_true(policy_valid(longest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_as_it_says),
        cmocka_unit_test(refuses_what_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

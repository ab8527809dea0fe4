/* What makes a stranger's text safe for a terminal, and JSON of it. */
#include <string.h>

#include "base/text.h"
#include "tests/fuzz/fuzz.h"

/* Nothing in it moves a cursor or turns the direction of writing. */
static bool harmless(const uint8_t *p, size_t len, bool lines)
{
    static const char *const turns[] = {"\u061c", "\u200e", "\u200f", "\u2028", "\u2029",
                                        "\u202a", "\u202e", "\u2066", "\u2069", "\ufeff"};

    for (size_t i = 0; i < len; i++) {
        if (p[i] == 0x7f || (p[i] < 0x20 && !(lines && (p[i] == '\n' || p[i] == '\t'))))
            return false;
        if (p[i] == 0xc2 && i + 1 < len && p[i + 1] < 0xa0)
            return false;
    }
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        if (len > 0 && memmem(p, len, turns[i], strlen(turns[i])) != NULL)
            return false;
    }
    return true;
}

static void check_clean(const uint8_t *data, size_t len, bool lines)
{
    struct buf once, twice;

    buf_init(&once, 4 * len + 16);
    buf_init(&twice, 4 * len + 16);
    text_clean(&once, data, len, lines);
    FUZZ_HOLDS(!once.failed && once.len <= 3 * len);
    FUZZ_HOLDS(text_valid(once.data, once.len));
    FUZZ_HOLDS(harmless(once.data, once.len, lines));
    text_clean(&twice, once.data, once.len, lines);
    FUZZ_HOLDS(once.len == twice.len);
    FUZZ_HOLDS(once.len == 0 || memcmp(once.data, twice.data, once.len) == 0);
    buf_free(&once);
    buf_free(&twice);
}

static void check_json(const uint8_t *data, size_t len)
{
    struct buf out;

    buf_init(&out, 6 * len + 16);
    text_json(&out, data, len);
    FUZZ_HOLDS(!out.failed && out.len >= 2);
    FUZZ_HOLDS(out.data[0] == '"' && out.data[out.len - 1] == '"');
    FUZZ_HOLDS(text_valid(out.data, out.len) && harmless(out.data, out.len, false));
    for (size_t i = 1; i < out.len - 1; i++) {
        FUZZ_HOLDS(out.data[i] != '"');
        if (out.data[i] == '\\')
            i++;
        FUZZ_HOLDS(i < out.len - 1);
    }
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > 1u << 16)
        return 0;
    check_clean(data, len, true);
    check_clean(data, len, false);
    check_json(data, len);
    for (size_t max = 0; max < len && max < 8; max++) {
        size_t fit = text_fit(data, len, max);

        FUZZ_HOLDS(fit <= max && text_valid(data, fit));
    }
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    static const char *const texts[] = {"Gr\u00fc\u00dfe, \u6771\u4eac \U0001f600\n\tnext",
                                        "\x1b[2J\x1b]0;owned\a\b\r\x7f",
                                        "\u202etxt.exe \u2066\u2069\ufeff\u200e",
                                        "\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80",
                                        "\xc2\x9b\x31m \xe2\x80 \xff \"\\\" {}",
                                        ""};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        put(context, texts[i], strlen(texts[i]));
}

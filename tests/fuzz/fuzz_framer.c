/* The framer: a stream cut anywhere gives the same messages as the whole. The first byte of the input
 * says who writes and in which phase, the second where it is cut. */
#include <string.h>

#include "base/limits.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/example.h"
#include "wire/framer.h"

/* Appends what comes out of the bytes, in pieces of that size; the last result. */
static enum framer_result collect(struct buf *seen, uint8_t kind, const uint8_t *p, size_t len,
                                  size_t piece)
{
    struct framer f;
    struct message m;
    const char *why = NULL;
    enum framer_result got = FRAMER_MORE;

    framer_init(&f, kind & 1 ? MESSAGE_FROM_CLIENT : MESSAGE_FROM_SERVER);
    f.phase = (enum message_phase)(1u << (kind >> 1) % 6);
    for (size_t at = 0; at < len && got != FRAMER_REFUSED; at += piece) {
        struct cursor in = cursor_over(p + at, piece < len - at ? piece : len - at);

        while ((got = framer_next(&f, &in, &m, &why)) == FRAMER_MESSAGE) {
            buf_add8(seen, m.type);
            buf_add_sized32(seen, m.payload.data, m.payload.len);
        }
        FUZZ_HOLDS(got == FRAMER_REFUSED ? why != NULL : in.left == 0);
    }
    framer_free(&f);
    return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct buf whole, pieces;
    enum framer_result one, many;

    if (len < 2)
        return 0;
    buf_init(&whole, 8u << 20);
    buf_init(&pieces, 8u << 20);
    one = collect(&whole, data[0], data + 2, len - 2, len);
    many = collect(&pieces, data[0], data + 2, len - 2, 1u + data[1]);
    FUZZ_HOLDS(one == many || len == 2);
    FUZZ_HOLDS(whole.len == pieces.len);
    FUZZ_HOLDS(whole.len == 0 || memcmp(whole.data, pieces.data, whole.len) == 0);
    buf_free(&whole);
    buf_free(&pieces);
    return 0;
}

/* A conversation's messages, each side's. */
void fuzz_seeds(fuzz_put *put, void *context)
{
    static const struct {
        uint8_t kind;
        const char *name;
    } said[] = {{1, "hello"},   {0, "hello-ack"}, {3, "ack"},    {2, "welcome"},
                {4, "members"}, {4, "bindings"},  {5, "send"},   {4, "accepted"},
                {7, "call"},    {6, "ringing"},   {8, "accept"}, {10, "text"}};
    struct buf out;

    FUZZ_HOLDS(example_open() != NULL);
    buf_init(&out, 1u << 20);
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        for (size_t k = 0; k < example_count; k++) {
            if (strcmp(example_values[k].name, said[i].name) != 0)
                continue;
            buf_clear(&out);
            buf_add8(&out, said[i].kind);
            buf_add8(&out, (uint8_t)(i * 7));
            example_values[k].make(&out);
            put(context, out.data, out.len);
        }
    }
    buf_free(&out);
    example_close();
}

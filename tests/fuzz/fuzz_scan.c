/* The JPEG scan: pieces of any size find the same frames as the whole, one behind the other. The
 * first byte of the input is the size of the pieces. */
#include <string.h>

#include "base/limits.h"
#include "tests/fuzz/fuzz.h"
#include "video/scan.h"

#define FRAMES 4096

struct found {
    size_t count;
    struct scan_frame frames[FRAMES];
    enum scan_event kinds[FRAMES];
    uint64_t garbage;
    bool cut;
};

static void scan(struct found *out, const uint8_t *p, size_t len, size_t piece)
{
    struct scan s;
    size_t used;

    out->count = 0;
    scan_init(&s);
    for (size_t at = 0; at < len; at += used) {
        size_t n = piece < len - at ? piece : len - at;
        struct scan_frame f;
        enum scan_event event = scan_feed(&s, p + at, n, &used, &f);

        FUZZ_HOLDS(used <= n && (used > 0 || event != SCAN_MORE));
        if (event == SCAN_MORE || out->count == FRAMES)
            continue;
        out->kinds[out->count] = event;
        out->frames[out->count++] = f;
    }
    out->garbage = s.garbage;
    out->cut = scan_cut(&s);
}

static void check_order(const struct found *f, size_t len)
{
    int64_t end = 0;

    for (size_t i = 0; i < f->count; i++) {
        const struct scan_frame *x = &f->frames[i];

        FUZZ_HOLDS(x->offset >= end && x->offset <= (int64_t)len);
        if (f->kinds[i] == SCAN_FRAME) {
            end = x->offset + x->length;
            FUZZ_HOLDS(x->length > 4 && x->length <= LIMIT_FRAME && end <= (int64_t)len);
            FUZZ_HOLDS(x->width > 0 && x->width <= LIMIT_WIDTH);
            FUZZ_HOLDS(x->height > 0 && x->height <= LIMIT_HEIGHT);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct found whole, pieces;

    if (len < 1 || len > 1u << 20)
        return 0;
    scan(&whole, data + 1, len - 1, len);
    scan(&pieces, data + 1, len - 1, 1u + data[0] % 64);
    check_order(&whole, len - 1);
    FUZZ_HOLDS(whole.count == pieces.count && whole.garbage == pieces.garbage);
    FUZZ_HOLDS(whole.cut == pieces.cut);
    for (size_t i = 0; i < whole.count; i++) {
        FUZZ_HOLDS(whole.kinds[i] == pieces.kinds[i]);
        FUZZ_HOLDS(whole.frames[i].offset == pieces.frames[i].offset);
        FUZZ_HOLDS(whole.frames[i].length == pieces.frames[i].length);
    }
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    static const uint8_t frame[] = {
        0xff, 0xd8, 0xff, 0xe0, 0, 6,    'J',  'F', 0xff, 0xd9, /* SOI, APP0 with an EOI inside */
        0xff, 0xc0, 0,    11,   8, 0,    240,  1,   0xaa, 1,    1,   0x11, 0, /* SOF0 */
        0xff, 0xda, 0,    8,    1, 1,    0,    0,   63,   0,                  /* SOS */
        1,    2,    0xff, 0,    3, 0xff, 0xd0, 4,   0xff, 0xff, 0xd9};
    uint8_t many[1 + 3 * sizeof frame + 8] = {5};

    put(context, many, 1);
    memcpy(many + 1, frame, sizeof frame);
    put(context, many, 1 + sizeof frame);
    memcpy(many + 1 + sizeof frame, "garbage", 7);
    memcpy(many + 8 + sizeof frame, frame, sizeof frame - 3);
    memcpy(many + 5 + 2 * sizeof frame, frame, sizeof frame);
    put(context, many, 5 + 3 * sizeof frame);
}

/* What a member says of its list, against ours: whatever it is, we can say where the lists part, and
 * answer with something that can be read. */
#include <string.h>

#include "base/bytes.h"
#include "proto/testimony.h"
#include "tests/fuzz/fuzz.h"

enum { MARK = 40, HEAD = 3, OURS = 90 };

static const uint8_t origin[SIZE_FINGERPRINT] = "h_0";

/* A list that is another one from entry `parted` on. */
static void make(struct bindings *b, size_t count, size_t parted)
{
    struct random random;
    bool added;

    random_seed(&random, origin, sizeof origin);
    bindings_init(b, origin, &random);
    while (b->count < count) {
        uint8_t fingerprint[SIZE_FINGERPRINT] = {b->count + 1 == parted};
        char name[LIMIT_NAME + 1];

        snprintf(name, sizeof name, "a-name-%zu", b->count);
        FUZZ_HOLDS(bindings_bind(b, name, fingerprint, &added) == ERR_OK && added);
    }
}

static void check_answer(const struct bindings *b, const struct testimony_gap *gap)
{
    uint8_t h[BINDINGS_HASH];
    struct testimony t;
    struct buf out;

    buf_init(&out, LIMIT_BODY);
    testimony_answer(&out, b, gap, false);
    FUZZ_HOLDS(!out.failed && bindings_hash(b, b->count, h));
    FUZZ_HOLDS(testimony_read(&t, (struct span){out.data, out.len}, origin, b->count, h) == ERR_OK);
    FUZZ_HOLDS(gap->common >= b->count || t.first == gap->common + 1);
    buf_free(&out);
}

static bool differ(const struct binding *a, const struct binding *b)
{
    return a->kind != b->kind || strcmp(a->name, b->name) != 0 ||
           memcmp(a->fingerprint, b->fingerprint, sizeof a->fingerprint) != 0;
}

static void check(const struct testimony *t, const struct bindings *b)
{
    enum testimony_finding finding;
    struct testimony_gap gap;

    if (testimony_compare(t, b, &finding, &gap) != ERR_OK || finding == TESTIMONY_SAME)
        return;
    FUZZ_HOLDS(gap.common <= b->count && gap.common < gap.parted);
    if (finding == TESTIMONY_NAMED) {
        FUZZ_HOLDS(gap.parted == gap.common + 1 && (gap.ours.n != 0 || gap.theirs.n != 0));
        FUZZ_HOLDS(gap.ours.n == 0 || gap.theirs.n == 0 || differ(&gap.ours, &gap.theirs));
    }
    check_answer(b, &gap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bindings ours;
    struct testimony t;
    const uint8_t *newest;
    size_t count;

    if (len < HEAD + MARK)
        return 0;
    count = bytes_get16(data + 1);
    if (count == 0 || HEAD + count * MARK > len)
        return 0;
    /* The envelope's state is what its sender signs, so it fits. */
    newest = data + HEAD + (count - 1) * MARK;
    make(&ours, OURS, 0);
    if (testimony_read(&t, (struct span){data, len}, origin, bytes_get64(newest), newest + 8) ==
        ERR_OK)
        check(&t, &ours);
    bindings_free(&ours);
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    static const size_t lists[][2] = {{OURS, 0}, {OURS, 80}, {OURS, 3}, {20, 0},
                                      {200, 0},  {200, 150}, {0, 0}};

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct testimony_gap gap = {.common = 1, .parted = 60};
        struct bindings b;
        struct buf out;

        make(&b, lists[i][0], lists[i][1]);
        buf_init(&out, LIMIT_BODY);
        testimony_ask(&out, &b, b.count);
        put(context, out.data, out.len);
        buf_clear(&out);
        testimony_answer(&out, &b, &gap, true);
        put(context, out.data, out.len);
        buf_free(&out);
        bindings_free(&b);
    }
}

/* What two members tell each other of their lists: whatever the lists, both find the same first
 * entry that differs, in three messages at most; and nonsense is nonsense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "proto/testimony.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"

static const uint8_t server[32] = "the server's fingerprint, 32 b.";

static void start(struct bindings *b)
{
    struct random random = keys_random(1);

    bindings_init(b, server, &random);
}

/* Entry n of the list that everyone is shown; other: what somebody is shown instead. */
static void grow(struct bindings *b, bool other)
{
    uint64_t n = b->count + 1;
    uint8_t fingerprint[32] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), other};
    char name[LIMIT_NAME + 1];
    bool added;

    snprintf(name, sizeof name, "a-name-of-32-characters-%08u", (unsigned)(n % 100000000));
    assert_int_equal(bindings_bind(b, name, fingerprint, &added), ERR_OK);
}

/* A list of count entries that is as all others up to entry parted - 1. */
static void make(struct bindings *b, uint64_t count, uint64_t parted)
{
    start(b);
    while (b->count < count)
        grow(b, b->count + 1 == parted);
}

static struct buf body(void)
{
    struct buf b;

    buf_init(&b, LIMIT_BODY);
    return b;
}

static struct testimony read_of(const struct buf *message, const struct bindings *sender)
{
    struct testimony t;
    uint8_t h[32];

    assert_false(message->failed);
    assert_true(bindings_hash(sender, sender->count, h));
    assert_int_equal(
        testimony_read(&t, (struct span){message->data, message->len}, server, sender->count, h),
        ERR_OK);
    return t;
}

struct side {
    struct bindings list;
    enum testimony_finding finding;
    struct testimony_gap gap;
};

/* `to` reads what `from` wrote; then answers if asked for. Returns whether the answer asks. */
static bool deliver(const struct buf *message, struct side *from, struct side *to,
                    struct buf *answer)
{
    struct testimony t = read_of(message, &from->list);
    bool asks;

    assert_int_equal(testimony_compare(&t, &to->list, &to->finding, &to->gap), ERR_OK);
    asks = to->finding == TESTIMONY_NARROWED;
    buf_clear(answer);
    if (t.asks && to->finding != TESTIMONY_SAME)
        testimony_answer(answer, &to->list, &to->gap, asks);
    return asks;
}

static void same_entry(const struct binding *a, const struct binding *b)
{
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->kind, b->kind);
    assert_string_equal(a->name, b->name);
    assert_memory_equal(a->fingerprint, b->fingerprint, 32);
}

/* One asks the other; how many messages passed until both knew. */
static int talk(struct side *one, struct side *other, uint64_t upto)
{
    struct buf a = body(), b = body();
    int messages = 1;

    one->finding = TESTIMONY_NARROWED;
    testimony_ask(&a, &one->list, upto);
    for (struct side *from = one, *to = other;; messages++) {
        struct side *was = from;
        struct buf swap = a;

        deliver(&a, from, to, &b);
        if (b.len == 0)
            break;
        a = b;
        b = swap;
        from = to;
        to = was;
    }
    buf_free(&a);
    buf_free(&b);
    return messages;
}

static void finds(struct side *one, struct side *other, uint64_t upto, uint64_t parted)
{
    struct binding expected;

    assert_in_range(talk(one, other, upto), 1, 3);
    assert_int_equal(one->finding, TESTIMONY_NAMED);
    assert_int_equal(other->finding, TESTIMONY_NAMED);
    assert_int_equal(one->gap.parted, parted);
    assert_int_equal(other->gap.parted, parted);
    same_entry(&one->gap.ours, &other->gap.theirs);
    same_entry(&one->gap.theirs, &other->gap.ours);
    if (!bindings_get(&one->list, parted, &expected))
        expected = (struct binding){0};
    same_entry(&one->gap.ours, &expected);
}

static void any_two_lists(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 10, 60, 100, 1000, 3000};
    struct dice d = dice_make(5);

    (void)state;
    for (int round = 0; round < 150; round++) {
        size_t size = sizes[dice_below(&d, 8)], more = 1 + dice_below(&d, 40);
        size_t parted = 1 + dice_below(&d, size);
        struct side one, other;
        size_t swap = dice_below(&d, 2);

        /* Either list may be the longer one. */
        make(&one.list, swap ? size + more : size, parted);
        make(&other.list, swap ? size : size + more, 0);
        /* One saw any state of the other's in an envelope, from where they part. */
        finds(&one, &other, parted + dice_below(&d, other.list.count - parted + 1), parted);
        bindings_free(&one.list);
        bindings_free(&other.list);
    }
}

/* The server told one of them less: of the one who has less it is known that it is the end. */
static void an_entry_that_one_was_never_shown(void **state)
{
    static const uint64_t counts[] = {0, 1, 2, 50, 51, 2000};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        for (uint64_t more = 1; more < 1000; more = more * 3 + 1) {
            struct side one, other;

            make(&one.list, counts[i], 0);
            make(&other.list, counts[i] + more, 0);
            finds(&one, &other, counts[i] + more, counts[i] + 1);
            assert_int_equal(one.gap.ours.n, 0);
            bindings_free(&one.list);
            bindings_free(&other.list);
        }
    }
}

static void withheld_in_the_middle(void **state)
{
    struct side one, other;
    struct binding entry;

    (void)state;
    make(&one.list, 700, 0);
    make(&other.list, 299, 0);
    for (uint64_t n = 301; bindings_get(&one.list, n, &entry); n++) {
        entry.n = other.list.count + 1;
        assert_int_equal(bindings_append(&other.list, &entry), ERR_OK);
    }
    finds(&one, &other, 699, 300);
    finds(&other, &one, 699, 300);
    bindings_free(&one.list);
    bindings_free(&other.list);
}

static void equal_lists_are_the_same(void **state)
{
    (void)state;
    for (uint64_t count = 0; count < 200; count += 7) {
        struct side one, other;

        make(&one.list, count, 0);
        make(&other.list, count, 0);
        assert_int_equal(talk(&one, &other, count), 1);
        assert_int_equal(other.finding, TESTIMONY_SAME);
        bindings_free(&one.list);
        bindings_free(&other.list);
    }
}

static void make_longest(struct bindings *b, uint64_t parted)
{
    struct binding last;

    start(b);
    while (b->count < 4 * (uint64_t)LIMIT_BINDINGS) {
        if (!bindings_get(b, b->count, &last) || last.kind == BINDING_RELEASE)
            grow(b, b->count + 1 == parted);
        else
            assert_int_equal(bindings_release(b, last.name), ERR_OK);
    }
}

static void the_longest_list(void **state)
{
    enum { PLACE = 2 * LIMIT_BINDINGS - 1 };
    struct side one, other;
    struct buf ask = body();

    (void)state;
    make_longest(&one.list, PLACE);
    make_longest(&other.list, 0);
    finds(&one, &other, 4 * (uint64_t)LIMIT_BINDINGS, PLACE);
    testimony_ask(&ask, &one.list, one.list.count);
    assert_in_range(ask.len, 3 + 40 * 512, 3 + 40 * 512 + TESTIMONY_RUN);
    buf_free(&ask);
    bindings_free(&one.list);
    bindings_free(&other.list);
}

/* A question of a short list is a small envelope, for many may ask at once. */
static void questions_are_small(void **state)
{
    struct bindings b;

    (void)state;
    for (uint64_t count = 1; count < 3000; count = count * 2 + 1) {
        struct buf ask = body();

        make(&b, count, 0);
        testimony_ask(&ask, &b, count);
        assert_in_range(ask.len, 1, 3 + TESTIMONY_RUN + 40 * 58);
        buf_free(&ask);
        bindings_free(&b);
    }
}

static enum err read_bytes(const uint8_t *data, size_t len, const struct bindings *sender,
                           struct testimony *t)
{
    uint8_t h[32];

    assert_true(bindings_hash(sender, sender->count, h));
    return testimony_read(t, (struct span){data, len}, server, sender->count, h);
}

/* Cut anywhere, or with any byte changed: an error, or a testimony that can be compared. */
static void damaged_ones(void **state)
{
    struct dice d = dice_make(8);
    struct bindings b, mine;
    struct buf ask = body();
    size_t read = 0;

    (void)state;
    make(&b, 30, 0);
    make(&mine, 33, 4);
    testimony_ask(&ask, &b, 30);
    for (size_t len = 0; len < ask.len; len++) {
        uint8_t *copy = malloc(len + 1);
        struct testimony t;

        memcpy(copy, ask.data, len);
        /* Without its entries it is a shorter one. */
        if (read_bytes(copy, len, &b, &t) == ERR_OK)
            assert_int_equal(t.entries.len, 0), read++;
        free(copy);
    }
    assert_int_equal(read, 1);
    for (size_t at = 0; at < ask.len; at++) {
        uint8_t bit = (uint8_t)(1u << dice_below(&d, 8));
        enum testimony_finding finding;
        struct testimony_gap gap;
        struct testimony t;

        ask.data[at] ^= bit;
        if (read_bytes(ask.data, ask.len, &b, &t) == ERR_OK) {
            assert_in_range(at, 0, 0); /* a flag */
            testimony_compare(&t, &mine, &finding, &gap);
        }
        ask.data[at] ^= bit;
    }
    buf_free(&ask);
    bindings_free(&b);
    bindings_free(&mine);
}

static void put_mark(struct buf *out, uint64_t n, const uint8_t *h)
{
    buf_add64(out, n);
    buf_add(out, h, 32);
}

/* Each breaks one rule of what can be read. */
static void nonsense_is_refused(void **state)
{
    struct bindings b;
    struct binding entry;
    struct testimony t;
    uint8_t h1[32], h2[32], h3[32];
    struct buf out = body();

    (void)state;
    make(&b, 3, 0);
    bindings_hash(&b, 1, h1), bindings_hash(&b, 2, h2), bindings_hash(&b, 3, h3);
    bindings_get(&b, 3, &entry);
    for (int wrong = 0; wrong < 9; wrong++) {
        static const uint16_t counts[] = {2, 2, 2, 2, 1, 2, 2, 0, LIMIT_MARKS + 1};
        static const enum err expected[] = {ERR_OK,     ERR_FORMAT, ERR_FORMAT,
                                            ERR_FORMAT, ERR_FORMAT, ERR_FORMAT,
                                            ERR_FORMAT, ERR_FORMAT, ERR_LIMIT};

        buf_clear(&out);
        buf_add8(&out, 0xfe); /* flags that nobody knows yet */
        buf_add16(&out, counts[wrong]);
        if (wrong == 1)
            put_mark(&out, 3, h3); /* not rising */
        else if (wrong == 2)
            put_mark(&out, 0, h1); /* another origin */
        else if (wrong < 7 && wrong != 4)
            put_mark(&out, 2, wrong == 3 ? h1 : h2); /* the entry does not lead on from there */
        if (wrong != 7)
            put_mark(&out, 3, wrong == 5 ? h2 : h3); /* not the sender's newest */
        if (wrong == 4)
            buf_clear(&out), buf_add8(&out, 0), buf_add16(&out, 1), put_mark(&out, 3, h3);
        entry.n = wrong == 6 ? 4 : 3;
        if (wrong < 7)
            binding_encode(&out, &entry);
        for (size_t i = 0; wrong == 8 && i < LIMIT_MARKS; i++)
            put_mark(&out, i + 4, h3);
        assert_int_equal(read_bytes(out.data, out.len, &b, &t), expected[wrong]);
    }
    buf_free(&out);
    bindings_free(&b);
}

/* Lists that part and are one again later are none. */
static void lists_do_not_meet_again(void **state)
{
    struct bindings b;
    struct testimony t;
    enum testimony_finding finding;
    struct testimony_gap gap;
    uint8_t h[32];
    struct buf out = body();

    (void)state;
    make(&b, 3, 0);
    buf_add8(&out, 0);
    buf_add16(&out, 2);
    put_mark(&out, 2, server);
    bindings_hash(&b, 3, h);
    put_mark(&out, 3, h);
    assert_int_equal(read_bytes(out.data, out.len, &b, &t), ERR_OK);
    assert_int_equal(testimony_compare(&t, &b, &finding, &gap), ERR_FORMAT);
    buf_free(&out);
    bindings_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_two_lists),
        cmocka_unit_test(an_entry_that_one_was_never_shown),
        cmocka_unit_test(withheld_in_the_middle),
        cmocka_unit_test(equal_lists_are_the_same),
        cmocka_unit_test(the_longest_list),
        cmocka_unit_test(questions_are_small),
        cmocka_unit_test(damaged_ones),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(lists_do_not_meet_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

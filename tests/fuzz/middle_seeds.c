#include "tests/fuzz/middle.h"
#include "tests/fuzz/way.h"

static void put_step(struct buf *b, uint8_t act, uint8_t record, uint16_t where, uint8_t value,
                     struct span bytes)
{
    buf_add8(b, act);
    buf_add8(b, record);
    buf_add16(b, where);
    buf_add8(b, value);
    buf_add8(b, (uint8_t)bytes.len);
    if (bytes.data != NULL)
        buf_add(b, bytes.data, bytes.len);
}

static void begin(struct buf *b, uint8_t how)
{
    buf_clear(b);
    buf_add8(b, how);
    buf_add8(b, how);
}

static void give_each_act(struct buf *b, fuzz_put *put, void *context)
{
    static const struct span some = {(const uint8_t *)"\0\1\2\377", 4};

    for (uint8_t act = 0; act < MIDDLE_INSIDE; act++) {
        bool bytes = act == MIDDLE_INSERT || act == MIDDLE_REPLACE;

        for (uint8_t record = 0; record < 4; record++) {
            begin(b, 0);
            put_step(b, (uint8_t)(act | (record & 1 ? MIDDLE_MEND : 0)), record,
                     (uint16_t)(5 + 7 * record), 1, bytes ? some : (struct span){NULL, 4});
            put(context, b->data, b->len);
        }
    }
}

/* What may stand in a record of each type; a message that is cut after its header too. */
static void give_inside(struct buf *b, fuzz_put *put, void *context)
{
    static const struct {
        uint8_t type;
        struct span bytes;
    } inside[] = {
        {TLS_HANDSHAKE, {(const uint8_t *)"\0\0\0\0", 4}},
        {TLS_HANDSHAKE, {(const uint8_t *)"\1\0\0\50\3\3", 6}},
        {TLS_HANDSHAKE, {(const uint8_t *)"\24\0\0\14abcdefghijkl", 16}},
        {TLS_ALERT, {(const uint8_t *)"\1\0", 2}},
        {TLS_ALERT, {(const uint8_t *)"\1\144", 2}},
        {TLS_ALERT, {(const uint8_t *)"\2\50", 2}},
        {TLS_CHANGE, {(const uint8_t *)"\1", 1}},
        {TLS_DATA, {(const uint8_t *)"\40\0\0\0\12hello", 10}},
        {TLS_DATA, {(const uint8_t *)"\177\377\377\377\377", 5}},
        {TLS_DATA, {(const uint8_t *)"\6\0\0\0\2\0\0", 7}},
        {24, {(const uint8_t *)"\1\377\377", 3}},
    };

    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        begin(b, 0);
        put_step(b, MIDDLE_INSIDE, 0, 0, inside[i].type, inside[i].bytes);
        put(context, b->data, b->len);
    }
}

void middle_seeds(fuzz_put *put, void *context, bool server)
{
    struct buf b, recorded;

    buf_init(&b, WAY_LIMIT);
    buf_init(&recorded, WAY_LIMIT);
    middle_record(&recorded, server);
    for (uint8_t how = 0; how < 64; how += 6) {
        begin(&b, how);
        put(context, b.data, b.len);
    }
    for (uint8_t how = 1; how < 64; how += 16) {
        begin(&b, how);
        buf_add(&b, recorded.data, recorded.len < 4096 ? recorded.len : 4096);
        put(context, b.data, b.len);
    }
    give_each_act(&b, put, context);
    give_inside(&b, put, context);
    buf_free(&b);
    buf_free(&recorded);
}

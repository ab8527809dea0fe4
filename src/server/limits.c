#include "server/limits.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"

static const struct {
    const char *name, *what;
    bool bytes;
    int32_t usual, least, most;
} rows[LIMITS_COUNT] = {
    [LIMITS_MEMBERS] = {"max-members", "number", false, LIMIT_MEMBERS, 1, LIMIT_MEMBERS},
    [LIMITS_STRANGERS] = {"max-strangers", "number", false, LIMIT_STRANGERS, 1, 10000},
    [LIMITS_STRANGERS_ADDRESS] = {"max-strangers-per-address", "number", false,
                                  LIMIT_STRANGERS_ADDRESS, 1, 10000},
    [LIMITS_NEW_NAMES] = {"max-new-names", "number", false, LIMIT_NEW_NAMES, 0, 100000},
    [LIMITS_HELLO_SECONDS] = {"hello-seconds", "number", false, LIMIT_HELLO_SECONDS, 1, 600},
    [LIMITS_ROOM_RATE] = {"room-rate", "number", false, LIMIT_ROOM_RATE, 0, 1000000},
    [LIMITS_MESSAGE_RATE] = {"message-rate", "number", false, LIMIT_MESSAGE_RATE, 0, 1000000},
    [LIMITS_BYTE_RATE] = {"byte-rate", "size", true, LIMIT_BYTE_RATE, 0, 1 << 30},
    [LIMITS_QUEUE] = {"max-queue", "size", true, LIMIT_QUEUE, 2 << 20, 1 << 30},
    [LIMITS_ENVELOPE] = {"max-envelope", "size", true, LIMIT_ENVELOPE, 4096, LIMIT_ENVELOPE},
    [LIMITS_CLIPS] = {"max-clips", "number", false, LIMIT_STREAMS, 0, LIMIT_STREAMS},
};

void limits_default(struct limits *l)
{
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        l->value[i] = rows[i].usual;
}

const char *limits_name(enum limits_which which)
{
    return rows[which].name;
}

bool limits_parse(struct limits *l, enum limits_which which, const char *text, char why[static 64])
{
    uint64_t value = 0, most = (uint64_t)rows[which].most;
    bool ok =
        rows[which].bytes ? text_to_size(text, most, &value) : text_to_u64(text, most, &value);

    if (ok && value >= (uint64_t)rows[which].least) {
        l->value[which] = (int64_t)value;
        return true;
    }
    snprintf(why, 64, "not a %s of %d to %d:", rows[which].what, (int)rows[which].least,
             (int)rows[which].most);
    return false;
}

/* Our messages to one that the server accepted and the receiver has not yet said to have: kept on disk,
 * for that may come days later. A file of slots.h, 64 bytes each: id 64, the receiver's fingerprint
 * (32), little-endian. When it is full, the oldest is forgotten: its receipt then tells nobody. */
#ifndef DEN_CLIENT_AWAITED_H
#define DEN_CLIENT_AWAITED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "client/slots.h"

#define LIMIT_AWAITED 10000

struct awaited_one {
    uint64_t id; /* 0: the place is free */
    uint8_t to[SIZE_FINGERPRINT];
};

struct awaited {
    struct slots file;
    struct awaited_one *list; /* owned; number i stands in slot i + 1 */
    uint32_t count, cap;
    enum err load; /* of open */
};

/* As slots_open; ERR_MEMORY. */
enum err awaited_open(struct awaited *a, const char *path);
/* Idempotent. */
void awaited_close(struct awaited *a);

/* ERR_MEMORY. ERR_IO (errno tells): it is awaited by this process alone, until a later one can be
 * written. */
enum err awaited_add(struct awaited *a, uint64_t id, const uint8_t to[static SIZE_FINGERPRINT]);
/* True if that message to that key was awaited; it is not any more. */
bool awaited_take(struct awaited *a, uint64_t id, const uint8_t from[static SIZE_FINGERPRINT]);

#endif

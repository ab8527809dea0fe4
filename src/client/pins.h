/* The servers that we know: which key answers at which address. A text file: `den servers 1`, then
 * lines HOST:PORT FINGERPRINT. */
#ifndef DEN_CLIENT_PINS_H
#define DEN_CLIENT_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "platform/address.h"

#define LIMIT_PINS 10000
#define PINS_PLACE (ADDRESS_HOST + 8)

struct pin_line {
    char place[PINS_PLACE]; /* host:port as typed, lower case */
    uint8_t fingerprint[32];
};

struct pins {
    struct pin_line *list; /* owned */
    size_t count, cap;
    char *path; /* owned; NULL: in memory alone */
};

/* As contacts_open. */
enum err pins_open(struct pins *p, const char *path);
void pins_close(struct pins *p);

/* The key of that place, NULL if we were never there. */
const uint8_t *pins_find(const struct pins *p, const char *place);
/* A place where that key was seen, NULL if none: the room has moved. */
const char *pins_place(const struct pins *p, const uint8_t fingerprint[static 32]);
/* Remembers and writes at once, with what other dens wrote to the file meanwhile. If that fails it is
 * remembered here alone: ERR_IO (errno tells), ERR_LIMIT, ERR_MEMORY, or what pins_open says. */
enum err pins_set(struct pins *p, const char *place, const uint8_t fingerprint[static 32]);

#endif

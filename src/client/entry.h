/* The way in: dial, TLS with the server's key checked, the three-way hello. */
#ifndef DEN_CLIENT_ENTRY_H
#define DEN_CLIENT_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"

struct client;

void entry_start(struct client *c);
/* The user said yes to the key that was asked about: dials again, with it as the pin. */
void entry_trusted(struct client *c);
/* TLS is there / failed for the server's key is another than expected. */
void entry_opened(struct client *c);
void entry_wrong_key(struct client *c);
/* Whether the link is the one with that exporter: a job may come back after its session. */
bool entry_is_session(const struct client *c, const uint8_t *exporter);
enum err entry_hello_ack(struct client *c, struct span payload);

#endif

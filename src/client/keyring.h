/* The key of a cast of ours, and who has it. Whoever is put out must not read the next frame: so there
 * is another key at once. When somebody leaves there is another one, too, but at most once a second. */
#ifndef DEN_CLIENT_KEYRING_H
#define DEN_CLIENT_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "crypto/gcm.h"
#include "crypto/public_key.h"
#include "proto/shot.h"

struct client;
struct casting;

struct keyring_viewer {
    struct keyring_viewer *next;
    uint32_t viewer; /* the server's number */
    char name[LIMIT_NAME + 1];
    struct public_key key;
    uint8_t nonce[SHOT_NONCE]; /* of the question that is answered */
    bool busy;                 /* an answer is under way */
};

struct keyring {
    uint32_t epoch;
    uint8_t key[GCM_KEY];
    struct keyring_viewer *viewers; /* who has the key, or is about to be given it */
    size_t count;
    int64_t changed; /* when the key was */
    int64_t due;     /* when it must be, for somebody left; INT64_MAX: not */
};

/* A fresh key, and nobody has it. */
void keyring_start(struct casting *k);
/* Wipes. Idempotent. */
void keyring_wipe(struct keyring *r);

/* Somebody asks. */
void keyring_asked(struct client *c, const struct wire_pass *m);
/* The server says that it is gone. */
void keyring_gone(struct casting *k, uint32_t viewer);
/* The policy has changed. */
void keyring_sift(struct casting *k);
void keyring_tick(struct casting *k, int64_t now);

#endif

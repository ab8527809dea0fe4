/* The inside of a server: for server.c, which turns it, and server_open.c alone. */
#ifndef DEN_SERVER_SERVER_PARTS_H
#define DEN_SERVER_SERVER_PARTS_H

#include "crypto/cert.h"
#include "crypto/fingerprint.h"
#include "net/door.h"
#include "net/pool.h"
#include "platform/paths.h"
#include "server/cage.h"
#include "server/ctl.h"
#include "server/guest.h"
#include "server/room.h"
#include "server/screen.h"
#include "server/server.h"
#include "server/terminal.h"
#include "server/warden.h"

struct server {
    struct server_config config;
    char cache[PATHS_MAX];
    char fingerprint[FINGERPRINT_TEXT];
    char place[ADDRESS_TEXT]; /* where it listens */
    int lock;                 /* of the state directory */
    int usage;                /* usage_open: below the cage nobody may open /proc */
    int own;                  /* above all descriptors that were watched before anybody came */
    bool stopping;
    int64_t stepped; /* when the last private-key step was allowed */
    struct screen screen;
    struct cage cage;
    struct loop *loop;
    struct pool records, clip_reads, log_reads;
    struct random random;
    struct identity identity;
    struct cert cert;
    struct link_hub hub;
    struct clips clips;
    struct room room;
    struct guests guests;
    struct door door;
    struct warden warden;
    struct ctl ctl;
    struct terminal terminal;
};

#endif

/* The messages of the room: who is here, and sealed envelopes. */
#ifndef DEN_WIRE_ROOM_H
#define DEN_WIRE_ROOM_H

#include "base/err.h"
#include "base/limits.h"
#include "wire/message.h"

#define SIZE_LOG_ID 16

struct wire_welcome {
    struct span room;      /* UTF-8, LIMIT_ROOM */
    const uint8_t *log_id; /* SIZE_LOG_ID: which record of envelopes this is */
    uint64_t last;         /* the number of the last envelope in it */
    uint64_t n;            /* entries in the binding list */
    const uint8_t *h;      /* SIZE_FINGERPRINT: its chained hash */
};

#define MEMBER_EPHEMERAL 1u

struct wire_member {
    uint8_t flags;
    char name[LIMIT_NAME + 1];
    const uint8_t *spki; /* SIZE_SPKI */
    struct span address; /* as text, up to 46 bytes; empty when there is no direct port */
    uint16_t direct_port;
};

enum wire_left_reason { LEFT_QUIT = 1, LEFT_LOST = 2, LEFT_REMOVED = 3 };

struct wire_left {
    char name[LIMIT_NAME + 1];
    const uint8_t *fingerprint;
    uint8_t reason; /* enum wire_left_reason, or one from the future */
};

struct wire_binding {
    uint64_t n;
    uint8_t kind; /* 1 bind, 2 release */
    char name[LIMIT_NAME + 1];
    const uint8_t *fingerprint;
};

struct wire_send {
    uint64_t id;
    struct span envelope;
};

struct wire_sealed {
    uint64_t number;
    char from[LIMIT_NAME + 1];
    const uint8_t *fingerprint;
    struct span envelope;
};

void wire_put_welcome(struct buf *out, const struct wire_welcome *m);
enum err wire_get_welcome(struct span payload, struct wire_welcome *m);

/* MEMBERS and JOINED share one layout: begin one, add members while wire_list_fits, end it.
 * more: another MEMBERS follows and the list is not whole yet (always false for JOINED). */
size_t wire_members_begin(struct buf *out, uint8_t type);
void wire_members_add(struct buf *out, const struct wire_member *m);
void wire_members_end(struct buf *out, size_t begin, bool more);
/* True while one more entry of any list in this header is sure to fit into the message. */
bool wire_list_fits(const struct buf *out, size_t begin);

/* Reading: open the list, then take one entry after the other until it says false; then *e holds
 * the verdict on the whole. */
struct wire_list {
    struct cursor c;
    bool more;
};
struct wire_list wire_members_open(struct span payload);
bool wire_members_next(struct wire_list *list, struct wire_member *m, enum err *e);

size_t wire_left_begin(struct buf *out);
void wire_left_add(struct buf *out, const struct wire_left *m);
struct wire_list wire_left_open(struct span payload);
bool wire_left_next(struct wire_list *list, struct wire_left *m, enum err *e);

size_t wire_bindings_begin(struct buf *out);
void wire_bindings_add(struct buf *out, const struct wire_binding *m);
struct wire_list wire_bindings_open(struct span payload);
bool wire_bindings_next(struct wire_list *list, struct wire_binding *m, enum err *e);

void wire_put_send(struct buf *out, uint64_t id, struct span envelope);
enum err wire_get_send(struct span payload, struct wire_send *m);
/* The envelope's bytes are not added: add them behind, then message_end(out, result). */
size_t wire_sealed_begin(struct buf *out, uint64_t number, const char *from,
                         const uint8_t fingerprint[static SIZE_FINGERPRINT]);
enum err wire_get_sealed(struct span payload, struct wire_sealed *m);
void wire_put_accepted(struct buf *out, uint64_t id, uint64_t number);
enum err wire_get_accepted(struct span payload, uint64_t *id, uint64_t *number);

#endif

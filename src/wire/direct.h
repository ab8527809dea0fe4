/* The messages of a direct link, between two clients: PROTOCOL.md 11. Every decode checks the form
 * and the limits and points into the payload. */
#ifndef DEN_WIRE_DIRECT_H
#define DEN_WIRE_DIRECT_H

#include "base/err.h"
#include "base/limits.h"
#include "wire/message.h"

/* In the features of CALL and RINGING: takes links for files, so knows their messages. */
#define DIRECT_FILES UINT64_C(1)

/* What a call is for; a number from the future is refused. */
enum wire_purpose { PURPOSE_CHAT = 0, PURPOSE_FILES = 1 };

struct wire_call {
    uint16_t version; /* the highest that the caller speaks */
    uint8_t purpose;  /* PURPOSE_CHAT where it is not said */
    uint64_t features;
    char name[LIMIT_NAME + 1];
    const uint8_t *spki;      /* SIZE_SPKI; any bytes */
    const uint8_t *server;    /* SIZE_FINGERPRINT: of which room */
    const uint8_t *signature; /* SIZE_SIGNATURE */
};

struct wire_ringing {
    uint16_t version; /* the one that both use from here on */
    uint64_t features;
};

void wire_put_call(struct buf *out, const struct wire_call *m);
enum err wire_get_call(struct span payload, struct wire_call *m);
void wire_put_ringing(struct buf *out, const struct wire_ringing *m);
enum err wire_get_ringing(struct span payload, struct wire_ringing *m);
/* ACCEPT, DECLINE and EOM, which say nothing else. */
void wire_put_bare(struct buf *out, uint8_t type);
enum err wire_get_bare(struct span payload);
/* 1 to LIMIT_TEXT bytes of UTF-8. */
void wire_put_text(struct buf *out, struct span text);
enum err wire_get_text(struct span payload, struct span *text);

#endif

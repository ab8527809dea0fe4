/* The unit inside TLS: type (1 byte), length (4), payload. What the types are, how long each may
 * be and who may send it when, as one table. PROTOCOL.md describes the same for strangers. */
#ifndef DEN_WIRE_MESSAGE_H
#define DEN_WIRE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"

#define MESSAGE_HEADER 5

enum message_type {
    MESSAGE_HELLO = 0x01,
    MESSAGE_HELLO_ACK = 0x02,
    MESSAGE_ACK = 0x03,
    MESSAGE_WELCOME = 0x04,
    MESSAGE_ERROR = 0x05,
    MESSAGE_QUIT = 0x06,
    MESSAGE_REFUSED = 0x07,
    MESSAGE_MEMBERS = 0x10,
    MESSAGE_JOINED = 0x11,
    MESSAGE_LEFT = 0x12,
    MESSAGE_BINDINGS = 0x13,
    MESSAGE_SESSION_KEY = 0x14,
    MESSAGE_LINE = 0x15,
    MESSAGE_CLOSE = 0x16,
    MESSAGE_SEND = 0x20,
    MESSAGE_SEALED = 0x21,
    MESSAGE_ACCEPTED = 0x22,
    MESSAGE_RESUME = 0x23,
    MESSAGE_PAST = 0x24,
    MESSAGE_PAST_END = 0x25,
    MESSAGE_LIST = 0x30,
    MESSAGE_CLIPS = 0x31,
    MESSAGE_PLAY = 0x32,
    MESSAGE_STREAM = 0x33,
    MESSAGE_FRAME = 0x34,
    MESSAGE_CREDIT = 0x35,
    MESSAGE_SKIPPED = 0x36,
    MESSAGE_SEEK = 0x37,
    MESSAGE_STOP = 0x38,
    MESSAGE_STREAM_END = 0x39,
    MESSAGE_RENDITION = 0x3a,
    MESSAGE_CALL = 0x40,
    MESSAGE_RINGING = 0x41,
    MESSAGE_ACCEPT = 0x42,
    MESSAGE_DECLINE = 0x43,
    MESSAGE_TEXT = 0x44,
    MESSAGE_EOM = 0x45,
    MESSAGE_OFFER = 0x46,
    MESSAGE_TAKE = 0x47,
    MESSAGE_BEGIN = 0x48,
    MESSAGE_DATA = 0x49,
    MESSAGE_END = 0x4a,
    MESSAGE_KEPT = 0x4b,
    MESSAGE_DROP = 0x4c,
    MESSAGE_CAST = 0x50,
    MESSAGE_CASTING = 0x51,
    MESSAGE_UNCAST = 0x52,
    MESSAGE_GRANT = 0x53,
    MESSAGE_SHOT = 0x54,
    MESSAGE_CASTS = 0x55,
    MESSAGE_LIVE = 0x56,
    MESSAGE_ASK = 0x57,
    MESSAGE_ASKED = 0x58,
    MESSAGE_GIVE = 0x59,
    MESSAGE_GIVEN = 0x5a,
    MESSAGE_OUST = 0x5b,
    MESSAGE_UNWATCHED = 0x5c,
    MESSAGE_IGNORABLE = 0x80 /* from here on unknown types are skipped */
};

/* Who may send a message, and in which part of a session. On a direct link, whose phases are CALL,
 * RING, and then CHAT or FILES, the caller is the client. */
enum message_from { MESSAGE_FROM_CLIENT = 1, MESSAGE_FROM_SERVER = 2, MESSAGE_FROM_BOTH = 3 };
enum message_phase {
    PHASE_HELLO = 1,
    PHASE_ACK = 2,
    PHASE_ROOM = 4,
    PHASE_CALL = 8,
    PHASE_RING = 16,
    PHASE_CHAT = 32,
    PHASE_FILES = 64,
    PHASE_ANY = 127
};

struct message_rule {
    const char *name;
    uint8_t type;
    uint8_t from;   /* enum message_from, or-ed */
    uint8_t phase;  /* enum message_phase of the session, or-ed */
    uint32_t limit; /* bytes of payload */
};

struct message {
    uint8_t type;
    struct span payload; /* borrowed */
};

/* What ERROR and REFUSED say; numbers are part of the protocol. */
enum message_code {
    CODE_PROTOCOL = 1,   /* unknown message, wrong state, malformed: a mistake in a program */
    CODE_VERSION = 2,    /* no common version */
    CODE_PROOF = 3,      /* the signature in ACK does not hold, or a key is not acceptable */
    CODE_NAME_TAKEN = 4, /* the name belongs to another key */
    CODE_REPLACED = 5,   /* the same key came in from elsewhere */
    CODE_FULL = 6,       /* a limit of the room or the server is reached */
    CODE_SLOW = 7,       /* too much waited for this session */
    CODE_TIMEOUT = 8,    /* the hello took too long */
    CODE_REFUSED = 9,    /* not admitted */
    CODE_UNKNOWN_CLIP = 10,
    CODE_BROKEN_CLIP = 11,
    CODE_SCHEDULE = 12, /* an unknown schedule, or a height the clip does not have */
    CODE_LIMIT = 13,    /* this request is over a limit */
    CODE_STORE = 14,    /* the server could not store it: send it again later */
    CODE_CLOSING = 15,  /* the server stops */
    CODE_FAST = 16      /* far over the rates that a session may have */
};

/* The rule of a type, NULL if there is none. */
const struct message_rule *message_rule(uint8_t type);

/* Starts a message at the end of out; add the payload, then call message_end with the result. */
size_t message_begin(struct buf *out, uint8_t type);
void message_end(struct buf *out, size_t begin);
/* The header alone, for a payload that goes elsewhere. */
void message_header(uint8_t out[static MESSAGE_HEADER], uint8_t type, size_t len);

#endif

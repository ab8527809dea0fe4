/* One direct call, and the chat that it becomes: pure. It is given messages and the time; what is to
 * be sent it leaves in `out`, and when it is OVER a goodbye follows that.
 *
 * state      the caller                        the callee                            phase  until
 * DIALLING   TCP, TLS; the proof is signed     -                                     CALL   due
 * KNOCKING   CALL sent, RINGING awaited        TLS; CALL awaited                     CALL   10 s
 * WAITING    -                                 CALL came, and is not admitted so far RING   0.3 s
 * RINGING    it rings there                    the user is asked                     RING   60 s
 * CHATTING   lines go both ways                the same                              CHAT   EOM
 *            or files go to the callee         the same                              FILES  EOM
 * OVER       `end` says how it ended           the same                              any    -
 *
 * Every CALL that is refused waits its 0.3 s: so all refusals take the same time, and the news that
 * the caller is in the room, which the server tells every 0.1 s, may come first. */
#ifndef DEN_CLIENT_CALL_H
#define DEN_CLIENT_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "crypto/public_key.h"
#include "wire/message.h"

enum call_state {
    CALL_DIALLING,
    CALL_KNOCKING,
    CALL_WAITING,
    CALL_RINGING,
    CALL_CHATTING,
    CALL_OVER
};

enum call_end {
    CALL_END_NONE,
    CALL_END_EOM,         /* somebody wrote EOM */
    CALL_END_HUNG_UP,     /* the caller, before it was answered */
    CALL_END_DECLINED,    /* by a user */
    CALL_END_NO_ANSWER,   /* it rang, and nobody answered */
    CALL_END_REFUSED,     /* the callee does not take this call at all */
    CALL_END_BUSY,        /* too many chats there, or calls from here */
    CALL_END_WRONG_KEY,   /* somebody else is at that address */
    CALL_END_UNREACHABLE, /* no TCP or TLS, or nobody there who says RINGING */
    CALL_END_GONE,        /* the link broke in the middle */
    CALL_END_SLOW,        /* too much waits for the peer */
    CALL_END_PROTOCOL,    /* the peer does what it must not */
    CALL_END_AGAIN,       /* a newer call of the same peer takes its place */
    CALL_END_NO_FILES     /* the callee does not know of files */
};

/* What the owner has to tell or to do. */
enum call_news {
    CALL_NOTHING,
    CALL_CAME,     /* callee: a CALL; WAITING for call_ring */
    CALL_RINGS,    /* caller: it rings there */
    CALL_ACCEPTED, /* caller: the chat begins */
    CALL_SAID,     /* `text` came */
    CALL_FILE,     /* a message about a file came */
    CALL_ENDED     /* OVER */
};

/* Who we are. Borrowed; outlives the calls. */
struct call_self {
    const char *name;
    const struct public_key *key;
    const uint8_t *server; /* fingerprint: our room */
};

struct call {
    const struct call_self *self;
    enum call_state state;
    enum call_end end;
    bool caller;
    bool files;                      /* it is no chat: files go over it */
    bool proven;                     /* callee: what CALL says of itself is true */
    char name[LIMIT_NAME + 1];       /* the peer's; "" before CALL */
    struct public_key key;           /* the same */
    uint8_t exporter[SIZE_EXPORTER]; /* of the TLS session, set by the owner */
    uint16_t version;
    int64_t due;      /* when call_tick has something to do */
    struct buf out;   /* owned */
    struct span text; /* with CALL_SAID, until the next message */
};

/* The name and key are whom we call. The owner sets due while it dials. */
void call_start_caller(struct call *k, const struct call_self *self, const char *name,
                       const struct public_key *key);
void call_start_callee(struct call *k, const struct call_self *self, int64_t now);
/* Wipes. Idempotent. */
void call_free(struct call *k);

/* Which messages may come now. */
enum message_phase call_phase(const struct call *k);

/* Caller: TLS is there and the proof is signed. */
void call_knock(struct call *k, const uint8_t signature[static SIZE_SIGNATURE], int64_t now);
enum call_news call_message(struct call *k, const struct message *m, int64_t now);
enum call_news call_tick(struct call *k, int64_t now);
/* The link is gone (how: UNREACHABLE, WRONG_KEY, PROTOCOL, GONE); nothing is sent any more. */
enum call_news call_lost(struct call *k, enum call_end how);
/* What came is no message that may come now: ERROR 1 with that sentence. */
enum call_news call_broken(struct call *k, const char *why);

/* Callee, WAITING and proven: the user is asked now. */
void call_ring(struct call *k, int64_t now);
/* Callee, RINGING: the chat begins. */
void call_accept(struct call *k);
/* Ends it: EOM of a chat, DECLINE of a call that rings here, QUIT of a call of ours. */
void call_finish(struct call *k, enum call_end how);
/* CHATTING; 1 to LIMIT_TEXT bytes of UTF-8. */
void call_say(struct call *k, struct span text);

/* A word for programs. */
const char *call_end_word(enum call_end e);

#endif

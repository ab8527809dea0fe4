/* The client: one room entered over one link, and all that is kept for it.
 *
 * state      what happens                                          goes on when
 * DIALLING   the name is resolved, TCP and TLS are set up (dial)   TLS is there
 * ASKING     no link: the user is asked about a new server's key   yes: DIALLING, with that pin
 *            or for an invitation (asking_code)                    DIALLING, with that
 * HELLO      HELLO sent                                            HELLO+ACK
 * PROVING    the proof is signed on the worker, then ACK sent      WELCOME
 * ENTERING   the lists come                                        the last MEMBERS
 * ROOM       everything                                            QUIT, or the link's end
 * WAITING    the link is lost; the way in is tried again later     its time: DIALLING
 * ALONE      the server is gone, direct chats are not              the last of them is over
 * LEAVING    goodbye said                                          the link is closed
 * OVER       nothing is left to do; exit_code says how it went     - */
#ifndef DEN_CLIENT_CLIENT_H
#define DEN_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "client/caster.h"
#include "client/catchup.h"
#include "client/cinema.h"
#include "client/contacts.h"
#include "client/dial.h"
#include "client/direct.h"
#include "client/ids.h"
#include "client/kiosk.h"
#include "client/live.h"
#include "client/mail.h"
#include "client/members.h"
#include "client/opener.h"
#include "client/parcels.h"
#include "client/pins.h"
#include "client/receipts.h"
#include "client/received.h"
#include "client/reconnect.h"
#include "client/report.h"
#include "client/talk.h"
#include "client/witness.h"
#include "crypto/identity.h"
#include "net/link.h"
#include "net/pool.h"
#include "proto/bindings.h"

/* Exit codes of den (design 9); documented in den(1). */
enum client_exit {
    CLIENT_EXIT_GOOD = 0,
    CLIENT_EXIT_FAILED = 1,
    CLIENT_EXIT_USAGE = 2,
    CLIENT_EXIT_REFUSED = 3, /* a key or the admission */
    CLIENT_EXIT_NO_MEMBER = 4
};

/* Borrowed; outlives the client. */
struct client_config {
    char host[ADDRESS_HOST];
    uint16_t port;
    char place[PINS_PLACE]; /* host:port, under which the server's key is kept */
    char name[LIMIT_NAME + 1];
    const char *state;  /* directory; unused if ephemeral */
    const uint8_t *pin; /* what the user said the server's fingerprint is; NULL: not said */
    const char *display;
    struct panes *panes;         /* our terminal (platform/panes.h); NULL: none */
    const char *passphrase_file; /* of our private key; NULL: it is asked for */
    uint16_t direct_port;        /* where direct calls come in; 0: the kernel chooses */
    bool direct_off;             /* nowhere */
    const char *downloads;       /* where files are put; NULL: the usual place */
    uint64_t max_file;           /* bytes of the largest file that is taken; 0: any */
    const char *accept_from;     /* names, with commas: their files are taken unasked; NULL: none */
    bool accept_all;             /* those of everybody are */
    bool receives;               /* a one-shot that is a member, listens, and takes no others */
    const uint8_t *invitation;   /* SIZE_INVITATION bytes; NULL: none so far */
    char *const *clips;          /* of a kiosk; KIOSK_CLIPS at most */
    size_t clip_count;           /* 0: it is none */
    bool ephemeral;
    bool trust_first;
    bool interactive; /* somebody at a terminal can be asked */
    bool one_shot;
    bool reconnect; /* come back when the link is lost */
    bool receipts;  /* say that messages were shown */
    bool json;
};

enum client_state {
    CLIENT_WAITING,
    CLIENT_DIALLING,
    CLIENT_ASKING,
    CLIENT_HELLO,
    CLIENT_PROVING,
    CLIENT_ENTERING,
    CLIENT_ROOM,
    CLIENT_ALONE,
    CLIENT_LEAVING,
    CLIENT_OVER
};

struct client_hooks {
    void (*entered)(void *owner);                    /* ROOM begins */
    void (*ask)(void *owner, const char *text);      /* a question: answer with client_answer */
    void (*ask_code)(void *owner, const char *text); /* the same for an invitation; may be NULL */
    void (*parcel_over)(void *owner, const struct parcel *p); /* a file; may be NULL */
    void (*chat_over)(void *owner, const char *name); /* a direct call or chat; may be NULL */
    /* A clip is shown on the display of that name; NULL: no more. May be NULL. */
    void (*showing)(void *owner, const char *display);
    void *owner;
};

struct client {
    const struct client_config *config;
    struct client_hooks hooks;
    enum client_state state;
    enum client_exit exit_code;
    struct loop *loop;
    struct pool pool;
    struct random random;
    struct link_hub hub;
    struct identity identity;
    struct ids ids;
    struct pins pins;
    struct contacts contacts;
    struct report report;

    struct dial dial;
    struct link *link;      /* NULL while there is none */
    struct link *dead_link; /* to be freed after the turn */
    bool pinned;            /* asked_key is to be used as the pin */
    uint8_t asked_key[SIZE_FINGERPRINT];
    bool asking_code; /* in ASKING: for an invitation */
    bool invited;     /* invitation goes into ACK */
    uint8_t invitation[SIZE_INVITATION];
    int64_t patience; /* when a goodbye, or a dialling, has taken too long; INT64_MAX */
    int lock;         /* of the state directory */

    /* of this room */
    struct public_key server;
    char room[LIMIT_ROOM + 1];
    uint8_t log_id[SIZE_LOG_ID];
    uint64_t features; /* the server's */
    uint64_t welcome_last, welcome_n;
    uint8_t welcome_h[BINDINGS_HASH];
    struct bindings bindings;
    struct members members;
    struct members arriving; /* as the way in tells them, until the list is whole */
    bool members_partial;    /* more parts of the list come */
    struct reconnect reconnect;
    struct received received;
    struct catchup catchup;
    struct receipts receipts;
    struct mail mail;
    struct talk talk; /* with the server */
    struct opener opener;
    struct witness witness;
    struct cinema cinema;
    struct kiosk kiosk;
    struct live live;         /* a cast that is watched, by the cinema */
    struct casting *castings; /* ours */
    size_t couriers;          /* envelopes about casts on the worker */
    struct direct direct;
    struct parcels parcels;
    struct report_videos videos;
    bool videos_partial;
    bool videos_asked; /* a LIST is under way */
    bool observe;
    bool leaving; /* as soon as what was asked for before is done */
};

/* Opens state, for which it may ask for a passphrase: so before anything else has the terminal or the
 * signals. False with a sentence in why and exit_code set. client_close follows in any case. */
bool client_prepare(struct client *c, const struct client_config *config, char why[static 512]);
/* Starts to dial. False as above. */
bool client_open(struct client *c, struct loop *loop, const struct report *report,
                 const struct client_hooks *hooks, char why[static 512]);
void client_close(struct client *c);

/* When client_tick has something to do; INT64_MAX if never. */
int64_t client_due(const struct client *c);
/* Around each turn of the loop. */
void client_before(struct client *c);
void client_after(struct client *c, int64_t now);

/* The answer to hooks.ask or ask_code. */
void client_answer(struct client *c, const char *line);
/* Leaves once what the user sent is stored, and what the user asked for has come, in 5 seconds at
 * most. A clip is stopped. Before the room was entered that is a failure. */
void client_leave(struct client *c);
/* Leaves now, with a QUIT if there is a room. */
void client_quit(struct client *c, enum client_exit code);
/* True while something that was asked for is not done yet: sending, a list, a clip. */
bool client_busy(const struct client *c);

/* Sends whole messages in the room; they are freed. */
void client_send(struct client *c, struct buf *messages);
/* The server does what it must not: says so, sends ERROR and leaves with CLIENT_EXIT_FAILED. */
void client_distrust(struct client *c, const char *what, enum err e);
/* ROOM, ALONE, or on the way back into the room. */
bool client_inside(const struct client *c);
/* ROOM; else says that there is none. */
bool client_has_server(const struct client *c);
/* The link to the server is of no use any more, or there is none, for what is said in why: WAITING,
 * or over with that error, or ALONE as long as direct chats go on. In a goodbye: that is done. */
void client_lost(struct client *c, enum client_exit code, const char *word, const char *why);
/* Over at once, with an error for the user. */
void client_fail(struct client *c, enum client_exit code, const char *word, const char *text);

#endif

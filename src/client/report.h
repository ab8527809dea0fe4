/* What den tells its user: lines for people, or with --json one object a line for programs. The
 * objects and their members are described in den(1) and are only ever added to. All text that came
 * from others is cleaned here. */
#ifndef DEN_CLIENT_REPORT_H
#define DEN_CLIENT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "client/contacts.h"
#include "client/members.h"
#include "player/player.h"
#include "proto/binding.h"
#include "wire/past.h"
#include "wire/video.h"

struct report {
    bool json;
    bool terse; /* for people: only what a one-shot was asked for; errors go to standard error */
    bool who;   /* with terse: the directory is what was asked for */
    const struct contacts *contacts; /* whose marks stand beside names; NULL: none */
    const uint8_t *server;           /* fingerprint: of which room */
    /* Takes whole lines; false if they can't be written. */
    bool (*print)(void *owner, const char *text, size_t len);
    void *owner;
};

struct report_message {
    const char *from;
    struct span text;
    uint64_t id, number, time_ms;
    bool to_all;
    bool again; /* perhaps it was shown before */
    bool past;  /* it is from before we came */
    enum contact_trust trust;
};

/* One of ours that is sealed. */
struct report_queued {
    const char *to;
    uint64_t id;
    struct span names; /* of the receivers, each with its NUL */
    struct span text;
    bool kept;  /* on disk */
    bool waits; /* for the room */
};

/* A line of the conversation with the server. */
struct report_talk {
    struct span sealed; /* ciphertext and tag */
    bool holds;         /* its signature; if not, the text is not shown */
    bool to_all;
    struct span text;
};

struct report_room {
    const char *name; /* ours */
    const struct public_key *key;
    struct span room;
    const uint8_t *server; /* fingerprint */
    const char *place;
};

void report_ready(const struct report *r, const struct report_room *room);
/* n: entries of the binding list. */
void report_directory(const struct report *r, uint64_t n, const struct members *m);
void report_joined(const struct report *r, const struct member *m);
void report_left(const struct report *r, const struct member *m, uint8_t reason);
void report_key(const struct report *r, const char *name, const struct public_key *key);
/* False if it could not be written. */
bool report_message(const struct report *r, const struct report_message *m);
/* So many of ours were shown to that member. */
void report_delivered(const struct report *r, const char *to, const uint64_t *ids, size_t count);
/* The link is lost, why is a sentence; the room is entered again, members as before and now. */
void report_away(const struct report *r, const char *why);
void report_back(const struct report *r, uint64_t n, const struct members *before,
                 const struct members *now);
/* The past is through. */
void report_past(const struct report *r, const struct wire_past_end *m);
void report_queued(const struct report *r, const struct report_queued *q);
/* number: as safety_number makes it. picture: lines for people below it, may be empty. */
void report_safety(const struct report *r, const char *name, const char *number, bool verified,
                   const struct buf *picture);
/* The user has compared it. */
void report_checked(const struct report *r, const char *name, const char *number);
/* The user has accepted another key. */
void report_trusted(const struct report *r, const char *name, const struct public_key *key);
/* A member was shown another list of names and keys: the first entry that differs. ours, theirs: its
 * n is 0 where a list has ended. */
void report_difference(const struct report *r, const char *from, uint64_t n,
                       const struct binding *ours, const struct binding *theirs,
                       const char *advice);
/* All that are ignored: contacts, and members that are not kept. */
void report_ignored(const struct report *r, const struct members *m);
/* An envelope that was not for us; shown to people only with /observe. */
void report_sealed(const struct report *r, const char *from, uint64_t number, struct span envelope);
/* text: what was sent, for people. */
void report_sent(const struct report *r, const char *to, uint64_t id, uint64_t number,
                 struct span text);
/* What the server said / what was said to it; then: keys are wiped. */
void report_talk(const struct report *r, const struct report_talk *m);
void report_talk_sent(const struct report *r, const struct report_talk *m);
void report_talk_over(const struct report *r);
void report_stream(const struct report *r, const struct wire_stream *m);
/* The schedule auto goes on with another rendition. */
void report_rendition(const struct report *r, unsigned from, unsigned height);
/* The link is lost, and the player has what comes before that frame; the server goes on with it. */
void report_stream_away(const struct report *r, uint32_t frame);
void report_stream_back(const struct report *r, uint32_t frame);
void report_frame(const struct report *r, const struct player_event *e);
void report_stream_end(const struct report *r, const char *reason, const struct player_counts *c);
/* code: a word for programs. id: of the envelope it is about, 0 for none. */
void report_error(const struct report *r, const char *code, const char *text, uint64_t id);
/* A line for people; a `note` for programs. */
void report_note(const struct report *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The clips of the library, collected from one or more messages; zeroed before the first list. */
struct report_videos {
    struct buf out;
    size_t count;
};
void report_videos_begin(const struct report *r, struct report_videos *v);
void report_videos_add(const struct report *r, struct report_videos *v, const struct wire_clip *m);
void report_videos_end(const struct report *r, struct report_videos *v);

#endif

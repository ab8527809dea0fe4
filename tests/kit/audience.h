/* A cast of ours in a visitor's room (visitor.h), and who watches it: bob, carol and whoever else has a key,
 * as the server and they themselves see it. Its frames come from a pipe. */
#ifndef DEN_TESTS_KIT_AUDIENCE_H
#define DEN_TESTS_KIT_AUDIENCE_H

#include "client/caster.h"
#include "proto/shot.h"
#include "tests/kit/scratch.h"
#include "tests/kit/visitor.h"

struct audience {
    struct visitor v;
    struct scratch dir;
    struct casting *cast; /* called "door" */
    uint8_t *jpeg;        /* the frame that is fed */
    size_t jpeg_len;
    int pipe_fd; /* -1: closed */
};

/* In the room, a cast asked for; nothing else is seen or said. viewers: NULL for all. */
void audience_ask(struct audience *a, const char *viewers, bool plain);
/* And the server has opened it and granted a million bytes. */
void audience_open(struct audience *a, const char *viewers, bool plain);
void audience_close(struct audience *a);

/* As caster_begin, of the pipe of that name, which is made. */
bool audience_begin(struct audience *a, const char *name, const char *viewers, bool plain);
/* What the server says of a cast: CASTING, UNCAST; or GRANT and UNWATCHED with a number beside. */
void audience_say(struct audience *a, const struct casting *k, enum message_type type,
                  uint32_t other);
void audience_feed(struct audience *a);

/* A question: who the server says it is from and whose key that is, by whose key it is sealed, and, if id_off is
 * not 0, of another cast. */
struct audience_ask {
    const struct casting *cast;
    const char *from;
    unsigned key, by;
    uint32_t viewer;
    uint8_t id_off;
};
/* The ASKED for it, appended. */
void audience_put_ask(struct audience *a, const struct audience_ask *q, struct buf *out);
void audience_asks(struct audience *a, const struct audience_ask *q);
/* As viewers 3 and 4, of a->cast. */
void audience_bob_asks(struct audience *a);
void audience_carol_asks(struct audience *a);

/* The key in that GIVE, as who has that key of the kit's opens it; false if it is not for him (viewer 0: for all,
 * and he is one of them). */
bool audience_opens_give(struct span payload, unsigned who, uint32_t cast, uint32_t viewer,
                         struct shot_key *key);
/* The same of the last GIVE, of a->cast. */
bool audience_given(struct audience *a, unsigned who, uint32_t viewer, struct shot_key *key);
/* Does the key open that SHOT, whole, as the frame that was fed to the cast? */
bool audience_opens(const struct audience *a, const struct casting *k, struct span payload,
                    const uint8_t key[static GCM_KEY]);
/* The same of the last that was sent. */
bool audience_sees(struct audience *a, const struct shot_key *key);
/* The nth SHOT that was sent, from 0; aborts if there is none. */
struct wire_shot audience_shot(const struct audience *a, size_t nth);
size_t audience_saw(const struct audience *a, enum message_type type);

#endif

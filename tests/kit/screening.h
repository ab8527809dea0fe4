/* A cast of bob's, called "door", that a visitor's client (visitor.h) watches: the test is the server, and bob. */
#ifndef DEN_TESTS_KIT_SCREENING_H
#define DEN_TESTS_KIT_SCREENING_H

#include "proto/shot.h"
#include "tests/kit/visitor.h"
#include "wire/live.h"

#define SCREENING_EPOCHS 8

struct screening {
    struct visitor v;
    uint32_t stream;          /* of the client's last PLAY */
    uint8_t id[SIZE_CAST_ID]; /* of the cast */
    uint8_t keys[SCREENING_EPOCHS][GCM_KEY];
    uint8_t *jpeg; /* a picture */
    size_t jpeg_len;
};

/* In a room where PLAY was said for it; nothing else is seen or said. */
void screening_ask(struct screening *s);
/* And LIVE has come. */
void screening_open(struct screening *s, bool sealed);
void screening_close(struct screening *s);

/* The client asks (again): its PLAY was seen, so the stream is that one. */
void screening_asked(struct screening *s);
/* Appends LIVE with that key of the kit's as the caster's. */
void screening_put_live(const struct screening *s, bool sealed, unsigned key, struct buf *out);

/* An envelope with a key. What is 0 is as it should be: by bob, of kind CAST_KEY, for this cast. */
struct screening_key {
    uint32_t epoch;
    bool answers;            /* with the nonce of the client's question */
    bool all;                /* in the form for all, of which the client is one */
    unsigned by;             /* another key of the kit's that seals it */
    enum envelope_kind kind; /* another one */
    uint8_t id_off, server_off;
};
void screening_put_key(struct screening *s, const struct screening_key *k, struct buf *out);
/* GIVEN of it. */
void screening_give(struct screening *s, const struct screening_key *k);
/* The last ASK, as bob opens it; false if there is none for this cast. */
bool screening_question(struct screening *s, struct shot_key *m);

/* Appends the picture as no other frame is, by its number. */
void screening_picture(const struct screening *s, uint64_t number, struct buf *out);
/* Makes of it what bob sends: sealed under the key of the place's epoch, if that is not 0. The rest of the place
 * is this cast's, xor-ed with what stands in *p. */
void screening_seal(const struct screening *s, const struct shot_place *p, struct buf *frame);
/* Appends SHOTs of the frame, in pieces of that many bytes. m: number, epoch, time. */
void screening_put_shots(const struct screening *s, const struct wire_shot *m, struct span frame,
                         size_t piece, struct buf *out);
/* All three, as bob does it; the picture's number is the frame's. */
void screening_shoot(struct screening *s, uint64_t number, uint32_t epoch);
/* STREAM_END. */
void screening_end(struct screening *s, uint8_t reason);

/* What the player was given: bytes of all frames; and how many were left out. */
size_t screening_taken(const struct screening *s);
/* How often it was told what became of the frame of that number. */
size_t screening_told(struct screening *s, uint64_t number);
/* Waits until it was. */
void screening_await(struct screening *s, uint64_t number);

#endif

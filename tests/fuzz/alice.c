#include "tests/fuzz/alice.h"

#include <string.h>
#include <strings.h>

#include "tests/fuzz/fuzz.h"
#include "wire/room.h"

static struct alice_listed *listed_at(struct alice *a, const char *name)
{
    for (size_t i = 0; i < ALICE_LISTED; i++) {
        if (strcasecmp(a->listed[i].name, name) == 0)
            return &a->listed[i];
    }
    return NULL;
}

static void hear_joined(struct alice *a, struct span payload)
{
    struct wire_list list = wire_members_open(payload);
    struct wire_member m;
    enum err e;

    while (wire_members_next(&list, &m, &e)) {
        struct alice_listed *at = listed_at(a, m.name);

        at = at != NULL ? at : listed_at(a, "");
        FUZZ_HOLDS(at != NULL);
        memcpy(at->name, m.name, sizeof m.name);
        FUZZ_HOLDS(public_key_from_spki(&at->key, m.spki, SIZE_SPKI) == ERR_OK);
    }
    FUZZ_HOLDS(e == ERR_OK);
}

static void hear_left(struct alice *a, struct span payload)
{
    struct wire_list list = wire_left_open(payload);
    struct wire_left m;
    enum err e;

    while (wire_left_next(&list, &m, &e)) {
        struct alice_listed *at = listed_at(a, m.name);

        if (at != NULL && memcmp(at->key.fingerprint, m.fingerprint, SIZE_FINGERPRINT) == 0)
            at->name[0] = 0;
    }
    FUZZ_HOLDS(e == ERR_OK);
}

void alice_compares(struct alice *a, const struct room *r)
{
    size_t count = 0;

    for (size_t i = 0; i < ALICE_LISTED; i++)
        count += a->listed[i].name[0] != 0;
    FUZZ_HOLDS(count == r->count);
    for (size_t i = 0; i < r->count; i++)
        FUZZ_HOLDS(listed_at(a, r->members[i]->name) != NULL);
}

bool alice_hears(struct alice *a, uint64_t id)
{
    struct actor *actor = &a->actor;
    uint64_t about, number;
    struct wire_refused refused;
    bool answered = false;

    while (actor_peek(actor) != 0) {
        uint8_t type = actor_peek(actor);
        struct span payload = actor_next(actor, type);

        FUZZ_HOLDS(type != MESSAGE_ERROR && type != MESSAGE_QUIT);
        if (type == MESSAGE_JOINED)
            hear_joined(a, payload);
        if (type == MESSAGE_LEFT)
            hear_left(a, payload);
        if (type == MESSAGE_ACCEPTED && wire_get_accepted(payload, &about, &number) == ERR_OK)
            answered = answered || about == id;
        /* Only a disk that failed is a reason. */
        if (type == MESSAGE_REFUSED && wire_get_refused(payload, &refused) == ERR_OK)
            answered = answered || (refused.about == id && a->disk_failed);
    }
    FUZZ_HOLDS(!actor->finished && actor->session.state == SESSION_ROOM);
    buf_clear(&actor->out);
    actor->at = 0;
    return answered;
}

void alice_enters(struct alice *a, struct stage *s)
{
    memset(a->listed, 0, sizeof a->listed);
    a->id += 1u << 20;
    actor_enter(&a->actor, s, ALICE_KEY, "alice", 0);
}

void alice_sends(struct alice *a)
{
    struct buf envelope, out;

    buf_init(&envelope, LIMIT_ENVELOPE);
    buf_init(&out, LIMIT_MESSAGE + MESSAGE_HEADER);
    stage_envelope(&envelope, a->id);
    wire_put_send(&out, ++a->id, (struct span){envelope.data, envelope.len});
    actor_send(&a->actor, &out);
    buf_free(&envelope);
    buf_free(&out);
}

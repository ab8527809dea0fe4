#include "client/call.h"

#include <string.h>

#include "base/wipe.h"
#include "proto/direct.h"
#include "wire/direct.h"
#include "wire/hello.h"

#define SECOND INT64_C(1000000000)
#define JUDGE_NS (SECOND * 3 / 10)
/* The callee's word that nobody answers should come first. */
#define RING_GRACE_NS (5 * SECOND)
#define LIMIT_OUT (LIMIT_TEXT_MESSAGE + LIMIT_HELLO)

static void start(struct call *k, const struct call_self *self)
{
    *k = (struct call){.self = self, .due = INT64_MAX};
    buf_init(&k->out, LIMIT_OUT);
}

void call_start_caller(struct call *k, const struct call_self *self, const char *name,
                       const struct public_key *key)
{
    start(k, self);
    k->state = CALL_DIALLING;
    k->caller = true;
    strncpy(k->name, name, sizeof k->name - 1);
    k->key = *key;
}

void call_start_callee(struct call *k, const struct call_self *self, int64_t now)
{
    start(k, self);
    k->state = CALL_KNOCKING;
    k->due = now + LIMIT_HELLO_SECONDS * SECOND;
}

void call_free(struct call *k)
{
    buf_free(&k->out);
    wipe(k, sizeof *k);
}

enum message_phase call_phase(const struct call *k)
{
    if (k->state == CALL_DIALLING || k->state == CALL_KNOCKING)
        return PHASE_CALL;
    if (k->state != CALL_CHATTING)
        return PHASE_RING;
    return k->files ? PHASE_FILES : PHASE_CHAT;
}

static enum call_news over(struct call *k, enum call_end how)
{
    if (k->state == CALL_OVER)
        return CALL_NOTHING;
    k->state = CALL_OVER;
    k->end = how;
    k->due = INT64_MAX;
    return CALL_ENDED;
}

static enum call_news refuse(struct call *k, enum message_code code, const char *text,
                             enum call_end how)
{
    if (k->state != CALL_OVER)
        wire_put_error(&k->out, (uint16_t)code, text);
    return over(k, how);
}

enum call_news call_broken(struct call *k, const char *why)
{
    return refuse(k, CODE_PROTOCOL, why, CALL_END_PROTOCOL);
}

enum call_news call_lost(struct call *k, enum call_end how)
{
    if (how == CALL_END_GONE && k->state < CALL_RINGING)
        how = CALL_END_UNREACHABLE;
    else if (how == CALL_END_GONE && k->state == CALL_RINGING && !k->caller)
        how = CALL_END_HUNG_UP;
    return over(k, how);
}

void call_knock(struct call *k, const uint8_t signature[static SIZE_SIGNATURE], int64_t now)
{
    struct wire_call m = {
        .version = WIRE_VERSION,
        .purpose = k->files ? PURPOSE_FILES : PURPOSE_CHAT,
        .features = DIRECT_FILES,
        .spki = k->self->key->spki,
        .server = k->self->server,
        .signature = signature,
    };

    memcpy(m.name, k->self->name, strlen(k->self->name) + 1);
    wire_put_call(&k->out, &m);
    k->state = CALL_KNOCKING;
    k->due = now + LIMIT_HELLO_SECONDS * SECOND;
}

/* Nothing is told of what fails here: the owner refuses the call later, all for the same reason. */
static void check_proof(struct call *k, const struct wire_call *m)
{
    struct direct_proof p = {
        .exporter = k->exporter,
        .callee = k->self->key->fingerprint,
        .caller = k->key.fingerprint,
        .name = m->name,
        .server = m->server,
    };

    k->files = m->purpose == PURPOSE_FILES;
    k->proven = m->purpose <= PURPOSE_FILES &&
                public_key_from_spki(&k->key, m->spki, SIZE_SPKI) == ERR_OK &&
                direct_verify(m->signature, &k->key, &p) && m->version >= 1 &&
                memcmp(m->server, k->self->server, SIZE_FINGERPRINT) == 0;
}

static enum err take_call(struct call *k, struct span payload, int64_t now, enum call_news *news)
{
    struct wire_call m;
    enum err e = wire_get_call(payload, &m);

    if (e != ERR_OK)
        return e;
    check_proof(k, &m);
    memcpy(k->name, m.name, sizeof k->name);
    k->version = m.version < WIRE_VERSION ? m.version : WIRE_VERSION;
    k->state = CALL_WAITING;
    k->due = now + JUDGE_NS;
    *news = CALL_CAME;
    return ERR_OK;
}

static enum err take_ringing(struct call *k, struct span payload, int64_t now, enum call_news *news)
{
    struct wire_ringing m;
    enum err e = wire_get_ringing(payload, &m);

    if (e != ERR_OK)
        return e;
    if (k->state != CALL_KNOCKING)
        return ERR_STATE;
    if (m.version < 1 || m.version > WIRE_VERSION)
        return ERR_VERSION;
    if (k->files && (m.features & DIRECT_FILES) == 0) {
        call_finish(k, CALL_END_NO_FILES);
        *news = CALL_ENDED;
        return ERR_OK;
    }
    k->version = m.version;
    k->state = CALL_RINGING;
    k->due = now + LIMIT_RING_SECONDS * SECOND + RING_GRACE_NS;
    *news = CALL_RINGS;
    return ERR_OK;
}

static enum err take_error(struct call *k, struct span payload, enum call_news *news)
{
    struct wire_error m;
    enum err e = wire_get_error(payload, &m);

    if (e != ERR_OK)
        return e;
    if (m.code == CODE_FULL)
        *news = over(k, CALL_END_BUSY);
    else if (m.code == CODE_TIMEOUT && k->state == CALL_RINGING)
        *news = over(k, CALL_END_NO_ANSWER);
    else if (k->caller && k->state < CALL_CHATTING)
        *news = over(k, CALL_END_REFUSED);
    else
        *news = over(k, CALL_END_GONE);
    return ERR_OK;
}

static enum err take_quit(struct call *k, struct span payload, enum call_news *news)
{
    struct span text;
    enum err e = wire_get_quit(payload, &text);

    if (e != ERR_OK)
        return e;
    *news = over(k, k->state == CALL_CHATTING ? CALL_END_EOM
                    : k->caller               ? CALL_END_GONE
                                              : CALL_END_HUNG_UP);
    return ERR_OK;
}

/* ACCEPT, DECLINE, EOM: the framer lets each come in its phase alone. */
static enum err take_bare(struct call *k, const struct message *m, enum call_news *news)
{
    enum err e = wire_get_bare(m->payload);

    if (e != ERR_OK)
        return e;
    if (m->type == MESSAGE_ACCEPT) {
        k->state = CALL_CHATTING;
        k->due = INT64_MAX;
        *news = CALL_ACCEPTED;
    } else {
        *news = over(k, m->type == MESSAGE_EOM ? CALL_END_EOM : CALL_END_DECLINED);
    }
    return ERR_OK;
}

static enum err take(struct call *k, const struct message *m, int64_t now, enum call_news *news)
{
    switch (m->type) {
    case MESSAGE_CALL:
        return take_call(k, m->payload, now, news);
    case MESSAGE_RINGING:
        return take_ringing(k, m->payload, now, news);
    case MESSAGE_ACCEPT:
    case MESSAGE_DECLINE:
    case MESSAGE_EOM:
        return take_bare(k, m, news);
    case MESSAGE_TEXT:
        *news = CALL_SAID;
        return wire_get_text(m->payload, &k->text);
    case MESSAGE_ERROR:
        return take_error(k, m->payload, news);
    case MESSAGE_QUIT:
        return take_quit(k, m->payload, news);
    default:
        if (m->type < MESSAGE_IGNORABLE)
            *news = CALL_FILE;
        return ERR_OK;
    }
}

enum call_news call_message(struct call *k, const struct message *m, int64_t now)
{
    enum call_news news = CALL_NOTHING;
    enum err e = k->state == CALL_OVER ? ERR_OK : take(k, m, now, &news);

    return e == ERR_OK ? news : call_broken(k, err_text(e));
}

enum call_news call_tick(struct call *k, int64_t now)
{
    if (now < k->due)
        return CALL_NOTHING;
    if (k->state == CALL_WAITING)
        return refuse(k, CODE_REFUSED, "this call is not taken", CALL_END_REFUSED);
    if (k->state == CALL_RINGING)
        return refuse(k, CODE_TIMEOUT, "nobody answers", CALL_END_NO_ANSWER);
    return refuse(k, CODE_TIMEOUT, "the call took too long", CALL_END_UNREACHABLE);
}

void call_ring(struct call *k, int64_t now)
{
    struct wire_ringing m = {.version = k->version, .features = DIRECT_FILES};

    wire_put_ringing(&k->out, &m);
    k->state = CALL_RINGING;
    k->due = now + LIMIT_RING_SECONDS * SECOND;
}

void call_accept(struct call *k)
{
    wire_put_bare(&k->out, MESSAGE_ACCEPT);
    k->state = CALL_CHATTING;
    k->due = INT64_MAX;
}

void call_finish(struct call *k, enum call_end how)
{
    if (how == CALL_END_BUSY && k->state != CALL_OVER)
        wire_put_error(&k->out, CODE_FULL, "too many chats, or calls of yours");
    else if (k->state == CALL_CHATTING && how == CALL_END_EOM)
        wire_put_bare(&k->out, MESSAGE_EOM);
    else if (k->state == CALL_RINGING && !k->caller && how == CALL_END_DECLINED)
        wire_put_bare(&k->out, MESSAGE_DECLINE);
    else if (k->state > CALL_DIALLING && k->state != CALL_OVER)
        wire_put_quit(&k->out, "");
    over(k, how);
}

void call_say(struct call *k, struct span text)
{
    wire_put_text(&k->out, text);
}

const char *call_end_word(enum call_end e)
{
    static const char *const words[] = {
        [CALL_END_NONE] = "none",
        [CALL_END_EOM] = "eom",
        [CALL_END_HUNG_UP] = "hung-up",
        [CALL_END_DECLINED] = "declined",
        [CALL_END_NO_ANSWER] = "no-answer",
        [CALL_END_REFUSED] = "refused",
        [CALL_END_BUSY] = "busy",
        [CALL_END_WRONG_KEY] = "wrong-key",
        [CALL_END_UNREACHABLE] = "unreachable",
        [CALL_END_GONE] = "gone",
        [CALL_END_SLOW] = "slow",
        [CALL_END_PROTOCOL] = "protocol",
        [CALL_END_AGAIN] = "called-again",
        [CALL_END_NO_FILES] = "no-files",
    };

    return words[e];
}

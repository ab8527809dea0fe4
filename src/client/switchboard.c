#include "client/switchboard.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/client.h"
#include "client/report_direct.h"
#include "client/trust.h"
#include "platform/now.h"

/* How much later a QUIT may come than what was said at the same time on another link. */
#define CROSSED_NS INT64_C(1000000000)

static struct report_call about(const struct peer *p)
{
    const struct client *c = p->client;

    return (struct report_call){
        .name = p->call.name,
        .key = &p->call.key,
        .caller = p->call.caller,
        .at = p->at,
        .trust = contacts_trust(&c->contacts, c->server.fingerprint, p->call.name, &p->call.key)};
}

static void begin(struct peer *p)
{
    struct report_call k = about(p);

    p->known = true;
    p->held = false;
    report_chat(&p->client->report, &k);
}

static bool same_peer(const struct call *a, const struct call *b)
{
    return text_name_same(a->name, b->name) && public_key_same(&a->key, &b->key);
}

/* Another call or chat with the same peer. */
static struct peer *other_of(const struct peer *p, bool held)
{
    for (struct peer *o = p->client->direct.peers; o != NULL; o = o->next) {
        if (o != p && o->call.state != CALL_OVER && o->held == held && (o->known || held) &&
            same_peer(&o->call, &p->call))
            return o;
    }
    return NULL;
}

/* A one-shot that sends a file is no member; if we never met its name, the list says whose it is. */
static bool is_listed(const struct client *c, const struct call *k)
{
    const uint8_t *owner = bindings_find(&c->bindings, k->name);

    return k->files && owner != NULL && memcmp(owner, k->key.fingerprint, SIZE_FINGERPRINT) == 0;
}

/* The key must be the one that we know for this name, from the room or, if it is not there, from
 * before. */
static bool admits(const struct client *c, const struct call *k)
{
    const struct member *m = members_find(&c->members, k->name);
    const struct contact *known = contacts_find(&c->contacts, c->server.fingerprint, k->name);

    if (!client_inside(c) || public_key_same(&k->key, &c->identity.public))
        return false;
    if (m != NULL ? !public_key_same(&m->key, &k->key) || !trust_allows(c, m)
                  : !(known != NULL ? public_key_same(&known->key, &k->key) : is_listed(c, k)) ||
                        witness_disputes(&c->witness, k->name))
        return false;
    return !trust_ignores(c, k->name, k->key.fingerprint);
}

/* Without a word to the user. */
static void drop(struct peer *p)
{
    p->known = p->held = false;
    call_finish(&p->call, CALL_END_HUNG_UP);
    peer_push(p);
}

void switchboard_calls(struct peer *p)
{
    struct report_call k = about(p);

    report_calling(&p->client->report, &k);
}

void switchboard_accept(struct peer *p)
{
    call_accept(&p->call);
    peer_push(p);
    begin(p);
}

void switchboard_finish(struct peer *p, enum call_end how)
{
    call_finish(&p->call, how);
    peer_push(p);
    switchboard_news(p, CALL_ENDED);
}

/* Both called: which call stands? One that crossed ours before gives way to this one. */
static void cross(struct peer *p, struct peer *ours)
{
    const struct client *c = p->client;
    struct peer *before = other_of(p, true);

    if (before != NULL)
        drop(before);
    if (memcmp(c->identity.public.fingerprint, p->call.key.fingerprint, SIZE_FINGERPRINT) < 0) {
        p->held = true;
        return;
    }
    drop(ours);
    switchboard_accept(p);
}

static void ring(struct peer *p, struct peer *other)
{
    struct report_call k;

    if (other != NULL)
        switchboard_finish(other, CALL_END_AGAIN);
    p->known = true;
    k = about(p);
    report_rings(&p->client->report, &k);
}

/* A call of somebody with whom there is a chat already: a new start, or the call that ours crossed,
 * overtaken by the ACCEPT on the other link. That one is followed by its QUIT. */
static bool is_new_start(struct peer *p, const struct peer *other, int64_t now)
{
    if (other == NULL || other->call.state != CALL_CHATTING || !other->call.caller)
        return true;
    if (p->again == 0) {
        p->again = now + CROSSED_NS;
        p->call.due = p->again + CROSSED_NS;
    }
    return now >= p->again;
}

/* So that who is rung by many, or by one with many names, can still call, and be called. */
static bool too_many_ring(const struct peer *p)
{
    size_t all = 0, same = 0;

    for (const struct peer *o = p->client->direct.peers; o != NULL; o = o->next) {
        if (o == p || o->call.caller || o->call.state != CALL_RINGING)
            continue;
        all++;
        same += public_key_same(&o->call.key, &p->call.key);
    }
    return all >= LIMIT_RINGING || same >= LIMIT_RINGING_KEY;
}

/* A link for files rings nobody: its user is asked about each of them. */
static void open_files(struct peer *p, int64_t now)
{
    size_t count = 0;
    struct peer *next;

    for (struct peer *o = p->client->direct.peers; o != NULL; o = next) {
        next = o->next;
        if (o == p || o->call.caller || !o->call.files || o->call.state != CALL_CHATTING)
            continue;
        count++;
        if (!public_key_same(&o->call.key, &p->call.key))
            continue;
        count--;
        switchboard_finish(o, CALL_END_AGAIN);
    }
    if (count >= LIMIT_FILE_LINKS) {
        call_finish(&p->call, CALL_END_BUSY);
        peer_push(p);
        return;
    }
    call_ring(&p->call, now);
    call_accept(&p->call);
    parcels_began(p);
}

void switchboard_judge(struct peer *p, int64_t now)
{
    struct peer *other;

    if (p->call.state != CALL_WAITING || !p->call.proven || !admits(p->client, &p->call))
        return;
    if (p->call.files) {
        open_files(p, now);
        return;
    }
    other = other_of(p, false);
    if (!is_new_start(p, other, now))
        return;
    if ((other == NULL && (direct_count(p->client) >= LIMIT_CHATS || too_many_ring(p))) ||
        !bell_ring(&p->client->direct.bell, p->call.key.fingerprint, now)) {
        call_finish(&p->call, CALL_END_BUSY);
        peer_push(p);
        return;
    }
    call_ring(&p->call, now);
    peer_push(p);
    if (other != NULL && other->call.caller && other->call.state < CALL_CHATTING)
        cross(p, other);
    else
        ring(p, other);
}

static void said(struct peer *p)
{
    struct report_call k = about(p);

    report_direct(&p->client->report, &k, p->call.text);
}

/* Our call was answered: the one that crossed it is not needed. */
static void accepted(struct peer *p)
{
    struct peer *crossed = other_of(p, true);

    if (crossed != NULL)
        drop(crossed);
    begin(p);
}

static void ended(struct peer *p)
{
    const struct client *c = p->client;
    struct peer *crossed = p->known && p->call.caller ? other_of(p, true) : NULL;
    struct report_call k = about(p);

    if (crossed != NULL && p->call.end != CALL_END_HUNG_UP) {
        p->known = false;
        switchboard_accept(crossed);
        return;
    }
    if (crossed != NULL)
        drop(crossed);
    if (!p->known)
        return;
    report_call_end(&c->report, &k, p->call.end, p->why);
    if (c->hooks.chat_over != NULL && direct_find(c, p->call.name) == NULL)
        c->hooks.chat_over(c->hooks.owner, p->call.name);
}

static void news_of_files(struct peer *p, enum call_news news)
{
    if (news == CALL_CAME)
        switchboard_judge(p, now_ns());
    else if (news == CALL_ACCEPTED)
        parcels_began(p);
    else if (news == CALL_ENDED)
        parcels_ended(p);
}

void switchboard_news(struct peer *p, enum call_news news)
{
    struct report_call k = about(p);

    if (p->call.files) {
        news_of_files(p, news);
        return;
    }
    switch (news) {
    case CALL_CAME:
        switchboard_judge(p, now_ns());
        break;
    case CALL_RINGS:
        report_rings(&p->client->report, &k);
        break;
    case CALL_ACCEPTED:
        accepted(p);
        break;
    case CALL_SAID:
        said(p);
        break;
    case CALL_ENDED:
        ended(p);
        break;
    case CALL_FILE:
    case CALL_NOTHING:
        break;
    }
}

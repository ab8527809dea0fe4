#include "client/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/client.h"
#include "platform/now.h"

#define MESSAGES 2   /* that one peer gets */
#define ASKING_ALL 8 /* about so many ask the sender of a message to all */
#define SECOND_NS INT64_C(1000000000)

bool witness_agrees(const struct client *c, const struct envelope_content *e)
{
    uint8_t h[BINDINGS_HASH];

    return bindings_hash(&c->bindings, e->n, h) && memcmp(h, e->h, sizeof h) == 0;
}

static struct witness_peer *known(const struct witness *w, const struct public_key *key)
{
    for (size_t i = 0; i < w->count; i++)
        if (public_key_same(&w->peers[i].key, key))
            return &w->peers[i];
    return NULL;
}

/* NULL if there are too many, or no memory. */
static struct witness_peer *find(struct witness *w, const char *name, const struct public_key *key)
{
    struct witness_peer *peers = known(w, key);

    if (peers != NULL)
        return peers;
    if (w->count >= LIMIT_WITNESS)
        return NULL;
    peers = realloc(w->peers, (w->count + 1) * sizeof *peers);
    if (peers == NULL)
        return NULL;
    w->peers = peers;
    peers[w->count] = (struct witness_peer){.key = *key, .due = INT64_MAX};
    snprintf(peers[w->count].name, sizeof peers->name, "%s", name);
    return &peers[w->count++];
}

static void tell(struct client *c, struct witness_peer *p, const char *name)
{
    bool first = p != NULL && !p->told;
    char text[384];

    snprintf(
        text, sizeof text, "%s and you were shown different lists of names and keys%s", name,
        first ? ": the server lies to one of you, unless it is this member who does. Which key "
                "differs is found out if that can be; safety numbers tell the right ones (/verify)"
              : "");
    report_error(&c->report, "server-lies", text, 0);
    if (first)
        p->told = true;
}

/* Soon, but so that it does not show which envelope it was about. */
static void plan(struct client *c, struct witness_peer *p)
{
    uint64_t wait = random_u64(&c->random) % (uint64_t)(9 * SECOND_NS);

    p->due = now_ns() + SECOND_NS + (int64_t)wait;
}

/* If all to whom it was sent asked, one member could make a whole room write by one message. */
static bool is_our_turn(struct client *c, const struct envelope_content *e)
{
    if (e->to == ENVELOPE_ONE || c->members.count <= ASKING_ALL)
        return true;
    return random_u64(&c->random) % c->members.count < ASKING_ALL;
}

void witness_notice(struct client *c, const char *name, const struct envelope_content *e)
{
    struct witness_peer *p = find(&c->witness, name, &e->key);

    tell(c, p, name);
    if (p == NULL || p->sent > 0 || p->settled || p->due != INT64_MAX || !is_our_turn(c, e))
        return;
    p->n = e->n;
    memcpy(p->h, e->h, sizeof p->h);
    p->question = true;
    plan(c, p);
}

static bool is_here(const struct client *c, const struct witness_peer *p)
{
    const struct member *m = members_find(&c->members, p->name);

    return m != NULL && public_key_same(&m->key, &p->key) &&
           !public_key_same(&p->key, &c->identity.public);
}

static void send_one(struct client *c, struct witness_peer *p)
{
    struct envelope_content claim = {.n = p->n};
    struct buf body;

    memcpy(claim.h, p->h, sizeof claim.h);
    if (!is_here(c, p) || (p->question && witness_agrees(c, &claim)))
        return;
    buf_init(&body, LIMIT_BODY);
    if (p->question)
        testimony_ask(&body, &c->bindings, p->n);
    else
        testimony_answer(&body, &c->bindings, &p->gap, p->asks);
    if (!body.failed && mail_post(c, ENVELOPE_BINDINGS, p->name, &p->key,
                                  (struct span){body.data, body.len}) == ERR_OK)
        p->sent++;
    buf_free(&body);
}

int64_t witness_due(const struct witness *w)
{
    int64_t due = INT64_MAX;

    for (size_t i = 0; i < w->count; i++)
        if (w->peers[i].due < due)
            due = w->peers[i].due;
    return due;
}

void witness_tick(struct client *c, int64_t now)
{
    for (size_t i = 0; i < c->witness.count; i++) {
        struct witness_peer *p = &c->witness.peers[i];

        if (p->due > now)
            continue;
        p->due = INT64_MAX;
        send_one(c, p);
    }
}

bool witness_disputes(const struct witness *w, const char *name)
{
    for (size_t i = 0; i < w->disputes; i++)
        if (text_name_same(w->disputed[i], name))
            return true;
    return false;
}

bool witness_decided(struct witness *w, const char *name)
{
    bool found = false;

    for (size_t i = 0; i < w->disputes;) {
        if (text_name_same(w->disputed[i], name)) {
            found = true;
            memcpy(w->disputed[i], w->disputed[--w->disputes], sizeof *w->disputed);
        } else {
            i++;
        }
    }
    return found;
}

/* Room for two names of each peer: there are never more. */
static bool add_dispute(struct witness *w, const char *name)
{
    if (w->disputed == NULL)
        w->disputed = calloc(2 * LIMIT_WITNESS, sizeof *w->disputed);
    if (w->disputed == NULL || witness_disputes(w, name))
        return w->disputed != NULL;
    snprintf(w->disputed[w->disputes++], sizeof *w->disputed, "%s", name);
    return true;
}

static bool is_checked(const struct client *c, const char *name)
{
    const struct contact *known = contacts_find(&c->contacts, c->server.fingerprint, name);

    return known != NULL && known->verified;
}

/* The entry's key may be a wrong one; a key that was compared is not. */
static void dispute(struct client *c, const struct binding *entry, struct buf *advice)
{
    const char *name = entry->name;

    if (text_name_same(name, c->config->name))
        buf_printf(advice, " %s is your own name: others may have a wrong key of yours.", name);
    else if (is_checked(c, name))
        buf_printf(advice, " You have checked the key of %s that you have: it is right.", name);
    else if (add_dispute(&c->witness, name))
        buf_printf(advice,
                   " Nothing is sent to %s until you compare safety numbers (/verify %s, then "
                   "/verify %s ok) or say /trust %s.",
                   name, name, name, name);
}

/* Theirs alone is no trouble for us where we have that very key for the name. */
static bool have_same(const struct client *c, const struct binding *theirs)
{
    const uint8_t *owner = bindings_find(&c->bindings, theirs->name);

    if (theirs->kind == BINDING_RELEASE)
        return owner == NULL;
    return owner == NULL || memcmp(owner, theirs->fingerprint, SIZE_FINGERPRINT) == 0;
}

static void settle(struct client *c, struct witness_peer *p, const char *name,
                   const struct testimony_gap *gap)
{
    const struct binding *ours = &gap->ours, *theirs = &gap->theirs;
    struct buf advice;

    if (p->settled)
        return;
    p->settled = p->told = true;
    buf_init(&advice, 2048);
    buf_printf(&advice, "Either the server lies to one of you, or %s does.", name);
    if (ours->n != 0)
        dispute(c, ours, &advice);
    if (theirs->n != 0 && (ours->n == 0 || !text_name_same(ours->name, theirs->name)) &&
        !have_same(c, theirs))
        dispute(c, theirs, &advice);
    report_difference(&c->report, name, gap->parted, ours, theirs, buf_text(&advice));
    buf_free(&advice);
}

/* A member can't be made to tell the truth: this is said of the member alone. */
static void disbelieve(struct client *c, struct witness_peer *p, const char *name, const char *what)
{
    char text[256];

    if (p->nonsense)
        return;
    p->nonsense = true;
    snprintf(text, sizeof text,
             "what %s says of the list of names and keys %s: this says nothing about the server",
             name, what);
    report_error(&c->report, "bad-bindings", text, 0);
}

void witness_take(struct client *c, const char *name, const struct envelope_content *e)
{
    enum testimony_finding finding = TESTIMONY_SAME;
    struct witness_peer *p;
    struct testimony_gap gap;
    struct testimony t;
    bool holds = testimony_read(&t, e->body, c->server.fingerprint, e->n, e->h) == ERR_OK &&
                 testimony_compare(&t, &c->bindings, &finding, &gap) == ERR_OK;

    /* Else many who agree, whom a server that lies can make up, would quietly take all places. */
    if (holds && finding == TESTIMONY_SAME && known(&c->witness, &e->key) == NULL)
        return;
    p = find(&c->witness, name, &e->key);
    if (p == NULL)
        return;
    if (!holds) {
        disbelieve(c, p, name, "does not hold together");
        return;
    }
    if (finding == TESTIMONY_SAME) {
        if (p->told && !p->settled)
            disbelieve(c, p, name, "is now the same as what you were shown");
        return;
    }
    if (finding == TESTIMONY_NAMED)
        settle(c, p, name, &gap);
    else if (!p->told)
        tell(c, p, name);
    if ((!t.asks && finding == TESTIMONY_NAMED) || p->sent >= MESSAGES)
        return;
    p->question = false;
    p->gap = gap;
    p->asks = finding == TESTIMONY_NARROWED;
    if (p->due == INT64_MAX)
        plan(c, p);
}

void witness_free(struct witness *w)
{
    free(w->peers);
    free(w->disputed);
    *w = (struct witness){0};
}

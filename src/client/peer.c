#include "client/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/wipe.h"
#include "client/client.h"
#include "client/switchboard.h"
#include "platform/now.h"
#include "proto/direct.h"

#define GOODBYE_NS INT64_C(2000000000)

/* The signature of the proof, made on the worker. */
struct peer_job {
    struct worker_job job;
    struct peer *peer; /* NULL: nobody waits */
    const struct identity *identity;
    struct random random;
    struct direct_proof proof; /* points into the next four, and at what outlives the worker */
    uint8_t exporter[SIZE_EXPORTER];
    uint8_t callee[SIZE_FINGERPRINT];
    uint8_t signature[SIZE_SIGNATURE];
    bool ok;
};

static void tell(struct peer *p, enum call_news news)
{
    peer_push(p);
    if (news != CALL_NOTHING)
        switchboard_news(p, news);
}

static void lose(struct peer *p, enum call_end how, const char *why)
{
    snprintf(p->why, sizeof p->why, "%s", why);
    p->gone = p->link == NULL || p->gone;
    tell(p, call_lost(&p->call, how));
}

static void sign_run(struct worker_job *job)
{
    struct peer_job *j = (struct peer_job *)job;

    j->ok = direct_sign(j->signature, j->identity, &j->random, &j->proof);
}

static void sign_done(struct worker_job *job)
{
    struct peer_job *j = (struct peer_job *)job;
    struct peer *p = j->peer;

    if (p != NULL)
        p->job = NULL;
    if (p != NULL && !job->cancelled && p->call.state == CALL_DIALLING) {
        if (j->ok) {
            call_knock(&p->call, j->signature, now_ns());
            peer_push(p);
        } else {
            lose(p, CALL_END_UNREACHABLE, "our key does not work");
        }
    }
    random_wipe(&j->random);
    wipe(j, sizeof *j);
    free(j);
}

/* The proof of a caller, on the worker. */
static bool sign(struct peer *p)
{
    struct client *c = p->client;
    struct peer_job *j = calloc(1, sizeof *j);

    if (j == NULL)
        return false;
    j->job = (struct worker_job){.run = sign_run, .done = sign_done};
    j->peer = p;
    j->identity = &c->identity;
    random_fork(&j->random, &c->random);
    memcpy(j->exporter, p->call.exporter, sizeof j->exporter);
    memcpy(j->callee, p->call.key.fingerprint, sizeof j->callee);
    j->proof = (struct direct_proof){.exporter = j->exporter,
                                     .callee = j->callee,
                                     .caller = c->identity.public.fingerprint,
                                     .name = c->config->name,
                                     .server = c->server.fingerprint};
    p->job = j;
    if (worker_submit(c->pool.worker, &j->job))
        return true;
    p->job = NULL;
    wipe(j, sizeof *j);
    free(j);
    return false;
}

static void on_opened(struct link *l)
{
    struct peer *p = link_owner(l);

    link_exporter(l, p->call.exporter);
    link_phase(l, call_phase(&p->call));
    if (p->call.caller && p->call.state == CALL_DIALLING && !sign(p))
        lose(p, CALL_END_UNREACHABLE, "out of memory");
}

static void on_message(struct link *l, const struct message *m)
{
    struct peer *p = link_owner(l);

    enum call_news news = call_message(&p->call, m, now_ns());
    enum err e = news == CALL_FILE ? parcels_message(p, m) : ERR_OK;

    if (e != ERR_OK)
        news = call_broken(&p->call, err_text(e));
    tell(p, news);
}

static size_t on_fill(struct link *l, uint8_t *out, size_t room)
{
    struct peer *p = link_owner(l);

    return p->call.files && p->call.caller ? parcels_fill(p, out, room) : 0;
}

static void on_broken(struct link *l, const char *why)
{
    struct peer *p = link_owner(l);

    tell(p, call_broken(&p->call, why));
}

static void on_ended(struct link *l, enum link_end how, const char *why)
{
    struct peer *p = link_owner(l);

    p->gone = true;
    lose(p, how == LINK_WRONG_KEY ? CALL_END_WRONG_KEY : CALL_END_GONE, why);
}

static const struct link_events events = {
    .opened = on_opened,
    .message = on_message,
    .broken = on_broken,
    .fill = on_fill,
    .ended = on_ended,
};

static void on_dialled(void *owner, int fd, const char *why)
{
    struct peer *p = owner;

    if (fd >= 0)
        p->link = link_open_client(&p->client->hub, fd, p->call.key.fingerprint, &events, p);
    if (p->link == NULL) {
        lose(p, CALL_END_UNREACHABLE, fd >= 0 ? "out of memory" : why);
        return;
    }
    p->call.due = now_ns() + LIMIT_HELLO_SECONDS * INT64_C(1000000000);
}

static struct peer *make(struct client *c)
{
    struct peer *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->client = c;
    p->dial.fd = -1;
    p->patience = INT64_MAX;
    p->next = c->direct.peers;
    c->direct.peers = p;
    return p;
}

static struct peer *make_caller(struct client *c, const char *name, const struct public_key *key,
                                const struct address *at)
{
    struct peer *p = make(c);

    if (p == NULL)
        return NULL;
    call_start_caller(&p->call, &c->direct.self, name, key);
    address_text(at, p->at);
    p->dial.done = on_dialled;
    p->dial.owner = p;
    return p;
}

struct peer *peer_dial(struct client *c, const char *name, const struct public_key *key,
                       const struct address *at)
{
    struct peer *p = make_caller(c, name, key, at);

    if (p == NULL)
        return NULL;
    p->known = true;
    switchboard_calls(p);
    dial_address(&p->dial, c->loop, at);
    return p;
}

struct peer *peer_dial_files(struct client *c, const char *name, const struct public_key *key,
                             const struct address *at)
{
    struct peer *p = make_caller(c, name, key, at);

    if (p == NULL)
        return NULL;
    p->call.files = true;
    dial_address(&p->dial, c->loop, at);
    return p;
}

void peer_welcome(struct client *c, int fd, const struct address *from)
{
    struct peer *p = make(c);

    if (p == NULL) {
        close(fd);
        return;
    }
    call_start_callee(&p->call, &c->direct.self, now_ns());
    address_text(from, p->at);
    address_group(from, p->group);
    p->link = link_open_server(&c->hub, fd, &c->identity, &c->direct.cert, &events, p);
    p->gone = p->link == NULL;
}

void peer_free(struct peer *p)
{
    struct peer **at = &p->client->direct.peers;

    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    if (p->call.files)
        parcels_ended(p);
    if (p->job != NULL)
        p->job->peer = NULL;
    dial_stop(&p->dial);
    link_close(p->link);
    call_free(&p->call);
    wipe(p, sizeof *p);
    free(p);
}

void peer_push(struct peer *p)
{
    if (p->link != NULL && p->call.out.len > 0 && !link_send(p->link, &p->call.out))
        p->gone = true;
    buf_free(&p->call.out);
    if (p->call.state != CALL_OVER) {
        if (p->link != NULL)
            link_phase(p->link, call_phase(&p->call));
        return;
    }
    if (p->patience != INT64_MAX)
        return;
    p->patience = now_ns() + GOODBYE_NS;
    dial_stop(&p->dial);
    /* Without TLS no goodbye can be said. */
    if (p->link != NULL && link_is_open(p->link))
        link_finish(p->link);
    else
        p->gone = true;
}

void peer_tick(struct peer *p, int64_t now)
{
    dial_tick(&p->dial, now);
    p->gone = p->gone || now >= p->patience;
    if (now >= p->call.due && p->why[0] == 0)
        snprintf(p->why, sizeof p->why, "nobody answers there");
    tell(p, call_tick(&p->call, now));
}

int64_t peer_due(const struct peer *p)
{
    int64_t due = p->call.due < p->patience ? p->call.due : p->patience;

    if (p->call.state == CALL_WAITING && p->again != 0 && p->again < due)
        due = p->again;
    return p->dial.fd >= 0 && p->dial.due < due ? p->dial.due : due;
}

#include "client/direct.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "client/client.h"
#include "client/switchboard.h"
#include "platform/socket.h"

#define BACKLOG 16

void direct_reached(struct client *c, int fd)
{
    if (socket_local(fd, &c->direct.own) != 0)
        c->direct.own = (struct address){0};
}

static bool came_through(const struct peer *p)
{
    return p->known || p->files.began;
}

/* Links to us that have not shown who calls, or did not get past that; and those whose end the
 * other side does not take notice of. */
static bool over_limit(const struct client *c, const uint8_t group[static 16])
{
    size_t all = 0, same = 0, lasting = 0;

    for (const struct peer *p = c->direct.peers; p != NULL; p = p->next) {
        if (p->call.caller || p->gone)
            continue;
        lasting += came_through(p) && p->call.state == CALL_OVER;
        all += !came_through(p) && !p->held;
        same += !came_through(p) && !p->held && memcmp(p->group, group, 16) == 0;
    }
    return all >= LIMIT_KNOCKS || same >= LIMIT_KNOCKS_ADDRESS || lasting >= LIMIT_CHATS;
}

static void on_arrived(void *owner, int fd, const struct address *from)
{
    struct client *c = owner;
    uint8_t group[16];

    address_group(from, group);
    if (over_limit(c, group) || c->state >= CLIENT_LEAVING)
        close(fd);
    else
        peer_welcome(c, fd, from);
}

/* A port of the kernel's choice is no reason to stay out of the room. */
static bool fail_listen(struct client *c, const struct address *at, int failed)
{
    char text[256], place[ADDRESS_TEXT];

    address_text(at, place);
    snprintf(text, sizeof text, "can't listen for direct chats at %s: %s", place,
             strerror(-failed));
    door_close(&c->direct.door);
    if (c->config->direct_port == 0) {
        report_error(&c->report, "direct-port", text, 0);
        return true;
    }
    client_fail(c, CLIENT_EXIT_FAILED, "direct-port", text);
    return false;
}

/* Who comes back from the same address goes on listening where it did. */
static bool stays(const struct client *c, uint16_t *port)
{
    const struct direct *d = &c->direct;
    char before[ADDRESS_TEXT], now[ADDRESS_TEXT];
    struct address at, own = d->own;

    if (!reconnect_away(c) || d->door.listen < 0 || socket_local(d->door.listen, &at) != 0 ||
        !address_set_port(&own, address_port(&at)))
        return false;
    address_text(&at, before);
    address_text(&own, now);
    *port = address_port(&at);
    return strcmp(before, now) == 0;
}

bool direct_listen(struct client *c, uint16_t *port)
{
    struct direct *d = &c->direct;
    struct address at = d->own;
    int failed;

    if (stays(c, port))
        return true;
    *port = 0;
    d->self = (struct call_self){
        .name = c->config->name, .key = &c->identity.public, .server = c->server.fingerprint};
    door_close(&d->door);
    if (c->config->direct_off || (c->config->one_shot && !c->config->receives) ||
        !address_set_port(&at, c->config->direct_port))
        return true;
    if (cert_make(&d->cert, &c->identity, &c->random) != ERR_OK) {
        client_fail(c, CLIENT_EXIT_FAILED, "key", "our key does not work");
        return false;
    }
    failed = door_open(&d->door, c->loop, &at, BACKLOG);
    if (failed == 0)
        failed = socket_local(d->door.listen, &at);
    if (failed != 0)
        return fail_listen(c, &at, failed);
    *port = address_port(&at);
    door_admit(&d->door, on_arrived, c);
    return true;
}

void direct_close(struct client *c)
{
    door_close(&c->direct.door);
    while (c->direct.peers != NULL)
        peer_free(c->direct.peers);
}

int64_t direct_due(const struct client *c)
{
    int64_t due = door_due(&c->direct.door);

    for (const struct peer *p = c->direct.peers; p != NULL; p = p->next) {
        int64_t own = peer_due(p);

        if (own < due)
            due = own;
    }
    return due;
}

void direct_tick(struct client *c, int64_t now)
{
    struct peer *next;

    door_tick(&c->direct.door, now);
    for (struct peer *p = c->direct.peers; p != NULL; p = next) {
        next = p->next;
        switchboard_judge(p, now);
        peer_tick(p, now);
    }
}

void direct_reap(struct client *c)
{
    struct peer *next;

    for (struct peer *p = c->direct.peers; p != NULL; p = next) {
        next = p->next;
        if (!p->gone)
            continue;
        if (call_lost(&p->call, CALL_END_GONE) == CALL_ENDED)
            switchboard_news(p, CALL_ENDED);
        peer_free(p);
    }
}

size_t direct_count(const struct client *c)
{
    size_t n = 0;

    for (const struct peer *p = c->direct.peers; p != NULL; p = p->next)
        n += (p->known || p->held) && p->call.state != CALL_OVER;
    return n;
}

size_t direct_links(const struct client *c)
{
    size_t n = direct_count(c);

    for (const struct peer *p = c->direct.peers; p != NULL; p = p->next)
        n += p->files.began && p->call.state != CALL_OVER;
    return n;
}

struct peer *direct_find(const struct client *c, const char *name)
{
    for (struct peer *p = c->direct.peers; p != NULL; p = p->next) {
        if (p->known && p->call.state != CALL_OVER && text_name_same(p->call.name, name))
            return p;
    }
    return NULL;
}

bool direct_address(const struct client *c, const struct member *m, struct address *out,
                    const char **why)
{
    size_t len = strlen(m->address);

    *why = "the server gives no address of it";
    if (m->direct_port == 0)
        *why = "it takes no direct calls";
    else if (len > 0 && strspn(m->address, "0123456789abcdefABCDEF:.") == len &&
             address_numeric(m->address, m->direct_port, out)) {
        *why = "its address is good on another network alone";
        /* A server must not lead us to what listens here, nor a member that is on its machine. */
        if (address_is_here(out) && !address_is_here(&c->direct.own))
            return false;
        return address_set_scope(out, &c->direct.own);
    }
    return false;
}

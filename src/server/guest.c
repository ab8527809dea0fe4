#include "server/guest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "server/room.h"

static void list_remove(struct guest *g)
{
    struct guests *all = g->all;

    *(g->previous != NULL ? &g->previous->next : &all->first[g->list]) = g->next;
    *(g->next != NULL ? &g->next->previous : &all->last[g->list]) = g->previous;
    g->next = g->previous = NULL;
    all->count[g->list]--;
}

static void list_add(struct guest *g, enum guest_list list, int64_t stay_ns)
{
    struct guests *all = g->all;

    g->list = list;
    g->due = stay_ns == INT64_MAX ? INT64_MAX : all->room->now + stay_ns;
    g->previous = all->last[list];
    *(g->previous != NULL ? &g->previous->next : &all->first[list]) = g;
    all->last[list] = g;
    all->count[list]++;
}

static void move(struct guest *g, enum guest_list list, int64_t stay_ns)
{
    if (g->list >= list)
        return;
    list_remove(g);
    list_add(g, list, stay_ns);
}

static bool port_send(void *link, struct blob *b)
{
    return link_send_blob(((struct guest *)link)->link, b);
}

static size_t port_queued(void *link)
{
    return link_queued(((struct guest *)link)->link);
}

static void port_phase(void *link, enum message_phase phase)
{
    struct guest *g = link;

    link_phase(g->link, phase);
    if (phase == PHASE_ROOM)
        move(g, GUEST_SETTLED, INT64_MAX);
}

static void port_pause(void *link, bool paused)
{
    link_pause(((struct guest *)link)->link, paused);
}

static void port_kick(void *link)
{
    link_kick(((struct guest *)link)->link);
}

static void port_finish(void *link)
{
    struct guest *g = link;

    link_finish(g->link);
    move(g, GUEST_LEAVING, GUEST_PATIENCE_NS);
}

static void port_exporter(void *link, uint8_t out[static SIZE_EXPORTER])
{
    link_exporter(((struct guest *)link)->link, out);
}

static const struct session_port port = {
    .send = port_send,
    .queued = port_queued,
    .phase = port_phase,
    .pause = port_pause,
    .kick = port_kick,
    .finish = port_finish,
    .exporter = port_exporter,
};

static void on_opened(struct link *l)
{
    (void)l;
}

static void on_message(struct link *l, const struct message *m)
{
    session_message(&((struct guest *)link_owner(l))->session, m);
}

static void on_broken(struct link *l, const char *why)
{
    session_broken(&((struct guest *)link_owner(l))->session, link_refused(l), why);
}

static size_t on_fill(struct link *l, uint8_t *out, size_t room)
{
    return session_fill(&((struct guest *)link_owner(l))->session, out, room);
}

static void on_ended(struct link *l, enum link_end how, const char *why)
{
    struct guest *g = link_owner(l);

    (void)how;
    log_debug("link from %s ended: %s", g->session.address, why);
    session_end(&g->session);
    move(g, GUEST_ENDED, 0);
}

static const struct link_events events = {
    .opened = on_opened,
    .message = on_message,
    .broken = on_broken,
    .fill = on_fill,
    .ended = on_ended,
};

static bool over_limit(const struct guests *all, const uint8_t group[static 16])
{
    size_t same = 0;

    if (all->count[GUEST_STRANGERS] >= all->limit)
        return true;
    for (const struct guest *g = all->first[GUEST_STRANGERS]; g != NULL; g = g->next)
        same += memcmp(g->group, group, 16) == 0;
    return same >= (size_t)all->room->limits.value[LIMITS_STRANGERS_ADDRESS];
}

void guest_welcome(struct guests *all, int fd, const struct address *from)
{
    struct guest *g;
    uint8_t group[16];
    char host[ADDRESS_TEXT];

    address_group(from, group);
    g = over_limit(all, group) ? NULL : calloc(1, sizeof *g);
    if (g == NULL) {
        close(fd);
        return;
    }
    g->all = all;
    memcpy(g->group, group, sizeof group);
    g->link = link_open_server(all->hub, fd, all->identity, all->cert, &events, g);
    if (g->link == NULL) {
        free(g);
        return;
    }
    address_host(from, host);
    list_add(g, GUEST_STRANGERS,
             all->room->limits.value[LIMITS_HELLO_SECONDS] * INT64_C(1000000000));
    session_start(&g->session, all->room, &port, g, host);
    memcpy(g->session.group, group, sizeof group);
}

int64_t guest_due(const struct guests *all)
{
    int64_t due = INT64_MAX;

    for (int i = 0; i < GUEST_LISTS; i++) {
        if (all->first[i] != NULL && all->first[i]->due < due)
            due = all->first[i]->due;
    }
    return due;
}

static void free_guest(struct guest *g)
{
    list_remove(g);
    session_end(&g->session);
    link_close(g->link);
    free(g);
}

static bool too_many_leave(const struct guests *all)
{
    return all->count[GUEST_LEAVING] > all->limit && !all->dismissed;
}

void guest_reap(struct guests *all)
{
    struct guest *g;
    int64_t now = all->room->now;

    while ((g = all->first[GUEST_STRANGERS]) != NULL && now >= g->due) {
        log_debug("%s took too long for the hello", g->session.address);
        session_refuse(&g->session, CODE_TIMEOUT, "the hello took too long");
    }
    while ((g = all->first[GUEST_LEAVING]) != NULL && (now >= g->due || too_many_leave(all)))
        free_guest(g);
    while ((g = all->first[GUEST_ENDED]) != NULL)
        free_guest(g);
}

void guest_dismiss(struct guests *all, const char *text)
{
    all->dismissed = true;
    for (int i = GUEST_STRANGERS; i <= GUEST_SETTLED; i++) {
        while (all->first[i] != NULL)
            session_dismiss(&all->first[i]->session, text);
    }
}

size_t guest_count(const struct guests *all)
{
    size_t count = 0;

    for (int i = 0; i < GUEST_LISTS; i++)
        count += all->count[i];
    return count;
}

void guest_close(struct guests *all)
{
    for (int i = 0; i < GUEST_LISTS; i++) {
        while (all->first[i] != NULL)
            free_guest(all->first[i]);
    }
}

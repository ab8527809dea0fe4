#include "client/presence.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/client.h"
#include "client/outbox.h"
#include "client/trust.h"
#include "wire/room.h"

enum err presence_welcome(struct client *c, struct span payload)
{
    struct wire_welcome m;
    struct buf clean;
    enum err e = wire_get_welcome(payload, &m);

    if (e != ERR_OK)
        return e;
    buf_init(&clean, 1024);
    text_clean(&clean, m.room.data, m.room.len, false);
    snprintf(c->room, sizeof c->room, "%s", buf_text(&clean));
    buf_free(&clean);
    memcpy(c->log_id, m.log_id, sizeof c->log_id);
    memcpy(c->welcome_h, m.h, sizeof c->welcome_h);
    c->welcome_n = m.n;
    c->welcome_last = m.last;
    c->state = CLIENT_ENTERING;
    link_phase(c->link, PHASE_ROOM);
    return ERR_OK;
}

/* Who comes back and is given another list than before is lied to, or the server lost its memory. */
static void other_list(struct client *c)
{
    reconnect_never(c);
    client_lost(
        c, CLIENT_EXIT_REFUSED, "server-lies",
        "THE SERVER SHOWS ANOTHER LIST OF NAMES AND KEYS THAN BEFORE: it lies, or it was set "
        "back to an older copy. Compare safety numbers (/verify) before you trust it.");
}

/* An entry that we have must be the same again; the next one must follow. */
static enum err take_binding(struct client *c, const struct wire_binding *m)
{
    struct binding known, new = {.n = m->n, .kind = (enum binding_kind)m->kind};

    memcpy(new.name, m->name, sizeof new.name);
    memcpy(new.fingerprint, m->fingerprint, sizeof new.fingerprint);
    if (!bindings_get(&c->bindings, m->n, &known))
        return bindings_append(&c->bindings, &new);
    if (known.kind != new.kind || strcmp(known.name, new.name) != 0 ||
        memcmp(known.fingerprint, new.fingerprint, sizeof new.fingerprint) != 0)
        return ERR_FORMAT;
    return ERR_OK;
}

enum err presence_bindings(struct client *c, struct span payload)
{
    struct wire_list list = wire_bindings_open(payload);
    struct wire_binding m;
    enum err e;

    while (wire_bindings_next(&list, &m, &e)) {
        e = take_binding(c, &m);
        if (e == ERR_FORMAT && c->state == CLIENT_ENTERING && reconnect_away(c)) {
            other_list(c);
            return ERR_OK;
        }
        if (e != ERR_OK)
            return e;
    }
    return e;
}

/* A lasting name must have a key that the list gave to it, if not the newest one: the list may be
 * ahead of what is told about members. An ephemeral one must not be anybody else's now. */
static bool bound_well(const struct client *c, const struct member *m)
{
    return bindings_ever(&c->bindings, m->name, m->key.fingerprint) ||
           (m->ephemeral && bindings_find(&c->bindings, m->name) == NULL);
}

/* True if that member is known already: who comes back has met the others before. */
static bool is_known(const struct client *c, const struct members *list, const struct member *m)
{
    const struct member *before = members_find(&c->members, m->name);

    return list != &c->members && before != NULL && public_key_same(&before->key, &m->key);
}

/* *new: the member that was not here before, NULL if it was. */
static enum err take_member(struct client *c, struct members *list, const struct wire_member *w,
                            const struct member **new)
{
    const struct member *m;
    bool added;
    enum err e = members_add(list, w, &added);

    *new = NULL;
    if (e != ERR_OK)
        return e;
    m = members_find(list, w->name);
    if (!bound_well(c, m))
        return ERR_KEY;
    if (added && !is_known(c, list, m)) {
        *new = m;
        trust_joined(c, m);
    }
    return ERR_OK;
}

/* The first time, or again. */
static void tell_entered(struct client *c)
{
    struct report_room room = {
        .name = c->config->name,
        .key = &c->identity.public,
        .room = {(const uint8_t *)c->room, strlen(c->room)},
        .server = c->server.fingerprint,
        .place = c->config->place,
    };

    report_ready(&c->report, &room);
    report_directory(&c->report, c->bindings.count, &c->members);
}

/* All has come: is the list that the server promised, and are we in it? */
static enum err enter(struct client *c)
{
    uint8_t h[BINDINGS_HASH];
    bool again;

    if (reconnect_away(c) && c->welcome_n < c->bindings.count) {
        other_list(c);
        return ERR_OK;
    }
    if (!bindings_hash(&c->bindings, c->welcome_n, h) || memcmp(h, c->welcome_h, sizeof h) != 0)
        return ERR_KEY;
    again = reconnect_done(c);
    c->state = CLIENT_ROOM;
    c->patience = INT64_MAX;
    if (again)
        report_back(&c->report, c->bindings.count, &c->members, &c->arriving);
    members_replace(&c->members, &c->arriving);
    if (contacts_save(&c->contacts) != ERR_OK)
        report_error(&c->report, "state", "can't save the contacts", 0);
    if (!again)
        tell_entered(c);
    catchup_enter(c);
    outbox_enter(c);
    receipts_enter(c);
    parcels_enter(c);
    if (again) {
        intermission_enter(c);
        caster_enter(c);
    } else {
        c->hooks.entered(c->hooks.owner);
    }
    return ERR_OK;
}

enum err presence_members(struct client *c, struct span payload)
{
    struct wire_list list = wire_members_open(payload);
    struct wire_member m;
    const struct member *new;
    enum err e;

    if (c->state != CLIENT_ENTERING)
        return ERR_STATE;
    if (!c->members_partial)
        members_clear(&c->arriving);
    while (wire_members_next(&list, &m, &e)) {
        e = take_member(c, &c->arriving, &m, &new);
        if (e != ERR_OK)
            return e;
    }
    c->members_partial = list.more;
    return e == ERR_OK && !list.more ? enter(c) : e;
}

enum err presence_joined(struct client *c, struct span payload)
{
    struct wire_list list = wire_members_open(payload);
    struct wire_member m;
    const struct member *new;
    enum err e;

    while (wire_members_next(&list, &m, &e)) {
        e = take_member(c, &c->members, &m, &new);
        if (e != ERR_OK)
            return e;
        if (new != NULL && c->state == CLIENT_ROOM) {
            report_joined(&c->report, new);
            parcels_joined(c, new);
        }
    }
    return e;
}

enum err presence_left(struct client *c, struct span payload)
{
    struct wire_list list = wire_left_open(payload);
    struct wire_left m;
    struct member gone;
    enum err e;

    while (wire_left_next(&list, &m, &e)) {
        if (members_remove(&c->members, m.name, m.fingerprint, &gone))
            report_left(&c->report, &gone, m.reason);
    }
    return e;
}

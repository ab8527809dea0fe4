#include "client/chat.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/client.h"
#include "client/report_direct.h"
#include "client/switchboard.h"
#include "client/trust.h"

static void complain(struct client *c, const char *word, const char *name, const char *why)
{
    char text[256];

    snprintf(text, sizeof text, "%s%s%s", name, *name != 0 ? ": " : "", why);
    report_error(&c->report, word, text, 0);
}

static bool rings_here(const struct peer *p)
{
    return p->known && !p->call.caller && p->call.state == CALL_RINGING;
}

/* Who can be called. NULL with a complaint. */
static const struct member *find_member(struct client *c, const char *name)
{
    const struct member *m = members_find(&c->members, name);
    const struct trust_objection *objection = m == NULL ? NULL : trust_objects(c, m);
    char why[128];

    if (m == NULL)
        complain(c, "no-member", "no such member", name);
    else if (public_key_same(&m->key, &c->identity.public))
        complain(c, "usage", name, "that is yourself");
    else if (direct_count(c) >= LIMIT_CHATS)
        complain(c, "limit", "", "too many direct chats");
    else if (objection == NULL)
        return m;
    if (objection != NULL) {
        snprintf(why, sizeof why, "the key %s (/trust %s)", objection->what, m->name);
        complain(c, objection->code, m->name, why);
    }
    return NULL;
}

bool chat_call(struct client *c, const char *name)
{
    struct peer *p = direct_find(c, name);
    const struct member *m;
    struct address at;
    const char *why;

    if (p != NULL) {
        if (rings_here(p))
            switchboard_accept(p);
        return true;
    }
    m = find_member(c, name);
    if (m == NULL)
        return false;
    if (!direct_address(c, m, &at, &why)) {
        complain(c, "not-reachable", m->name, why);
        return false;
    }
    p = peer_dial(c, m->name, &m->key, &at);
    if (p == NULL)
        complain(c, "memory", "", "out of memory");
    return p != NULL && p->call.state != CALL_OVER;
}

size_t chat_rings(const struct client *c, const char *name)
{
    size_t n = 0;

    for (const struct peer *p = c->direct.peers; p != NULL; p = p->next)
        n += rings_here(p) && (*name == 0 || text_name_same(p->call.name, name));
    return n;
}

/* The call that rings here, of that name or the only one. NULL with a complaint. */
static struct peer *find_ringing(struct client *c, const char *name)
{
    struct peer *found = NULL;

    for (struct peer *p = c->direct.peers; p != NULL; p = p->next) {
        if (!rings_here(p) || (*name != 0 && !text_name_same(p->call.name, name)))
            continue;
        if (found != NULL) {
            complain(c, "usage", "", "several call: whose call?");
            return NULL;
        }
        found = p;
    }
    if (found == NULL)
        complain(c, "no-call", name, "nobody calls");
    return found;
}

const char *chat_accept(struct client *c, const char *name)
{
    struct peer *p = find_ringing(c, name);

    if (p == NULL)
        return NULL;
    switchboard_accept(p);
    return p->call.name;
}

void chat_decline(struct client *c, const char *name)
{
    struct peer *p = find_ringing(c, name);

    if (p != NULL)
        switchboard_finish(p, CALL_END_DECLINED);
}

const char *chat_with(const struct client *c, const char *name)
{
    const struct peer *p = direct_find(c, name);

    return p == NULL ? NULL : p->call.name;
}

void chat_list(const struct client *c)
{
    struct buf names;

    buf_init(&names, LIMIT_CHATS * (LIMIT_NAME + 2) + 1);
    for (const struct peer *p = c->direct.peers; p != NULL; p = p->next) {
        if (p->known && p->call.state == CALL_CHATTING)
            buf_printf(&names, "%s%s", names.len > 0 ? ", " : "", p->call.name);
    }
    if (names.len > 0 && !c->report.json)
        report_note(&c->report, "Direct chats: %s", buf_text(&names));
    buf_free(&names);
}

void chat_say(struct client *c, const char *name, struct span text)
{
    struct peer *p = direct_find(c, name);

    if (p == NULL) {
        complain(c, "no-call", name, "there is no direct chat");
    } else if (p->call.state != CALL_CHATTING) {
        complain(c, "no-call", p->call.name,
                 rings_here(p) ? "you have not accepted the call" : "the call is not accepted yet");
    } else if (text.len > LIMIT_TEXT) {
        complain(c, "limit", p->call.name, "a direct line has at most 16384 bytes");
    } else if (!text_valid(text.data, text.len)) {
        complain(c, "utf-8", p->call.name, "the text is not valid UTF-8");
    } else if (link_queued(p->link) > LIMIT_CHAT_QUEUE) {
        switchboard_finish(p, CALL_END_SLOW);
    } else {
        call_say(&p->call, text);
        peer_push(p);
        report_direct_sent(&c->report, p->call.name, text);
    }
}

static void end(struct peer *p)
{
    enum call_end how = p->call.state == CALL_CHATTING ? CALL_END_EOM
                        : p->call.caller               ? CALL_END_HUNG_UP
                                                       : CALL_END_DECLINED;

    switchboard_finish(p, how);
}

void chat_end(struct client *c, const char *name)
{
    struct peer *p = direct_find(c, name);

    if (p != NULL)
        end(p);
}

void chat_end_all(struct client *c)
{
    for (struct peer *p = c->direct.peers; p != NULL; p = p->next) {
        if (p->call.state != CALL_OVER)
            end(p);
    }
}

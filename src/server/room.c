#include "server/room.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/fingerprint.h"
#include "server/entry.h"
#include "server/gate.h"

#define FULL "the room is full"

/* Where the name is, or would be. */
static size_t room_place(const struct room *r, const char *name)
{
    size_t low = 0, high = r->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (text_name_compare(r->members[mid]->name, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct session *room_member(const struct room *r, const char *name)
{
    size_t i = room_place(r, name);

    if (i < r->count && text_name_same(r->members[i]->name, name))
        return r->members[i];
    return NULL;
}

/* From the end: a member that is refused as too slow is taken out while this runs. */
void room_broadcast(struct room *r, struct blob *b, const struct session *but)
{
    for (size_t i = r->count; i-- > 0;) {
        if (i < r->count && r->members[i] != but)
            session_send(r->members[i], b);
    }
}

/* False if it is not in that list. */
static bool list_drop(struct session **at, struct session *s)
{
    for (; *at != NULL; at = &(*at)->next) {
        if (*at == s) {
            *at = s->next;
            return true;
        }
    }
    return false;
}

/* An ephemeral name is taken while somebody is here with it; a name in the list belongs to its key,
 * present or not. with: the invitation, or NULL. It is used up only once the name is known to be free,
 * and before that is bound (invites.h). */
static enum err room_claim(struct room *r, struct session *s, const struct invite *with)
{
    const struct session *other = room_member(r, s->name);
    const uint8_t *owner = bindings_find(&r->names.list, s->name);
    enum err e = ERR_OK;

    if (other != NULL && !public_key_same(&other->key, &s->key))
        return ERR_EXISTS;
    if (owner != NULL && !bytes_equal(owner, s->key.fingerprint, SIZE_FINGERPRINT))
        return ERR_EXISTS;
    if (!s->ephemeral && owner == NULL &&
        !newcomers_take(&r->newcomers, s->group, r->limits.value[LIMITS_NEW_NAMES], r->now))
        return ERR_LIMIT;
    if (with != NULL)
        e = invites_use(&r->invites, with, s->key.fingerprint);
    if (e == ERR_OK && !s->ephemeral)
        e = names_claim(&r->names, s->name, s->key.fingerprint, r->log.durable, &s->joins_at);
    return e;
}

/* For one more of that name. */
static bool room_is_full(const struct room *r, const struct session *s)
{
    return (s->one_shot || room_member(r, s->name) == NULL) && r->count + r->visitors >= r->limit;
}

void room_admit(struct room *r, struct session *s, struct span invitation)
{
    const struct invite *with;
    enum err e;

    if (!gate_admits(r, s, invitation, &with)) {
        session_refuse(s, CODE_REFUSED, ROOM_NOT_ADMITTED);
        return;
    }
    /* The key may be an ephemeral one, and could not come again with what it used up. */
    if (with != NULL && room_is_full(r, s)) {
        session_refuse(s, CODE_FULL, FULL);
        return;
    }
    e = room_claim(r, s, with);
    if (e == ERR_IO) {
        session_refuse(s, CODE_STORE, "the server could not store that the invitation is used");
        return;
    }
    if (e == ERR_EXISTS) {
        session_refuse(s, CODE_NAME_TAKEN, "this name belongs to another key");
        return;
    }
    if (e == ERR_MEMORY) {
        session_starve(s);
        return;
    }
    if (e != ERR_OK) {
        session_refuse(s, CODE_FULL, "the server has no room for another new name now");
        return;
    }
    s->state = SESSION_JOINING;
    if (r->names.durable >= s->joins_at) {
        entry_welcome(s);
        return;
    }
    s->next = r->joining;
    r->joining = s;
}

void room_names_durable(struct room *r, uint64_t n)
{
    struct session **at = &r->joining;

    while (*at != NULL) {
        struct session *s = *at;

        if (s->joins_at > n) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        entry_welcome(s);
    }
}

void room_names_failed(struct room *r, uint64_t n)
{
    (void)n;
    while (r->joining != NULL)
        session_refuse(r->joining, CODE_STORE, "the server could not store the name");
}

/* All that one more needs, now and when it leaves. */
static bool room_reserve(struct room *r)
{
    size_t cap = r->cap == 0 ? 16 : 2 * r->cap;
    struct session **members;

    if (!notices_reserve(r))
        return false;
    if (r->count < r->cap)
        return true;
    members = realloc(r->members, cap * sizeof *members);
    if (members == NULL)
        return false;
    r->members = members;
    r->cap = cap;
    return true;
}

bool room_add(struct room *r, struct session *s)
{
    struct session *old = room_member(r, s->name);
    char text[FINGERPRINT_TEXT];
    size_t at;

    /* Nobody is here who lacks earlier entries, and who comes is given them. */
    if (r->count == 0)
        r->notices.told = r->names.durable;
    if (room_is_full(r, s)) {
        session_refuse(s, CODE_FULL, FULL);
        return false;
    }
    if (s->one_shot) {
        s->next = r->visiting;
        r->visiting = s;
        r->visitors++;
        return true;
    }
    if (!room_reserve(r)) {
        session_starve(s);
        return false;
    }
    if (old != NULL) {
        /* The binding says it is the same key. Presence does not change, so nobody is told that
         * somebody left; a new way to reach the member is news. */
        r->members[room_place(r, s->name)] = s;
        session_refuse(old, CODE_REPLACED, "the same key came in from elsewhere");
    } else {
        at = room_place(r, s->name);
        memmove(r->members + at + 1, r->members + at, (r->count - at) * sizeof *r->members);
        r->members[at] = s;
        r->count++;
    }
    fingerprint_text(text, s->key.fingerprint);
    log_note("%s %s from %s, %s", s->name, old != NULL ? "came back" : "joined", s->address, text);
    notices_joined(r, s);
    return true;
}

void room_remove(struct room *r, struct session *s, enum wire_left_reason reason)
{
    static const char *const how[] = {
        [LEFT_QUIT] = "left", [LEFT_LOST] = "was lost", [LEFT_REMOVED] = "was removed"};
    size_t at = room_place(r, s->name);

    casts_forget(s, reason == LEFT_QUIT);
    intake_forget(s);
    tempo_forget(s);
    relay_forget(r, s);
    talk_forget(s);
    list_drop(&r->joining, s);
    if (list_drop(&r->visiting, s))
        r->visitors--;
    if (at < r->count && r->members[at] == s) {
        r->count--;
        memmove(r->members + at, r->members + at + 1, (r->count - at) * sizeof *r->members);
        log_note("%s %s", s->name, how[reason]);
        notices_left(r, s, reason);
    }
}

/* The first of a list with that name and key, each of which may be NULL: any. */
static struct session *list_find(struct session *s, const char *name, const uint8_t *key)
{
    for (; s != NULL; s = s->next) {
        if ((name == NULL || text_name_same(s->name, name)) &&
            (key == NULL || bytes_equal(s->key.fingerprint, key, SIZE_FINGERPRINT)))
            return s;
    }
    return NULL;
}

bool room_uses(const struct room *r, const char *name)
{
    return room_member(r, name) != NULL || list_find(r->joining, name, NULL) != NULL ||
           list_find(r->visiting, name, NULL) != NULL;
}

static struct session *find_any(const struct room *r, const char *name, const uint8_t *key)
{
    struct session *s = list_find(r->joining, name, key);

    if (s == NULL)
        s = list_find(r->visiting, name, key);
    if (s == NULL && name != NULL)
        s = room_member(r, name);
    for (size_t i = 0; s == NULL && name == NULL && i < r->count; i++) {
        if (bytes_equal(r->members[i]->key.fingerprint, key, SIZE_FINGERPRINT))
            s = r->members[i];
    }
    return s;
}

/* A refused session is in none of the lists any more. */
static size_t expel(struct room *r, const char *name, const uint8_t *key, const char *text)
{
    struct session *s;
    size_t count = 0;

    while ((s = find_any(r, name, key)) != NULL) {
        session_refuse(s, CODE_REFUSED, text);
        count++;
    }
    return count;
}

size_t room_expel_name(struct room *r, const char *name, const char *text)
{
    return expel(r, name, NULL, text);
}

size_t room_expel_key(struct room *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                      const char *text)
{
    return expel(r, NULL, fingerprint, text);
}

int64_t room_due(const struct room *r)
{
    const int64_t all[] = {notices_due(r), intake_due(r), tempo_due(r), share_due(&r->share),
                           casts_due(r)};
    int64_t first = INT64_MAX;

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        first = all[i] < first ? all[i] : first;
    return first;
}

void room_tick(struct room *r)
{
    if (r->now >= notices_due(r))
        notices_tell(r);
    relay_tick(r);
    session_serve(&r->share, r->now);
    tempo_tick(r);
    casts_tick(r);
    intake_tick(r);
}

void room_free(struct room *r)
{
    notices_free(&r->notices);
    relay_free(&r->relay);
    bans_close(&r->bans);
    invites_close(&r->invites);
    free(r->members);
    r->members = NULL;
    r->count = r->cap = 0;
}

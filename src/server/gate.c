#include "server/gate.h"

#include <string.h>

#include "base/wipe.h"
#include "platform/now.h"
#include "server/room.h"

/* A used one is for a key whose name a crash or a full disk lost, and for an ephemeral key that comes
 * again. A key that had a name, and was released from it, has had what its invitation was for. */
static bool holds(const struct invite *found, enum bindings_known known)
{
    return found != NULL && (!found->used || known == BINDINGS_NEVER);
}

bool gate_admits(const struct room *r, const struct session *s, struct span code,
                 const struct invite **with)
{
    bool banned = bans_find(&r->bans, s->key.fingerprint) != NULL;
    uint8_t typed[SIZE_INVITATION] = {0};
    const struct invite *found;
    enum bindings_known known;

    *with = NULL;
    if (!r->by_invitation)
        return !banned;
    known = bindings_knows(&r->names.list, s->key.fingerprint);
    if (code.len == SIZE_INVITATION)
        memcpy(typed, code.data, sizeof typed);
    found = invites_find(&r->invites, typed, s->name, s->key.fingerprint,
                         (int64_t)(now_wall_ms() / 1000));
    wipe(typed, sizeof typed);
    if (banned || known == BINDINGS_NOW)
        return !banned;
    if (code.len == 0 || !holds(found, known))
        return false;
    *with = found;
    return true;
}

/* The frames of caster.h on their way. */
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "client/caster.h"
#include "client/client.h"
#include "wire/video.h"

#define PIECE_MOST (LIMIT_CHUNK - SHOT_CHUNK_HEAD - SHOT_FIRST_HEAD)

void caster_forget(struct caster_frame *f)
{
    if (f->data != NULL)
        wipe(f->data, f->length);
    free(f->data);
    *f = (struct caster_frame){0};
}

/* The newest frame begins its way, sealed for whoever may see it by now. */
static bool begin(struct casting *k)
{
    struct caster_frame *f = &k->sending;
    struct shot_place p = {.epoch = k->keys.epoch};

    if (k->newest.data == NULL || k->granted == 0 || (!k->plain && k->keys.count == 0))
        return false;
    *f = k->newest;
    k->newest = (struct caster_frame){0};
    if (k->plain)
        return true;
    memcpy(p.caster, k->client->identity.public.fingerprint, sizeof p.caster);
    memcpy(p.id, k->id, sizeof p.id);
    p.number = f->number;
    p.pts_ns = f->pts_ns;
    shot_seal(k->keys.key, &p, f->data, f->length);
    f->epoch = k->keys.epoch;
    f->length += GCM_TAG;
    return true;
}

static size_t put_piece(struct casting *k, uint8_t *out, size_t room)
{
    struct caster_frame *f = &k->sending;
    uint32_t len = f->length - f->sent;
    size_t most = room - SHOT_HEAD < PIECE_MOST ? room - SHOT_HEAD : PIECE_MOST;
    struct wire_shot m = {
        .stream = k->number,
        .number = f->number,
        .epoch = f->epoch,
        .length = f->length,
        .pts_ns = f->pts_ns,
    };
    size_t head;

    most = most < k->granted ? most : k->granted;
    len = len < most ? len : (uint32_t)most;
    m.flags =
        (uint8_t)((f->sent == 0 ? FRAME_FIRST : 0) | (f->sent + len == f->length ? FRAME_LAST : 0));
    head = wire_shot_head(out, &m, len);
    memcpy(out + head, f->data + f->sent, len);
    f->sent += len;
    k->granted -= len;
    if (f->sent == f->length) {
        caster_forget(f);
        k->sent++;
    }
    return head + len;
}

static bool may_send(struct casting *k)
{
    return k->state == CASTING_OPEN && k->granted > 0 && (k->sending.data != NULL || begin(k));
}

static void to_the_end(struct client *c, struct casting *k)
{
    struct casting **at = &c->castings;

    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    while (*at != NULL)
        at = &(*at)->next;
    *at = k;
    k->next = NULL;
}

/* In turns, or one that always has something would keep the others from it. */
size_t caster_fill(struct client *c, uint8_t *out, size_t room)
{
    struct casting *k = c->castings;

    if (room < SHOT_HEAD + 1024 || c->state != CLIENT_ROOM)
        return 0;
    while (k != NULL && !may_send(k))
        k = k->next;
    if (k == NULL)
        return 0;
    to_the_end(c, k);
    return put_piece(k, out, room);
}

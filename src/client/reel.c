#include "client/reel.h"

#include <stdlib.h>
#include <string.h>

void reel_drop(struct reel *r)
{
    free(r->frame.jpeg);
    *r = (struct reel){0};
}

bool reel_empty(const struct reel *r)
{
    return r->frame.jpeg == NULL;
}

static enum err reel_begin(struct reel *r, const struct wire_frame *piece)
{
    if (!reel_empty(r))
        return ERR_FORMAT;
    r->frame = (struct player_frame){
        .number = piece->number,
        .height = piece->height,
        .source_number = piece->source,
        .length = piece->length,
        .jpeg = malloc(piece->length),
    };
    r->got = 0;
    return r->frame.jpeg == NULL ? ERR_MEMORY : ERR_OK;
}

enum err reel_add(struct reel *r, const struct wire_frame *piece, struct player_frame *whole)
{
    enum err e = ERR_OK;

    *whole = (struct player_frame){0};
    if ((piece->flags & FRAME_FIRST) != 0)
        e = reel_begin(r, piece);
    if (e != ERR_OK)
        return e;
    if (reel_empty(r) || piece->number != r->frame.number ||
        piece->data.len > r->frame.length - r->got)
        return ERR_FORMAT;
    memcpy(r->frame.jpeg + r->got, piece->data.data, piece->data.len);
    r->got += piece->data.len;
    if (((piece->flags & FRAME_LAST) != 0) != (r->got == r->frame.length))
        return ERR_FORMAT;
    if (r->got == r->frame.length) {
        *whole = r->frame;
        *r = (struct reel){0};
    }
    return ERR_OK;
}

#include "client/take.h"

#include <string.h>

static struct parcel_block *mine(struct parcel *p)
{
    return &p->write.block[p->write.at_loop];
}

void take_offer(struct parcel *p, const struct wire_offer *m)
{
    p->file = m->file;
    /* Another state of the file has nothing in common with what is there. */
    p->write.anew = p->size != m->size || p->mtime != m->mtime;
    p->size = p->write.size = m->size;
    p->mtime = m->mtime;
    p->state = PARCEL_OFFERED;
    p->done = 0;
}

void take_agree(struct parcel *p)
{
    p->state = PARCEL_TURN;
    p->agreed = true;
    if (p->size > p->agreed_size)
        p->agreed_size = p->size;
}

void take_open(struct parcel *p)
{
    p->state = PARCEL_OPENING;
    p->write.ready = p->write.restart = false;
    p->write.at_loop = 0;
}

static enum err begin(struct parcel *p, struct span payload, int64_t now)
{
    struct wire_begin m;
    enum err e = wire_get_begin(payload, &m);

    if (e != ERR_OK)
        return e;
    if (p->state != PARCEL_TAKEN)
        return ERR_STATE;
    if (m.offset != 0 && m.offset != p->write.there)
        return ERR_FORMAT;
    p->write.restart = m.offset != p->write.there;
    p->state = PARCEL_MOVING;
    p->done = p->from = m.offset;
    p->begun = now;
    p->meter = (struct meter){0};
    meter_add(&p->meter, p->done, now);
    return ERR_OK;
}

static enum err data(struct parcel *p, struct span payload)
{
    struct parcel_block *b = mine(p);
    struct wire_data m;
    enum err e = wire_get_data(payload, &m);

    if (e != ERR_OK)
        return e;
    if (p->state != PARCEL_MOVING)
        return ERR_STATE;
    /* Who sends more than was offered, or does not stop when nothing is read, breaks the protocol. */
    if (m.bytes.len > p->size - p->done || m.bytes.len > PARCEL_ROOM - b->len)
        return ERR_LIMIT;
    memcpy(b->data + b->len, m.bytes.data, m.bytes.len);
    b->len += m.bytes.len;
    p->done += m.bytes.len;
    return ERR_OK;
}

static enum err end(struct parcel *p, struct span payload, struct buf *out)
{
    struct wire_file_end m;
    enum err e = wire_get_file_end(payload, &m);

    if (e != ERR_OK)
        return e;
    if (p->state != PARCEL_MOVING)
        return ERR_STATE;
    if (p->done < p->size) {
        parcel_drop(p, PARCEL_DAMAGED, out);
        return ERR_OK;
    }
    memcpy(p->end_hash, m.hash, sizeof p->end_hash);
    p->state = PARCEL_ENDING;
    return ERR_OK;
}

static enum err dropped(struct parcel *p, struct span payload)
{
    struct wire_drop_file m;
    enum err e = wire_get_drop(payload, &m);

    /* It is offered again, as it is now. */
    if (e == ERR_OK && m.why == DROP_CHANGED && p->agreed)
        take_cut(p);
    else if (e == ERR_OK)
        parcel_finish(p, parcel_dropped(m.why));
    return e;
}

enum err take_message(struct parcel *p, const struct message *m, int64_t now, struct buf *out)
{
    switch (m->type) {
    case MESSAGE_BEGIN:
        return begin(p, m->payload, now);
    case MESSAGE_DATA:
        return data(p, m->payload);
    case MESSAGE_END:
        return end(p, m->payload, out);
    default:
        return dropped(p, m->payload);
    }
}

/* The worker gets what came so far. */
static void hand_over(struct parcel *p)
{
    p->write.job = WRITE_BLOCK;
    p->write.at_loop ^= 1;
    mine(p)->len = mine(p)->used = 0;
}

bool take_wants_more(const struct parcel *p)
{
    return p->state != PARCEL_MOVING || p->write.block[p->write.at_loop].len >= PARCEL_BLOCK;
}

bool take_wants(struct parcel *p)
{
    if (p->busy)
        return false;
    if (p->state == PARCEL_OVER && p->discard) {
        p->discard = false;
        p->write.job = WRITE_DISCARD;
    } else if (p->state == PARCEL_OPENING) {
        p->write.job = WRITE_OPEN;
    } else if ((p->state == PARCEL_MOVING && mine(p)->len >= PARCEL_BLOCK) ||
               (p->state == PARCEL_ENDING && mine(p)->len > 0)) {
        hand_over(p);
    } else if (p->state == PARCEL_ENDING) {
        memcpy(p->write.hash, p->end_hash, sizeof p->write.hash);
        p->write.job = WRITE_END;
    } else {
        return false;
    }
    p->busy = true;
    return true;
}

static void opened(struct parcel *p, struct buf *out)
{
    if (!p->write.ready)
        return;
    wire_put_take(out, &(struct wire_take){p->file, p->write.there, p->write.hash});
    p->state = PARCEL_TAKEN;
    p->done = p->from = p->write.there;
}

void take_worked(struct parcel *p, struct buf *out)
{
    p->busy = false;
    if (p->state == PARCEL_OVER) {
        parcel_rest(p);
        return;
    }
    if (p->write.job == WRITE_END && p->write.result == ERR_OK) {
        wire_put_kept(out, p->file);
        parcel_finish(p, PARCEL_DONE);
    } else if (p->state <= PARCEL_TURN) {
        parcel_write_rest(&p->write); /* cut meanwhile */
    } else if (p->write.result != ERR_OK) {
        parcel_drop(p,
                    p->write.result == ERR_LIMIT    ? PARCEL_NO_SPACE
                    : p->write.result == ERR_BROKEN ? PARCEL_DAMAGED
                                                    : PARCEL_FAILED,
                    out);
    } else if (p->write.job == WRITE_OPEN) {
        opened(p, out);
    }
}

bool take_full(const struct parcel *p)
{
    return p->state == PARCEL_MOVING && p->busy &&
           p->write.block[p->write.at_loop].len >= PARCEL_BLOCK;
}

void take_cut(struct parcel *p)
{
    if (p->state == PARCEL_OVER)
        return;
    if (!p->agreed) {
        parcel_finish(p, PARCEL_DECLINED);
        return;
    }
    p->state = PARCEL_WAITS;
    if (!p->busy)
        parcel_write_rest(&p->write);
}

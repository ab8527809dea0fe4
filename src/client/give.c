#include "client/give.h"

#include <string.h>

/* A file that is written to all the time is not sent again and again. */
#define LIMIT_CHANGES 3

static struct parcel_block *mine(struct parcel *p)
{
    return &p->read.block[p->read.at_loop];
}

static struct parcel_block *workers(struct parcel *p)
{
    return &p->read.block[p->read.at_loop ^ 1];
}

void give_offer(struct parcel *p, uint32_t file, struct buf *out)
{
    struct wire_offer m = {.file = file,
                           .token = p->token,
                           .size = p->size,
                           .mtime = p->mtime,
                           .name = {(const uint8_t *)p->name, strlen(p->name)}};

    p->file = file;
    p->state = PARCEL_OFFERED;
    wire_put_offer(out, &m);
}

static enum err take(struct parcel *p, struct span payload)
{
    struct wire_take m;
    enum err e = wire_get_take(payload, &m);

    if (e != ERR_OK)
        return e;
    if (p->state != PARCEL_OFFERED)
        return ERR_STATE;
    if (m.offset > p->size)
        return ERR_LIMIT;
    p->read.from = m.offset;
    memcpy(p->read.there, m.hash, sizeof p->read.there);
    p->read.checked = p->read.whole = false;
    p->state = PARCEL_OPENING;
    p->agreed = true;
    return ERR_OK;
}

static enum err kept(struct parcel *p, struct span payload)
{
    uint32_t file;
    enum err e = wire_get_kept(payload, &file);

    /* Or it has it from before, and we did not hear so. */
    if (e == ERR_OK && p->state != PARCEL_ENDING && !(p->state == PARCEL_OFFERED && p->agreed))
        return ERR_STATE;
    if (e == ERR_OK)
        parcel_finish(p, PARCEL_DONE);
    return e;
}

enum err give_message(struct parcel *p, const struct message *m)
{
    struct wire_drop_file d;
    enum err e;

    if (m->type == MESSAGE_TAKE)
        return take(p, m->payload);
    if (m->type == MESSAGE_KEPT)
        return kept(p, m->payload);
    e = wire_get_drop(m->payload, &d);
    if (e == ERR_OK)
        parcel_finish(p, parcel_dropped(d.why));
    return e;
}

bool give_wants_more(const struct parcel *p)
{
    if (p->busy)
        return false;
    return (p->state == PARCEL_WAITS && !p->known) || p->state == PARCEL_OPENING ||
           (p->state == PARCEL_MOVING &&
            (!p->read.whole ? p->read.block[p->read.at_loop ^ 1].len == 0 : p->done == p->size));
}

bool give_wants(struct parcel *p)
{
    if (!give_wants_more(p) || (p->state == PARCEL_MOVING && p->read.whole))
        return false;
    p->read.job = p->state == PARCEL_WAITS     ? READ_LOOK
                  : p->state == PARCEL_OPENING ? READ_CHECK
                                               : READ_BLOCK;
    p->busy = true;
    return true;
}

static void begin(struct parcel *p, int64_t now, struct buf *out)
{
    wire_put_begin(out, &(struct wire_begin){p->file, p->read.from});
    p->state = PARCEL_MOVING;
    p->done = p->from = p->read.from;
    p->begun = now;
    p->meter = (struct meter){0};
    meter_add(&p->meter, p->done, now);
}

void give_worked(struct parcel *p, int64_t now, struct buf *out)
{
    enum parcel_end end = p->read.result == ERR_EXISTS ? PARCEL_CHANGED : PARCEL_FAILED;

    p->busy = false;
    if (p->state == PARCEL_OVER) {
        parcel_rest(p);
        return;
    }
    if (p->read.job == READ_LOOK) {
        p->known = p->read.result == ERR_OK;
        p->size = p->read.mark.size;
        p->mtime = p->read.mark.mtime;
        if (!p->known)
            parcel_finish(p, end);
    } else if (p->state == PARCEL_WAITS) {
        parcel_read_rest(&p->read); /* cut meanwhile */
    } else if (p->read.result == ERR_EXISTS && p->changes++ < LIMIT_CHANGES) {
        wire_put_drop(out, &(struct wire_drop_file){p->file, DROP_CHANGED});
        give_cut(p);
    } else if (p->read.result != ERR_OK) {
        parcel_drop(p, end, out);
    } else if (p->read.job == READ_CHECK && p->read.checked) {
        begin(p, now, out);
    }
}

size_t give_fill(struct parcel *p, uint8_t *to, size_t room)
{
    struct parcel_block *b;
    size_t head = MESSAGE_HEADER + FILE_DATA_HEAD, n;

    if (p->state != PARCEL_MOVING)
        return 0;
    if (mine(p)->used == mine(p)->len && !p->busy && workers(p)->len > 0) {
        mine(p)->used = mine(p)->len = 0;
        p->read.at_loop ^= 1;
    }
    b = mine(p);
    if (room <= head || b->used == b->len)
        return 0;
    n = b->len - b->used;
    n = n < room - head ? n : room - head;
    n = n < LIMIT_CHUNK - FILE_DATA_HEAD ? n : LIMIT_CHUNK - FILE_DATA_HEAD;
    wire_data_head(to, p->file, n);
    memcpy(to + head, b->data + b->used, n);
    b->used += n;
    p->done += n;
    return head + n;
}

void give_settle(struct parcel *p, struct buf *out)
{
    if (p->state != PARCEL_MOVING || p->busy || !p->read.whole || p->done < p->size)
        return;
    wire_put_file_end(out, &(struct wire_file_end){p->file, p->read.hash});
    p->state = PARCEL_ENDING;
    parcel_read_rest(&p->read);
}

void give_cut(struct parcel *p)
{
    if (p->state == PARCEL_OVER)
        return;
    p->state = PARCEL_WAITS;
    /* The file may have changed: then it is offered as what it is by then. */
    p->known = false;
    if (!p->busy)
        parcel_read_rest(&p->read);
}

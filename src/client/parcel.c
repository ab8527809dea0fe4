#include "client/parcel.h"

void parcel_rest(struct parcel *p)
{
    if (p->busy)
        return;
    if (p->out)
        parcel_read_rest(&p->read);
    else if (!p->discard)
        parcel_write_rest(&p->write);
}

void parcel_finish(struct parcel *p, enum parcel_end end)
{
    if (p->state == PARCEL_OVER)
        return;
    p->state = PARCEL_OVER;
    p->end = end;
    p->discard = !p->out && end != PARCEL_DONE;
    parcel_rest(p);
}

void parcel_drop(struct parcel *p, enum parcel_end end, struct buf *out)
{
    if (p->state == PARCEL_OVER)
        return;
    wire_put_drop(out, &(struct wire_drop_file){p->file, (uint8_t)parcel_drop_code(end)});
    parcel_finish(p, end);
}

static const struct {
    const char *word;
    enum wire_drop code; /* that tells the other side; 0: there is none */
} ends[PARCEL_ENDS] = {
    [PARCEL_NONE] = {"none", 0},
    [PARCEL_DONE] = {"done", 0},
    [PARCEL_CANCELLED] = {"cancelled", DROP_CANCELLED},
    [PARCEL_DECLINED] = {"declined", 0},
    [PARCEL_TOO_LARGE] = {"too-large", DROP_TOO_LARGE},
    [PARCEL_NO_SPACE] = {"no-space", DROP_NO_SPACE},
    [PARCEL_CHANGED] = {"changed", DROP_CHANGED},
    [PARCEL_DAMAGED] = {"damaged", DROP_DAMAGED},
    [PARCEL_FAILED] = {"failed", DROP_FAILED},
    [PARCEL_FAILED_THERE] = {"failed-there", 0},
    [PARCEL_BUSY] = {"busy", DROP_BUSY},
    [PARCEL_UNREACHABLE] = {"not-reachable", 0},
};

const char *parcel_end_word(enum parcel_end e)
{
    return ends[e].word;
}

enum wire_drop parcel_drop_code(enum parcel_end e)
{
    return ends[e].code != 0 ? ends[e].code : DROP_FAILED;
}

enum parcel_end parcel_dropped(uint8_t why)
{
    if (why == DROP_CANCELLED)
        return PARCEL_DECLINED;
    for (size_t i = PARCEL_TOO_LARGE; i < PARCEL_ENDS; i++) {
        if (ends[i].code == why && i != PARCEL_FAILED)
            return (enum parcel_end)i;
    }
    return PARCEL_FAILED_THERE;
}

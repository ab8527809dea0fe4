#include "server/tempo.h"

#include "server/room.h"

#define BURST_SECONDS 2
/* A debt of messages that ends a session: what one record can hold of anything that a client has
 * reason to write is well below. */
#define FAR_SECONDS 10

void tempo_start(struct session *s)
{
    const struct limits *l = &s->room->limits;
    int64_t messages = l->value[LIMITS_MESSAGE_RATE], bytes = l->value[LIMITS_BYTE_RATE];

    s->tempo = (struct tempo){0};
    bucket_open(&s->tempo.messages, messages, BURST_SECONDS * messages, s->room->now);
    bucket_open(&s->tempo.bytes, bytes, BURST_SECONDS * bytes, s->room->now);
}

/* For how many ordinary messages it counts. */
static int64_t cost(uint8_t type)
{
    static const struct {
        uint8_t type, cost;
    } dear[] = {
        {MESSAGE_LIST, 25},   /* the whole library, from the disk */
        {MESSAGE_PLAY, 10},   /* a clip is opened */
        {MESSAGE_RESUME, 10}, /* the log is read */
        {MESSAGE_CAST, 10},   /* a clip is looked for */
        {MESSAGE_LINE, 5},    /* a signature, and it stands on the operator's screen */
        {MESSAGE_SEEK, 5},
    };

    for (size_t i = 0; i < sizeof dear / sizeof dear[0]; i++) {
        if (dear[i].type == type)
            return dear[i].cost;
    }
    return 1;
}

/* When it may be read again. */
static int64_t rested(const struct session *s)
{
    int64_t now = s->room->now;
    int64_t messages = bucket_due(&s->tempo.messages, 0, now);
    int64_t bytes = bucket_due(&s->tempo.bytes, 0, now);

    return messages > bytes ? messages : bytes;
}

bool tempo_count(struct session *s, const struct message *m)
{
    struct tempo *t = &s->tempo;
    struct room *r = s->room;

    bucket_take(&t->messages, cost(m->type), r->now);
    bucket_take(&t->bytes, (int64_t)(MESSAGE_HEADER + m->payload.len), r->now);
    if (bucket_due(&t->messages, 0, r->now) - r->now > FAR_SECONDS * INT64_C(1000000000))
        return false;
    if (!t->resting && rested(s) > r->now) {
        t->resting = true;
        t->next = r->resting;
        r->resting = s;
        session_balance(s);
    }
    return true;
}

int64_t tempo_due(const struct room *r)
{
    int64_t first = INT64_MAX;

    for (const struct session *s = r->resting; s != NULL; s = s->tempo.next) {
        int64_t due = rested(s);

        first = due < first ? due : first;
    }
    return first;
}

void tempo_tick(struct room *r)
{
    struct session **at = &r->resting, *s;

    while ((s = *at) != NULL) {
        if (rested(s) > r->now) {
            at = &s->tempo.next;
            continue;
        }
        *at = s->tempo.next;
        s->tempo.resting = false;
        session_balance(s);
    }
}

void tempo_forget(struct session *s)
{
    struct session **at = &s->room->resting;

    s->tempo.resting = false;
    while (*at != NULL && *at != s)
        at = &(*at)->tempo.next;
    if (*at != NULL)
        *at = s->tempo.next;
}

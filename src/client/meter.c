#include "client/meter.h"

#define SECOND INT64_C(1000000000)
#define LIMIT_SECONDS (1000 * 3600)

static const struct meter_mark *mark(const struct meter *m, unsigned back)
{
    return &m->marks[(m->next + METER_MARKS - back) % METER_MARKS];
}

int64_t meter_due(const struct meter *m)
{
    return m->count > 0 ? mark(m, 1)->at + SECOND / 2 : 0;
}

void meter_add(struct meter *m, uint64_t done, int64_t now)
{
    if (now < meter_due(m))
        return;
    m->marks[m->next] = (struct meter_mark){now, done};
    m->next = (m->next + 1) % METER_MARKS;
    m->count += m->count < METER_MARKS;
}

bool meter_known(const struct meter *m)
{
    return m->count > 1;
}

uint64_t meter_rate(const struct meter *m)
{
    const struct meter_mark *first = mark(m, m->count), *last = mark(m, 1);

    if (!meter_known(m) || last->at <= first->at || last->done < first->done)
        return 0;
    return (uint64_t)((double)(last->done - first->done) * (double)SECOND /
                      (double)(last->at - first->at));
}

int64_t meter_left(const struct meter *m, uint64_t more)
{
    uint64_t rate = meter_rate(m);

    if (rate == 0)
        return -1;
    if (more / rate >= LIMIT_SECONDS)
        return LIMIT_SECONDS;
    return (int64_t)((more + rate - 1) / rate) + (more == 0);
}

#include "client/marks.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more behind the last; what is before the first is given up for it. */
static bool reserve(struct marks *m)
{
    size_t cap = m->cap == 0 ? 64 : 2 * m->cap;
    struct mark *list;

    if (m->first + m->count < m->cap)
        return true;
    if (m->first > m->cap / 2) {
        memmove(m->list, m->list + m->first, m->count * sizeof *m->list);
        m->first = 0;
        return true;
    }
    list = realloc(m->list, cap * sizeof *list);
    if (list == NULL)
        return false;
    m->list = list;
    m->cap = cap;
    return true;
}

bool marks_add(struct marks *m, uint64_t number)
{
    if (m->count > 0 && number <= m->list[m->first + m->count - 1].number)
        return false;
    if (!reserve(m))
        return false;
    m->list[m->first + m->count++] = (struct mark){.number = number};
    return true;
}

static struct mark *find(struct marks *m, uint64_t number)
{
    size_t low = 0, high = m->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (m->list[m->first + mid].number < number)
            low = mid + 1;
        else
            high = mid;
    }
    return low < m->count && m->list[m->first + low].number == number ? &m->list[m->first + low]
                                                                      : NULL;
}

bool marks_done(struct marks *m, uint64_t number, uint64_t *reached)
{
    struct mark *at = find(m, number);
    bool moved = false;

    if (at == NULL)
        return false;
    at->done = true;
    for (; m->count > 0 && m->list[m->first].done; m->first++, m->count--) {
        *reached = m->list[m->first].number;
        moved = true;
    }
    return moved;
}

void marks_clear(struct marks *m)
{
    free(m->list);
    *m = (struct marks){0};
}

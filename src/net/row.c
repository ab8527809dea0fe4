#include "net/row.h"

#include "net/pump.h"

void row_join(struct link *l, enum row row)
{
    struct link_row *r = &l->hub->rows[row];
    struct link_place *p = &l->places[row];

    if (p->taken)
        return;
    p->taken = true;
    p->before = r->last;
    *(r->last == NULL ? &r->first : &r->last->places[row].next) = l;
    r->last = l;
}

void row_leave(struct link *l, enum row row)
{
    struct link_row *r = &l->hub->rows[row];
    struct link_place *p = &l->places[row];

    if (!p->taken)
        return;
    *(p->before == NULL ? &r->first : &p->before->places[row].next) = p->next;
    *(p->next == NULL ? &r->last : &p->next->places[row].before) = p->before;
    *p = (struct link_place){0};
}

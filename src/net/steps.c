#include "net/steps.h"

#include "net/pump.h"

void steps_wait(struct link *l)
{
    struct link_hub *hub = l->hub;

    if (l->waits)
        return;
    l->waits = true;
    l->step_before = hub->step_last;
    *(hub->step_last == NULL ? &hub->step_first : &hub->step_last->step_next) = l;
    hub->step_last = l;
}

void steps_forget(struct link *l)
{
    struct link_hub *hub = l->hub;

    if (!l->waits)
        return;
    *(l->step_before == NULL ? &hub->step_first : &l->step_before->step_next) = l->step_next;
    *(l->step_next == NULL ? &hub->step_last : &l->step_next->step_before) = l->step_before;
    l->step_before = l->step_next = NULL;
    l->waits = false;
}

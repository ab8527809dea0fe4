/* One command of the operator's while it is looked at: for warden*.c alone. */
#ifndef DEN_SERVER_WARDEN_ORDER_H
#define DEN_SERVER_WARDEN_ORDER_H

#include "server/warden.h"

/* out: whole lines. */
struct warden_order {
    struct warden *warden;
    struct warden_request *request;
    const char *argument; /* "" if there is none */
    struct buf *out;
};

#endif

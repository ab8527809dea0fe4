/* The operator's part of the conversations with members: for warden.c alone. */
#ifndef DEN_SERVER_WARDEN_TALK_H
#define DEN_SERVER_WARDEN_TALK_H

#include "server/warden_order.h"

/* Each returns an enum warden_result. msg: NAME TEXT. say: TEXT. close: NAME. */
int warden_talk_msg(struct warden_order *d);
int warden_talk_say(struct warden_order *d);
int warden_talk_close(struct warden_order *d);

#endif

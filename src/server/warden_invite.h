/* The operator's invitations: for warden.c alone. */
#ifndef DEN_SERVER_WARDEN_INVITE_H
#define DEN_SERVER_WARDEN_INVITE_H

#include "server/warden_order.h"

/* Each returns an enum warden_result. invite: [NAME] [DAYS]. revoke: ID|NAME. */
int warden_invite_make(struct warden_order *d);
int warden_invite_list(struct warden_order *d);
int warden_invite_revoke(struct warden_order *d);

#endif

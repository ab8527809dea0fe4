/* What the user does with direct chats; all say what they did, or why not. name: as typed. */
#ifndef DEN_CLIENT_CHAT_H
#define DEN_CLIENT_CHAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"

struct client;

/* /chat: calls, or accepts the call of that name. False if neither. */
bool chat_call(struct client *c, const char *name);
/* Calls that ring here, of that name or, "", of anybody. */
size_t chat_rings(const struct client *c, const char *name);
/* /accept, /decline: "" is the only call that rings here. accepted: whose call it was, NULL if none. */
const char *chat_accept(struct client *c, const char *name);
void chat_decline(struct client *c, const char *name);
/* Is there a call or chat with that name? Its name as the peer writes it, or NULL. */
const char *chat_with(const struct client *c, const char *name);
/* Tells the user, if a person, with whom a chat is open. */
void chat_list(const struct client *c);
/* A line to the peer. */
void chat_say(struct client *c, const char *name, struct span text);
/* EOM: ends the chat, or gives the call up. */
void chat_end(struct client *c, const char *name);
/* The same with all: den leaves. */
void chat_end_all(struct client *c);

#endif

/* What the user does with files; all say what they did, or why not. */
#ifndef DEN_CLIENT_PARCELS_ORDER_H
#define DEN_CLIENT_PARCELS_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;

enum parcels_sent {
    PARCELS_SENT,   /* or looked at first: it may still fail */
    PARCELS_ABSENT, /* no such member */
    PARCELS_KEY,    /* its key is in doubt */
    PARCELS_NOT     /* anything else */
};

/* /send: name as typed, path as it is for us. */
enum parcels_sent parcels_send(struct client *c, const char *name, const char *path);
/* Offers that wait for an answer, of that name or, "", of anybody. */
size_t parcels_offers(const struct client *c, const char *name);
/* Answers them all. */
void parcels_answer(struct client *c, const char *name, bool yes);
/* The same for one, by its number. */
void parcels_answer_one(struct client *c, uint32_t number, bool yes);
/* /cancel: one, by its number; what there is of it goes. */
void parcels_cancel(struct client *c, uint32_t number);
/* /files */
void parcels_list(const struct client *c);

#endif

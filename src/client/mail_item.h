/* One message of mail.h, and what the worker does to it. */
#ifndef DEN_CLIENT_MAIL_ITEM_H
#define DEN_CLIENT_MAIL_ITEM_H

#include "base/buf.h"
#include "client/receivers.h"
#include "crypto/random.h"
#include "platform/worker.h"
#include "proto/envelope.h"

struct client;

struct mail_item {
    struct worker_job job;
    struct mail_item *next;
    struct client *client;
    struct random random; /* a fork: the worker must not touch ours */
    struct envelope_content content;
    bool all;
    bool delivered;  /* its receipt came before the server said that it was accepted */
    bool refused;    /* for want of room, or behind such a one: to be sent again */
    bool restored;   /* an earlier den sealed it: the text is not known */
    enum err unkept; /* why it is not on disk */
    struct receivers receivers;
    struct buf envelope;
    struct buf body;
    enum err e;
};

/* to: the receiver's name, or "all". NULL: no memory. */
struct mail_item *mail_item_new(struct client *c, enum envelope_kind kind, const char *to);
void mail_item_free(struct mail_item *i);
/* For the worker: seals it, and keeps it on disk if it is a text and there is a place. */
void mail_item_run(struct worker_job *job);

#endif

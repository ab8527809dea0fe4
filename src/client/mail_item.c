#include "client/mail_item.h"

#include <stdlib.h>
#include <string.h>

#include "client/client.h"

struct mail_item *mail_item_new(struct client *c, enum envelope_kind kind, const char *to)
{
    struct mail_item *i = calloc(1, sizeof *i);

    if (i == NULL)
        return NULL;
    i->client = c;
    i->content.kind = (uint8_t)kind;
    buf_init(&i->body, LIMIT_BODY);
    receivers_init(&i->receivers, to);
    buf_init(&i->envelope, LIMIT_ENVELOPE);
    random_fork(&i->random, &c->random);
    return i;
}

void mail_item_free(struct mail_item *i)
{
    random_wipe(&i->random);
    buf_free(&i->body);
    buf_free(&i->envelope);
    receivers_free(&i->receivers);
    free(i);
}

/* Before it is sent: who is killed then sends the same again. */
static void keep(struct mail_item *i)
{
    const struct mail *m = &i->client->mail;
    struct unsent u = {.id = i->content.id, .envelope = {i->envelope.data, i->envelope.len}};

    if (!m->kept || i->e != ERR_OK || i->content.kind != ENVELOPE_TEXT)
        return;
    memcpy(u.server, i->content.server, sizeof u.server);
    memcpy(u.to, i->receivers.first, sizeof u.to);
    memcpy(u.name, i->receivers.to, sizeof u.name);
    i->unkept = unsent_keep(m->dir, &u);
}

static void seal(struct mail_item *i)
{
    const struct identity *id = &i->client->identity;
    const struct public_key **to;

    if (!i->all) {
        i->e = envelope_seal_one(&i->envelope, id, &i->random, &i->content, &i->receivers.keys[0]);
        return;
    }
    to = calloc(i->receivers.count, sizeof *to);
    if (to == NULL) {
        i->e = ERR_MEMORY;
        return;
    }
    for (size_t k = 0; k < i->receivers.count; k++)
        to[k] = &i->receivers.keys[k];
    i->e = envelope_seal_all(&i->envelope, id, &i->random, &i->content, to, i->receivers.count);
    free(to);
}

void mail_item_run(struct worker_job *job)
{
    struct mail_item *i = (struct mail_item *)job;

    seal(i);
    keep(i);
}

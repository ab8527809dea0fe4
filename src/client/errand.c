#include "client/errand.h"

#include <stdio.h>

#include "client/client.h"
#include "client/message.h"
#include "client/parcels_order.h"
#include "client/report_parcel.h"

/* words: the receiver and the files. */
static void send_files(struct client *c, char *const *words, size_t count)
{
    static const enum client_exit codes[] = {
        [PARCELS_SENT] = CLIENT_EXIT_GOOD,
        [PARCELS_ABSENT] = CLIENT_EXIT_NO_MEMBER,
        [PARCELS_KEY] = CLIENT_EXIT_REFUSED,
        [PARCELS_NOT] = CLIENT_EXIT_FAILED,
    };

    for (size_t i = 1; i < count; i++) {
        enum parcels_sent how = parcels_send(c, words[0], words[i]);

        if (how == PARCELS_SENT)
            continue;
        client_quit(c, codes[how]);
        return;
    }
}

void errand_begin(struct client *c, struct options *o, const struct buf *text)
{
    switch (o->verb) {
    case VERB_MSG:
        message_send(c, o->words[0], text);
        break;
    case VERB_PLAY:
        cinema_play(c, o->words[0], o->count > 1 ? o->words[1] : "thirds");
        break;
    case VERB_CAST:
        o->cast.name = o->words[0];
        o->cast.source = o->count > 1 ? o->words[1] : NULL;
        caster_begin(c, &o->cast);
        break;
    case VERB_SEND:
        send_files(c, o->words, (size_t)o->count);
        break;
    case VERB_RECEIVE:
    case VERB_WHO:
    case VERB_KEY:
    case VERB_ROOM:
        break;
    }
}

void errand_over(struct client *c, const struct parcel *p, bool once)
{
    bool taken = p->out || p->agreed;

    if (p->end != PARCEL_DONE && taken && c->exit_code == CLIENT_EXIT_GOOD)
        c->exit_code = p->denied ? CLIENT_EXIT_REFUSED : CLIENT_EXIT_FAILED;
    /* What was said no to is not the one that was waited for. */
    if (once && !p->out && taken)
        client_quit(c, CLIENT_EXIT_GOOD);
}

void errand_done(struct client *c)
{
    if (!c->config->one_shot)
        return;
    for (const struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        if (!p->asked || p->state == PARCEL_OVER)
            continue;
        report_error(&c->report, "lost",
                     "the receiver is gone: the same command goes on when it is back", 0);
        c->exit_code = CLIENT_EXIT_FAILED;
        return;
    }
}

void errand_progress(struct parcels_line *p, const struct client *c)
{
    if (parcels_progress(p, c))
        fprintf(stderr, "\r%s\x1b[K", p->text);
}

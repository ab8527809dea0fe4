#include "server/past.h"

#include <stdlib.h>
#include <string.h>

#include "server/backlog.h"
#include "server/room.h"
#include "server/session.h"

/* Of a piece: what a message of the room waits behind. */
#define ENOUGH (16 * 1024)

struct past {
    struct worker_job job;
    struct session *session; /* NULL: it is gone */
    struct backlog backlog;
    uint64_t from;
    struct buf piece;
    enum err error;
    bool running;
};

static void drop(struct past *p)
{
    if (p->session != NULL)
        p->session->past = NULL;
    buf_free(&p->piece);
    free(p);
}

static void run(struct worker_job *job)
{
    struct past *p = (struct past *)job;

    p->error = backlog_read(&p->backlog, ENOUGH, &p->piece);
}

/* After the last piece nothing more is read: so p may be freed before the session is written to,
 * and that may end it. */
static void done(struct worker_job *job)
{
    struct past *p = (struct past *)job;
    struct session *s = p->session;
    struct wire_past_end end = {p->from, p->backlog.last, p->backlog.lost};
    bool over = p->backlog.next > p->backlog.last, failed = p->error != ERR_OK;
    bool quiet = s == NULL || job->cancelled;
    struct buf piece = p->piece;

    p->running = false;
    buf_init(&p->piece, piece.limit);
    if (over)
        wire_put_past_end(&piece, &end);
    if (s == NULL || over || failed)
        drop(p);
    if (quiet) {
        buf_free(&piece);
        return;
    }
    if (piece.len > 0)
        session_send_buf(s, &piece);
    else
        buf_free(&piece);
    if (failed)
        session_refuse(s, CODE_FULL, "the server can't read its log now: try again");
    s->port->kick(s->link);
}

void past_fill(struct past *p)
{
    if (p->running)
        return;
    p->job = (struct worker_job){.run = run, .done = done};
    p->running = worker_submit(p->session->room->reader, &p->job);
    if (!p->running)
        session_refuse(p->session, CODE_FULL, "the server is busy: try again");
}

enum err past_open(struct session *s, const struct wire_resume *m)
{
    struct past *p;

    if (s->past != NULL)
        return ERR_STATE;
    p = calloc(1, sizeof *p);
    if (p == NULL)
        return ERR_MEMORY;
    p->session = s;
    p->from = s->past_from;
    if (memcmp(m->log_id, s->room->log.log_id, SIZE_LOG_ID) == 0 && m->after > p->from)
        p->from = m->after;
    if (p->from > s->past_last)
        p->from = s->past_last;
    backlog_start(&p->backlog, s->room->log.dir, s->key.fingerprint, p->from + 1, s->past_last);
    /* Room for a piece, one more message, and the end. */
    buf_init(&p->piece, ENOUGH + MESSAGE_HEADER + LIMIT_MESSAGE + 64);
    s->past = p;
    s->port->kick(s->link);
    return ERR_OK;
}

void past_close(struct past *p)
{
    if (p == NULL)
        return;
    if (p->running) {
        p->session->past = NULL;
        p->session = NULL;
    } else {
        drop(p);
    }
}

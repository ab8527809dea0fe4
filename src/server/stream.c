#include "server/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "server/session.h"
#include "wire/hello.h"

#define PIECE_LEAST 2048 /* of frame data, however little credit is given */
#define HEAD (MESSAGE_HEADER + FRAME_CHUNK_HEAD + FRAME_FIRST_HEAD)

/* A read that the page cache could not answer, done on the worker so that the loop goes on: it
 * brings the pages in, and the next read finds them there. */
struct stream_warmer {
    struct worker_job job;
    struct stream *stream; /* NULL: it is gone */
    int fd;                /* a duplicate, owned */
    int64_t offset;
    size_t len;
    bool failed;
};

static void warmer_run(struct worker_job *job)
{
    struct stream_warmer *w = (struct stream_warmer *)job;
    uint8_t scratch[LIMIT_CHUNK];
    ssize_t n = 1;

    for (size_t done = 0; done < w->len && n > 0; done += sizeof scratch)
        n = pread(w->fd, scratch, sizeof scratch, w->offset + (int64_t)done);
    w->failed = n < 0;
}

static void warmer_done(struct worker_job *job)
{
    struct stream_warmer *w = (struct stream_warmer *)job;

    if (w->stream != NULL) {
        w->stream->warmer = NULL;
        /* Not if a seek dropped that frame meanwhile. */
        w->stream->unreadable = w->failed && w->stream->length > 0;
        w->stream->session->port->kick(w->stream->session->link);
    }
    close(w->fd);
    free(w);
}

static bool warm(struct stream *st, int fd)
{
    struct stream_warmer *w = calloc(1, sizeof *w);

    if (w == NULL)
        return false;
    w->job = (struct worker_job){.run = warmer_run, .done = warmer_done};
    w->stream = st;
    w->offset = st->offset + (int64_t)st->sent;
    w->len = st->length - st->sent;
    w->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (w->fd < 0 || !worker_submit(st->clips->worker, &w->job)) {
        if (w->fd >= 0)
            close(w->fd);
        free(w);
        return false;
    }
    st->warmer = w;
    return true;
}

/* As pread, but -1 with EAGAIN where that would wait for the disk and the system can tell. */
static ssize_t read_cached(int fd, uint8_t *to, size_t len, int64_t offset)
{
    struct iovec v = {to, len};
    ssize_t n = preadv2(fd, &v, 1, offset, RWF_NOWAIT);

    if (n < 0 && (errno == EOPNOTSUPP || errno == ENOSYS))
        n = pread(fd, to, len, offset);
    return n;
}

static void end(struct stream *st, enum wire_end reason, const char *text)
{
    struct buf out;

    st->ended = true;
    st->length = 0;
    buf_init(&out, LIMIT_HELLO);
    wire_put_stream_end(&out, st->id, reason, text);
    session_send_buf(st->session, &out);
}

static void refuse(struct stream *st, enum message_code code, const char *text)
{
    struct buf out;

    st->ended = st->refused = true;
    buf_init(&out, LIMIT_HELLO);
    wire_put_refused(&out, st->id, (uint16_t)code, text);
    session_send_buf(st->session, &out);
}

static void put_stream(struct buf *out, const struct stream *st)
{
    const struct clip *c = st->shared->clip;
    char schedule[SCHEDULE_TEXT];
    struct wire_stream m = {.stream = st->id};

    schedule_format(&st->schedule, schedule);
    m.schedule = (struct span){(const uint8_t *)schedule, strlen(schedule)};
    m.clip = clips_describe(c);
    for (size_t i = 0; i < c->count; i++) {
        m.widths[i] = (uint16_t)c->renditions[i].index.width;
        m.real_heights[i] = (uint16_t)c->renditions[i].index.height;
    }
    wire_put_stream(out, &m);
}

static void loaded(struct clips_wait *w, enum err e, struct shared_clip *shared, const char *why)
{
    struct stream *st = (struct stream *)((char *)w - offsetof(struct stream, wait));
    char reason[LIMIT_REASON];
    struct buf out;

    if (st->refused) {
        clips_drop(st->clips, shared);
        return;
    }
    if (e != ERR_OK) {
        refuse(st, clips_code(e), why);
        return;
    }
    st->shared = shared;
    e = schedule_check(&st->schedule, shared->clip->heights, shared->clip->count, reason);
    if (e != ERR_OK) {
        refuse(st, CODE_SCHEDULE, reason);
        return;
    }
    buf_init(&out, LIMIT_HELLO);
    put_stream(&out, st);
    session_send_buf(st->session, &out);
    st->session->port->kick(st->session->link);
}

/* A span as a string; text over the limit becomes one that is no valid name. */
static void copy_text(char *to, size_t size, struct span s)
{
    if (s.len >= size || memchr(s.data, 0, s.len) != NULL)
        s.len = 0;
    if (s.len > 0)
        memcpy(to, s.data, s.len);
    to[s.len] = 0;
}

struct stream *stream_open(struct session *s, struct clips *clips, const struct wire_play *m)
{
    struct stream *st = calloc(1, sizeof *st);
    char name[LIMIT_CLIP + 1], schedule[SCHEDULE_TEXT];

    if (st == NULL)
        return NULL;
    st->session = s;
    st->clips = clips;
    st->id = m->stream;
    st->next = st->wanted = m->start;
    st->credit = st->window = m->credit;
    st->wait.loaded = loaded;
    copy_text(name, sizeof name, m->clip);
    copy_text(schedule, sizeof schedule, m->schedule);
    if (schedule_parse(schedule, &st->schedule) != ERR_OK)
        refuse(st, CODE_SCHEDULE, "no such schedule (thirds, alternate, auto or a height)");
    else if (st->schedule.kind == SCHEDULE_AUTO && (s->features & FEATURE_AUTO) == 0)
        refuse(st, CODE_SCHEDULE, "auto is for clients that announce it");
    else if (!library_name_valid(name))
        refuse(st, CODE_UNKNOWN_CLIP, "no such clip");
    else if (!clips_load(clips, name, &st->wait))
        refuse(st, CODE_FULL, "the server is busy: try again");
    return st;
}

void stream_close(struct stream *st)
{
    if (st == NULL)
        return;
    clips_forget(st->clips, &st->wait);
    if (st->warmer != NULL)
        st->warmer->stream = NULL;
    gap_forget(&st->gap);
    clips_drop(st->clips, st->shared);
    free(st);
}

bool stream_refused(const struct stream *st)
{
    return st->refused;
}

bool stream_idle(const struct stream *st)
{
    return st->refused && !st->wait.waiting;
}

void stream_stop(struct stream *st)
{
    end(st, END_STOPPED, "");
    st->refused = true;
}

/* Straight into the record like the frames: the queue's messages go first, but this one must stand
 * between the frames around it. Returns its bytes. */
static size_t put_skipped(const struct stream *st, uint32_t first, uint32_t count, uint8_t *out)
{
    /* Over memory that is there: a viewer who is not told would wait for these frames. */
    struct buf b = {.data = out, .cap = STREAM_ROOM_LEAST, .limit = STREAM_ROOM_LEAST};

    wire_put_skipped(&b, st->id, first, count);
    return b.len;
}

/* The next frame that is wanted and whole; at the end of the clip the number of its frames, or a
 * higher one if the viewer asked for that. False if that is not known yet. */
static bool find_frame(struct stream *st, uint32_t *found)
{
    uint32_t frames = (uint32_t)st->shared->clip->frames;
    uint32_t wanted = st->wanted < frames ? st->wanted : frames;

    return gap_find(st, st->next > wanted ? st->next : wanted, found);
}

/* Goes on to the next frame and tells in out what it passed over (1,024 bytes are enough);
 * *len: how much that is. False if there is nothing to send of: no credit, or the clip's end, which
 * needs none. */
static bool begin_frame(struct stream *st, uint8_t *out, size_t *len)
{
    const struct clip *c = st->shared->clip;
    uint32_t found;
    bool over;

    *len = 0;
    if (!find_frame(st, &found))
        return false;
    over = found >= (uint32_t)c->frames;
    if (st->credit == 0 && !over)
        return false;
    if (found > st->next)
        *len = put_skipped(st, st->next, found - st->next, out);
    st->next = found;
    if (over) {
        end(st, END_DONE, "");
        return false;
    }
    st->rendition = schedule_pick(&st->schedule, c->heights, c->count, c->frames, found);
    clip_frame(c, st->rendition, found, &st->offset, &st->length);
    st->number = st->next++;
    st->sent = 0;
    return true;
}

static struct wire_frame frame_head(const struct stream *st, size_t len)
{
    const struct clip *c = st->shared->clip;

    return (struct wire_frame){
        .stream = st->id,
        .flags = (uint8_t)((st->sent == 0 ? FRAME_FIRST : 0) |
                           (st->sent + len == st->length ? FRAME_LAST : 0)),
        .number = st->number,
        .height = (uint16_t)c->heights[st->rendition],
        .source = st->number,
        .length = (uint32_t)st->length,
        .pts_ns = clip_pts_ns(c, st->number),
    };
}

/* How much of the frame goes next. Pieces shrink with the credit that the viewer keeps open, for that
 * tells how fast the link is: on a slow one chat must not wait behind a large piece. What is left of it
 * at the moment tells nothing: each piece costs a read. */
static size_t piece_length(const struct stream *st, size_t room)
{
    size_t len = st->length - st->sent;
    size_t most = st->window / 8 > PIECE_LEAST ? st->window / 8 : PIECE_LEAST;

    if (most > LIMIT_CHUNK - FRAME_CHUNK_HEAD - FRAME_FIRST_HEAD)
        most = LIMIT_CHUNK - FRAME_CHUNK_HEAD - FRAME_FIRST_HEAD;
    if (most > room - HEAD)
        most = room - HEAD;
    if (most > st->credit)
        most = st->credit;
    return len < most ? len : most;
}

/* One piece of the current frame, read straight into the record; 0 if it can't be had now. */
static size_t put_piece(struct stream *st, uint8_t *out, size_t room)
{
    const struct clip *c = st->shared->clip;
    int fd = c->renditions[st->rendition].fd;
    size_t head = MESSAGE_HEADER + FRAME_CHUNK_HEAD + (st->sent == 0 ? FRAME_FIRST_HEAD : 0);
    size_t len = piece_length(st, room);
    struct wire_frame m;
    ssize_t n = read_cached(fd, out + head, len, st->offset + (int64_t)st->sent);
    bool cold = n < 0 && errno == EAGAIN;

    /* What the disk does not give would be cold for ever. */
    if (cold && !st->unreadable && warm(st, fd))
        return 0;
    if (cold && !st->unreadable)
        n = pread(fd, out + head, len, st->offset + (int64_t)st->sent);
    if (n <= 0) {
        end(st, END_BROKEN, n == 0 ? "the clip was cut short" : "the clip can't be read");
        return 0;
    }
    len = (size_t)n;
    m = frame_head(st, len);
    wire_frame_head(out, &m, len);
    st->sent += len;
    st->credit -= (uint32_t)len;
    if (st->sent == st->length)
        st->length = 0;
    return head + len;
}

size_t stream_fill(struct stream *st, uint8_t *out, size_t room)
{
    size_t skipped = 0;

    if (st->ended || st->shared == NULL || st->warmer != NULL)
        return 0;
    if (room < STREAM_ROOM_LEAST)
        return 0;
    if (st->length == 0 && !begin_frame(st, out, &skipped))
        return skipped;
    if (st->credit == 0)
        return 0;
    return skipped + put_piece(st, out + skipped, room - skipped);
}

enum err stream_credit(struct stream *st, const struct wire_credit *m)
{
    if (m->bytes > LIMIT_CREDIT - st->credit)
        return ERR_LIMIT;
    st->credit += m->bytes;
    if (m->bytes > 0)
        st->window = st->credit;
    if (m->wanted > st->wanted)
        st->wanted = m->wanted;
    return ERR_OK;
}

void stream_rendition(struct stream *st, const struct wire_rendition *m)
{
    if (st->schedule.kind != SCHEDULE_AUTO || st->schedule.height == m->height)
        return;
    st->schedule.height = m->height;
    gap_forget(&st->gap);
    st->session->port->kick(st->session->link);
}

void stream_seek(struct stream *st, const struct wire_seek *m)
{
    st->id = m->as;
    st->next = st->wanted = m->frame;
    st->length = 0;
    st->unreadable = false;
    st->ended = st->refused;
}

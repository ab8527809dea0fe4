#include "client/kiosk.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "client/backoff.h"
#include "client/client.h"
#include "platform/now.h"

bool kiosk_on(const struct client *c)
{
    return c->config->clip_count > 0;
}

/* The clip that was asked for last. */
static size_t latest(const struct client *c)
{
    return (c->kiosk.next + c->config->clip_count - 1) % c->config->clip_count;
}

static void ask(struct client *c)
{
    struct kiosk *s = &c->kiosk;
    struct intermission *away = &c->cinema.away;

    snprintf(away->clip, sizeof away->clip, "%s", c->config->clips[s->next]);
    snprintf(away->schedule, sizeof away->schedule, "auto");
    s->next = (s->next + 1) % c->config->clip_count;
    s->asked = true;
    s->due = 0;
    cinema_ask(c, 0);
}

void kiosk_begin(struct client *c)
{
    ask(c);
}

int64_t kiosk_due(const struct client *c)
{
    return c->kiosk.due != 0 ? c->kiosk.due : INT64_MAX;
}

void kiosk_tick(struct client *c, int64_t now)
{
    if (c->kiosk.due != 0 && now >= c->kiosk.due)
        ask(c);
}

void kiosk_stream(struct client *c, uint32_t first, uint32_t frames)
{
    struct kiosk *s = &c->kiosk;

    s->asked = false;
    s->failed = s->tries = 0;
    s->parts[s->count++] = (struct kiosk_part){.first = first, .frames = frames, .clip = latest(c)};
}

void kiosk_sent(struct client *c)
{
    c->cinema.stream = 0;
    if (c->kiosk.count < KIOSK_PARTS)
        ask(c);
}

/* Told once for each clip. */
static void tell(struct client *c, size_t clip, const char *why)
{
    if ((c->kiosk.told >> clip & 1) == 0)
        log_error("clip %s: %s", c->config->clips[clip], why);
    c->kiosk.told |= UINT64_C(1) << clip;
}

void kiosk_failed(struct client *c, const char *why)
{
    struct kiosk *s = &c->kiosk;
    struct cinema *k = &c->cinema;
    uint32_t end = k->first + k->frames;

    tell(c, latest(c), why);
    /* What will not come is as if the server had left it out. */
    if (!s->asked && k->player != NULL && player_expected(k->player) < end)
        player_skipped(k->player, player_expected(k->player), end - player_expected(k->player));
    reel_drop(&k->reel);
    k->stream = 0;
    s->asked = false;
    if (++s->failed < c->config->clip_count && s->count < KIOSK_PARTS)
        ask(c);
    else
        s->due = now_ns() + backoff_wait(s->tries++, &c->random);
}

bool kiosk_frame(struct client *c, struct player_event *e, uint32_t *frames)
{
    const struct kiosk_part *part = &c->kiosk.parts[0];

    if (c->kiosk.count == 0)
        return false;
    e->number -= part->first;
    *frames = part->frames;
    return e->number + 1 == part->frames;
}

void kiosk_damaged(struct client *c)
{
    if (c->kiosk.count > 0)
        tell(c, c->kiosk.parts[0].clip, "a frame is damaged: the one before it stays instead");
}

void kiosk_shown(struct client *c)
{
    struct kiosk *s = &c->kiosk;
    struct player_counts now = player_counts(c->cinema.player), own = now;

    own.shown -= s->before.shown;
    own.late -= s->before.late;
    own.dropped -= s->before.dropped;
    own.skipped -= s->before.skipped;
    own.bytes -= s->before.bytes;
    s->before = now;
    memmove(s->parts, s->parts + 1, --s->count * sizeof *s->parts);
    report_stream_end(&c->report, "done", &own);
    if (!s->asked && s->due == 0 && c->cinema.stream == 0 && c->state == CLIENT_ROOM)
        ask(c);
}

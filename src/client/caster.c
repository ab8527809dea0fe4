#include "client/caster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/client.h"
#include "client/report_live.h"
#include "platform/now.h"
#include "wire/hello.h"

#define AGAIN_NS INT64_C(1000000000)
#define TRIES 60 /* a server takes half a minute to see that our last link is dead */
/* A last frame that nobody wants must not hold the end up. */
#define LAST_NS INT64_C(1000000000)

struct casting *caster_find(const struct client *c, const char *name)
{
    struct casting *k = c->castings;

    while (k != NULL && strcmp(k->name, name) != 0)
        k = k->next;
    return k;
}

struct casting *caster_of(const struct client *c, uint32_t number)
{
    struct casting *k = c->castings;

    while (k != NULL && (k->number != number || k->state == CASTING_WAITING))
        k = k->next;
    return k;
}

bool caster_busy(const struct client *c)
{
    return c->castings != NULL;
}

static void drop(struct casting *k)
{
    struct casting **at = &k->client->castings;

    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    source_close(&k->source);
    lens_close(&k->lens);
    caster_forget(&k->newest);
    caster_forget(&k->sending);
    keyring_wipe(&k->keys);
    free(k);
}

static void fail(struct client *c)
{
    if (c->exit_code == CLIENT_EXIT_GOOD)
        c->exit_code = CLIENT_EXIT_FAILED;
}

void caster_end(struct casting *k, const char *reason)
{
    struct client *c = k->client;
    struct buf out;

    if (k->state != CASTING_WAITING) {
        buf_init(&out, LIMIT_HELLO);
        wire_put_number(&out, MESSAGE_UNCAST, k->number);
        client_send(c, &out);
    }
    report_cast_end(&c->report, k, reason);
    drop(k);
}

static void ask(struct casting *k)
{
    struct client *c = k->client;
    struct wire_cast m = {
        .flags = k->plain ? 0 : CAST_SEALED,
        .id = k->id,
        .name = {(const uint8_t *)k->name, strlen(k->name)},
    };
    struct buf out;

    k->number = m.cast = cinema_number(&c->cinema);
    random_bytes(&c->random, k->id, sizeof k->id);
    keyring_start(k);
    k->state = CASTING_ASKED;
    k->again = k->ending ? k->again : 0;
    k->granted = 0;
    buf_init(&out, LIMIT_HELLO);
    wire_put_cast(&out, &m);
    client_send(c, &out);
}

static void on_frame(void *owner, struct span jpeg, int64_t pts_ns)
{
    struct casting *k = owner;
    struct caster_frame f = {.length = (uint32_t)jpeg.len, .number = k->frames++, .pts_ns = pts_ns};

    if (jpeg.len > LIMIT_FRAME - GCM_TAG) {
        k->events.broken(k);
        return;
    }
    f.data = malloc(jpeg.len + GCM_TAG);
    if (f.data == NULL)
        return;
    memcpy(f.data, jpeg.data, jpeg.len);
    k->dropped += k->newest.data != NULL;
    caster_forget(&k->newest);
    k->newest = f;
    if (k->client->link != NULL)
        link_kick(k->client->link);
}

static void on_broken(void *owner)
{
    struct casting *k = owner;
    char text[LIMIT_CLIP + 96];

    k->broken++;
    if (k->told_broken)
        return;
    k->told_broken = true;
    snprintf(text, sizeof text, "%s: what is no whole JPEG frame, or too large, is left out",
             k->name);
    report_error(&k->client->report, "broken-frame", text, 0);
}

static void on_ended(void *owner, const char *why)
{
    struct casting *k = owner;
    char text[LIMIT_CLIP + 128];

    if (why != NULL) {
        snprintf(text, sizeof text, "%s: can't read on: %s", k->name, why);
        report_error(&k->client->report, "cast", text, 0);
        fail(k->client);
    }
    k->ending = true;
    k->again = now_ns() + LAST_NS;
}

static bool complain(struct client *c, const char *word, const char *name, const char *why)
{
    char text[512];

    snprintf(text, sizeof text, "%.64s: %.256s", name, why);
    report_error(&c->report, word, text, 0);
    fail(c);
    return false;
}

static bool open_source(struct casting *k, const struct caster_wish *w, char why[static 256])
{
    struct client *c = k->client;
    const struct camera_mode wish = {
        .width = w->width, .height = w->height, .fps_num = w->fps.num, .fps_den = w->fps.den};

    k->lens = (struct lens){.camera = {.fd = -1}, .watch = {.fd = -1}};
    if (w->source != NULL)
        return source_open(&k->source, c->loop, w->source, w->fps, &k->events, why);
    k->source = (struct source){.loop = c->loop, .fd = -1, .watch = {.fd = -1}};
    if (!lens_open(&k->lens, c->loop, c->pool.worker, w->camera, &wish, &k->events, why))
        return false;
    report_note(&c->report, "%s: %ux%u, %s", w->camera, k->lens.camera.mode.width,
                k->lens.camera.mode.height,
                k->lens.camera.mode.format == CAMERA_MJPEG ? "MJPEG" : "YUYV, made JPEG here");
    return true;
}

bool caster_begin(struct client *c, const struct caster_wish *w)
{
    const char *viewers = w->viewers == NULL ? "all" : w->viewers;
    struct casting *k;
    char why[256];
    size_t count = 0;

    for (k = c->castings; k != NULL; k = k->next)
        count++;
    if ((c->features & FEATURE_LIVE) == 0)
        return complain(c, "cast", w->name, "this server knows no casts");
    if (strlen(w->name) > LIMIT_CLIP || *w->name == 0)
        return complain(c, "usage", w->name, "not a name for a cast");
    if (caster_find(c, w->name) != NULL || count >= LIMIT_CASTS_OWN)
        return complain(c, "usage", w->name, "you cast under that name, or four times, already");
    if (!policy_valid(viewers))
        return complain(c, "usage", viewers, "not all, nor names with commas between");
    k = calloc(1, sizeof *k);
    if (k == NULL)
        return complain(c, "memory", w->name, "out of memory");
    k->client = c;
    strcpy(k->name, w->name);
    strcpy(k->viewers, viewers);
    k->plain = w->plain;
    k->keys.due = INT64_MAX;
    k->events = (struct source_events){
        .frame = on_frame, .broken = on_broken, .ended = on_ended, .owner = k};
    if (!open_source(k, w, why)) {
        free(k);
        return complain(c, "cast", w->name, why);
    }
    k->next = c->castings;
    c->castings = k;
    ask(k);
    return true;
}

void caster_admit(struct casting *k, const char *viewers)
{
    snprintf(k->viewers, sizeof k->viewers, "%s", viewers);
    keyring_sift(k);
    report_note(&k->client->report, "Who may watch %s: %s.", k->name, k->viewers);
}

enum err caster_open(struct client *c, struct span payload)
{
    uint32_t number;
    struct casting *k;
    enum err e = wire_get_number(payload, &number);

    k = e == ERR_OK ? caster_of(c, number) : NULL;
    if (k == NULL)
        return e;
    if (k->state != CASTING_ASKED)
        return ERR_STATE;
    k->state = CASTING_OPEN;
    k->opened = true;
    k->tries = 0;
    report_cast(&c->report, k);
    return ERR_OK;
}

/* The answer to ours, which is forgotten by now. */
enum err caster_ended(struct client *c, struct span payload)
{
    uint32_t number;
    enum err e = wire_get_number(payload, &number);

    if (e == ERR_OK && caster_of(c, number) != NULL)
        e = ERR_STATE;
    return e;
}

enum err caster_granted(struct client *c, struct span payload)
{
    uint32_t number, bytes;
    struct casting *k;
    enum err e = wire_get_pair(payload, &number, &bytes);

    k = e == ERR_OK ? caster_of(c, number) : NULL;
    if (k == NULL)
        return e;
    if (k->state != CASTING_OPEN)
        return ERR_STATE;
    if (bytes > LIMIT_GRANT - k->granted)
        return ERR_LIMIT;
    k->granted += bytes;
    link_kick(c->link);
    return ERR_OK;
}

enum err caster_asked(struct client *c, struct span payload)
{
    struct wire_pass m;
    enum err e = wire_get_asked(payload, &m);

    if (e == ERR_OK)
        keyring_asked(c, &m);
    return e;
}

enum err caster_unwatched(struct client *c, struct span payload)
{
    uint32_t number, viewer;
    struct casting *k;
    enum err e = wire_get_pair(payload, &number, &viewer);

    k = e == ERR_OK ? caster_of(c, number) : NULL;
    if (k != NULL)
        keyring_gone(k, viewer);
    return e;
}

bool caster_refused(struct client *c, uint64_t about, uint16_t code, struct span why)
{
    struct casting *k = about > UINT32_MAX ? NULL : caster_of(c, (uint32_t)about);
    struct buf text;

    if (k == NULL || k->state != CASTING_ASKED)
        return false;
    k->state = CASTING_WAITING;
    if ((code == CODE_NAME_TAKEN || code == CODE_FULL) && k->opened && ++k->tries < TRIES) {
        k->again = now_ns() + AGAIN_NS;
        return true;
    }
    buf_init(&text, 1024);
    text_clean(&text, why.data, why.len, false);
    complain(c, "not-cast", k->name, buf_text(&text));
    buf_free(&text);
    caster_end(k, "refused");
    return true;
}

void caster_lost(struct client *c)
{
    for (struct casting *k = c->castings; k != NULL; k = k->next) {
        k->state = CASTING_WAITING;
        k->again = k->ending ? k->again : 0;
        caster_forget(&k->sending);
        keyring_wipe(&k->keys);
    }
}

void caster_enter(struct client *c)
{
    for (struct casting *k = c->castings; k != NULL; k = k->next)
        ask(k);
}

/* What is left of it is sent, or nobody wants it. What the server says of it is waited for. */
static bool may_end(const struct casting *k, int64_t now)
{
    bool sent = k->newest.data == NULL && k->sending.data == NULL;

    return k->ending && k->state != CASTING_ASKED && (sent || now >= k->again);
}

static int64_t due_of(const struct casting *k)
{
    int64_t due = source_due(&k->source);
    int64_t again = k->again != 0 && k->state != CASTING_ASKED ? k->again : INT64_MAX;

    if (may_end(k, 0))
        return 0;
    due = again < due ? again : due;
    return k->keys.due < due && k->state == CASTING_OPEN ? k->keys.due : due;
}

int64_t caster_due(const struct client *c)
{
    int64_t due = INT64_MAX;

    for (const struct casting *k = c->castings; k != NULL; k = k->next)
        due = due_of(k) < due ? due_of(k) : due;
    return due;
}

void caster_tick(struct client *c, int64_t now)
{
    struct casting *next;

    for (struct casting *k = c->castings; k != NULL; k = next) {
        next = k->next;
        source_tick(&k->source, now);
        keyring_tick(k, now);
        if (may_end(k, now))
            caster_end(k, "done");
        else if (!k->ending && k->state == CASTING_WAITING && k->again != 0 && now >= k->again &&
                 c->state == CLIENT_ROOM)
            ask(k);
    }
}

void caster_close(struct client *c)
{
    while (c->castings != NULL)
        drop(c->castings);
}

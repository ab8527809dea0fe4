#include "client/parcels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "client/client.h"
#include "client/give.h"
#include "client/parcel_store.h"
#include "client/parcels_link.h"
#include "client/report_parcel.h"
#include "client/take.h"
#include "client/trust.h"
#include "platform/download.h"
#include "platform/file.h"
#include "platform/now.h"

#define SECOND INT64_C(1000000000)
#define THREADS 2
#define PROGRESS_NS SECOND
#define LINE_NS (SECOND / 2)
#define PATIENCE_NS (16 * SECOND)
/* How many that are over are remembered: their sender may not have heard that it came. */
#define REMEMBERED 64

struct parcel *parcels_add(struct client *c, bool out)
{
    struct parcel **at = &c->parcels.list, *p;
    size_t count = 0;

    for (; *at != NULL; at = &(*at)->next)
        count += (*at)->state != PARCEL_OVER;
    p = count < LIMIT_PARCELS ? calloc(1, sizeof *p) : NULL;
    if (p == NULL)
        return NULL;
    p->client = c;
    p->out = out;
    p->number = ++c->parcels.numbers;
    p->read.fd = p->write.fd = p->write.dirfd = -1;
    buf_init(&p->record, PARCEL_RECORD);
    *at = p;
    return p;
}

static void parcel_free(struct parcel *p)
{
    parcel_read_free(&p->read);
    parcel_write_free(&p->write);
    buf_free(&p->record);
    free(p);
}

static void run(struct worker_job *job)
{
    struct parcel *p = (struct parcel *)job;

    /* First, so that what is there after a kill is known to be there. */
    if (p->record.len > 0)
        file_write(p->record_path, p->record.data, p->record.len, 0600);
    buf_clear(&p->record);
    if (p->out)
        parcel_read_run(&p->read);
    else
        parcel_write_run(&p->write);
}

static void worked(struct worker_job *job)
{
    struct parcel *p = (struct parcel *)job;
    unsigned changes = p->changes;
    struct buf nobody, *out = &nobody;

    if (job->cancelled) {
        p->busy = false;
        return;
    }
    buf_init(&nobody, LIMIT_HELLO);
    if (p->link != NULL)
        out = &p->link->call.out;
    if (p->out)
        give_worked(p, now_ns(), out);
    else
        take_worked(p, out);
    if (p->changes > changes)
        report_parcel_changed(&p->client->report, p);
    buf_free(&nobody);
    parcels_go_on(p);
}

static bool submit(struct parcel *p)
{
    struct parcels *all = &p->client->parcels;

    if (all->pool.worker == NULL &&
        !pool_open(&all->pool, p->client->loop, THREADS, 2 * LIMIT_PARCELS))
        return false;
    p->job.run = run;
    p->job.done = worked;
    return worker_submit(all->pool.worker, &p->job);
}

/* The user hears of the end once, and what was kept for another run goes. */
static void settle(struct parcel *p)
{
    if (p->state != PARCEL_OVER || p->told)
        return;
    p->told = true;
    p->ended = now_ns();
    if (p->kept)
        unlink(p->record_path);
    p->kept = false;
    report_parcel_end(&p->client->report, p);
    /* From now on the name is this key's, also if it was never in the room. */
    if (!p->out && p->end == PARCEL_DONE && p->link != NULL)
        trust_sender(p->client, p->peer, &p->link->call.key);
    if (p->client->hooks.parcel_over != NULL)
        p->client->hooks.parcel_over(p->client->hooks.owner, p);
}

static void work(struct parcel *p)
{
    bool wants = p->out ? give_wants(p) : take_wants(p);

    if (!wants || submit(p))
        return;
    p->busy = false;
    parcels_drop(p, PARCEL_FAILED);
}

void parcels_go_on(struct parcel *p)
{
    struct peer *l = p->link;

    work(p);
    if (p->out && l != NULL)
        give_settle(p, &l->call.out);
    settle(p);
    if (p->state == PARCEL_OVER || p->state == PARCEL_WAITS)
        p->link = NULL;
    if (l != NULL)
        parcels_link_changed(l);
}

void parcels_drop(struct parcel *p, enum parcel_end end)
{
    if (p->state == PARCEL_OVER)
        return;
    if (p->link != NULL)
        parcel_drop(p, end, &p->link->call.out);
    else
        parcel_finish(p, end);
    parcels_go_on(p);
}

struct parcel *parcels_find(const struct client *c, uint32_t number)
{
    for (struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        if (p->number == number && p->state != PARCEL_OVER)
            return p;
    }
    return NULL;
}

const char *parcels_directory(struct client *c)
{
    char *directory = c->parcels.directory;

    if (c->config->downloads != NULL)
        return c->config->downloads;
    if (directory[0] == 0 && !download_directory(directory)) {
        report_error(&c->report, "downloads", "no place for files: there is no home (--downloads)",
                     0);
        return NULL;
    }
    return directory;
}

size_t parcels_count(const struct client *c, bool out)
{
    size_t n = 0;

    for (const struct parcel *p = c->parcels.list; p != NULL; p = p->next)
        n += p->state != PARCEL_OVER && (!out || p->out);
    return n;
}

/* A one-shot has patience with a receiver that went away, but not for ever. */
static bool goes_on(const struct parcel *p)
{
    if (p->state == PARCEL_OVER || p->busy)
        return p->busy;
    if (!p->out)
        return p->agreed && p->state != PARCEL_WAITS;
    if (p->state != PARCEL_WAITS)
        return true;
    return p->asked && (!p->linked || (p->client->config->one_shot && p->wait <= PATIENCE_NS));
}

bool parcels_busy(const struct client *c)
{
    for (const struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        if (goes_on(p))
            return true;
    }
    return false;
}

/* In a list of names with commas between. */
static bool named(const char *list, const char *name)
{
    char one[LIMIT_NAME + 1];
    const char *part;
    size_t len;

    while ((part = text_next_part(&list, &len)) != NULL) {
        snprintf(one, sizeof one, "%.*s", (int)len, part);
        if (len < sizeof one && text_name_same(one, name))
            return true;
    }
    return false;
}

bool parcels_accepts(const struct client *c, const char *name)
{
    return c->config->accept_all || named(c->config->accept_from, name);
}

void parcels_enter(struct client *c)
{
    if (!c->parcels.loaded)
        parcel_store_load(c, c->config->one_shot && !c->config->receives);
    for (struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        p->again = 0;
        p->wait = PARCELS_WAIT_NS;
        p->asked = p->asked || !c->config->one_shot || c->config->receives;
        if (p->out && p->asked && p->state == PARCEL_WAITS)
            parcels_go_on(p);
    }
    c->parcels.loaded = true;
}

static void progress(const struct client *c, char line[static REPORT_PARCEL_LINE])
{
    const struct parcel *first = NULL;
    size_t n = 0;

    for (const struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        if (p->state != PARCEL_MOVING)
            continue;
        first = first == NULL ? p : first;
        n++;
    }
    line[0] = 0;
    /* Not for what is done at once; but also for what stands still. */
    if (first != NULL && meter_known(&first->meter))
        report_parcel_line(first, n, line);
}

bool parcels_progress(struct parcels_line *l, const struct client *c)
{
    char line[REPORT_PARCEL_LINE];
    int64_t now = now_ns();

    progress(c, line);
    if (strcmp(line, l->text) == 0 || (*line != 0 && now < l->due))
        return false;
    strcpy(l->text, line);
    l->due = now + LINE_NS;
    return true;
}

/* What is over and of no use any more. */
static void forget(struct client *c)
{
    size_t over = 0;

    for (struct parcel *p = c->parcels.list; p != NULL; p = p->next)
        over += p->state == PARCEL_OVER;
    for (struct parcel **at = &c->parcels.list; *at != NULL && over > REMEMBERED;) {
        struct parcel *p = *at;

        if (p->state != PARCEL_OVER || p->busy) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        parcel_free(p);
        over--;
    }
}

static void tell_progress(struct parcel *p, int64_t now)
{
    if (p->state != PARCEL_MOVING)
        return;
    meter_add(&p->meter, p->done, now);
    if (now < p->told_at + PROGRESS_NS)
        return;
    if (p->told_at != 0)
        report_parcel_progress(&p->client->report, p);
    p->told_at = now;
}

int64_t parcels_due(const struct client *c)
{
    int64_t due = parcels_link_due(c);

    for (const struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        int64_t own = p->state == PARCEL_MOVING ? meter_due(&p->meter) : INT64_MAX;

        if (own < due)
            due = own;
    }
    return due;
}

void parcels_tick(struct client *c, int64_t now)
{
    for (struct parcel *p = c->parcels.list; p != NULL; p = p->next)
        tell_progress(p, now);
    parcels_link_tick(c, now);
    forget(c);
}

void parcels_close(struct client *c)
{
    struct parcels *all = &c->parcels;

    pool_close(&all->pool);
    while (all->list != NULL) {
        struct parcel *p = all->list;

        all->list = p->next;
        /* Nobody could go on with it. */
        if (!p->out && c->config->ephemeral && p->state != PARCEL_OVER && p->agreed)
            p->discard = true;
        if (p->discard) {
            p->write.job = WRITE_DISCARD;
            parcel_write_run(&p->write);
        }
        parcel_free(p);
    }
}

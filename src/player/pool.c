#include "player/pool.h"

#include <stdlib.h>

#include "crypto/digest.h"
#include "platform/now.h"
#include "platform/thread.h"

/* What a thread takes out of a slot, to work on without the lock. */
struct pool_job {
    unsigned generation;
    uint32_t number;
    uint8_t *jpeg; /* owned */
    size_t length;
    struct picture *picture; /* one user is this job; NULL: only the digest */
    unsigned width, height;  /* of the surface */
    enum err reason;
    uint8_t sha256[32];
    int64_t cost;
};

static bool pool_take(struct core *c, struct pool_job *job)
{
    struct store_slot *slot = core_pick(c, now_ns());

    if (slot == NULL)
        return false;
    *job = (struct pool_job){.generation = c->generation, .number = slot->number};
    if (!slot->settled) {
        job->picture = picture_take(&c->pictures);
        if (job->picture == NULL)
            return false;
        c->ahead++;
    }
    job->jpeg = slot->jpeg;
    job->length = slot->length;
    job->width = c->width;
    job->height = c->height;
    slot->jpeg = NULL;
    slot->state = STORE_DECODING;
    return true;
}

static void pool_work(struct pool_job *job, struct decode *d, bool digest)
{
    int64_t begun = now_ns();

    if (job->picture != NULL)
        job->reason =
            decode_picture(d, job->jpeg, job->length, job->width, job->height, job->picture);
    job->cost = now_ns() - begun;
    if (digest)
        digest_sha256(job->sha256, job->jpeg, job->length);
}

static void pool_settle(struct core *c, struct store_slot *slot, struct pool_job *job)
{
    slot->digested = c->digest;
    for (size_t i = 0; i < sizeof slot->sha256; i++)
        slot->sha256[i] = job->sha256[i];
    c->store.bytes -= job->length;
    if (slot->settled) {
        slot->state = STORE_WAITING;
        core_tell(c);
        return;
    }
    if (job->reason != ERR_OK) {
        core_settle(c, slot, PLAYER_DROPPED, job->reason, -1);
        slot->state = STORE_WAITING;
        core_tell(c);
    } else {
        slot->state = STORE_READY;
        slot->picture = job->picture;
        job->picture = NULL;
        pacer_decoded(&c->pacer, job->cost);
    }
    if (c->hungry)
        core_wake(c);
}

/* Gives back what was taken. After a seek the slot is gone, and with it the frame. */
static void pool_give(struct core *c, struct pool_job *job)
{
    struct store_slot *slot = NULL;

    if (job->generation == c->generation)
        slot = store_find(&c->store, job->number);
    if (slot != NULL)
        pool_settle(c, slot, job);
    picture_release(job->picture);
}

bool pool_step(struct core *c, struct decode *d)
{
    struct pool_job job;

    if (!pool_take(c, &job))
        return false;
    pthread_mutex_unlock(&c->lock);
    pool_work(&job, d, c->digest);
    free(job.jpeg);
    pthread_mutex_lock(&c->lock);
    pool_give(c, &job);
    return true;
}

static void *pool_main(void *arg)
{
    struct core *c = arg;
    struct decode d = {0};
    bool works = decode_open(&d) == ERR_OK;

    pthread_mutex_lock(&c->lock);
    while (works && !c->closing) {
        if (core_alone(c) || !pool_step(c, &d))
            pthread_cond_wait(&c->work, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    decode_close(&d);
    return NULL;
}

enum err pool_start(struct core *c, unsigned threads)
{
    if (threads > CORE_THREADS)
        threads = CORE_THREADS;
    while (c->threads < threads) {
        if (thread_start(&c->pool[c->threads], pool_main, c) != 0)
            return ERR_MEMORY;
        c->threads++;
    }
    return ERR_OK;
}

void pool_join(struct core *c)
{
    for (; c->threads > 0; c->threads--)
        pthread_join(c->pool[c->threads - 1], NULL);
}

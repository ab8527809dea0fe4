#include "platform/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "platform/thread.h"
#include "platform/wake.h"

struct row {
    struct worker_job *first;
    struct worker_job **end;
};

struct worker {
    pthread_mutex_t lock; /* guards waiting, finished, closing */
    pthread_cond_t work;
    struct row waiting;
    struct row finished;
    bool closing;
    int fd;
    unsigned limit;
    /* The owner's alone: */
    unsigned pending;
    unsigned threads, most;
    pthread_t thread[];
};

static void row_init(struct row *r)
{
    r->first = NULL;
    r->end = &r->first;
}

static void row_add(struct row *r, struct worker_job *job)
{
    job->next = NULL;
    *r->end = job;
    r->end = &job->next;
}

static struct worker_job *row_take(struct row *r)
{
    struct worker_job *job = r->first;

    r->first = job->next;
    if (r->first == NULL)
        r->end = &r->first;
    return job;
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (w->waiting.first == NULL && !w->closing)
            pthread_cond_wait(&w->work, &w->lock);
        if (w->closing)
            break;
        struct worker_job *job = row_take(&w->waiting);
        pthread_mutex_unlock(&w->lock);
        job->run(job);
        pthread_mutex_lock(&w->lock);
        bool first = w->finished.first == NULL;
        row_add(&w->finished, job);
        if (first) {
            /* Who wakes shall find it free. */
            pthread_mutex_unlock(&w->lock);
            wake_send(w->fd);
            pthread_mutex_lock(&w->lock);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* 0 or an errno value. */
static int worker_start(struct worker *w)
{
    int failed = thread_start(&w->thread[w->threads], worker_main, w);

    if (failed == 0)
        w->threads++;
    return failed;
}

struct worker *worker_open(unsigned threads, unsigned limit)
{
    struct worker *w;
    int failed;

    if (threads == 0)
        threads = 1;
    w = calloc(1, sizeof *w + threads * sizeof w->thread[0]);
    if (w == NULL)
        return NULL;
    w->limit = limit;
    w->most = threads;
    row_init(&w->waiting);
    row_init(&w->finished);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    w->fd = wake_open();
    failed = w->fd < 0 ? errno : worker_start(w);
    if (failed != 0) {
        worker_close(w);
        errno = failed;
        return NULL;
    }
    return w;
}

bool worker_submit(struct worker *w, struct worker_job *job)
{
    if (w->closing || w->pending >= w->limit)
        return false;
    job->cancelled = false;
    pthread_mutex_lock(&w->lock);
    row_add(&w->waiting, job);
    pthread_mutex_unlock(&w->lock);
    /* Who wakes shall find it free. */
    pthread_cond_signal(&w->work);
    /* One more thread when all may be at work; without it the job waits for one of them. */
    if (w->pending++ >= w->threads && w->threads < w->most)
        worker_start(w);
    return true;
}

int worker_fd(const struct worker *w)
{
    return w->fd;
}

unsigned worker_pending(const struct worker *w)
{
    return w->pending;
}

size_t worker_collect(struct worker *w)
{
    struct worker_job *job;
    size_t count = 0;

    /* Drained first: what finishes from here on makes the descriptor readable again. */
    wake_drain(w->fd);
    pthread_mutex_lock(&w->lock);
    job = w->finished.first;
    row_init(&w->finished);
    pthread_mutex_unlock(&w->lock);
    for (struct worker_job *next; job != NULL; job = next, count++) {
        next = job->next;
        w->pending--;
        job->done(job);
    }
    return count;
}

static void worker_cancel(struct worker *w)
{
    while (w->waiting.first != NULL) {
        struct worker_job *job = row_take(&w->waiting);
        job->cancelled = true;
        w->pending--;
        job->done(job);
    }
}

void worker_close(struct worker *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->threads; i++)
        pthread_join(w->thread[i], NULL);
    if (w->fd >= 0)
        worker_collect(w);
    worker_cancel(w);
    wake_close(w->fd);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

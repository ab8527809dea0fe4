/* Threads that do what would hold up a select() loop: private-key operations, disk, resolution.
 *
 * A job is a struct of the caller's with a struct worker_job inside. While it is submitted the
 * workers own it; nothing else is shared. The threads block all signals. All functions here are
 * for one thread, the pool's owner; run() alone is called on a worker.
 *
 *     submitted          running            finished             collected
 *     in `waiting`  ->   in no list    ->   in `finished`   ->   done() called, the caller's again
 */
#ifndef DEN_PLATFORM_WORKER_H
#define DEN_PLATFORM_WORKER_H

#include <stdbool.h>
#include <stddef.h>

struct worker;

struct worker_job {
    void (*run)(struct worker_job *job);  /* on a worker's thread */
    void (*done)(struct worker_job *job); /* on the owner's thread; may free the job or submit it */
    struct worker_job *next;              /* the pool's */
    bool cancelled;                       /* for done(): the pool was closed before run() began */
};

/* A pool of one thread, and of up to that many when there is work for them, for at most limit jobs
 * submitted and not yet collected; NULL on failure (errno tells). */
struct worker *worker_open(unsigned threads, unsigned limit);
/* False when the limit is reached or the pool is closing: the job stays the caller's, done() is
 * not called. Jobs begin in the order of submission. */
bool worker_submit(struct worker *w, struct worker_job *job);
/* For the loop's read set: readable when finished jobs wait for worker_collect. */
int worker_fd(const struct worker *w);
/* Calls done() of every finished job, in the order in which they finished; returns how many. */
size_t worker_collect(struct worker *w);
/* Jobs submitted and not yet collected. */
unsigned worker_pending(const struct worker *w);
/* Waits for the jobs that run, cancels those that wait, calls done() of all, frees the pool. w may
 * be NULL. */
void worker_close(struct worker *w);

#endif

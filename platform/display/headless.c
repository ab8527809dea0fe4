#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "platform/display/drivers.h"

struct headless {
    pthread_mutex_t lock; /* guards woken */
    pthread_cond_t wakes;
    bool woken;
    struct surface surface;
};

static void headless_close(void *state)
{
    struct headless *h = state;

    pthread_cond_destroy(&h->wakes);
    pthread_mutex_destroy(&h->lock);
    free(h->surface.pixels);
    free(h);
}

static void *headless_open(const struct display_options *options, char why[static DISPLAY_WHY])
{
    struct headless *h = calloc(1, sizeof *h);
    pthread_condattr_t monotonic;

    if (h == NULL) {
        snprintf(why, DISPLAY_WHY, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&h->wakes, &monotonic);
    pthread_condattr_destroy(&monotonic);
    h->surface.width = options->width;
    h->surface.height = options->height;
    h->surface.pitch = (size_t)options->width * 4;
    h->surface.format = SURFACE_XRGB8888;
    h->surface.pixels = calloc(options->height, h->surface.pitch);
    if (h->surface.pixels == NULL) {
        snprintf(why, DISPLAY_WHY, "out of memory");
        headless_close(h);
        return NULL;
    }
    return h;
}

static bool headless_lend(void *state, struct surface *out)
{
    struct headless *h = state;

    *out = h->surface;
    return true;
}

static bool headless_present(void *state)
{
    (void)state;
    return true;
}

static void headless_wait(void *state, int64_t until_ns, struct display_event *out)
{
    struct headless *h = state;
    struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000),
                             .tv_nsec = (long)(until_ns % 1000000000)};
    int timed_out = 0;

    out->kind = DISPLAY_NOTHING;
    pthread_mutex_lock(&h->lock);
    while (!h->woken && timed_out == 0) {
        if (until_ns == INT64_MAX)
            pthread_cond_wait(&h->wakes, &h->lock);
        else
            timed_out = pthread_cond_timedwait(&h->wakes, &h->lock, &until);
    }
    h->woken = false;
    pthread_mutex_unlock(&h->lock);
}

static void headless_wake(void *state)
{
    struct headless *h = state;

    pthread_mutex_lock(&h->lock);
    h->woken = true;
    pthread_cond_signal(&h->wakes);
    pthread_mutex_unlock(&h->lock);
}

const struct display_driver headless_driver = {
    .name = "headless",
    .open = headless_open,
    .close = headless_close,
    .lend = headless_lend,
    .present = headless_present,
    .wait = headless_wait,
    .wake = headless_wake,
};

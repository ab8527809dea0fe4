#include "tests/kit/desk.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "tests/kit/keys.h"

void desk_open(struct desk *d)
{
    scratch_make(&d->scratch);
    d->worker = worker_open(2, 64);
    d->random = keys_random(3);
    if (d->worker == NULL)
        abort();
}

void desk_close(struct desk *d)
{
    worker_close(d->worker);
    d->worker = NULL;
    scratch_remove(&d->scratch);
}

void desk_finish(struct desk *d)
{
    while (worker_pending(d->worker) > 0) {
        struct pollfd p = {.fd = worker_fd(d->worker), .events = POLLIN};

        int ready = poll(&p, 1, 20000);

        if (ready == 0 || (ready < 0 && errno != EINTR)) /* libFuzzer has an alarm */
            abort();
        worker_collect(d->worker);
    }
}

void desk_limit_files(size_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
        abort();
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        abort();
}

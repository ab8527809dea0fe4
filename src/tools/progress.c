#include "tools/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/now.h"

#define PROGRESS_BAR 24 /* cells */

void progress_begin(struct progress *p, const char *what)
{
    *p = (struct progress){.what = what, .began = now_ns(), .terminal = isatty(STDERR_FILENO)};
}

static void progress_line(const struct progress *p, uint64_t done, uint64_t total, int64_t now)
{
    double seconds = (double)(now - p->began) / 1e9;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    char bar[PROGRESS_BAR + 1];

    if (total == 0) {
        fprintf(stderr, "\r%s: %" PRIu64 " frames, %.0f fps\033[K", p->what, done, rate);
        return;
    }
    if (done > total)
        done = total;
    memset(bar, ' ', PROGRESS_BAR);
    memset(bar, '#', (size_t)(done * PROGRESS_BAR / total));
    bar[PROGRESS_BAR] = 0;
    fprintf(stderr, "\r%s: [%s] %3" PRIu64 " %%, %.0f fps", p->what, bar, done * 100 / total, rate);
    if (rate > 0) {
        unsigned left = (unsigned)((double)(total - done) / rate);

        if (left >= 3600)
            fprintf(stderr, ", %u:%02u:%02u left", left / 3600, left / 60 % 60, left % 60);
        else
            fprintf(stderr, ", %u:%02u left", left / 60, left % 60);
    }
    fputs("\033[K", stderr);
}

void progress_show(struct progress *p, uint64_t done, uint64_t total)
{
    int64_t now;

    if (!p->terminal)
        return;
    now = now_ns();
    if (p->drawn && now - p->shown < 100000000)
        return;
    p->shown = now;
    p->drawn = true;
    progress_line(p, done, total, now);
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (p->drawn)
        fputs("\r\033[K", stderr);
    p->drawn = false;
}

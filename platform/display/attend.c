#include "platform/display/attend.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "platform/now.h"
#include "platform/wake.h"

bool attend_open(struct attend *a, char why[static DISPLAY_WHY])
{
    *a = (struct attend)ATTEND_CLOSED;
    a->wake = wake_open();
    if (a->wake < 0) {
        snprintf(why, DISPLAY_WHY, "%s", strerror(errno));
        return false;
    }
    if (vt_hold(&a->vt, why))
        return true;
    attend_close(a);
    return false;
}

void attend_close(struct attend *a)
{
    vt_release(&a->vt);
    wake_close(a->wake);
    *a = (struct attend)ATTEND_CLOSED;
}

void attend_wait(const struct attend *a, int fd, int64_t until_ns)
{
    struct pollfd on[] = {{.fd = a->wake, .events = POLLIN},
                          {.fd = a->vt.line, .events = POLLIN},
                          {.fd = fd, .events = POLLIN}};
    int64_t left = until_ns == INT64_MAX ? INT64_MAX : until_ns - now_ns();
    struct timespec time;

    if (a->redraw || left < 0)
        left = 0;
    time = (struct timespec){.tv_sec = (time_t)(left / 1000000000),
                             .tv_nsec = (long)(left % 1000000000)};
    ppoll(on, sizeof on / sizeof on[0], left == INT64_MAX ? NULL : &time, NULL);
    wake_drain(a->wake);
}

void attend_tell(struct attend *a, struct display_event *out)
{
    out->kind = a->redraw ? DISPLAY_REDRAW : DISPLAY_NOTHING;
    a->redraw = false;
}

const struct console_face *attend_font(const struct attend *a)
{
    return a->vt.font.glyphs > 0 ? &a->vt.font : NULL;
}

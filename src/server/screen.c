#include "server/screen.h"

#include <unistd.h>

#include "base/log.h"

#define TELL_NS INT64_C(60000000000)

void screen_open(struct screen *s)
{
    *s = (struct screen){0};
    standard_open(&s->out, STDOUT_FILENO);
}

void screen_close(struct screen *s)
{
    standard_close(&s->out);
}

void screen_show(void *owner, const char *text, size_t len)
{
    struct screen *s = owner;

    if (standard_print(&s->out, text, len) || (s->told != 0 && s->out.tried - s->told < TELL_NS))
        return;
    s->told = s->out.tried;
    log_error("standard output takes nothing: what is said there is lost");
}

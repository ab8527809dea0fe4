#include "server/screen.h"

#include "base/log.h"
#include "platform/standard.h"

#define PATIENCE_NS INT64_C(1000000000)

void screen_show(void *owner, const char *text, size_t len)
{
    struct screen *s = owner;
    bool shown = standard_print(text, len, s->mute ? 0 : PATIENCE_NS);

    if (!shown && !s->mute)
        log_error("standard output takes nothing: what members say is not shown");
    s->mute = !shown;
}

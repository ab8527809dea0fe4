#include "server/cage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "platform/file.h"
#include "platform/filter.h"
#include "platform/sandbox.h"

void cage_places(struct cage *c, const char *state, const char *library)
{
    const struct sandbox_place places[] = {{state, SANDBOX_KEEP}, {library, SANDBOX_READ}};

    if (access(library, F_OK) != 0 && errno == ENOENT)
        file_make_directory(library);
    if (c->wanted)
        c->landlock = sandbox_enter(places, sizeof places / sizeof places[0]);
}

static void say_landlock(const struct cage *c, char out[static 128])
{
    if (c->landlock > 0)
        snprintf(out, 128, "Landlock %d", c->landlock);
    else if (c->landlock == -ENOSYS || c->landlock == -EOPNOTSUPP)
        snprintf(out, 128, "no Landlock in this kernel");
    else
        snprintf(out, 128, "no Landlock (%s)", strerror(-c->landlock));
}

static void say_filter(const struct cage *c, char out[static 128])
{
    if (c->filter == 0)
        snprintf(out, 128, "system call filter");
    else if (c->filter == -EOPNOTSUPP)
        snprintf(out, 128, "system call filter not built in");
    else
        snprintf(out, 128, "no system call filter (%s)", strerror(-c->filter));
}

void cage_calls(struct cage *c)
{
    char landlock[128], filter[128];

    if (!c->wanted) {
        log_note("sandbox: off");
        return;
    }
    c->filter = filter_enter();
    say_landlock(c, landlock);
    say_filter(c, filter);
    log_note("sandbox: %s, %s", landlock, filter);
}

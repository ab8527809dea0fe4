#include "platform/display.h"

#include <stdio.h>
#include <string.h>

#include "platform/display/drivers.h"

/* The order is that of "auto". */
static const struct display_driver *const drivers[] = {
#if DEN_SDL
    &sdl_driver,
#endif
    &headless_driver,
};

#define DRIVERS (sizeof drivers / sizeof drivers[0])

bool display_known(const char *name)
{
    if (strcmp(name, "auto") == 0)
        return true;
    for (size_t i = 0; i < DRIVERS; i++) {
        if (strcmp(name, drivers[i]->name) == 0)
            return true;
    }
    return false;
}

const char *display_names(void)
{
#if DEN_SDL
    return "auto, sdl, headless";
#else
    return "auto, headless";
#endif
}

/* Appends "name: reason" to why, as far as there is room. */
static void display_explain(char why[static DISPLAY_WHY], const char *name, const char *reason)
{
    size_t used = strlen(why);

    snprintf(why + used, DISPLAY_WHY - used, "%s%s: %s", used > 0 ? "; " : "", name, reason);
}

bool display_open(struct display *d, const char *name, const struct display_options *options,
                  char why[static DISPLAY_WHY])
{
    bool all = strcmp(name, "auto") == 0;

    *d = (struct display){0};
    why[0] = '\0';
    for (size_t i = 0; i < DRIVERS; i++) {
        char reason[DISPLAY_WHY] = "does not work";

        if (!all && strcmp(name, drivers[i]->name) != 0)
            continue;
        d->state = drivers[i]->open(options, reason);
        if (d->state != NULL) {
            d->driver = drivers[i];
            return true;
        }
        display_explain(why, drivers[i]->name, reason);
    }
    if (why[0] == '\0')
        display_explain(why, name, "no such display in this build");
    return false;
}

void display_close(struct display *d)
{
    if (d->driver != NULL)
        d->driver->close(d->state);
    *d = (struct display){0};
}

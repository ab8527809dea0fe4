#include "platform/display.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/display/drivers.h"
#include "platform/display/vt.h"

/* The order is that of "auto". */
static const struct display_driver *const drivers[] = {
#if DEN_SDL
    &sdl_driver,
#endif
    &kms_driver, &fbdev_driver, &tty_driver, &headless_driver,
};

#define DRIVERS (sizeof drivers / sizeof drivers[0])

/* The device that the name adds to the driver's ("": none), or NULL: it names another. */
static const char *display_device(const struct display_driver *driver, const char *name)
{
    size_t len = strlen(driver->name);

    if (strncmp(name, driver->name, len) != 0)
        return NULL;
    if (driver->seizes && name[len] == ':' && name[len + 1] != '\0')
        return name + len + 1;
    return name[len] == '\0' ? "" : NULL;
}

bool display_known(const char *name)
{
    if (strcmp(name, "auto") == 0)
        return true;
    for (size_t i = 0; i < DRIVERS && strlen(name) < DISPLAY_NAME; i++) {
        if (display_device(drivers[i], name) != NULL)
            return true;
    }
    return false;
}

const char *display_names(char out[static DISPLAY_NAMES])
{
    size_t used = (size_t)snprintf(out, DISPLAY_NAMES, "auto");

    for (size_t i = 0; i < DRIVERS && used < DISPLAY_NAMES; i++)
        used += (size_t)snprintf(out + used, DISPLAY_NAMES - used, ", %s", drivers[i]->name);
    return out;
}

/* Appends "name: reason" to why, as far as there is room. */
static void display_explain(char why[static DISPLAY_WHY], const char *name, const char *reason)
{
    size_t used = strlen(why);

    snprintf(why + used, DISPLAY_WHY - used, "%s%s: %s", used > 0 ? "; " : "", name, reason);
}

static void *display_try(const struct display_driver *driver, bool named,
                         const struct display_options *options, char reason[static DISPLAY_WHY])
{
    if (driver->seizes && !named && !options->seize && !vt_here()) {
        snprintf(reason, DISPLAY_WHY, "not on a virtual console");
        return NULL;
    }
    return driver->open(options, reason);
}

bool display_open(struct display *d, const char *name, const struct display_options *options,
                  char why[static DISPLAY_WHY])
{
    bool all = strcmp(name, "auto") == 0;

    *d = (struct display){0};
    why[0] = '\0';
    for (size_t i = 0; i < DRIVERS; i++) {
        char reason[DISPLAY_WHY] = "does not work";
        struct display_options own = *options;

        own.device = all ? "" : display_device(drivers[i], name);
        if (own.device == NULL)
            continue;
        d->state = display_try(drivers[i], !all, &own, reason);
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

/* Xlib would read tens of thousands of lines about composing letters before the first window opens,
 * where keys are commands: more time than all else that SDL does. */
void display_prepare(void)
{
    setenv("XCOMPOSEFILE", "/dev/null", 0);
}

#include "platform/display/renderer.h"

#include <dirent.h>
#include <stddef.h>
#include <string.h>

/* Of Mesa's, also behind Zink and VirGL, which name what works for them; of Chromium's. */
static const char *const renderer_software[] = {"llvmpipe", "softpipe", "swrast",     "swr ",
                                                "software", "lavapipe", "swiftshader"};

bool renderer_draws(const struct renderer *r, const char *wished)
{
    if (!r->accelerated || strcmp(r->driver, "software") == 0)
        return false;
    if (strcmp(r->driver, wished) == 0)
        return true;
    if (r->device == NULL || *r->device == '\0')
        return false;
    for (size_t i = 0; i < sizeof renderer_software / sizeof renderer_software[0]; i++) {
        if (strcasestr(r->device, renderer_software[i]) != NULL)
            return false;
    }
    return true;
}

bool renderer_there(const char *directory)
{
    DIR *all = opendir(directory);
    const struct dirent *one;
    bool found = false;

    if (all == NULL)
        return false;
    while (!found && (one = readdir(all)) != NULL)
        found = strncmp(one->d_name, "renderD", 7) == 0;
    closedir(all);
    return found;
}

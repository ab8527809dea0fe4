#include "platform/paths.h"

#include <stdio.h>
#include <stdlib.h>

bool paths_join(char out[static PATHS_MAX], const char *dir, const char *name)
{
    int n = snprintf(out, PATHS_MAX, "%s/%s", dir, name);

    return n > 0 && n < PATHS_MAX;
}

/* The specification says that a relative path in the variable is to be ignored. */
static bool base(char out[static PATHS_MAX], const char *variable, const char *under_home,
                 const char *sub)
{
    const char *dir = getenv(variable), *home = getenv("HOME");
    char whole[PATHS_MAX];

    if (dir != NULL && dir[0] == '/')
        return paths_join(out, dir, sub);
    if (home == NULL || home[0] != '/' || !paths_join(whole, home, under_home))
        return false;
    return paths_join(out, whole, sub);
}

bool paths_state(char out[static PATHS_MAX], const char *sub)
{
    return base(out, "XDG_STATE_HOME", ".local/state", sub);
}

bool paths_data(char out[static PATHS_MAX], const char *sub)
{
    return base(out, "XDG_DATA_HOME", ".local/share", sub);
}

bool paths_config(char out[static PATHS_MAX], const char *sub)
{
    return base(out, "XDG_CONFIG_HOME", ".config", sub);
}

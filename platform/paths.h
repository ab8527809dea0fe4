/* Where files belong (XDG Base Directory Specification), and where we are installed. */
#ifndef DEN_PLATFORM_PATHS_H
#define DEN_PLATFORM_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#define PATHS_MAX 4096

/* $XDG_STATE_HOME or ~/.local/state, then "/" and sub. False if there is no home, or it is too
 * long. The same for $XDG_DATA_HOME or ~/.local/share, $XDG_CONFIG_HOME or ~/.config. */
bool paths_state(char out[static PATHS_MAX], const char *sub);
bool paths_data(char out[static PATHS_MAX], const char *sub);
bool paths_config(char out[static PATHS_MAX], const char *sub);
/* dir, "/", name; false if it is too long. */
bool paths_join(char out[static PATHS_MAX], const char *dir, const char *name);

#endif

#include "platform/window.h"

#include <stdlib.h>
#include <string.h>

struct winsize window_size(int fd)
{
    struct winsize w;

    if (ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col < 2 || w.ws_row < 1)
        w = (struct winsize){.ws_col = 80, .ws_row = 24};
    return w;
}

bool window_moves(void)
{
    const char *name = getenv("TERM");

    return name != NULL && *name != '\0' && strcmp(name, "dumb") != 0;
}

bool window_reflows(void)
{
    static const char *const names[] = {"tmux", "foot", "alacritty", "xterm-kitty",
                                        "xterm-ghostty"};
    static const char *const signs[] = {"TMUX", "VTE_VERSION", "KONSOLE_VERSION", "WT_SESSION"};
    const char *term = getenv("TERM");

    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (getenv(signs[i]) != NULL)
            return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (term != NULL && strncmp(term, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

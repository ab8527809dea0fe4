/* The window that a terminal is, as far as its name and the kernel tell. */
#ifndef DEN_PLATFORM_WINDOW_H
#define DEN_PLATFORM_WINDOW_H

#include <stdbool.h>
#include <sys/ioctl.h>

/* Of the terminal at fd; 80 by 24 if it doesn't say. */
struct winsize window_size(int fd);
/* Whether the terminal can move its cursor: TERM is neither unset nor "dumb". */
bool window_moves(void);
/* Whether it breaks rows anew when its width changes. No terminal tells, so this goes by names. */
bool window_reflows(void);

#endif

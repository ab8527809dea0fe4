/* Takes from this process what it needs no more, by Landlock (Linux 5.13 and later). */
#ifndef DEN_PLATFORM_SANDBOX_H
#define DEN_PLATFORM_SANDBOX_H

#include <stddef.h>

enum sandbox_access {
    SANDBOX_READ, /* read files, list directories */
    SANDBOX_KEEP  /* also write, make, replace and remove files, directories and sockets */
};

/* A directory, with all that lies below it. It stays the same one: what is put in its place later, or
 * mounted over it, can't be reached. */
struct sandbox_place {
    const char *path;
    enum sandbox_access access;
};

/* From here on this thread, and the threads and processes that it starts, open no file but below these
 * places and run none; what is open stays open. Where the kernel knows how they also bind and connect
 * no TCP socket (ABI 4), make no device do things (5), and reach nobody outside by signal or abstract
 * socket (6). A place that is not there is left out. It can't be undone.
 *
 * Gives the kernel's ABI number, which is above 0, or a negative errno: then nothing was taken, and with
 * -ENOSYS or -EOPNOTSUPP the kernel has no Landlock, or not switched on. Sets no_new_privs in any case. */
int sandbox_enter(const struct sandbox_place *places, size_t count);

#endif

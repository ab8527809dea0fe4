#include "platform/entropy.h"

#include <errno.h>
#include <sys/random.h>

bool entropy_get(void *p, size_t len)
{
    char *at = p;

    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        len -= (size_t)got;
    }
    return true;
}

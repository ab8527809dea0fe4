#include "base/secret.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "platform/locked.h"

void secret_hold(void *p, size_t len)
{
    if (!locked_hold(p, len))
        log_debug("a key may be swapped out: %s", strerror(errno));
}

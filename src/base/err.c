#include "base/err.h"

#include <stddef.h>

static const char *const texts[ERR_COUNT] = {
    [ERR_OK] = "no error",
    [ERR_MEMORY] = "out of memory",
    [ERR_LIMIT] = "over the limit",
    [ERR_SHORT] = "ends too early",
    [ERR_TRAILING] = "has bytes left over",
    [ERR_FORMAT] = "malformed",
    [ERR_VERSION] = "of an unknown version",
    [ERR_UTF8] = "not valid UTF-8",
    [ERR_NAME] = "not a valid name (1 to 32 of A-Z a-z 0-9 _ . -)",
    [ERR_KEY] = "not the right key",
    [ERR_SIGNATURE] = "signature does not hold",
    [ERR_SEALED] = "not for this key",
    [ERR_REPLAY] = "seen before",
    [ERR_STATE] = "not possible now",
    [ERR_UNKNOWN] = "unknown",
    [ERR_EXISTS] = "exists already",
    [ERR_IO] = "input or output failed",
    [ERR_BROKEN] = "damaged",
    [ERR_EMPTY] = "empty",
    [ERR_ADDRESS] = "addressed to somebody else",
    [ERR_PASSPHRASE] = "wrong passphrase",
};

const char *err_text(enum err e)
{
    if ((size_t)e >= ERR_COUNT || texts[e] == NULL)
        return "unknown error";
    return texts[e];
}

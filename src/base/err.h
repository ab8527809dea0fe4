/* Reasons: what a function that can fail in more than one way returns. */
#ifndef DEN_BASE_ERR_H
#define DEN_BASE_ERR_H

enum err {
    ERR_OK = 0,
    ERR_MEMORY,     /* an allocation failed */
    ERR_LIMIT,      /* a length or count is over its limit in base/limits.h */
    ERR_SHORT,      /* the input ends before what it promises */
    ERR_TRAILING,   /* bytes are left over behind a complete value */
    ERR_FORMAT,     /* not of the form that is required */
    ERR_VERSION,    /* a newer version or an unknown suite */
    ERR_UTF8,       /* text that is not valid UTF-8 */
    ERR_NAME,       /* not a name (1 to 32 of A-Za-z0-9_.-) */
    ERR_KEY,        /* not an acceptable RSA-2048 key, or the wrong one */
    ERR_SIGNATURE,  /* a signature does not hold */
    ERR_SEALED,     /* can't be opened with this key */
    ERR_REPLAY,     /* was there before */
    ERR_STATE,      /* not now */
    ERR_UNKNOWN,    /* no such name, clip, message or member */
    ERR_EXISTS,     /* is there already, or taken */
    ERR_IO,         /* the system refused; errno tells */
    ERR_BROKEN,     /* a file or picture is damaged */
    ERR_EMPTY,      /* there is nothing in it */
    ERR_ADDRESS,    /* meant for somebody else, or for another room */
    ERR_PASSPHRASE, /* a wrong passphrase, or none to be had */
    ERR_COUNT       /* how many there are; never returned */
};

/* A short English phrase, lower case, no full stop; never NULL, also for values out of range. */
const char *err_text(enum err e);

#endif

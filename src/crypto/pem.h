/* PEM (RFC 7468), strictly: one object and nothing else. */
#ifndef DEN_CRYPTO_PEM_H
#define DEN_CRYPTO_PEM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Appends der as an object of that label ("PUBLIC KEY"), in lines of 64 digits ended by LF. */
void pem_write(struct buf *out, const char *label, const void *der, size_t len);

/* Appends the bytes of the object. It begins with the first character; lines end with LF or CR LF;
 * base64 is canonical; behind the last line is white space alone. ERR_UNKNOWN if it has another
 * label, ERR_FORMAT, ERR_LIMIT or ERR_MEMORY from out. Takes the same time for all values of the
 * same length, since it may be a secret. */
enum err pem_read(struct buf *out, const char *label, const void *text, size_t len);

#endif

/* An identity kept in a file: PKCS#8 PEM, mode 0600, in a directory of mode 0700. */
#ifndef DEN_CRYPTO_IDENTITY_FILE_H
#define DEN_CRYPTO_IDENTITY_FILE_H

#include "base/err.h"
#include "crypto/identity.h"

/* Reads path. ERR_UNKNOWN if there is no such file, ERR_STATE if others than its owner may read or
 * write it or if its owner is somebody else than us or root, ERR_IO (errno tells), else as
 * identity_from_pem. */
enum err identity_file_load(struct identity *id, const char *path);
/* Writes it at once and durably, making the directory if need be; ERR_IO (errno tells). */
enum err identity_file_save(const struct identity *id, const char *path);

/* A sentence for a person about what load or save returned, "FILE: reason"; never has secrets. */
void identity_file_reason(struct buf *out, const char *path, enum err e);

#endif

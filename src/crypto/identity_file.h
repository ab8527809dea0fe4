/* An identity kept in a file: PKCS#8 PEM, mode 0600, in a directory of mode 0700; encrypted (PBES2) or
 * not. */
#ifndef DEN_CRYPTO_IDENTITY_FILE_H
#define DEN_CRYPTO_IDENTITY_FILE_H

#include "base/err.h"
#include "crypto/identity.h"
#include "crypto/passphrase.h"

/* Reads path. ERR_UNKNOWN if there is no such file, ERR_STATE if others than its owner may read or
 * write it or if its owner is somebody else than us or root, ERR_IO (errno tells), ERR_PASSPHRASE if
 * it is encrypted, else as identity_from_pem. */
enum err identity_file_load(struct identity *id, const char *path);
/* The same, and gets the passphrase from the source if the file is encrypted: once from a file, up to
 * PASSPHRASE_TRIES times by asking. *iterations: of its encryption, 0 if it is not encrypted.
 * ERR_PASSPHRASE if it is wrong or can't be had, else as pbes2_parse. */
enum err identity_file_unlock(struct identity *id, const char *path,
                              struct passphrase_source *source, uint32_t *iterations);

/* Writes it at once and durably, making the directory if need be; ERR_IO (errno tells). */
enum err identity_file_save(const struct identity *id, const char *path);
/* The same, encrypted with that many iterations if the passphrase is not empty. */
enum err identity_file_save_locked(const struct identity *id, const char *path,
                                   const struct passphrase *passphrase, uint32_t iterations,
                                   struct random *random);
/* Makes a key and saves it, encrypted if the source's file has a passphrase, as *iterations then
 * tells. Asks nobody. */
enum err identity_file_make(struct identity *id, const char *path, struct passphrase_source *source,
                            struct random *random, uint32_t *iterations);

/* A sentence for a person about what one of these returned, "FILE: reason"; never has secrets. The
 * source, which may be NULL, tells more. */
void identity_file_reason(struct buf *out, const char *path, enum err e,
                          const struct passphrase_source *source);

#endif

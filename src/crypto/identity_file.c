#include "crypto/identity_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/pbes2.h"
#include "crypto/pbkdf2.h"
#include "crypto/pem.h"
#include "platform/file.h"
#include "platform/now.h"

static enum err failed(int reason)
{
    errno = -reason;
    return reason == -ENOENT ? ERR_UNKNOWN : reason == -EFBIG ? ERR_LIMIT : ERR_IO;
}

/* One try to open it. What comes out of it whole but is no key of ours is ERR_KEY. */
static enum err open_locked(struct identity *id, const struct pbes2 *locked,
                            const struct passphrase *passphrase)
{
    struct buf der;

    buf_init(&der, LIMIT_KEY_FILE);
    enum err e = pbes2_open(locked, passphrase_span(passphrase), &der);
    if (e == ERR_OK) {
        e = identity_from_der(id, der.data, der.len);
        if (e == ERR_FORMAT)
            e = ERR_KEY;
    }
    buf_free(&der);
    return e;
}

static enum err unlock(struct identity *id, const char *path, const struct pbes2 *locked,
                       struct passphrase_source *source)
{
    struct passphrase passphrase;
    unsigned tries = source->file != NULL ? 1 : PASSPHRASE_TRIES;
    enum err e = ERR_PASSPHRASE;

    for (unsigned i = 0; e == ERR_PASSPHRASE && i < tries; i++) {
        e = passphrase_get(source, i == 0 ? PASSPHRASE_OPEN : PASSPHRASE_AGAIN, path, &passphrase);
        if (e != ERR_OK)
            break;
        e = open_locked(id, locked, &passphrase);
        passphrase_wipe(&passphrase);
    }
    return e;
}

/* der: room for the decoded PEM, in which what is parsed lies. */
static enum err from_locked(struct identity *id, const char *path, const struct file_bytes *file,
                            struct buf *der, struct passphrase_source *source, uint32_t *iterations)
{
    struct pbes2 locked;
    const char *why;
    enum err e = pem_read(der, PBES2_LABEL, file->data, file->len);

    if (e != ERR_OK)
        return e;
    e = pbes2_parse(&locked, der->data, der->len, &why);
    if (e == ERR_OK) {
        *iterations = locked.iterations;
        return unlock(id, path, &locked, source);
    }
    snprintf(source->why, sizeof source->why, "%s",
             why != NULL ? why : "not a sound encrypted private key");
    return e;
}

/* ERR_UNKNOWN, as from pem_read, if it has another label than the encrypted one. */
static enum err from_text(struct identity *id, const char *path, const struct file_bytes *file,
                          struct passphrase_source *source, uint32_t *iterations)
{
    struct buf der;

    buf_init(&der, LIMIT_KEY_FILE);
    enum err e = from_locked(id, path, file, &der, source, iterations);
    buf_free(&der);
    return e == ERR_UNKNOWN ? identity_from_pem(id, file->data, file->len) : e;
}

enum err identity_file_unlock(struct identity *id, const char *path,
                              struct passphrase_source *source, uint32_t *iterations)
{
    struct file_bytes file;
    int result = file_read(&file, path, LIMIT_KEY_FILE, FILE_FOLLOW);

    *iterations = 0;
    if (result != 0)
        return failed(result);
    enum err e = ERR_STATE;
    if ((file.mode & 077) == 0 && (file.owner == geteuid() || file.owner == 0))
        e = from_text(id, path, &file, source, iterations);
    file_free(&file);
    return e;
}

enum err identity_file_load(struct identity *id, const char *path)
{
    struct passphrase_source nobody = {.file = NULL};
    uint32_t iterations;

    return identity_file_unlock(id, path, &nobody, &iterations);
}

static int make_parent(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL || slash == path)
        return 0;
    char *parent = strndup(path, (size_t)(slash - path));
    int result = parent == NULL ? -ENOMEM : file_make_directory(parent);
    free(parent);
    return result;
}

static enum err write_pem(const struct buf *pem, const char *path)
{
    int result = make_parent(path);

    if (result == 0)
        result = file_write(path, pem->data, pem->len, 0600);
    errno = -result;
    return result == 0 ? ERR_OK : ERR_IO;
}

static enum err to_locked(const struct identity *id, const struct passphrase *passphrase,
                          uint32_t iterations, struct random *random, struct buf *pem)
{
    struct buf plain, der;

    buf_init(&plain, LIMIT_KEY_FILE);
    buf_init(&der, LIMIT_KEY_FILE);
    enum err e = identity_to_der(id, &plain);
    if (e == ERR_OK)
        e = pbes2_seal(&der, (struct span){plain.data, plain.len}, passphrase_span(passphrase),
                       iterations, random);
    if (e == ERR_OK) {
        pem_write(pem, PBES2_LABEL, der.data, der.len);
        e = pem->failed ? ERR_MEMORY : ERR_OK;
    }
    buf_free(&plain);
    buf_free(&der);
    return e;
}

enum err identity_file_save_locked(const struct identity *id, const char *path,
                                   const struct passphrase *passphrase, uint32_t iterations,
                                   struct random *random)
{
    struct buf pem;

    buf_init(&pem, LIMIT_KEY_FILE);
    enum err e = passphrase->len == 0 ? identity_to_pem(id, &pem)
                                      : to_locked(id, passphrase, iterations, random, &pem);
    if (e == ERR_OK)
        e = write_pem(&pem, path);
    buf_free(&pem);
    return e;
}

enum err identity_file_save(const struct identity *id, const char *path)
{
    static const struct passphrase none;

    return identity_file_save_locked(id, path, &none, 0, NULL);
}

enum err identity_file_make(struct identity *id, const char *path, struct passphrase_source *source,
                            struct random *random, uint32_t *iterations)
{
    struct passphrase passphrase = {.len = 0};
    enum err e = ERR_OK;

    *iterations = 0;
    if (source->file != NULL)
        e = passphrase_read(&passphrase, source->file, source->why);
    if (e == ERR_OK)
        e = identity_generate(id, random);
    if (e == ERR_OK && passphrase.len > 0)
        *iterations = pbkdf2_measure(PBKDF2_NS, now_ns);
    if (e == ERR_OK)
        e = identity_file_save_locked(id, path, &passphrase, *iterations, random);
    passphrase_wipe(&passphrase);
    if (e != ERR_OK)
        identity_wipe(id);
    return e;
}

void identity_file_reason(struct buf *out, const char *path, enum err e,
                          const struct passphrase_source *source)
{
    const char *reason = err_text(e);

    if (source != NULL && source->why[0] != 0)
        reason = source->why;
    else if (e == ERR_IO)
        reason = strerror(errno);
    else if (e == ERR_STATE)
        reason = "others may read or write this private key; make it yours alone: chmod 600";
    else if (e == ERR_UNKNOWN)
        reason = "no such file";
    else if (e == ERR_KEY)
        reason = "not a sound RSA key of 2048 bits with e = 65537";
    else if (e == ERR_FORMAT)
        reason = "not a private key in PEM";
    buf_printf(out, "%s: %s", path, reason);
}

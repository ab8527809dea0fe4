#include "crypto/identity_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/file.h"

static enum err failed(int reason)
{
    errno = -reason;
    return reason == -ENOENT ? ERR_UNKNOWN : reason == -EFBIG ? ERR_LIMIT : ERR_IO;
}

enum err identity_file_load(struct identity *id, const char *path)
{
    struct file_bytes file;
    int result = file_read(&file, path, LIMIT_KEY_FILE, FILE_FOLLOW);

    if (result != 0)
        return failed(result);
    enum err e = ERR_STATE;
    if ((file.mode & 077) == 0 && (file.owner == geteuid() || file.owner == 0))
        e = identity_from_pem(id, file.data, file.len);
    file_free(&file);
    return e;
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

enum err identity_file_save(const struct identity *id, const char *path)
{
    struct buf pem;

    buf_init(&pem, LIMIT_KEY_FILE);
    enum err e = identity_to_pem(id, &pem);
    if (e == ERR_OK) {
        int result = make_parent(path);
        if (result == 0)
            result = file_write(path, pem.data, pem.len, 0600);
        if (result != 0) {
            errno = -result;
            e = ERR_IO;
        }
    }
    buf_free(&pem);
    return e;
}

void identity_file_reason(struct buf *out, const char *path, enum err e)
{
    const char *reason = err_text(e);

    if (e == ERR_IO)
        reason = strerror(errno);
    else if (e == ERR_STATE)
        reason = "others may read or write this private key; make it yours alone: chmod 600";
    else if (e == ERR_UNKNOWN)
        reason = "no such file";
    else if (e == ERR_KEY)
        reason = "not a sound RSA key of 2048 bits with e = 65537";
    else if (e == ERR_FORMAT)
        reason = "not an unencrypted private key in PEM";
    buf_printf(out, "%s: %s", path, reason);
}

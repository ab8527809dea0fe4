#include "server/server_key.h"

#include <stdio.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/wipe.h"
#include "crypto/identity_file.h"
#include "platform/entropy.h"
#include "platform/paths.h"

bool server_key_random(struct random *random, char why[static 512])
{
    uint8_t bytes[RANDOM_SEED];
    bool ok = entropy_get(bytes, sizeof bytes);

    secret_hold(random, sizeof *random);
    if (ok)
        random_seed(random, bytes, sizeof bytes);
    else
        snprintf(why, 512, "the kernel gives no random bytes");
    wipe(bytes, sizeof bytes);
    return ok;
}

bool server_key_open(struct identity *id, struct cert *cert, const char *state,
                     const char *passphrase_file, struct random *random, char why[static 512])
{
    struct passphrase_source source = {.file = passphrase_file};
    char path[PATHS_MAX];
    struct buf reason;
    uint32_t iterations = 0;
    enum err e = ERR_LIMIT;

    secret_hold(id, sizeof *id);
    if (paths_join(path, state, "identity.pem"))
        e = identity_file_unlock(id, path, &source, &iterations);
    if (e == ERR_UNKNOWN) {
        log_note("making the server's key");
        e = identity_file_make(id, path, &source, random, &iterations);
    } else if (e == ERR_OK && source.file != NULL && iterations == 0) {
        log_note("%s is not encrypted: its passphrase file is not used", path);
    }
    if (e == ERR_OK)
        e = cert_make(cert, id, random);
    if (e != ERR_OK) {
        buf_init(&reason, 8192);
        identity_file_reason(&reason, path, e, &source);
        snprintf(why, 512, "%s", buf_text(&reason));
        buf_free(&reason);
        return false;
    }
    return true;
}

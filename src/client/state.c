#include "client/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/wipe.h"
#include "crypto/identity_file.h"
#include "platform/entropy.h"
#include "platform/file.h"
#include "platform/paths.h"
#include "platform/terminal.h"

bool state_seed(struct random *random)
{
    uint8_t bytes[RANDOM_SEED];
    bool ok = entropy_get(bytes, sizeof bytes);

    if (ok)
        random_seed(random, bytes, sizeof bytes);
    wipe(bytes, sizeof bytes);
    return ok;
}

static enum client_exit fail(char why[static 512], const char *what, const char *path, enum err e)
{
    snprintf(why, 512, "%s %.400s: %s", what, path, e == ERR_IO ? strerror(errno) : err_text(e));
    return CLIENT_EXIT_FAILED;
}

static enum err ask(enum passphrase_for what, const char *path, struct passphrase *out)
{
    static const char *const prompts[] = {
        [PASSPHRASE_OPEN] = "Passphrase of %s: ",
        [PASSPHRASE_AGAIN] = "That was not it. Passphrase of %s: ",
        [PASSPHRASE_NEW] = "New passphrase of %s (empty: none): ",
        [PASSPHRASE_REPEAT] = "The same again: ",
        [PASSPHRASE_ANEW] = "They differ. New passphrase of %s (empty: none): ",
    };
    struct buf raw, prompt;
    int result;

    buf_init(&raw, PATHS_MAX + 64);
    buf_init(&prompt, 4 * PATHS_MAX);
    buf_add_text(&raw, what == PASSPHRASE_REPEAT ? prompts[what] : "");
    if (what != PASSPHRASE_REPEAT)
        buf_printf(&raw, prompts[what], path);
    text_clean(&prompt, raw.data, raw.len, false);
    result = terminal_ask_secret(buf_text(&prompt), out->text, LIMIT_PASSPHRASE, &out->len);
    buf_free(&raw);
    buf_free(&prompt);
    if (result == 0)
        return ERR_OK;
    return result == -E2BIG ? ERR_LIMIT : result == -ENODATA ? ERR_IO : ERR_UNKNOWN;
}

struct passphrase_source state_source(const char *file)
{
    return (struct passphrase_source){.file = file, .ask = ask};
}

enum client_exit state_fail_key(char why[static 512], const char *path, enum err e,
                                const struct passphrase_source *source)
{
    struct buf reason;

    buf_init(&reason, 8192);
    identity_file_reason(&reason, path, e, source);
    snprintf(why, 512, "%s", buf_text(&reason));
    buf_free(&reason);
    return e == ERR_PASSPHRASE ? CLIENT_EXIT_REFUSED : CLIENT_EXIT_FAILED;
}

enum client_exit state_identity(struct identity *id, struct random *random,
                                const struct client_config *config, uint32_t *iterations,
                                char why[static 512])
{
    struct passphrase_source source = state_source(config->passphrase_file);
    char path[PATHS_MAX];
    enum err e = ERR_LIMIT;

    if (paths_join(path, config->state, "identity.pem"))
        e = identity_file_unlock(id, path, &source, iterations);
    if (e == ERR_UNKNOWN) {
        log_note("making your key, kept in %s", path);
        e = identity_file_make(id, path, &source, random, iterations);
    } else if (e == ERR_OK && source.file != NULL && *iterations == 0) {
        log_note("%s is not encrypted: its passphrase file is not used", path);
    }
    return e == ERR_OK ? CLIENT_EXIT_GOOD : state_fail_key(why, path, e, &source);
}

/* One den in a room for each state directory: two would both be that member. */
static enum client_exit lock_directory(struct client *c, char why[static 512])
{
    char path[PATHS_MAX];
    const char *dir = c->config->state;
    int failed = file_make_directory(dir);

    if (failed == 0 && (!c->config->one_shot || c->config->receives)) {
        if (!paths_join(path, dir, "lock"))
            return fail(why, "state", dir, ERR_LIMIT);
        failed = file_lock(path, &c->lock);
    }
    if (failed == -EWOULDBLOCK) {
        snprintf(why, 512, "another den is in a room with the key in %.400s (see --state)", dir);
        return CLIENT_EXIT_FAILED;
    }
    errno = -failed;
    return failed == 0 ? CLIENT_EXIT_GOOD : fail(why, "state", dir, ERR_IO);
}

static enum client_exit open_files(struct client *c, const char *dir, char why[static 512])
{
    char path[PATHS_MAX];
    enum err e = ERR_LIMIT;

    if (paths_join(path, dir, "ids"))
        e = ids_open(&c->ids, path);
    if (e == ERR_OK && paths_join(path, dir, "servers"))
        e = pins_open(&c->pins, path);
    if (e != ERR_OK)
        return fail(why, "servers", path, e);
    if (paths_join(path, dir, "contacts"))
        e = contacts_open(&c->contacts, path);
    return e == ERR_OK ? CLIENT_EXIT_GOOD : fail(why, "contacts", path, e);
}

static enum client_exit open_ephemeral(struct client *c, char why[static 512])
{
    enum err e = identity_generate(&c->identity, &c->random);

    ids_open(&c->ids, NULL);
    pins_open(&c->pins, NULL);
    contacts_open(&c->contacts, NULL);
    return e == ERR_OK ? CLIENT_EXIT_GOOD : fail(why, "key", "in memory", e);
}

enum client_exit state_open(struct client *c, char why[static 512])
{
    enum client_exit code;
    uint32_t iterations;

    secret_hold(&c->identity, sizeof c->identity);
    secret_hold(&c->random, sizeof c->random);
    if (!state_seed(&c->random)) {
        snprintf(why, 512, "the kernel gives no random bytes");
        return CLIENT_EXIT_FAILED;
    }
    if (c->config->ephemeral)
        return open_ephemeral(c, why);
    code = lock_directory(c, why);
    if (code == CLIENT_EXIT_GOOD)
        code = state_identity(&c->identity, &c->random, c->config, &iterations, why);
    if (code == CLIENT_EXIT_GOOD)
        code = open_files(c, c->config->state, why);
    return code;
}

bool state_room_file(const struct client *c, const char *name, char out[static PATHS_MAX])
{
    char rooms[PATHS_MAX], room[PATHS_MAX], hex[2 * SIZE_FINGERPRINT + 1];

    if (c->config->ephemeral || c->config->state == NULL)
        return false;
    for (size_t i = 0; i < SIZE_FINGERPRINT; i++)
        snprintf(hex + 2 * i, 3, "%02x", c->server.fingerprint[i]);
    return paths_join(rooms, c->config->state, "rooms") && paths_join(room, rooms, hex) &&
           file_make_directory(rooms) == 0 && file_make_directory(room) == 0 &&
           paths_join(out, room, name);
}

void state_close(struct client *c)
{
    enum err e = contacts_save(&c->contacts);

    if (e != ERR_OK)
        log_error("can't save the contacts: %s", e == ERR_IO ? strerror(errno) : err_text(e));
    contacts_close(&c->contacts);
    pins_close(&c->pins);
    ids_close(&c->ids);
    identity_wipe(&c->identity);
    random_wipe(&c->random);
    file_unlock(&c->lock);
}

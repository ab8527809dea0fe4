#include "client/own_key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "client/state.h"
#include "crypto/fingerprint.h"
#include "crypto/identity_file.h"
#include "crypto/pbkdf2.h"
#include "platform/now.h"

struct own_key {
    const struct options *options;
    char path[PATHS_MAX]; /* of the key */
    struct random random;
    struct identity id;
    uint32_t iterations; /* of its encryption; 0: none */
};

static enum client_exit fail(const struct own_key *k, enum err e,
                             const struct passphrase_source *source)
{
    char why[512];
    enum client_exit code = state_fail_key(why, k->path, e, source);

    log_error("%s", why);
    return code;
}

static enum client_exit load(struct own_key *k)
{
    char why[512];
    enum client_exit code =
        state_identity(&k->id, &k->random, &k->options->config, &k->iterations, why);

    if (code != CLIENT_EXIT_GOOD)
        log_error("%s", why);
    return code;
}

static void put(const struct own_key *k, bool place, bool pem)
{
    char fingerprint[FINGERPRINT_TEXT];
    struct buf text;

    buf_init(&text, 16384);
    fingerprint_text(fingerprint, k->id.public.fingerprint);
    if (place || !pem)
        buf_printf(&text, "%s\n", fingerprint);
    if (place)
        buf_printf(&text, "file: %s\nencrypted: ", k->path);
    if (place && k->iterations > 0)
        buf_printf(&text, "yes, PBKDF2 with %u iterations\n", (unsigned)k->iterations);
    else if (place)
        buf_add_text(&text, "no\n");
    if (pem)
        public_key_to_pem(&k->id.public, &text);
    fputs(buf_text(&text), stdout);
    buf_free(&text);
}

static enum client_exit show(struct own_key *k)
{
    enum client_exit code = load(k);

    if (code == CLIENT_EXIT_GOOD)
        put(k, true, true);
    return code;
}

static enum client_exit show_fingerprint(struct own_key *k)
{
    enum client_exit code = load(k);

    if (code == CLIENT_EXIT_GOOD)
        put(k, false, false);
    return code;
}

static enum client_exit show_pem(struct own_key *k)
{
    enum client_exit code = load(k);

    if (code == CLIENT_EXIT_GOOD)
        put(k, false, true);
    return code;
}

/* Gets a new passphrase from the source, and saves with it; an empty one is none. */
static enum err save(struct own_key *k, struct passphrase_source *source)
{
    struct passphrase passphrase;
    enum err e = passphrase_get_new(source, k->path, &passphrase);

    k->iterations = 0;
    if (e == ERR_OK && passphrase.len > 0)
        k->iterations = pbkdf2_measure(PBKDF2_NS, now_ns);
    if (e == ERR_OK)
        e = identity_file_save_locked(&k->id, k->path, &passphrase, k->iterations, &k->random);
    passphrase_wipe(&passphrase);
    return e;
}

/* Who sits at a terminal is asked for a passphrase before the key meets the disk. */
static enum client_exit make(struct own_key *k)
{
    struct passphrase_source source = state_source(k->options->config.passphrase_file);
    enum err e = ERR_OK;

    if (access(k->path, F_OK) == 0)
        e = ERR_EXISTS;
    else if (errno != ENOENT)
        e = ERR_IO;
    if (e == ERR_OK && source.file == NULL && isatty(STDIN_FILENO)) {
        e = identity_generate(&k->id, &k->random);
        if (e == ERR_OK)
            e = save(k, &source);
    } else if (e == ERR_OK) {
        e = identity_file_make(&k->id, k->path, &source, &k->random, &k->iterations);
    }
    if (e != ERR_OK)
        return fail(k, e, &source);
    put(k, true, true);
    return CLIENT_EXIT_GOOD;
}

static enum client_exit set_passphrase(struct own_key *k)
{
    struct passphrase_source old = state_source(k->options->config.passphrase_file);
    struct passphrase_source new = state_source(k->options->new_passphrase_file);
    enum err e = identity_file_unlock(&k->id, k->path, &old, &k->iterations);

    if (e != ERR_OK)
        return fail(k, e, &old);
    e = save(k, &new);
    if (e != ERR_OK)
        return fail(k, e, &new);
    fprintf(stderr, "den: %s is %s\n", k->path, k->iterations > 0 ? "encrypted" : "not encrypted");
    return CLIENT_EXIT_GOOD;
}

static const struct {
    const char *word;
    enum client_exit (*run)(struct own_key *k);
} words[] = {
    {"make", make},
    {"show", show},
    {"fingerprint", show_fingerprint},
    {"export", show_pem},
    {"passphrase", set_passphrase},
};

enum client_exit own_key_run(const struct options *o)
{
    struct own_key k = {.options = o};
    enum client_exit code = CLIENT_EXIT_FAILED;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(o->words[0], words[i].word) != 0)
            continue;
        secret_hold(&k.id, sizeof k.id);
        secret_hold(&k.random, sizeof k.random);
        if (!paths_join(k.path, o->config.state, "identity.pem"))
            log_error("state %s: too long", o->config.state);
        else if (!state_seed(&k.random))
            log_error("the kernel gives no random bytes");
        else
            code = words[i].run(&k);
        identity_wipe(&k.id);
        random_wipe(&k.random);
        return code;
    }
    fprintf(stderr,
            "den: not make, show, fingerprint, passphrase or export: '%s' (see den --help)\n",
            o->words[0]);
    return CLIENT_EXIT_USAGE;
}

/* Passphrases from files and by asking, and identities that are kept encrypted with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>

#include "crypto/identity_file.h"
#include "tests/kit/keys.h"
#include "tests/kit/scratch.h"

#define FEW 1000

/* What the one at the terminal types, and how often the terminal asked. */
static struct {
    const char *lines[8];
    unsigned asked;
    enum passphrase_for what[8];
} typed;

static enum err ask(enum passphrase_for what, const char *path, struct passphrase *out)
{
    const char *line = typed.lines[typed.asked];

    assert_non_null(path);
    typed.what[typed.asked++] = what;
    if (line == NULL)
        return ERR_IO;
    out->len = strlen(line);
    memcpy(out->text, line, out->len);
    return ERR_OK;
}

#define TYPES(...)                                \
    do {                                          \
        const char *lines[8] = {__VA_ARGS__};     \
        memset(&typed, 0, sizeof typed);          \
        memcpy(typed.lines, lines, sizeof lines); \
    } while (0)

static struct passphrase words(const char *s)
{
    struct passphrase p = {.len = strlen(s)};

    memcpy(p.text, s, p.len);
    return p;
}

static void first_line_of_a_file(void **state)
{
    static const struct {
        const char *content, *line;
    } files[] = {
        {"", ""},
        {"\n", ""},
        {"secret", "secret"},
        {"secret\n", "secret"},
        {"one\ntwo", "one"},
        {" a b \r\n", " a b \r"},
    };
    struct scratch scratch = {""};
    struct passphrase p;
    char path[512], why[PASSPHRASE_WHY] = "";

    (void)state;
    scratch_make(&scratch);
    scratch_path(&scratch, "file", path);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        scratch_put(&scratch, "file", files[i].content, strlen(files[i].content));
        assert_int_equal(chmod(path, 0600), 0);
        assert_int_equal(passphrase_read(&p, path, why), ERR_OK);
        assert_int_equal(p.len, strlen(files[i].line));
        assert_memory_equal(p.text, files[i].line, p.len);
    }
    scratch_remove(&scratch);
}

static void refused(const char *path, const char *reason)
{
    struct passphrase p;
    char why[PASSPHRASE_WHY] = "";

    assert_int_equal(passphrase_read(&p, path, why), ERR_PASSPHRASE);
    assert_int_equal(p.len, 0);
    assert_non_null(strstr(why, path));
    assert_non_null(strstr(why, reason));
}

static void files_that_are_refused(void **state)
{
    static const mode_t open_modes[] = {0640, 0604, 0620, 0602, 0610, 0644};
    static char lots[20000];
    struct scratch scratch = {""};
    char path[512];

    (void)state;
    scratch_make(&scratch);
    scratch_path(&scratch, "file", path);
    refused(path, "No such file");
    refused(scratch.path, "not a regular file");
    memset(lots, 'x', sizeof lots);
    scratch_put(&scratch, "file", lots, LIMIT_PASSPHRASE);
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        assert_int_equal(chmod(path, open_modes[i]), 0);
        refused(path, "chmod 600");
    }
    assert_int_equal(chmod(path, 0600), 0);
    scratch_put(&scratch, "file", lots, LIMIT_PASSPHRASE + 1);
    refused(path, "longer than 1024");
    scratch_put(&scratch, "file", lots, sizeof lots);
    refused(path, "too large");
    scratch_put(&scratch, "file", "a\0b\n", 4);
    refused(path, "NUL");
    scratch_remove(&scratch);
}

static void new_ones_are_asked_twice(void **state)
{
    struct passphrase_source source = {.ask = ask};
    struct passphrase p;

    (void)state;
    TYPES("one", "two", "one", "one ", "right", "right");
    assert_int_equal(passphrase_get_new(&source, "key", &p), ERR_OK);
    assert_int_equal(typed.asked, 6);
    assert_int_equal(typed.what[0], PASSPHRASE_NEW);
    assert_int_equal(typed.what[4], PASSPHRASE_ANEW);
    assert_int_equal(typed.what[5], PASSPHRASE_REPEAT);
    assert_int_equal(p.len, 5);
    TYPES("", "");
    assert_int_equal(passphrase_get_new(&source, "key", &p), ERR_OK);
    assert_int_equal(p.len, 0);
    TYPES("a", "b", "c", "d", "e", "f", "g", "g");
    assert_int_equal(passphrase_get_new(&source, "key", &p), ERR_PASSPHRASE);
    assert_int_equal(typed.asked, 6);
    assert_non_null(strstr(source.why, "not the same"));
    TYPES("a", NULL);
    assert_int_equal(passphrase_get_new(&source, "key", &p), ERR_PASSPHRASE);
    assert_int_equal(typed.asked, 2);
    assert_int_equal(p.len, 0);
}

/* One of our keys, encrypted with "secret", in the scratch directory. */
static void locked_key(struct scratch *scratch, char path[static 512])
{
    struct random random = keys_random(8);
    struct passphrase secret = words("secret");

    scratch_make(scratch);
    scratch_path(scratch, "key", path);
    assert_int_equal(identity_file_save_locked(keys_get(0), path, &secret, FEW, &random), ERR_OK);
}

static enum err unlock(const char *path, struct passphrase_source *source)
{
    struct identity id;
    uint32_t iterations;
    enum err e = identity_file_unlock(&id, path, source, &iterations);

    if (e == ERR_OK) {
        assert_true(public_key_same(&id.public, &keys_get(0)->public));
        assert_int_equal(iterations, FEW);
        identity_wipe(&id);
    }
    return e;
}

static void three_tries(void **state)
{
    struct passphrase_source source = {.ask = ask}, nobody = {.file = NULL};
    struct scratch scratch = {""};
    struct identity id;
    char path[512];

    (void)state;
    locked_key(&scratch, path);
    TYPES("secret");
    assert_int_equal(unlock(path, &source), ERR_OK);
    assert_int_equal(typed.asked, 1);
    TYPES("wrong", "", "secret");
    assert_int_equal(unlock(path, &source), ERR_OK);
    assert_int_equal(typed.asked, 3);
    assert_int_equal(typed.what[0], PASSPHRASE_OPEN);
    assert_int_equal(typed.what[2], PASSPHRASE_AGAIN);
    TYPES("wrong", "wrong", "wrong", "secret");
    assert_int_equal(unlock(path, &source), ERR_PASSPHRASE);
    assert_int_equal(typed.asked, 3);
    TYPES("wrong", NULL);
    assert_int_equal(unlock(path, &source), ERR_PASSPHRASE);
    assert_int_equal(typed.asked, 2);
    assert_int_equal(unlock(path, &nobody), ERR_PASSPHRASE);
    assert_non_null(strstr(nobody.why, "no terminal"));
    assert_int_equal(identity_file_load(&id, path), ERR_PASSPHRASE);
    scratch_remove(&scratch);
}

/* The file of a passphrase is tried once, and nobody is asked then. */
static void from_a_file(void **state)
{
    struct scratch scratch = {""};
    char path[512], file[512];
    struct passphrase_source source = {.file = file, .ask = ask};

    (void)state;
    locked_key(&scratch, path);
    scratch_path(&scratch, "passphrase", file);
    TYPES("secret");
    scratch_put(&scratch, "passphrase", "secret\n", 7);
    assert_int_equal(chmod(file, 0600), 0);
    assert_int_equal(unlock(path, &source), ERR_OK);
    scratch_put(&scratch, "passphrase", "Secret\n", 7);
    assert_int_equal(unlock(path, &source), ERR_PASSPHRASE);
    assert_string_equal(source.why, "");
    assert_int_equal(chmod(file, 0644), 0);
    assert_int_equal(unlock(path, &source), ERR_PASSPHRASE);
    assert_non_null(strstr(source.why, "chmod 600"));
    assert_int_equal(typed.asked, 0);
    scratch_remove(&scratch);
}

/* No changed character of the file gives a key: it is no PEM, no key, or the passphrase is wrong. A
 * changed d alone is not seen, for d is not used (see test_identity.c), and in CBC it takes two blocks
 * with it. */
static void damaged_files(void **state)
{
    struct scratch scratch = {""};
    struct buf pem;
    char path[512];
    size_t taken = 0;

    (void)state;
    locked_key(&scratch, path);
    buf_init(&pem, LIMIT_KEY_FILE);
    scratch_get(&scratch, "key", &pem);
    for (size_t at = 0; at < pem.len - 1; at += at < 256 ? 1 : 9) {
        struct passphrase_source source = {.ask = ask};

        TYPES("secret", NULL);
        pem.data[at] ^= 1;
        scratch_put(&scratch, "key", pem.data, pem.len);
        pem.data[at] ^= 1;
        struct identity id;
        uint32_t iterations;
        if (identity_file_unlock(&id, path, &source, &iterations) != ERR_OK)
            continue;
        taken++;
        assert_true(public_key_same(&id.public, &keys_get(0)->public));
        identity_wipe(&id);
    }
    assert_true(taken < 50);
    for (size_t len = 0; len < pem.len - 1; len += 11) {
        struct passphrase_source source = {.ask = ask};

        TYPES("secret", NULL);
        scratch_put(&scratch, "key", pem.data, len);
        assert_int_not_equal(unlock(path, &source), ERR_OK);
        assert_int_equal(typed.asked, 0);
    }
    buf_free(&pem);
    scratch_remove(&scratch);
}

static void made_with_a_passphrase(void **state)
{
    struct random random = keys_random(9);
    struct scratch scratch = {""};
    char path[512], file[512];
    struct passphrase_source source = {.file = file}, none = {.file = NULL};
    struct identity made, back;
    uint32_t iterations;

    (void)state;
    scratch_make(&scratch);
    scratch_path(&scratch, "key", path);
    scratch_path(&scratch, "passphrase", file);
    assert_int_equal(identity_file_make(&made, path, &source, &random, &iterations),
                     ERR_PASSPHRASE);
    assert_int_equal(identity_file_load(&back, path), ERR_UNKNOWN);
    scratch_put(&scratch, "passphrase", "secret", 6);
    assert_int_equal(chmod(file, 0600), 0);
    assert_int_equal(identity_file_make(&made, path, &source, &random, &iterations), ERR_OK);
    assert_in_range(iterations, 210000, 4000000);
    assert_int_equal(identity_file_load(&back, path), ERR_PASSPHRASE);
    assert_int_equal(identity_file_unlock(&back, path, &source, &iterations), ERR_OK);
    assert_true(public_key_same(&made.public, &back.public));
    assert_int_equal(identity_file_make(&made, path, &none, &random, &iterations), ERR_OK);
    assert_int_equal(iterations, 0);
    assert_int_equal(identity_file_load(&back, path), ERR_OK);
    identity_wipe(&made);
    identity_wipe(&back);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_line_of_a_file),
        cmocka_unit_test(files_that_are_refused),
        cmocka_unit_test(new_ones_are_asked_twice),
        cmocka_unit_test(three_tries),
        cmocka_unit_test(from_a_file),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(made_with_a_passphrase),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Memory that runs out in crypto and proto: keys as text, in files and under a passphrase, envelopes,
 * and the list of bindings. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/identity_file.h"
#include "crypto/passphrase.h"
#include "crypto/pbes2.h"
#include "proto/bindings.h"
#include "proto/envelope.h"
#include "tests/kit/famine.h"
#include "tests/kit/keys.h"
#include "tests/kit/scratch.h"

#define ROUNDS 1000 /* of PBKDF2 */

static struct buf want; /* what comes out when there is memory */
static struct scratch scratch;

static int make(void **state)
{
    (void)state;
    buf_init(&want, LIMIT_ENVELOPE);
    scratch_make(&scratch);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    buf_free(&want);
    scratch_remove(&scratch);
    return 0;
}

/* Writes into out, and says whether that failed. */
typedef enum err writer(struct buf *out);

static void check_writer(writer *write, bool same)
{
    struct buf out;
    enum err e;

    buf_init(&out, LIMIT_ENVELOPE);
    famine_begin();
    e = write(&out);
    if (famine_end()) {
        assert_int_equal(e, ERR_MEMORY);
        buf_clear(&out);
        e = write(&out);
    }
    assert_int_equal(e, ERR_OK);
    assert_false(out.failed);
    if (same)
        assert_true(out.len == want.len && memcmp(out.data, want.data, out.len) == 0);
    buf_free(&out);
}

static enum err failed(const struct buf *out)
{
    return out->failed ? ERR_MEMORY : ERR_OK;
}

static enum err public_pem(struct buf *out)
{
    public_key_to_pem(&keys_get(1)->public, out);
    return failed(out);
}

static void write_public(void)
{
    check_writer(public_pem, true);
}

static void read_public(void)
{
    struct public_key key;
    enum err e;

    famine_begin();
    e = public_key_from_pem(&key, want.data, want.len);
    if (famine_end()) {
        assert_int_equal(e, ERR_MEMORY);
        e = public_key_from_pem(&key, want.data, want.len);
    }
    assert_int_equal(e, ERR_OK);
    assert_true(public_key_same(&key, &keys_get(1)->public));
}

static void a_public_key(void **state)
{
    (void)state;
    assert_int_equal(public_pem(&want), ERR_OK);
    famine_walk(write_public);
    famine_walk(read_public);
}

static enum err private_pem(struct buf *out)
{
    return identity_to_pem(keys_get(1), out);
}

static void write_private(void)
{
    check_writer(private_pem, true);
}

static void read_private(void)
{
    struct identity id;
    enum err e;

    famine_begin();
    e = identity_from_pem(&id, want.data, want.len);
    if (famine_end()) {
        assert_int_equal(e, ERR_MEMORY);
        e = identity_from_pem(&id, want.data, want.len);
    }
    assert_int_equal(e, ERR_OK);
    assert_true(public_key_same(&id.public, &keys_get(1)->public));
    identity_wipe(&id);
}

static enum err private_der(struct buf *out)
{
    return identity_to_der(keys_get(1), out);
}

static void write_der(void)
{
    check_writer(private_der, true);
}

static void a_private_key(void **state)
{
    (void)state;
    assert_int_equal(private_pem(&want), ERR_OK);
    famine_walk(write_private);
    famine_walk(read_private);
    buf_clear(&want);
    assert_int_equal(private_der(&want), ERR_OK);
    famine_walk(write_der);
}

static const struct span passphrase = {(const uint8_t *)"open sesame", 11};
static uint8_t plain[700];

static enum err seal_key(struct buf *out)
{
    struct random random = keys_random(3);

    return pbes2_seal(out, (struct span){plain, sizeof plain}, passphrase, ROUNDS, &random);
}

static void write_sealed_key(void)
{
    check_writer(seal_key, true);
}

static enum err open_key(struct buf *out)
{
    struct pbes2 p;
    const char *why;

    assert_int_equal(pbes2_parse(&p, want.data, want.len, &why), ERR_OK);
    return pbes2_open(&p, passphrase, out);
}

static void read_sealed_key(void)
{
    check_writer(open_key, false);
}

/* What pbes2_open takes for well padded is a SEQUENCE to its end. */
static void an_encrypted_key(void **state)
{
    (void)state;
    memcpy(plain, "\x30\x82\x02\xb8", 4);
    assert_int_equal(seal_key(&want), ERR_OK);
    famine_walk(write_sealed_key);
    famine_walk(read_sealed_key);
}

static const char *locked; /* the file with the passphrase, NULL: none */

/* The file is there whole or as it was. */
static void save_identity(void)
{
    struct passphrase_source source = {.file = locked};
    struct random random = keys_random(4);
    struct passphrase text = {0};
    struct identity id;
    uint32_t rounds = 0;
    char path[512];
    enum err e;

    scratch_path(&scratch, "keys/identity.pem", path);
    assert_int_equal(identity_file_save(keys_get(2), path), ERR_OK);
    if (locked != NULL)
        assert_int_equal(passphrase_read(&text, locked, source.why), ERR_OK);
    famine_begin();
    e = identity_file_save_locked(keys_get(1), path, &text, ROUNDS, &random);
    if (famine_end()) {
        assert_true(e == ERR_MEMORY || (e == ERR_IO && errno == ENOMEM));
        assert_int_equal(identity_file_load(&id, path), ERR_OK);
        assert_true(public_key_same(&id.public, &keys_get(2)->public));
        e = identity_file_save_locked(keys_get(1), path, &text, ROUNDS, &random);
    }
    assert_int_equal(e, ERR_OK);
    assert_int_equal(identity_file_unlock(&id, path, &source, &rounds), ERR_OK);
    assert_int_equal(rounds, locked != NULL ? ROUNDS : 0);
    assert_true(public_key_same(&id.public, &keys_get(1)->public));
    identity_wipe(&id);
    passphrase_wipe(&text);
}

static void load_identity(void)
{
    struct passphrase_source source = {.file = locked};
    struct identity id;
    uint32_t rounds;
    char path[512];
    enum err e;

    scratch_path(&scratch, "keys/identity.pem", path);
    famine_begin();
    e = identity_file_unlock(&id, path, &source, &rounds);
    if (famine_end()) {
        /* Of the passphrase's own file the sentence tells. */
        assert_true(e == ERR_MEMORY || (e == ERR_IO && errno == ENOMEM) ||
                    (e == ERR_PASSPHRASE && source.why[0] != 0));
        e = identity_file_unlock(&id, path, &source, &rounds);
    }
    assert_int_equal(e, ERR_OK);
    assert_true(public_key_same(&id.public, &keys_get(1)->public));
    identity_wipe(&id);
}

static void an_identity_in_a_file(void **state)
{
    char path[512];

    (void)state;
    scratch_path(&scratch, "passphrase", path);
    scratch_put(&scratch, "passphrase", "open sesame\n", 12);
    assert_true(scratch_run(&scratch, "chmod 600 passphrase"));
    locked = NULL;
    famine_walk(save_identity);
    famine_walk(load_identity);
    locked = path;
    famine_walk(save_identity);
    famine_walk(load_identity);
    assert_true(scratch_run(&scratch, "test \"$(ls -A keys)\" = identity.pem"));
}

/* A text of three size classes up, so that buffers grow in the middle. */
static struct envelope_content content(void)
{
    static uint8_t body[3000];
    struct envelope_content c = {
        .sender = "alice", .id = 9, .kind = ENVELOPE_TEXT, .body = {body, sizeof body}};

    memset(body, 'x', sizeof body);
    return c;
}

static enum err seal_one(struct buf *out)
{
    struct random random = keys_random(5);
    struct envelope_content c = content();

    return envelope_seal_one(out, keys_get(1), &random, &c, &keys_get(2)->public);
}

static enum err seal_all(struct buf *out)
{
    const struct public_key *to[] = {&keys_get(2)->public, &keys_get(3)->public,
                                     &keys_get(4)->public};
    struct random random = keys_random(5);
    struct envelope_content c = content();

    return envelope_seal_all(out, keys_get(1), &random, &c, to, 3);
}

static void write_one(void)
{
    check_writer(seal_one, true);
}

static void write_all(void)
{
    check_writer(seal_all, true);
}

static void open_envelope(void)
{
    struct envelope_content c;
    struct buf text;
    enum err e;

    buf_init(&text, LIMIT_SEALED);
    famine_begin();
    e = envelope_open(&c, &text, keys_get(2), want.data, want.len);
    if (famine_end()) {
        assert_int_equal(e, ERR_MEMORY);
        e = envelope_open(&c, &text, keys_get(2), want.data, want.len);
    }
    assert_int_equal(e, ERR_OK);
    assert_int_equal(c.body.len, content().body.len);
    assert_memory_equal(c.body.data, content().body.data, c.body.len);
    buf_free(&text);
}

/* For the server: what one receiver is given of it. */
static enum err pass(struct buf *out)
{
    envelope_pass(out, want.data, want.len, keys_get(3)->public.fingerprint);
    return failed(out);
}

static void pass_on(void)
{
    check_writer(pass, false);
}

static void envelopes(void **state)
{
    (void)state;
    assert_int_equal(seal_one(&want), ERR_OK);
    famine_walk(write_one);
    famine_walk(open_envelope);
    famine_walk(pass_on);
    buf_clear(&want);
    assert_int_equal(seal_all(&want), ERR_OK);
    famine_walk(write_all);
    famine_walk(open_envelope);
    famine_walk(pass_on);
}

static void take(struct bindings *b, unsigned i)
{
    uint8_t before[BINDINGS_HASH], after[BINDINGS_HASH], key[SIZE_FINGERPRINT] = {1};
    char name[LIMIT_NAME + 1] = "n__";
    bool added = true;
    size_t count = b->count;

    name[1] = (char)('a' + i / 26);
    name[2] = (char)('a' + i % 26);
    key[1] = (uint8_t)i;
    assert_true(bindings_hash(b, count, before));
    if (bindings_bind(b, name, key, &added) != ERR_OK) {
        assert_false(added);
        assert_int_equal(b->count, count);
        assert_null(bindings_find(b, name));
        assert_true(bindings_hash(b, count, after));
        assert_memory_equal(before, after, sizeof after);
        assert_int_equal(b->names, count);
        return;
    }
    assert_true(added);
    assert_memory_equal(bindings_find(b, name), key, sizeof key);
}

/* An entry is in the list, its hash and the table, or in none of them. */
static void bind_many(void)
{
    struct random random = keys_random(6);
    struct bindings b;
    struct buf out;

    bindings_init(&b, keys_get(0)->public.fingerprint, &random);
    famine_begin();
    for (unsigned i = 0; i < 70; i++)
        take(&b, i);
    if (famine_end()) {
        assert_true(b.count < 70);
        for (size_t before = b.count, i = 0; i < 10; i++) {
            take(&b, (unsigned)(80 + i)); /* there is memory again */
            assert_int_equal(b.count, before + i + 1);
        }
        while (b.count > 0)
            bindings_undo(&b);
        for (unsigned i = 0; i < 70; i++)
            take(&b, i);
    }
    buf_init(&out, 65536);
    assert_int_equal(b.count, 70);
    assert_int_equal(bindings_write(&b, 1, 65536, &out), 71);
    if (want.len == 0)
        buf_add(&want, out.data, out.len);
    assert_int_equal(out.len, want.len);
    assert_memory_equal(out.data, want.data, want.len);
    buf_free(&out);
    bindings_free(&b);
}

static void the_list_of_bindings(void **state)
{
    (void)state;
    famine_walk(bind_many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_public_key, make, unmake),
        cmocka_unit_test_setup_teardown(a_private_key, make, unmake),
        cmocka_unit_test_setup_teardown(an_encrypted_key, make, unmake),
        cmocka_unit_test_setup_teardown(an_identity_in_a_file, make, unmake),
        cmocka_unit_test_setup_teardown(envelopes, make, unmake),
        cmocka_unit_test_setup_teardown(the_list_of_bindings, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

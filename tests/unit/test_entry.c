/* The hello as the server sees it: who comes in, under which name, and who does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "proto/hello.h"
#include "tests/kit/keys.h"
#include "tests/kit/stage.h"

#define ALICE 1
#define BOB 2

static struct stage stage;
static struct actor a, b, c;
static struct buf out;

static int make(void **state)
{
    (void)state;
    log_start("test", (enum log_level) - 1);
    buf_init(&out, 100000);
    stage_open(&stage);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    actor_end(&a);
    actor_end(&b);
    actor_end(&c);
    stage_close(&stage);
    buf_free(&out);
    return 0;
}

static size_t count_members(struct span payload)
{
    struct wire_list list = wire_members_open(payload);
    struct wire_member m;
    enum err e;
    size_t count = 0;

    while (wire_members_next(&list, &m, &e))
        count++;
    assert_int_equal(e, ERR_OK);
    return count;
}

static void a_good_hello(void **state)
{
    struct wire_hello_ack ack;
    struct wire_welcome welcome;
    struct wire_list list;
    struct wire_binding binding;
    struct wire_member member;
    struct public_key key;
    uint8_t h[BINDINGS_HASH];
    enum err e;

    (void)state;
    actor_start(&a, &stage, ALICE);
    assert_int_equal(a.phase, PHASE_HELLO);
    actor_say_hello(&a, "alice", 0);
    assert_int_equal(a.phase, PHASE_ACK);
    assert_int_equal(wire_get_hello_ack(actor_next(&a, MESSAGE_HELLO_ACK), &ack), ERR_OK);
    assert_int_equal(ack.version, WIRE_VERSION);
    assert_true(ack.features ==
                (FEATURE_VIDEO | FEATURE_TALK | FEATURE_PAST | FEATURE_AUTO | FEATURE_LIVE));
    assert_int_equal(public_key_from_pem(&key, ack.pem.data, ack.pem.len), ERR_OK);
    assert_true(public_key_same(&key, &keys_get(STAGE_SERVER)->public));
    actor_say_ack(&a, "alice");
    /* Nothing of the room before the name is on disk. */
    assert_int_equal(actor_peek(&a), 0);
    assert_int_equal(a.session.state, SESSION_JOINING);
    assert_int_equal(a.phase, PHASE_ACK);
    desk_finish(&stage.desk);
    assert_int_equal(a.phase, PHASE_ROOM);
    assert_int_equal(wire_get_welcome(actor_next(&a, MESSAGE_WELCOME), &welcome), ERR_OK);
    assert_memory_equal(welcome.room.data, "hall", 4);
    assert_true(welcome.last == 0 && welcome.n == 1);
    assert_memory_equal(welcome.log_id, stage.room.log.log_id, SIZE_LOG_ID);
    assert_true(bindings_hash(&stage.room.names.list, 1, h));
    assert_memory_equal(welcome.h, h, sizeof h);
    list = wire_bindings_open(actor_next(&a, MESSAGE_BINDINGS));
    assert_true(wire_bindings_next(&list, &binding, &e));
    assert_true(binding.n == 1 && binding.kind == 1);
    assert_string_equal(binding.name, "alice");
    list = wire_members_open(actor_next(&a, MESSAGE_MEMBERS));
    assert_false(list.more);
    assert_true(wire_members_next(&list, &member, &e));
    assert_string_equal(member.name, "alice");
    assert_memory_equal(member.spki, keys_get(ALICE)->public.spki, SIZE_SPKI);
    assert_int_equal(actor_peek(&a), 0);
}

/* alice's HELLO; then an ACK signed by that key over that proof. */
static void check_proof(unsigned signer, unsigned client, const char *name, uint8_t exporter,
                        unsigned server, bool good)
{
    struct random random = keys_random(5);
    uint8_t signature[SIZE_SIGNATURE], keying[SIZE_EXPORTER];
    struct hello_proof proof = {.exporter = keying,
                                .server = keys_get(server)->public.fingerprint,
                                .client = keys_get(client)->public.fingerprint,
                                .name = name};
    struct wire_ack m = {.signature = signature};

    memset(keying, exporter, sizeof keying);
    assert_true(hello_sign(signature, keys_get(signer), &random, &proof));
    actor_start(&a, &stage, ALICE);
    actor_say_hello(&a, "alice", 0);
    actor_next(&a, MESSAGE_HELLO_ACK);
    wire_put_ack(&out, &m);
    actor_send(&a, &out);
    if (good)
        assert_int_equal(a.session.state, SESSION_JOINING);
    else
        actor_check_error(&a, CODE_PROOF);
    actor_end(&a);
    desk_finish(&stage.desk);
}

static void the_proof_names_everything(void **state)
{
    (void)state;
    check_proof(ALICE, ALICE, "alice", ALICE + 1, STAGE_SERVER, true);
    check_proof(BOB, ALICE, "alice", ALICE + 1, STAGE_SERVER, false); /* another signs */
    check_proof(ALICE, BOB, "alice", ALICE + 1, STAGE_SERVER, false);
    check_proof(ALICE, ALICE, "alicf", ALICE + 1, STAGE_SERVER, false);
    check_proof(ALICE, ALICE, "alice", ALICE, STAGE_SERVER, false); /* another TLS session */
    check_proof(ALICE, ALICE, "alice", ALICE + 1, BOB, false);      /* another server */
}

static void no_acceptable_key(void **state)
{
    static const char pem[] = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
    struct wire_hello m = {
        .version = 1, .name = "alice", .pem = {(const uint8_t *)pem, sizeof pem - 1}};

    (void)state;
    actor_start(&a, &stage, ALICE);
    wire_put_hello(&out, &m);
    actor_send(&a, &out);
    actor_check_error(&a, CODE_PROOF);
    /* Nothing more is heard of it. */
    actor_say_hello(&a, "alice", 0);
    assert_int_equal(actor_peek(&a), 0);
}

static void no_common_version(void **state)
{
    struct wire_hello m = {.version = 0, .name = "alice"};

    (void)state;
    actor_start(&a, &stage, ALICE);
    wire_put_hello(&out, &m);
    actor_send(&a, &out);
    actor_check_error(&a, CODE_VERSION);
}

static void malformed(void **state)
{
    (void)state;
    actor_start(&a, &stage, ALICE);
    message_end(&out, message_begin(&out, MESSAGE_HELLO));
    actor_send(&a, &out);
    actor_check_error(&a, CODE_PROTOCOL);
    actor_start(&b, &stage, ALICE);
    session_broken(&b.session, CODE_PROTOCOL, "unknown message");
    actor_check_error(&b, CODE_PROTOCOL);
}

static void ack_twice(void **state)
{
    (void)state;
    actor_start(&a, &stage, ALICE);
    actor_say_hello(&a, "alice", 0);
    actor_next(&a, MESSAGE_HELLO_ACK);
    actor_say_ack(&a, "alice");
    actor_say_ack(&a, "alice");
    actor_check_error(&a, CODE_PROTOCOL);
    desk_finish(&stage.desk);
    assert_int_equal(stage.room.count, 0);
    assert_null(stage.room.joining);
}

static void refuse_entry(struct actor *x, unsigned key, const char *name, uint8_t flags,
                         enum message_code code)
{
    actor_start(x, &stage, key);
    actor_say_hello(x, name, flags);
    actor_next(x, MESSAGE_HELLO_ACK);
    actor_say_ack(x, name);
    desk_finish(&stage.desk);
    actor_check_error(x, code);
    actor_end(x);
}

static void a_name_belongs_to_its_key(void **state)
{
    (void)state;
    actor_enter(&a, &stage, ALICE, "alice", 0);
    refuse_entry(&b, BOB, "Alice", 0, CODE_NAME_TAKEN);
    refuse_entry(&b, BOB, "alice", HELLO_EPHEMERAL, CODE_NAME_TAKEN);
    refuse_entry(&b, BOB, "alice", HELLO_ONE_SHOT, CODE_NAME_TAKEN);
    actor_end(&a);
    refuse_entry(&b, BOB, "alice", 0, CODE_NAME_TAKEN);
    stage_restart(&stage);
    refuse_entry(&b, BOB, "alice", 0, CODE_NAME_TAKEN);
    refuse_entry(&b, BOB, "alice", HELLO_EPHEMERAL, CODE_NAME_TAKEN);
    actor_enter(&a, &stage, ALICE, "alice", 0);
    assert_int_equal(stage.room.names.list.count, 1);
}

static void an_ephemeral_name_is_free_again(void **state)
{
    (void)state;
    actor_enter(&a, &stage, ALICE, "guest", HELLO_EPHEMERAL);
    assert_int_equal(notices_member(&a.session).flags, MEMBER_EPHEMERAL);
    refuse_entry(&b, BOB, "guest", 0, CODE_NAME_TAKEN);
    refuse_entry(&b, BOB, "Guest", HELLO_EPHEMERAL, CODE_NAME_TAKEN);
    actor_end(&a);
    actor_enter(&b, &stage, BOB, "guest", HELLO_EPHEMERAL);
    actor_end(&b);
    assert_int_equal(stage.room.names.list.count, 0);
    actor_enter(&b, &stage, BOB, "guest", 0);
    refuse_entry(&a, ALICE, "guest", HELLO_EPHEMERAL, CODE_NAME_TAKEN);
}

static void the_same_key_takes_over(void **state)
{
    (void)state;
    actor_enter(&a, &stage, ALICE, "alice", 0);
    actor_enter(&c, &stage, BOB, "bob", 0);
    stage_later(&stage, NOTICES_GAP_NS);
    actor_skip(&a);
    actor_skip(&c);
    actor_enter(&b, &stage, ALICE, "ALICE", 0);
    actor_check_error(&a, CODE_REPLACED);
    assert_int_equal(stage.room.count, 2);
    assert_ptr_equal(room_member(&stage.room, "alice"), &b.session);
    stage_later(&stage, NOTICES_GAP_NS);
    assert_int_equal(count_members(actor_next(&c, MESSAGE_JOINED)), 1);
    assert_int_equal(actor_peek(&c), 0); /* nobody left */
    actor_end(&a);
    stage_later(&stage, NOTICES_GAP_NS);
    assert_int_equal(actor_peek(&c), 0);
    assert_int_equal(stage.room.count, 2);
}

static void a_one_shot_is_not_listed(void **state)
{
    (void)state;
    actor_enter(&a, &stage, ALICE, "alice", 0);
    stage_later(&stage, NOTICES_GAP_NS);
    actor_skip(&a);
    actor_enter(&b, &stage, ALICE, "alice", HELLO_ONE_SHOT);
    assert_false(a.finished);
    assert_int_equal(stage.room.count, 1);
    assert_int_equal(stage.room.visitors, 1);
    stage_later(&stage, NOTICES_GAP_NS);
    assert_int_equal(actor_peek(&a), 0);
    actor_end(&b);
    assert_int_equal(stage.room.visitors, 0);
    stage_later(&stage, NOTICES_GAP_NS);
    assert_int_equal(actor_peek(&a), 0);
}

static void a_full_room(void **state)
{
    (void)state;
    stage.room.limit = 2;
    actor_enter(&a, &stage, ALICE, "alice", 0);
    actor_enter(&b, &stage, BOB, "bob", HELLO_ONE_SHOT);
    refuse_entry(&c, 3, "carol", 0, CODE_FULL);
    refuse_entry(&c, 3, "carol", HELLO_ONE_SHOT, CODE_FULL);
    assert_true(stage.room.count == 1 && stage.room.visitors == 1);
    actor_enter(&c, &stage, ALICE, "alice", 0); /* takes over: no more than before */
    actor_end(&b);
    actor_enter(&b, &stage, BOB, "bob", 0);
}

static void the_disk_refuses_the_name(void **state)
{
    (void)state;
    desk_limit_files(50);
    refuse_entry(&a, ALICE, "alice", 0, CODE_STORE);
    desk_limit_files(0);
    actor_enter(&b, &stage, BOB, "alice", 0);
}

static void gone_while_its_name_is_written(void **state)
{
    (void)state;
    actor_start(&a, &stage, ALICE);
    actor_say_hello(&a, "alice", 0);
    actor_say_ack(&a, "alice");
    actor_end(&a);
    assert_null(stage.room.joining);
    desk_finish(&stage.desk);
    assert_int_equal(stage.room.count, 0);
    actor_start(&a, &stage, ALICE);
    wire_put_quit(&out, "");
    actor_send(&a, &out); /* QUIT before anything */
    assert_true(a.finished);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_hello, make, unmake),
        cmocka_unit_test_setup_teardown(the_proof_names_everything, make, unmake),
        cmocka_unit_test_setup_teardown(no_acceptable_key, make, unmake),
        cmocka_unit_test_setup_teardown(no_common_version, make, unmake),
        cmocka_unit_test_setup_teardown(malformed, make, unmake),
        cmocka_unit_test_setup_teardown(ack_twice, make, unmake),
        cmocka_unit_test_setup_teardown(a_name_belongs_to_its_key, make, unmake),
        cmocka_unit_test_setup_teardown(an_ephemeral_name_is_free_again, make, unmake),
        cmocka_unit_test_setup_teardown(the_same_key_takes_over, make, unmake),
        cmocka_unit_test_setup_teardown(a_one_shot_is_not_listed, make, unmake),
        cmocka_unit_test_setup_teardown(a_full_room, make, unmake),
        cmocka_unit_test_setup_teardown(the_disk_refuses_the_name, make, unmake),
        cmocka_unit_test_setup_teardown(gone_while_its_name_is_written, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

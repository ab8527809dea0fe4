/* A room by invitation: who comes in, what is used up when, and what the others are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "server/warden.h"
#include "tests/kit/keys.h"
#include "tests/kit/stage.h"

#define NEVER INT64_C(99999999999)

static struct stage stage;
static struct actor actor;
static struct buf refusal;
static char path[512];

static void open_list(void)
{
    stage.room.by_invitation = true;
    assert_int_equal(invites_open(&stage.room.invites, path), ERR_OK);
}

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    stage_open(&stage);
    buf_init(&refusal, 1024);
    scratch_path(&stage.desk.scratch, "invites", path);
    open_list();
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    desk_limit_files(0);
    actor_end(&actor);
    stage_close(&stage);
    buf_free(&refusal);
    return 0;
}

static void invite(uint8_t code, const char *name, int64_t until)
{
    uint8_t bytes[SIZE_INVITATION] = {code};
    struct invite one = {.until = until};

    invitation_hash(one.hash, bytes);
    memcpy(one.name, name, strlen(name));
    assert_int_equal(invites_add(&stage.room.invites, &one, 0), ERR_OK);
}

/* Up to the server's answer; code 0: none is shown. */
static void come(unsigned key, const char *name, uint8_t flags, uint8_t code)
{
    uint8_t bytes[SIZE_INVITATION] = {code};

    actor_end(&actor);
    actor_start(&actor, &stage, key);
    actor_say_hello(&actor, name, flags);
    actor_next(&actor, MESSAGE_HELLO_ACK);
    actor_show_code(&actor, name, (struct span){bytes, code == 0 ? 0 : sizeof bytes});
    desk_finish(&stage.desk);
}

static void comes_in(unsigned key, const char *name, uint8_t flags, uint8_t code)
{
    come(key, name, flags, code);
    assert_int_equal(actor.session.state, SESSION_ROOM);
    actor_next(&actor, MESSAGE_WELCOME);
}

/* With the same bytes as ever, and nothing else. */
static void stays_out(unsigned key, const char *name, uint8_t flags, uint8_t code)
{
    size_t at;

    come(key, name, flags, code);
    at = actor.at;
    if (refusal.len == 0)
        buf_add(&refusal, actor.out.data + at, actor.out.len - at);
    assert_int_equal(actor.out.len - at, refusal.len);
    assert_memory_equal(actor.out.data + at, refusal.data, refusal.len);
    actor_check_error(&actor, CODE_REFUSED);
    assert_int_equal(actor.session.state, SESSION_OVER);
}

static void restart(void)
{
    actor_end(&actor);
    stage_restart(&stage);
    open_list();
}

static void one_key_once_and_known_from_then_on(void **state)
{
    (void)state;
    stays_out(1, "alice", 0, 0);
    invite(7, "", NEVER);
    stays_out(1, "alice", 0, 0);
    stays_out(1, "alice", 0, 8);
    comes_in(1, "alice", 0, 7);
    for (int i = 0; i < 2; i++) {
        stays_out(2, "bob", 0, 7);
        stays_out(2, "bob", HELLO_EPHEMERAL, 7);
        stays_out(2, "alice", 0, 7); /* nor that the name is taken */
        comes_in(1, "alice", 0, 0);
        comes_in(1, "alice", HELLO_ONE_SHOT, 0);
        comes_in(1, "second", 0, 0);
        comes_in(1, "third", HELLO_EPHEMERAL, 0);
        comes_in(1, "alice", 0, 9); /* what it shows then does not matter */
        restart();
    }
}

static void nothing_that_does_not_hold(void **state)
{
    struct ban ban = {.name = "mallory"};

    (void)state;
    memcpy(ban.fingerprint, keys_get(2)->public.fingerprint, sizeof ban.fingerprint);
    assert_int_equal(bans_add(&stage.room.bans, &ban), ERR_OK);
    invite(1, "bob", NEVER);
    invite(2, "", 1000);
    invite(3, "", NEVER);
    stays_out(1, "alice", 0, 1);
    stays_out(1, "alice", 0, 2);
    stays_out(2, "mallory", 0, 3);
    assert_int_equal(invites_remove(&stage.room.invites, 3), ERR_OK);
    stays_out(1, "alice", 0, 3);
    comes_in(1, "BOB", 0, 1);
    /* Being known is no help against a ban. */
    memcpy(ban.fingerprint, keys_get(1)->public.fingerprint, sizeof ban.fingerprint);
    assert_int_equal(bans_add(&stage.room.bans, &ban), ERR_OK);
    stays_out(1, "bob", 0, 1);
    stays_out(1, "bob", 0, 0);
}

/* The mark is on disk, the name is not: the key comes again with the same code, another does not. */
static void a_crash_between_mark_and_name(void **state)
{
    (void)state;
    invite(7, "", NEVER);
    assert_int_equal(invites_use(&stage.room.invites, &stage.room.invites.list[0],
                                 keys_get(1)->public.fingerprint),
                     ERR_OK);
    restart();
    stays_out(2, "bob", 0, 7);
    stays_out(1, "alice", 0, 0);
    comes_in(1, "alice", 0, 7);
    restart();
    comes_in(1, "alice", 0, 0);
    /* The name was what it was for. */
    actor_end(&actor);
    assert_int_equal(names_release(&stage.room.names, "alice"), ERR_OK);
    desk_finish(&stage.desk);
    stays_out(1, "alice", 0, 7);
}

static void a_full_disk_uses_nothing_up(void **state)
{
    (void)state;
    invite(7, "", NEVER);
    desk_limit_files(16);
    come(1, "alice", 0, 7);
    actor_check_error(&actor, CODE_STORE);
    desk_limit_files(0);
    assert_false(stage.room.invites.list[0].used);
    assert_int_equal(stage.room.names.list.count, 0);
    comes_in(2, "bob", 0, 7);
}

/* Who has an invitation may know why it does not get in, and has it still. */
static void a_taken_name_or_a_full_room_uses_nothing_up(void **state)
{
    (void)state;
    invite(7, "", NEVER);
    invite(8, "", NEVER);
    comes_in(1, "alice", 0, 7);
    come(2, "Alice", 0, 8);
    actor_check_error(&actor, CODE_NAME_TAKEN);
    come(2, "Alice", HELLO_EPHEMERAL, 8);
    actor_check_error(&actor, CODE_NAME_TAKEN);
    stage.room.limit = 0;
    come(2, "bob", HELLO_EPHEMERAL, 8);
    actor_check_error(&actor, CODE_FULL);
    stage.room.limit = 2;
    assert_false(stage.room.invites.list[1].used);
    comes_in(3, "carol", 0, 8);
}

/* A guest's key is never known: it comes again with its own code as long as that holds. */
static void an_ephemeral_key_comes_again(void **state)
{
    (void)state;
    invite(7, "", NEVER);
    comes_in(1, "ghost", HELLO_EPHEMERAL, 7);
    stays_out(1, "ghost", HELLO_EPHEMERAL, 0);
    comes_in(1, "ghost", HELLO_EPHEMERAL, 7);
    stays_out(2, "ghost", HELLO_EPHEMERAL, 7);
    stage.room.invites.list[0].until = 1000;
    stays_out(1, "ghost", HELLO_EPHEMERAL, 7);
}

static void an_open_room_asks_for_none(void **state)
{
    (void)state;
    stage.room.by_invitation = false;
    invite(7, "bob", NEVER);
    comes_in(1, "alice", 0, 0);
    comes_in(2, "bob", 0, 7);
    comes_in(3, "carol", 0, 9);
    assert_false(stage.room.invites.list[0].used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_key_once_and_known_from_then_on, make, unmake),
        cmocka_unit_test_setup_teardown(nothing_that_does_not_hold, make, unmake),
        cmocka_unit_test_setup_teardown(a_crash_between_mark_and_name, make, unmake),
        cmocka_unit_test_setup_teardown(a_full_disk_uses_nothing_up, make, unmake),
        cmocka_unit_test_setup_teardown(a_taken_name_or_a_full_room_uses_nothing_up, make, unmake),
        cmocka_unit_test_setup_teardown(an_ephemeral_key_comes_again, make, unmake),
        cmocka_unit_test_setup_teardown(an_open_room_asks_for_none, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

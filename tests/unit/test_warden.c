/* The operator's commands in a room without a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "server/warden.h"
#include "tests/kit/keys.h"
#include "tests/kit/stage.h"

static struct stage stage;
static struct actor a, b;
static struct guests guests;
static struct warden warden;
static struct warden_request request;
static struct buf said;
static int answers, result;

static void on_answered(struct warden_request *q, enum warden_result r, const struct buf *text)
{
    assert_ptr_equal(q, &request);
    answers++;
    result = (int)r;
    buf_clear(&said);
    buf_add(&said, text->data, text->len);
}

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    stage_open(&stage);
    buf_init(&said, LIMIT_ANSWER);
    guests = (struct guests){.count = {[GUEST_STRANGERS] = 3}};
    warden = (struct warden){
        .room = &stage.room, .guests = &guests, .started = 10000000000, .usage = -1};
    request = (struct warden_request){.answered = on_answered};
    answers = 0;
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    desk_limit_files(0);
    warden_forget(&request);
    actor_end(&a);
    actor_end(&b);
    stage_close(&stage);
    buf_free(&said);
    return 0;
}

/* Asks, and expects the answer at once. */
static void ask(const char *line, enum warden_result expected)
{
    int before = answers;

    warden_do(&warden, &request, line, strlen(line));
    assert_int_equal(answers, before + 1);
    if (result != (int)expected)
        fail_msg("%s: %d: %s", line, result, buf_text(&said));
}

static void check_said(const char *text)
{
    if (strstr(buf_text(&said), text) == NULL)
        fail_msg("'%s' is not in '%s'", text, buf_text(&said));
}

static void every_command_is_in_the_help_and_minds_its_words(void **state)
{
    (void)state;
    ask("/help", WARDEN_DONE);
    for (const char *const *c =
             (const char *const[]){"who", "kick", "ban", "unban", "bans", "release", "clips",
                                   "stats", "msg", "say", "close", "quit", "help", "invite",
                                   "invites", "revoke", NULL};
         *c != NULL; c++)
        check_said(*c);
    ask("who alice", WARDEN_USAGE);
    ask("/kick", WARDEN_USAGE);
    ask("kick a b", WARDEN_USAGE);
    ask("release -/-", WARDEN_USAGE);
    ask("", WARDEN_USAGE);
    ask("//who", WARDEN_USAGE);
    ask("WHO", WARDEN_USAGE);
    ask("  /who \t ", WARDEN_DONE);
    check_said("nobody is here");
    assert_false(warden.quit);
    ask("quit", WARDEN_DONE);
    assert_true(warden.quit);
}

static void junk_is_refused_and_never_repeated_raw(void **state)
{
    char line[LIMIT_COMMAND + 2];

    (void)state;
    warden_do(&warden, &request, "who\0", 4);
    assert_int_equal(result, WARDEN_USAGE);
    warden_do(&warden, &request, "\xff", 1);
    assert_int_equal(result, WARDEN_USAGE);
    memset(line, 'x', sizeof line);
    warden_do(&warden, &request, line, LIMIT_COMMAND + 1);
    assert_int_equal(result, WARDEN_USAGE);
    warden_do(&warden, &request, line, LIMIT_COMMAND);
    check_said("no such command");
    ask("ban \x1b[31m\xe2\x80\xae", WARDEN_FAILED);
    assert_null(memchr(said.data, 0x1b, said.len));
    check_said("\xef\xbf\xbd[31m\xef\xbf\xbd");
}

static void an_invitation_is_shown_once(void **state)
{
    struct random random = keys_random(9);
    uint8_t code[SIZE_INVITATION], key[SIZE_FINGERPRINT] = {0};
    char text[INVITATION_TEXT];
    const char *at;

    (void)state;
    ask("invite", WARDEN_FAILED);
    check_said("without --invite-only");
    stage.room.by_invitation = true;
    stage.room.talks.random = &random;
    warden.place = "192.0.2.7:7411";
    for (const char *const *c = (const char *const[]){"invite 0", "invite 3651", "invite b/b",
                                                      "invite bob 0", "invite bob 1 2", "revoke",
                                                      "invites x", "invite 99999999999999", NULL};
         *c != NULL; c++)
        ask(*c, WARDEN_USAGE);
    ask("invites", WARDEN_DONE);
    check_said("there are no invitations\n");
    ask("/invite \t Bob   30 ", WARDEN_DONE);
    check_said("invitation 1 for Bob, until ");
    check_said("  den://192.0.2.7:7411/#SHA256:");
    at = strstr(buf_text(&said), "once:\n  ");
    assert_non_null(at);
    snprintf(text, sizeof text, "%s", at + 8);
    assert_true(invitation_parse(code, text));
    assert_int_equal(invites_find(&stage.room.invites, code, "bob", key, 0)->id, 1);
    warden.place = "[::]:7412";
    ask("invite 365", WARDEN_DONE);
    check_said("  den://HOST:7412/#SHA256:");
    check_said("with, for HOST, ");
    ask("invites", WARDEN_DONE);
    check_said("1    Bob ");
    check_said("2    (any name) ");
    ask("revoke 3", WARDEN_FAILED);
    ask("revoke bOB", WARDEN_DONE);
    check_said("revoked invitation 1\n");
    ask("revoke bob", WARDEN_FAILED);
    ask("revoke 2", WARDEN_DONE);
    assert_int_equal(stage.room.invites.count, 0);
}

static void what_is_said_needs_a_conversation(void **state)
{
    struct random random = keys_random(9);

    (void)state;
    stage.room.talks.random = &random;
    for (const char *const *c = (const char *const[]){"msg", "msg alice", "msg a/b x", "say",
                                                      "close", "close a b", NULL};
         *c != NULL; c++)
        ask(*c, WARDEN_USAGE);
    ask("msg alice hello", WARDEN_FAILED);
    check_said("nobody here is called alice");
    ask("close alice", WARDEN_FAILED);
    actor_enter(&a, &stage, 1, "alice", 0);
    stage.features |= FEATURE_TALK;
    actor_enter(&b, &stage, 2, "bob", 0);
    actor_skip(&a);
    ask("msg alice hello", WARDEN_FAILED);
    check_said("alice has no conversation with the server\n");
    ask("msg bob hello", WARDEN_FAILED);
    check_said("yet\n");
    ask("say hello", WARDEN_DONE);
    check_said("sent to 0\nwithout a conversation: alice, bob\n");
    talk_serve(&stage.room);
    actor_next(&b, MESSAGE_SESSION_KEY);
    ask("/msg BOB \t two  words ", WARDEN_DONE);
    check_said("sent to bob\n");
    /* Kind, signature, text and tag, behind the counter. */
    assert_int_equal(actor_next(&b, MESSAGE_LINE).len, 8 + 1 + 256 + strlen("two  words") + 16);
    ask("say hello", WARDEN_DONE);
    check_said("sent to 1\nwithout a conversation: alice\n");
    actor_next(&b, MESSAGE_LINE);
    ask("close bob", WARDEN_DONE);
    actor_next(&b, MESSAGE_CLOSE);
    ask("msg bob again", WARDEN_FAILED);
    check_said("is over");
    assert_int_equal(actor_peek(&a), 0);
}

static void a_kick_is_told(void **state)
{
    (void)state;
    actor_enter(&a, &stage, 1, "alice", 0);
    actor_enter(&b, &stage, 2, "bob", HELLO_ONE_SHOT);
    ask("who", WARDEN_DONE);
    check_said("alice            SHA256:");
    check_said("one-shot");
    ask("kick ALICE", WARDEN_DONE);
    actor_check_error(&a, CODE_REFUSED);
    ask("kick alice", WARDEN_FAILED);
    ask("kick bob", WARDEN_DONE);
    actor_check_error(&b, CODE_REFUSED);
    assert_true(stage.room.count == 0 && stage.room.visitors == 0);
}

static void refused_after_the_proof(struct actor *x, unsigned key, const char *name)
{
    actor_end(x);
    actor_start(x, &stage, key);
    actor_say_hello(x, name, 0);
    actor_next(x, MESSAGE_HELLO_ACK);
    actor_say_ack(x, name);
    actor_check_error(x, CODE_REFUSED);
    assert_int_equal(actor_peek(x), 0);
}

static void a_ban_comes_before_anything_of_the_room(void **state)
{
    (void)state;
    actor_enter(&a, &stage, 1, "alice", 0);
    actor_enter(&b, &stage, 2, "bob", 0);
    ask("ban alice", WARDEN_DONE);
    check_said("who was here");
    actor_check_error(&a, CODE_REFUSED);
    ask("ban alice", WARDEN_FAILED);
    refused_after_the_proof(&a, 1, "alice");
    refused_after_the_proof(&a, 1, "bob"); /* not: the name is taken */
    refused_after_the_proof(&a, 1, "free");
    ask("unban Alice", WARDEN_DONE);
    actor_end(&a);
    actor_enter(&a, &stage, 1, "alice", 0);
}

/* Proven, but its name is not on disk yet: it must not slip in after the ban. */
static void a_ban_reaches_who_is_about_to_enter(void **state)
{
    (void)state;
    actor_start(&a, &stage, 1);
    actor_say_hello(&a, "alice", 0);
    actor_next(&a, MESSAGE_HELLO_ACK);
    actor_say_ack(&a, "alice");
    assert_int_equal(a.session.state, SESSION_JOINING);
    ask("release alice", WARDEN_FAILED); /* in use */
    ask("ban alice", WARDEN_DONE);
    actor_check_error(&a, CODE_REFUSED);
    desk_finish(&stage.desk);
    assert_int_equal(stage.room.count, 0);
}

static void a_release_waits_for_the_disk(void **state)
{
    (void)state;
    actor_enter(&a, &stage, 1, "alice", 0);
    ask("release alice", WARDEN_FAILED);
    check_said("/kick alice first");
    actor_end(&a);
    warden_do(&warden, &request, "release alice", 13);
    warden_tick(&warden);
    assert_true(request.busy);
    desk_finish(&stage.desk);
    warden_tick(&warden);
    assert_false(request.busy);
    assert_int_equal(result, WARDEN_DONE);
    check_said("released alice");
    stage_restart(&stage);
    actor_enter(&b, &stage, 2, "alice", 0);
}

static void a_release_that_can_not_be_stored_is_not_done(void **state)
{
    (void)state;
    actor_enter(&a, &stage, 1, "alice", 0);
    actor_end(&a);
    desk_limit_files((size_t)stage.room.names.file.size + 10);
    warden_do(&warden, &request, "release alice", 13);
    desk_finish(&stage.desk);
    warden_tick(&warden);
    assert_int_equal(result, WARDEN_FAILED);
    assert_non_null(bindings_find(&stage.room.names.list, "alice"));
    desk_limit_files(0);
    warden_do(&warden, &request, "release alice", 13);
    warden_forget(&request); /* who asked is gone; it is done all the same */
    desk_finish(&stage.desk);
    warden_tick(&warden);
    assert_null(bindings_find(&stage.room.names.list, "alice"));
}

static void clips_come_from_the_worker(void **state)
{
    (void)state;
    warden_do(&warden, &request, "clips", 5);
    assert_true(request.busy);
    warden_forget(&request);
    desk_finish(&stage.desk);
    assert_int_equal(answers, 0);
    warden_do(&warden, &request, "clips", 5);
    desk_finish(&stage.desk);
    assert_int_equal(answers, 1);
    check_said("no clip");
}

static void stats_count(void **state)
{
    (void)state;
    actor_enter(&a, &stage, 1, "alice", 0);
    actor_enter(&b, &stage, 2, "bob", HELLO_EPHEMERAL);
    a.queued = 1000;
    stage.room.now += 65000000000;
    ask("stats", WARDEN_DONE);
    check_said("members: 2\n");
    check_said("ephemeral: 1\n");
    check_said("strangers: 3\n");
    check_said("names: 1\n");
    check_said("uptime seconds: 65\n");
    check_said("bytes waiting: 1000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_command_is_in_the_help_and_minds_its_words, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(junk_is_refused_and_never_repeated_raw, make, unmake),
        cmocka_unit_test_setup_teardown(an_invitation_is_shown_once, make, unmake),
        cmocka_unit_test_setup_teardown(what_is_said_needs_a_conversation, make, unmake),
        cmocka_unit_test_setup_teardown(a_kick_is_told, make, unmake),
        cmocka_unit_test_setup_teardown(a_ban_comes_before_anything_of_the_room, make, unmake),
        cmocka_unit_test_setup_teardown(a_ban_reaches_who_is_about_to_enter, make, unmake),
        cmocka_unit_test_setup_teardown(a_release_waits_for_the_disk, make, unmake),
        cmocka_unit_test_setup_teardown(a_release_that_can_not_be_stored_is_not_done, make, unmake),
        cmocka_unit_test_setup_teardown(clips_come_from_the_worker, make, unmake),
        cmocka_unit_test_setup_teardown(stats_count, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

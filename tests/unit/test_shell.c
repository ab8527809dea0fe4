/* Commands: what each does, what it says when it is used wrongly, and what completes a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "client/shell.h"
#include "tests/kit/keys.h"
#include "tests/kit/visitor.h"
#include "wire/hello.h"
#include "wire/video.h"

static char prompt_to[LIMIT_NAME + 1], prompt_way[16];
static int prompts;

static void on_prompt(void *owner, const char *way, const char *to)
{
    (void)owner;
    prompts++;
    snprintf(prompt_way, sizeof prompt_way, "%s", way);
    snprintf(prompt_to, sizeof prompt_to, "%s", to);
}

static void shell_room(struct shell *s, struct visitor *v)
{
    visitor_open_room(v);
    *s = (struct shell){.client = &v->client, .prompt = on_prompt};
    prompts = 0;
}

/* One line; what it said is in v->said, and what the server saw in v->pair.server. */
static void type(struct shell *s, struct visitor *v, const char *line)
{
    visitor_forget(v);
    shell_line(s, line);
    visitor_settle(v);
}

static void wrong_use(void **state)
{
    static const struct {
        const char *line, *code;
    } table[] = {
        {"/nonsense", "usage"},
        {"/", "usage"},
        {"/WHO", "usage"},
        {"/whoever", "usage"},
        {"/who bob", "usage"},
        {"/key bob carol", "usage"},
        {"/key nobody", "no-member"},
        {"/msg", "usage"},
        {"/msg ", "usage"},
        {"/msg bob", "usage"},
        {"/msg bob ", "usage"},
        {"/msg nobody hi", "no-member"},
        {"/msg  bob hi", "usage"},
        {"/to nobody", "no-member"},
        {"/to bob carol", "usage"},
        {"/server \xff", "utf-8"},
        {"/all", "usage"},
        {"/all ", "usage"},
        {"/observe", "usage"},
        {"/observe maybe", "usage"},
        {"/observe on off", "usage"},
        {"/videos all", "usage"},
        {"/play", "usage"},
        {"/play a b c", "usage"},
        {"/play  a", "usage"},
        {"/pause", "no-clip"},
        {"/pause 5", "usage"},
        {"/seek", "usage"},
        {"/seek -1", "usage"},
        {"/seek 1s", "usage"},
        {"/seek 4294967296", "usage"},
        {"/seek 1 2", "usage"},
        {"/seek 5", "no-clip"},
        {"/stop", "no-clip"},
        {"/stop it", "usage"},
        {"/help me", "usage"},
        {"/quit now", "usage"},
        {"QUIT now", "usage"},
        {"hello", "usage"},
        {" /who", "usage"},
        {"quit", "usage"},
        {"/msg a-name-that-is-longer-than-names-are hi", "usage"},
        {"/key a-name-that-is-longer-than-names-are", "usage"},
    };
    char code[64];
    struct visitor v;
    struct shell s;

    (void)state;
    shell_room(&s, &v);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        type(&s, &v, table[i].line);
        snprintf(code, sizeof code, "{\"event\":\"error\",\"code\":\"%s\"", table[i].code);
        if (visitor_said(&v, "\"event\"") != 1 || visitor_said(&v, code) != 1)
            fail_msg("%s: %s", table[i].line, buf_text(&v.said));
        assert_int_equal(v.pair.server.messages, 0);
        assert_int_equal(v.client.state, CLIENT_ROOM);
    }
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_GOOD);
    visitor_close(&v);
}

/* No key comes, so what is typed to the server waits, and can be counted. */
static void the_mode_of_the_server(void **state)
{
    struct visitor v;
    struct shell s;

    (void)state;
    shell_room(&s, &v);
    type(&s, &v, "/server one");
    assert_true(v.client.talk.count == 1 && !s.to_server);
    type(&s, &v, "/server ");
    assert_true(s.to_server);
    assert_string_equal(prompt_to, "server");
    type(&s, &v, "two");
    type(&s, &v, "exit it");
    assert_int_equal(v.client.talk.count, 3);
    type(&s, &v, "/who");
    assert_int_equal(visitor_said(&v, "directory"), 1);
    type(&s, &v, "/to bob");
    assert_false(s.to_server);
    assert_string_equal(prompt_to, "bob");
    type(&s, &v, "/server");
    assert_string_equal(s.to, "");
    type(&s, &v, "exit");
    assert_false(s.to_server);
    assert_string_equal(prompt_to, "");
    type(&s, &v, "/server too late");
    assert_int_equal(visitor_said(&v, "talk-over"), 1);
    assert_int_equal(v.client.talk.count, 4);
    assert_int_equal(v.pair.server.messages, 0);
    visitor_close(&v);
}

static void what_is_said_to_the_server_is_not_remembered(void **state)
{
    struct shell s = {0};

    (void)state;
    assert_true(shell_remembers(&s, "/who") && shell_remembers(&s, "/serverx") &&
                shell_remembers(&s, "hello") && shell_remembers(&s, "/msg bob /server"));
    assert_false(shell_remembers(&s, "/server"));
    assert_false(shell_remembers(&s, "/server a secret"));
    s.to_server = true;
    assert_true(shell_remembers(&s, "/who"));
    assert_false(shell_remembers(&s, "a secret"));
    assert_false(shell_remembers(&s, "/typo of a secret"));
}

static void empty_lines_are_nothing(void **state)
{
    struct visitor v;
    struct shell s;

    (void)state;
    shell_room(&s, &v);
    type(&s, &v, "");
    assert_int_equal(v.said.len, 0);
    type(&s, &v, "  \t ");
    assert_int_equal(v.said.len, 0);
    visitor_close(&v);
}

static void tells_who_and_keys(void **state)
{
    struct visitor v;
    struct shell s;

    (void)state;
    shell_room(&s, &v);
    type(&s, &v, "/who ");
    assert_int_equal(visitor_said(&v, "{\"event\":\"directory\",\"n\":3,\"members\":[{"), 1);
    type(&s, &v, "/key");
    assert_int_equal(visitor_said(&v, "{\"event\":\"key\",\"name\":\"me\""), 1);
    type(&s, &v, "/key BOB "); /* as a completion leaves it */
    assert_int_equal(visitor_said(&v, "{\"event\":\"key\",\"name\":\"bob\""), 1);
    assert_int_equal(visitor_said(&v, "-----BEGIN PUBLIC KEY-----\\n"), 1);
    /* who is gone was met before */
    members_clear(&v.client.members);
    type(&s, &v, "/key bob");
    assert_int_equal(visitor_said(&v, "{\"event\":\"key\",\"name\":\"bob\""), 1);
    type(&s, &v, "/help");
    assert_true(visitor_said(&v, "\"event\":\"note\"") >= 13);
    assert_int_equal(visitor_said(&v, "/play NAME [thirds|alternate|auto|HEIGHT]"), 1);
    assert_int_equal(visitor_said(&v, "\"  QUIT"), 0);
    visitor_close(&v);
}

/* The texts that bob can open, of what the server saw. */
static void expect_text(struct visitor *v, const char *text)
{
    struct wire_send m;
    struct envelope_content c;
    struct buf plain;

    assert_int_equal(v->pair.server.messages, 1);
    assert_int_equal(v->pair.server.seen.data[0], MESSAGE_SEND);
    assert_int_equal(wire_get_send((struct span){v->pair.server.seen.data + MESSAGE_HEADER,
                                                 v->pair.server.seen.len - MESSAGE_HEADER},
                                   &m),
                     ERR_OK);
    buf_init(&plain, LIMIT_SEALED);
    assert_int_equal(
        envelope_open(&c, &plain, keys_get(VISITOR_BOB), m.envelope.data, m.envelope.len), ERR_OK);
    assert_int_equal(c.body.len, strlen(text));
    assert_memory_equal(c.body.data, text, c.body.len);
    buf_free(&plain);
}

static void texts_go_out_as_they_were_typed(void **state)
{
    struct visitor v;
    struct shell s;

    (void)state;
    shell_room(&s, &v);
    type(&s, &v, "/msg bob  two  spaces ");
    expect_text(&v, " two  spaces ");
    type(&s, &v, "/all /who is this?");
    expect_text(&v, "/who is this?");
    type(&s, &v, "/to BOB ");
    assert_string_equal(s.to, "bob");
    assert_string_equal(prompt_to, "bob");
    assert_int_equal(prompts, 1);
    type(&s, &v, "  a bare line ");
    expect_text(&v, "  a bare line ");
    type(&s, &v, "QUITE so");
    expect_text(&v, "QUITE so");
    /* a slip of the finger is not sent to anybody */
    type(&s, &v, "/mgs carol secret");
    assert_int_equal(v.pair.server.messages, 0);
    type(&s, &v, "/to");
    assert_string_equal(s.to, "");
    assert_int_equal(prompts, 2);
    type(&s, &v, "a bare line");
    assert_int_equal(v.pair.server.messages, 0);
    visitor_close(&v);
}

static void observes(void **state)
{
    struct visitor v;
    struct shell s;

    (void)state;
    shell_room(&s, &v);
    type(&s, &v, "/observe off ");
    assert_false(v.client.observe);
    type(&s, &v, "/observe on");
    assert_true(v.client.observe);
    assert_int_equal(visitor_said(&v, "\"event\":\"note\""), 1);
    visitor_close(&v);
}

static void put_clips(struct buf *out, const char *name, bool more)
{
    struct wire_clip m = {.name = {(const uint8_t *)name, strlen(name)},
                          .title = {(const uint8_t *)"A title", 7},
                          .fps_num = 30000,
                          .fps_den = 1001,
                          .frames = 9,
                          .count = 1,
                          .heights = {240}};
    size_t begin = wire_clips_begin(out);

    wire_clips_add(out, &m);
    wire_clips_end(out, begin, more);
}

static void lists_clips(void **state)
{
    struct visitor v;
    struct shell s;
    struct buf out;

    (void)state;
    shell_room(&s, &v);
    type(&s, &v, "/videos");
    assert_int_equal(v.pair.server.messages, 1);
    assert_int_equal(v.pair.server.seen.data[0], MESSAGE_LIST);
    assert_true(client_busy(&v.client));
    type(&s, &v, "/videos"); /* one answer is enough */
    assert_int_equal(v.pair.server.messages, 0);
    buf_init(&out, 4096);
    put_clips(&out, "one", true);
    visitor_send(&v, &out);
    assert_int_equal(v.said.len, 0);
    put_clips(&out, "two", false);
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "{\"event\":\"videos\",\"clips\":[{\"name\":\"one\""), 1);
    assert_int_equal(visitor_said(&v, "{\"name\":\"two\",\"title\":\"A title\",\"fps\":29.970029,"
                                      "\"fps_num\":30000,\"fps_den\":1001,\"frames\":9,\"heights\":"
                                      "[240]}]}\n"),
                     1);
    assert_false(client_busy(&v.client));
    /* unasked it is a mistake */
    visitor_forget(&v);
    put_clips(&out, "three", false);
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "\"code\":\"protocol\""), 1);
    visitor_close(&v);
}

static void asks_for_clips(void **state)
{
    struct visitor v;
    struct shell s;
    struct wire_play m;
    struct buf out;

    (void)state;
    shell_room(&s, &v);
    type(&s, &v, "/play lake 720");
    assert_int_equal(v.pair.server.messages, 1);
    assert_int_equal(v.pair.server.seen.data[0], MESSAGE_PLAY);
    assert_int_equal(wire_get_play((struct span){v.pair.server.seen.data + MESSAGE_HEADER,
                                                 v.pair.server.seen.len - MESSAGE_HEADER},
                                   &m),
                     ERR_OK);
    assert_int_equal(m.clip.len, 4);
    assert_memory_equal(m.schedule.data, "720", 3);
    assert_true(m.credit > 0);
    assert_true(client_busy(&v.client));
    buf_init(&out, 4096);
    wire_put_refused(&out, m.stream, CODE_UNKNOWN_CLIP, "no such clip");
    visitor_forget(&v);
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "\"code\":\"not-played\",\"text\":\"no such clip\""), 1);
    assert_false(client_busy(&v.client));
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_FAILED);
    type(&s, &v, "/stop");
    assert_int_equal(visitor_said(&v, "no-clip"), 1);
    visitor_close(&v);
}

static void quits(void **state)
{
    static const char *const lines[] = {"/quit", "QUIT", "/quit "};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct visitor v;
        struct shell s;

        shell_room(&s, &v);
        type(&s, &v, lines[i]);
        assert_int_equal(v.pair.server.messages, 1);
        assert_int_equal(v.pair.server.seen.data[0], MESSAGE_QUIT);
        assert_int_equal(v.client.exit_code, CLIENT_EXIT_GOOD);
        assert_true(v.client.state >= CLIENT_LEAVING);
        visitor_close(&v);
    }
}

static void expect_completions(const struct shell *s, const char *word, const char *all)
{
    char got[512] = "";
    const char *one;

    for (size_t i = 0; (one = shell_complete(s, word, i)) != NULL; i++) {
        strcat(got, one);
        strcat(got, " ");
    }
    assert_string_equal(got, all);
}

static void completes(void **state)
{
    struct visitor v;
    struct shell s;

    (void)state;
    shell_room(&s, &v);
    expect_completions(&s, "/w", "/who ");
    expect_completions(&s, "/p", "/play /pause ");
    expect_completions(&s, "b", "bob ");
    expect_completions(&s, "CA", "carol ");
    expect_completions(&s, "me", "me ");
    expect_completions(&s, "/nothing", "");
    expect_completions(&s, "bobb", "");
    assert_non_null(shell_complete(&s, "", 0));
    visitor_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_use),
        cmocka_unit_test(the_mode_of_the_server),
        cmocka_unit_test(what_is_said_to_the_server_is_not_remembered),
        cmocka_unit_test(empty_lines_are_nothing),
        cmocka_unit_test(tells_who_and_keys),
        cmocka_unit_test(texts_go_out_as_they_were_typed),
        cmocka_unit_test(observes),
        cmocka_unit_test(lists_clips),
        cmocka_unit_test(asks_for_clips),
        cmocka_unit_test(quits),
        cmocka_unit_test(completes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

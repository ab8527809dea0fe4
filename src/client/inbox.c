#include "client/inbox.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/client.h"
#include "client/entry.h"
#include "client/invitation.h"
#include "client/presence.h"
#include "client/report_live.h"
#include "wire/hello.h"
#include "wire/video.h"

/* ERROR codes that mean: this key or name does not get in. */
static bool is_refusal(uint16_t code)
{
    return code == CODE_PROOF || code == CODE_NAME_TAKEN || code == CODE_REFUSED;
}

/* Those that another time may not have. */
static bool is_passing(uint16_t code)
{
    return code == CODE_FULL || code == CODE_SLOW || code == CODE_TIMEOUT || code == CODE_STORE ||
           code == CODE_CLOSING;
}

/* The session is over for what the server said. */
static void lose(struct client *c, enum client_exit code, const char *word, const char *before,
                 struct span text)
{
    struct buf clean;

    buf_init(&clean, 2048);
    buf_add_text(&clean, before);
    text_clean(&clean, text.data, text.len, false);
    client_lost(c, code, word, buf_text(&clean));
    buf_free(&clean);
}

static void say(struct client *c, const char *word, const char *before, struct span text)
{
    struct buf clean;

    buf_init(&clean, 2048);
    buf_add_text(&clean, before);
    text_clean(&clean, text.data, text.len, false);
    report_error(&c->report, word, buf_text(&clean), 0);
    buf_free(&clean);
}

static const char *code_word(uint16_t code)
{
    static const char *const words[] = {
        [CODE_PROTOCOL] = "protocol",
        [CODE_VERSION] = "version",
        [CODE_PROOF] = "proof",
        [CODE_NAME_TAKEN] = "name-taken",
        [CODE_REPLACED] = "replaced",
        [CODE_FULL] = "full",
        [CODE_SLOW] = "slow",
        [CODE_TIMEOUT] = "timeout",
        [CODE_REFUSED] = "refused",
        [CODE_UNKNOWN_CLIP] = "unknown-clip",
        [CODE_BROKEN_CLIP] = "broken-clip",
        [CODE_SCHEDULE] = "schedule",
        [CODE_LIMIT] = "limit",
        [CODE_STORE] = "store",
        [CODE_CLOSING] = "closing",
        [CODE_FAST] = "fast",
    };

    if (code >= sizeof words / sizeof words[0] || words[code] == NULL)
        return "server";
    return words[code];
}

static enum err on_error(struct client *c, struct span payload)
{
    struct wire_error m;
    enum err e = wire_get_error(payload, &m);

    if (e != ERR_OK)
        return e;
    if (m.code == CODE_REFUSED && invitation_missing(c)) {
        invitation_ask(c);
        return ERR_OK;
    }
    if (!is_passing(m.code))
        reconnect_never(c);
    lose(c, is_refusal(m.code) ? CLIENT_EXIT_REFUSED : CLIENT_EXIT_FAILED, code_word(m.code),
         "the server says: ", m.text);
    return ERR_OK;
}

static enum err on_quit(struct client *c, struct span payload)
{
    struct span text;
    enum err e = wire_get_quit(payload, &text);

    if (e != ERR_OK)
        return e;
    lose(c, CLIENT_EXIT_FAILED, "goodbye", "the server says goodbye: ", text);
    return ERR_OK;
}

static enum err on_refused(struct client *c, struct span payload)
{
    struct wire_refused m;
    enum err e = wire_get_refused(payload, &m);

    if (e != ERR_OK)
        return e;
    if (m.about == 0 && c->videos_asked) {
        c->videos_asked = false;
        buf_free(&c->videos.out);
        say(c, code_word(m.code), "no list of clips: ", m.text);
    } else if (!cinema_refused(c, m.about, m.code, m.text) &&
               !caster_refused(c, m.about, m.code, m.text)) {
        mail_refused(c, m.about, m.code, m.text);
    }
    return ERR_OK;
}

static enum err on_accepted(struct client *c, struct span payload)
{
    uint64_t id, number;
    enum err e = wire_get_accepted(payload, &id, &number);

    if (e == ERR_OK && !mail_accepted(c, id, number))
        e = ERR_UNKNOWN;
    if (e == ERR_OK)
        catchup_own(c, number);
    return e;
}

static enum err on_clips(struct client *c, struct span payload)
{
    struct wire_clip m;
    enum err e = ERR_OK;
    bool more;
    struct cursor list = wire_clips_open(payload, &more);

    if (!c->videos_asked)
        return ERR_STATE;
    if (!c->videos_partial)
        report_videos_begin(&c->report, &c->videos);
    while (wire_clips_next(&list, &m, &e))
        report_videos_add(&c->report, &c->videos, &m);
    c->videos_partial = more;
    if (!more) {
        report_videos_end(&c->report, &c->videos);
        c->videos_asked = false;
    }
    return e;
}

/* Before the clips. */
static enum err on_casts(struct client *c, struct span payload)
{
    enum err e = ERR_STATE;

    if (c->videos_asked && !c->videos_partial && c->videos.out.len == 0)
        report_videos_live(&c->report, &c->videos, cursor_over(payload.data, payload.len), &e);
    return e;
}

static const struct {
    uint8_t type;
    enum err (*take)(struct client *c, struct span payload);
} handlers[] = {
    {MESSAGE_HELLO_ACK, entry_hello_ack},
    {MESSAGE_WELCOME, presence_welcome},
    {MESSAGE_ERROR, on_error},
    {MESSAGE_QUIT, on_quit},
    {MESSAGE_REFUSED, on_refused},
    {MESSAGE_MEMBERS, presence_members},
    {MESSAGE_JOINED, presence_joined},
    {MESSAGE_LEFT, presence_left},
    {MESSAGE_BINDINGS, presence_bindings},
    {MESSAGE_SEALED, catchup_live},
    {MESSAGE_ACCEPTED, on_accepted},
    {MESSAGE_PAST, catchup_past},
    {MESSAGE_PAST_END, catchup_end},
    {MESSAGE_SESSION_KEY, talk_got_key},
    {MESSAGE_LINE, talk_got_line},
    {MESSAGE_CLOSE, talk_got_close},
    {MESSAGE_CLIPS, on_clips},
    {MESSAGE_STREAM, cinema_stream},
    {MESSAGE_FRAME, cinema_frame},
    {MESSAGE_SKIPPED, cinema_skipped},
    {MESSAGE_STREAM_END, cinema_end},
    {MESSAGE_CASTS, on_casts},
    {MESSAGE_LIVE, live_stream},
    {MESSAGE_SHOT, live_shot},
    {MESSAGE_GIVEN, live_given},
    {MESSAGE_CASTING, caster_open},
    {MESSAGE_UNCAST, caster_ended},
    {MESSAGE_GRANT, caster_granted},
    {MESSAGE_ASKED, caster_asked},
    {MESSAGE_UNWATCHED, caster_unwatched},
};

static void on_message(struct link *l, const struct message *m)
{
    struct client *c = link_owner(l);
    const struct message_rule *rule = message_rule(m->type);
    enum err e = ERR_OK;

    if (rule == NULL || c->state >= CLIENT_LEAVING || l != c->link)
        return;
    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
        if (handlers[i].type == m->type)
            e = handlers[i].take(c, m->payload);
    }
    if (e != ERR_OK && c->state < CLIENT_LEAVING)
        client_distrust(c, rule->name, e);
}

static void on_opened(struct link *l)
{
    struct client *c = link_owner(l);

    if (l == c->link)
        entry_opened(c);
}

static size_t on_fill(struct link *l, uint8_t *out, size_t room)
{
    struct client *c = link_owner(l);

    return l == c->link ? caster_fill(c, out, room) : 0;
}

static void on_broken(struct link *l, const char *why)
{
    struct client *c = link_owner(l);

    if (l == c->link && c->state < CLIENT_LEAVING)
        client_distrust(c, why, ERR_FORMAT);
}

static void on_ended(struct link *l, enum link_end how, const char *why)
{
    struct client *c = link_owner(l);
    char text[512];

    if (l != c->link || c->state == CLIENT_OVER)
        return;
    if (c->state == CLIENT_LEAVING) {
        client_lost(c, CLIENT_EXIT_GOOD, "", "");
        return;
    }
    if (how == LINK_WRONG_KEY) {
        entry_wrong_key(c);
        return;
    }
    snprintf(text, sizeof text, "%s %s: %s",
             c->state == CLIENT_ROOM ? "lost the link to" : "can't enter the room at",
             c->config->place, why);
    client_lost(c, CLIENT_EXIT_FAILED, c->state == CLIENT_ROOM ? "lost" : "unreachable", text);
}

const struct link_events inbox_events = {
    .opened = on_opened,
    .message = on_message,
    .broken = on_broken,
    .fill = on_fill,
    .ended = on_ended,
};

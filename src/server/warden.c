#include "server/warden.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/wipe.h"
#include "crypto/fingerprint.h"
#include "server/survey.h"
#include "server/warden_invite.h"
#include "server/warden_order.h"
#include "server/warden_talk.h"

#define REMOVED "the operator removed you"

/* What a command returns beside enum warden_result: the answer comes later. */
#define LATER (-1)

static void answer(struct warden_request *q, enum warden_result result, struct buf *text)
{
    static const char no_room[] = "the answer is too long\n";
    struct buf clean;

    buf_init(&clean, 2 * LIMIT_ANSWER);
    if (text->failed) {
        result = WARDEN_FAILED;
        buf_add_text(&clean, no_room);
    } else {
        /* Titles of clips and the like were written by others; it is done here for all. */
        text_clean(&clean, text->data, text->len, true);
    }
    q->busy = false;
    buf_free(text);
    q->answered(q, result, &clean);
    buf_free(&clean);
}

static int do_who(struct warden_order *d)
{
    survey_who(d->out, d->warden->room);
    return WARDEN_DONE;
}

static int do_bans(struct warden_order *d)
{
    survey_bans(d->out, &d->warden->room->bans);
    return WARDEN_DONE;
}

static int do_stats(struct warden_order *d)
{
    const struct warden *o = d->warden;

    survey_stats(d->out, o->room, o->guests->count[GUEST_STRANGERS], o->started, o->usage);
    return WARDEN_DONE;
}

static int do_kick(struct warden_order *d)
{
    const char *name = d->argument;
    size_t count = room_expel_name(d->warden->room, name, REMOVED);

    if (count == 0) {
        buf_printf(d->out, "nobody here is called %s\n", name);
        return WARDEN_FAILED;
    }
    buf_printf(d->out, "removed %s\n", name);
    return WARDEN_DONE;
}

/* The key that is meant: by its fingerprint, or by the name that is bound to it or that it has in
 * the room just now. False: said so. */
static bool find_key(const struct warden_order *d, struct ban *out)
{
    const struct room *r = d->warden->room;
    const struct session *s = room_member(r, d->argument);
    const uint8_t *key = bindings_find(&r->names.list, d->argument);

    *out = (struct ban){0};
    if (fingerprint_parse(out->fingerprint, d->argument))
        return true;
    if (key == NULL && s != NULL)
        key = s->key.fingerprint;
    if (!text_name_valid(d->argument, strlen(d->argument))) {
        buf_printf(d->out, "neither a name nor a fingerprint of 64 digits: %s\n", d->argument);
        return false;
    }
    if (key == NULL) {
        buf_printf(d->out, "no key has the name %s\n", d->argument);
        return false;
    }
    memcpy(out->fingerprint, key, SIZE_FINGERPRINT);
    memcpy(out->name, d->argument, strlen(d->argument));
    return true;
}

static int failed(const struct warden_order *d, const char *what, enum err e)
{
    buf_printf(d->out, "%s: %s\n", what, e == ERR_IO ? strerror(errno) : err_text(e));
    return WARDEN_FAILED;
}

static int do_ban(struct warden_order *d)
{
    struct room *r = d->warden->room;
    char text[FINGERPRINT_TEXT];
    struct ban ban;
    size_t count;
    enum err e;

    if (!find_key(d, &ban))
        return WARDEN_FAILED;
    e = bans_add(&r->bans, &ban);
    if (e == ERR_EXISTS)
        return buf_printf(d->out, "%s is banned already\n", d->argument), WARDEN_FAILED;
    if (e != ERR_OK)
        return failed(d, "can't keep the ban", e);
    count = room_expel_key(r, ban.fingerprint, REMOVED);
    fingerprint_text(text, ban.fingerprint);
    buf_printf(d->out, "banned %s%s%s%s\n", ban.name, ban.name[0] != 0 ? " " : "", text,
               count > 0 ? ", who was here" : "");
    return WARDEN_DONE;
}

/* The ban that is meant; of a name that two banned keys had, only the fingerprint tells which. */
static const struct ban *find_ban(const struct warden_order *d)
{
    const struct bans *b = &d->warden->room->bans;
    const struct ban *found = NULL;
    uint8_t key[SIZE_FINGERPRINT];

    if (fingerprint_parse(key, d->argument)) {
        found = bans_find(b, key);
    } else {
        for (size_t i = 0; i < b->count; i++) {
            if (!text_name_same(b->list[i].name, d->argument))
                continue;
            if (found != NULL) {
                buf_printf(d->out, "several keys: give the fingerprint that /bans shows\n");
                return NULL;
            }
            found = &b->list[i];
        }
    }
    if (found == NULL)
        buf_printf(d->out, "%s is not banned\n", d->argument);
    return found;
}

static int do_unban(struct warden_order *d)
{
    const struct ban *found = find_ban(d);
    uint8_t key[SIZE_FINGERPRINT];
    enum err e;

    if (found == NULL)
        return WARDEN_FAILED;
    memcpy(key, found->fingerprint, sizeof key);
    e = bans_remove(&d->warden->room->bans, key);
    if (e != ERR_OK)
        return failed(d, "can't lift the ban", e);
    buf_printf(d->out, "%s may come again\n", d->argument);
    return WARDEN_DONE;
}

static int do_release(struct warden_order *d)
{
    struct warden_request *q = d->request;
    struct room *r = d->warden->room;
    enum err e;

    if (room_uses(r, d->argument)) {
        buf_printf(d->out, "%s is here: /kick %s first\n", d->argument, d->argument);
        return WARDEN_FAILED;
    }
    e = names_release(&r->names, d->argument);
    if (e == ERR_UNKNOWN)
        return buf_printf(d->out, "no key has the name %s\n", d->argument), WARDEN_FAILED;
    if (e != ERR_OK)
        return failed(d, "can't release it", e);
    memcpy(q->name, d->argument, strlen(d->argument) + 1);
    q->at = r->names.list.count;
    q->next = d->warden->waiting;
    d->warden->waiting = q;
    return LATER;
}

static void listed(struct clips_wait *w, struct blob *messages, enum err e)
{
    struct warden_request *q =
        (struct warden_request *)((char *)w - offsetof(struct warden_request, clips));
    struct buf out;

    buf_init(&out, LIMIT_ANSWER);
    if (messages != NULL)
        survey_clips(&out, messages->data, messages->len);
    else
        buf_printf(&out, "the library: %s\n", err_text(e));
    answer(q, messages != NULL ? WARDEN_DONE : WARDEN_FAILED, &out);
}

static int do_clips(struct warden_order *d)
{
    d->request->clips.listed = listed;
    if (clips_list(d->warden->room->clips, &d->request->clips))
        return LATER;
    buf_printf(d->out, "the server is busy: try again\n");
    return WARDEN_FAILED;
}

static int do_quit(struct warden_order *d)
{
    d->warden->quit = true;
    buf_printf(d->out, "the server stops\n");
    return WARDEN_DONE;
}

static int do_help(struct warden_order *d);

enum wants { WANTS_NOTHING, WANTS_NAME, WANTS_KEY, WANTS_TEXT, WANTS_NAME_AND_TEXT, WANTS_TERMS };

static const struct command {
    const char *name;
    enum wants wants;
    int (*run)(struct warden_order *d);
    const char *help;
} commands[] = {
    {"who", WANTS_NOTHING, do_who, "who is here: name, fingerprint, address"},
    {"kick", WANTS_NAME, do_kick, "end somebody's session"},
    {"ban", WANTS_KEY, do_ban, "let that key in no more, and end its sessions"},
    {"unban", WANTS_KEY, do_unban, "let it in again"},
    {"bans", WANTS_NOTHING, do_bans, "the keys that are banned"},
    {"invite", WANTS_TERMS, warden_invite_make, "let one key in, once; for 7 days"},
    {"invites", WANTS_NOTHING, warden_invite_list, "the invitations"},
    {"revoke", WANTS_NAME, warden_invite_revoke, "take an invitation back, by name or number"},
    {"release", WANTS_NAME, do_release, "another key may take the name"},
    {"msg", WANTS_NAME_AND_TEXT, warden_talk_msg, "say something to one member alone"},
    {"say", WANTS_TEXT, warden_talk_say, "say something to everyone who is here"},
    {"close", WANTS_NAME, warden_talk_close, "end the conversation with a member"},
    {"clips", WANTS_NOTHING, do_clips, "the clips of the library"},
    {"stats", WANTS_NOTHING, do_stats, "how much of everything there is"},
    {"quit", WANTS_NOTHING, do_quit, "say goodbye to everybody and stop the server"},
    {"help", WANTS_NOTHING, do_help, "this list"},
};

static const char *const wanted[] = {"",      " NAME",      " NAME|FINGERPRINT",
                                     " TEXT", " NAME TEXT", " [NAME] [DAYS]"};

static int do_help(struct warden_order *d)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char left[48];

        snprintf(left, sizeof left, "/%s%s", commands[i].name, wanted[commands[i].wants]);
        buf_printf(d->out, "%-24s %s\n", left, commands[i].help);
    }
    return WARDEN_DONE;
}

static int misuse(const struct warden_order *d, const struct command *c)
{
    buf_printf(d->out, "usage: /%s%s\n", c->name, wanted[c->wants]);
    return WARDEN_USAGE;
}

static int run(struct warden_order *d, const char *word)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const struct command *c = &commands[i];
        size_t len = strlen(d->argument);

        if (strcmp(c->name, word) != 0)
            continue;
        if (c->wants != WANTS_TERMS && (c->wants == WANTS_NOTHING) != (len == 0))
            return misuse(d, c);
        if (c->wants == WANTS_NAME && !text_name_valid(d->argument, len))
            return buf_printf(d->out, "not a name: %s\n", d->argument), WARDEN_USAGE;
        return c->run(d);
    }
    buf_printf(d->out, "no such command: %s (see /help)\n", word);
    return WARDEN_USAGE;
}

/* Cuts blanks off both ends, in place. */
static char *trim(char *s)
{
    size_t len;

    s += strspn(s, " \t");
    for (len = strlen(s); len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'); len--)
        s[len - 1] = 0;
    return s;
}

void warden_do(struct warden *o, struct warden_request *q, const char *line, size_t len)
{
    char copy[LIMIT_COMMAND + 1] = "", *word, *argument;
    struct buf out;
    struct warden_order d = {.warden = o, .request = q, .out = &out};
    int result;

    q->warden = o;
    q->busy = true;
    buf_init(&out, LIMIT_ANSWER);
    if (len > LIMIT_COMMAND || memchr(line, 0, len) != NULL || !text_valid(line, len)) {
        buf_printf(&out, "a command is a line of text of at most %d bytes\n", LIMIT_COMMAND);
        answer(q, WARDEN_USAGE, &out);
        return;
    }
    memcpy(copy, line, len);
    word = trim(copy);
    word += *word == '/';
    argument = word + strcspn(word, " \t");
    if (*argument != 0)
        *argument++ = 0;
    d.argument = trim(argument);
    result = run(&d, word);
    /* It may be what is said to a member. */
    wipe(copy, sizeof copy);
    if (result == LATER)
        buf_free(&out);
    else
        answer(q, (enum warden_result)result, &out);
}

static void stop_waiting(struct warden_request *q)
{
    for (struct warden_request **at = &q->warden->waiting; *at != NULL; at = &(*at)->next) {
        if (*at == q) {
            *at = q->next;
            return;
        }
    }
}

void warden_forget(struct warden_request *q)
{
    if (!q->busy)
        return;
    stop_waiting(q);
    clips_forget(q->warden->room->clips, &q->clips);
    q->busy = false;
}

/* An entry that could not be written was taken back, and another may stand in its place. */
static bool still_there(const struct warden_request *q)
{
    struct binding entry;

    return bindings_get(&q->warden->room->names.list, q->at, &entry) &&
           entry.kind == BINDING_RELEASE && text_name_same(entry.name, q->name);
}

static void decide(struct warden_request *q, bool good)
{
    struct buf out;

    stop_waiting(q);
    buf_init(&out, LIMIT_ANSWER);
    if (good) {
        log_note("the name %s is free again", q->name);
        buf_printf(&out, "released %s\n", q->name);
    } else {
        buf_printf(&out, "can't store it: %s keeps its key\n", q->name);
    }
    answer(q, good ? WARDEN_DONE : WARDEN_FAILED, &out);
}

void warden_tick(struct warden *o)
{
    struct warden_request *q, *next;

    for (q = o->waiting; q != NULL; q = next) {
        next = q->next;
        if (!still_there(q))
            decide(q, false);
        else if (q->at <= o->room->names.durable)
            decide(q, true);
    }
}

bool warden_next_line(struct buf *in, char line[static LIMIT_COMMAND], size_t *len)
{
    const uint8_t *end = in->len == 0 ? NULL : memchr(in->data, '\n', in->len);
    size_t whole = end == NULL ? 0 : (size_t)(end - in->data);

    *len = whole > 0 && in->data[whole - 1] == '\r' ? whole - 1 : whole;
    if (end == NULL || *len > LIMIT_COMMAND)
        return false;
    memcpy(line, in->data, *len);
    buf_drop(in, whole + 1);
    return true;
}

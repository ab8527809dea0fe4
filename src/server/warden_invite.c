#include "server/warden_invite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/wipe.h"
#include "crypto/fingerprint.h"
#include "platform/now.h"
#include "proto/qr.h"

#define DEFAULT_DAYS 7
#define DAY_SECONDS 86400
#define DATE_TEXT 32

static int64_t wall_seconds(void)
{
    return (int64_t)(now_wall_ms() / 1000);
}

static const char *date(char out[static DATE_TEXT], int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm parts;

    if (gmtime_r(&t, &parts) == NULL || strftime(out, DATE_TEXT, "%Y-%m-%d %H:%M UTC", &parts) == 0)
        snprintf(out, DATE_TEXT, "%lld", (long long)seconds);
    return out;
}

static int failed(const struct warden_order *d, const char *what, enum err e)
{
    buf_printf(d->out, "%s: %s\n", what, e == ERR_IO ? strerror(errno) : err_text(e));
    return WARDEN_FAILED;
}

static bool parse_days(const char *text, uint64_t *days)
{
    return text_to_u64(text, LIMIT_INVITE_DAYS, days) && *days > 0;
}

/* A single word of digits alone is the days. */
static bool parse_terms(const char *argument, struct invite *out, uint64_t *days)
{
    size_t len = strcspn(argument, " \t");
    const char *rest = argument + len + strspn(argument + len, " \t");
    uint64_t number;

    *out = (struct invite){0};
    *days = DEFAULT_DAYS;
    if (*argument == 0)
        return true;
    if (*rest == 0 && text_to_u64(argument, UINT64_MAX, &number))
        return parse_days(argument, days);
    if (!text_name_valid(argument, len))
        return false;
    memcpy(out->name, argument, len);
    return *rest == 0 || parse_days(rest, days);
}

/* A server that listens on all addresses knows none that its guests reach. */
static void put_place(const struct warden_order *d)
{
    const char *place = d->warden->place, *port = strrchr(place, ':');
    bool all = strncmp(place, "[::]:", 5) == 0 || strncmp(place, "0.0.0.0:", 8) == 0;
    char fingerprint[FINGERPRINT_TEXT];

    fingerprint_text(fingerprint, d->warden->room->identity->public.fingerprint);
    buf_printf(d->out, "  den://%s%s/#%s\n", all ? "HOST" : place, all ? port : "", fingerprint);
    if (all)
        buf_add_text(
            d->out,
            "with, for HOST, a name or address of this machine that the guest can reach;\n");
}

static void put_invitation(const struct warden_order *d, const struct invite *made,
                           const uint8_t code[static SIZE_INVITATION])
{
    char text[INVITATION_TEXT], until[DATE_TEXT];

    invitation_text(text, code);
    buf_printf(d->out, "invitation %lu%s%s, until %s; the address:\n", (unsigned long)made->id,
               made->name[0] != 0 ? " for " : "", made->name, date(until, made->until));
    put_place(d);
    buf_printf(d->out, "and, by another way, the code, which lets one key in, once:\n  %s\n", text);
    qr_draw(d->out, text, "  ");
    wipe(text, sizeof text);
}

int warden_invite_make(struct warden_order *d)
{
    struct room *r = d->warden->room;
    uint8_t code[SIZE_INVITATION];
    struct invite new;
    uint64_t days;
    int64_t now = wall_seconds();
    enum err e;

    if (!r->by_invitation) {
        buf_add_text(d->out, "anybody may come in: dend runs without --invite-only\n");
        return WARDEN_FAILED;
    }
    if (!parse_terms(d->argument, &new, &days)) {
        buf_printf(d->out, "usage: /invite [NAME] [DAYS], 1 to %d days\n", LIMIT_INVITE_DAYS);
        return WARDEN_USAGE;
    }
    if (new.name[0] != 0 && bindings_find(&r->names.list, new.name) != NULL) {
        buf_printf(d->out, "%s belongs to a key already, which comes in without\n", new.name);
        return WARDEN_FAILED;
    }
    new.until = now + (int64_t)days *DAY_SECONDS;
    random_bytes(r->talks.random, code, sizeof code);
    invitation_hash(new.hash, code);
    e = invites_add(&r->invites, &new, now);
    if (e == ERR_OK)
        put_invitation(d, &new, code);
    wipe(code, sizeof code);
    return e == ERR_OK ? WARDEN_DONE : failed(d, "can't keep the invitation", e);
}

int warden_invite_list(struct warden_order *d)
{
    const struct invites *v = &d->warden->room->invites;
    int64_t now = wall_seconds();
    char until[DATE_TEXT], by[FINGERPRINT_TEXT];

    for (size_t i = 0; i < v->count; i++) {
        const struct invite *one = &v->list[i];

        fingerprint_text(by, one->by);
        buf_printf(d->out, "%-4lu %-16s %s %s%s%s\n", (unsigned long)one->id,
                   one->name[0] != 0 ? one->name : "(any name)",
                   now < one->until ? "until" : "ended", date(until, one->until),
                   one->used ? " used by " : "", one->used ? by : "");
    }
    if (v->count == 0)
        buf_add_text(d->out, "there are no invitations\n");
    return WARDEN_DONE;
}

/* The number of one that is meant: by that, or else by its name, from the oldest on. 0: none. */
static uint32_t find(const struct invites *v, const char *argument)
{
    uint64_t id;

    if (text_to_u64(argument, UINT32_MAX, &id)) {
        for (size_t i = 0; i < v->count; i++) {
            if (v->list[i].id == id)
                return v->list[i].id;
        }
    }
    for (size_t i = 0; i < v->count; i++) {
        if (v->list[i].name[0] != 0 && text_name_same(v->list[i].name, argument))
            return v->list[i].id;
    }
    return 0;
}

int warden_invite_revoke(struct warden_order *d)
{
    struct invites *v = &d->warden->room->invites;
    uint32_t id = find(v, d->argument);
    enum err e;

    if (id == 0) {
        buf_printf(d->out, "there is no invitation %s\n", d->argument);
        return WARDEN_FAILED;
    }
    e = invites_remove(v, id);
    if (e != ERR_OK)
        return failed(d, "can't revoke it", e);
    buf_printf(d->out, "revoked invitation %lu\n", (unsigned long)id);
    return WARDEN_DONE;
}

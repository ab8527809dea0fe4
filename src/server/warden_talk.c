#include "server/warden_talk.h"

#include <string.h>

#include "base/text.h"

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

/* The member, if there is a conversation to use; NULL: said so. */
static struct session *find_partner(const struct warden_order *d, const char *name)
{
    struct session *s = room_member(d->warden->room, name);

    if (s == NULL)
        buf_printf(d->out, "nobody here is called %s\n", name);
    else if (s->talk.state == TALK_OPEN)
        return s;
    else if (s->talk.state == TALK_OVER)
        buf_printf(d->out, "the conversation with %s is over\n", s->name);
    else
        buf_printf(d->out, "%s has no conversation with the server%s\n", s->name,
                   s->talk.state == TALK_WAITING ? " yet" : "");
    return NULL;
}

static int result_of(const struct warden_order *d, enum err e)
{
    if (e != ERR_OK)
        buf_printf(d->out, "not sent: %s\n", err_text(e));
    return e == ERR_OK ? WARDEN_DONE : WARDEN_FAILED;
}

int warden_talk_msg(struct warden_order *d)
{
    char name[LIMIT_NAME + 1];
    size_t len = strcspn(d->argument, " \t");
    const char *text = d->argument + len + strspn(d->argument + len, " \t");
    struct session *s;
    enum err e;

    if (!text_name_valid(d->argument, len) || *text == 0) {
        buf_printf(d->out, "usage: /msg NAME TEXT\n");
        return WARDEN_USAGE;
    }
    memcpy(name, d->argument, len);
    name[len] = 0;
    s = find_partner(d, name);
    if (s == NULL)
        return WARDEN_FAILED;
    e = talk_tell(s, span_of(text));
    if (e == ERR_OK)
        buf_printf(d->out, "sent to %s\n", s->name);
    return result_of(d, e);
}

/* Names of those who did not get it, as far as they fit. */
static void put_left_out(struct buf *out, const struct room *r)
{
    const char *before = "without a conversation: ";

    for (size_t i = 0; i < r->count; i++) {
        if (r->members[i]->talk.state == TALK_OPEN)
            continue;
        buf_printf(out, "%s%s", before, r->members[i]->name);
        before = ", ";
    }
    buf_add_text(out, "\n");
}

int warden_talk_say(struct warden_order *d)
{
    size_t with, without;
    enum err e = talk_say(d->warden->room, span_of(d->argument), &with, &without);

    if (e == ERR_OK)
        buf_printf(d->out, "sent to %zu\n", with);
    if (e == ERR_OK && without > 0)
        put_left_out(d->out, d->warden->room);
    return result_of(d, e);
}

int warden_talk_close(struct warden_order *d)
{
    struct session *s = find_partner(d, d->argument);

    if (s == NULL)
        return WARDEN_FAILED;
    talk_end(s);
    buf_printf(d->out, "closed the conversation with %s\n", s->name);
    return WARDEN_DONE;
}

#include "client/rooms.h"

#include <stdio.h>
#include <string.h>

#include "base/listing.h"
#include "base/text.h"
#include "client/json.h"
#include "platform/paths.h"

#define TITLE "den last 1"
#define LIMIT_FILE 1024

static void add_heard(struct rooms *r, const struct lan_service *s, const char *last)
{
    struct room_choice *c = &r->list[r->count];
    struct buf clean;

    *c = (struct room_choice){.last = false};
    if (snprintf(c->place, sizeof c->place, "%s:%u", s->host, s->port) >= (int)sizeof c->place)
        return;
    snprintf(c->at, sizeof c->at, "%s", s->at);
    buf_init(&clean, sizeof c->name);
    text_clean(&clean, s->name, strlen(s->name), false);
    snprintf(c->name, sizeof c->name, "%s", clean.len > 0 ? buf_text(&clean) : "?");
    buf_free(&clean);
    c->last = strcmp(c->place, last) == 0;
    if (c->last)
        r->usual = r->count;
    r->count++;
}

void rooms_make(struct rooms *r, const struct lan_service *heard, size_t count, const char *last)
{
    *r = (struct rooms){.count = 0};
    for (size_t i = 0; i < count && r->count < ROOMS_MOST; i++)
        add_heard(r, &heard[i], last);
    if (*last == 0 || (r->count > 0 && r->list[r->usual].last))
        return;
    r->list[r->count] = (struct room_choice){.last = true};
    snprintf(r->list[r->count].place, PINS_PLACE, "%s", last);
    r->usual = r->count++;
}

static const char *remark(const struct room_choice *c)
{
    if (!c->last)
        return "";
    return *c->name != 0 ? "  (the last one)" : "(the last one; not heard of now)";
}

void rooms_list(const struct rooms *r, bool numbered, struct buf *out)
{
    for (size_t i = 0; i < r->count; i++) {
        if (numbered)
            buf_printf(out, "%3zu  ", i + 1);
        buf_printf(out, "%-28s  %s%s\n", r->list[i].place, r->list[i].name, remark(&r->list[i]));
    }
}

void rooms_json(const struct rooms *r, struct buf *out)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct room_choice *c = &r->list[i];

        json_begin(out, "room");
        json_text(out, "address", c->place);
        if (*c->name != 0)
            json_text(out, "name", c->name);
        if (*c->at != 0)
            json_text(out, "at", c->at);
        json_bool(out, "last", c->last);
        json_end(out);
    }
}

const struct room_choice *rooms_pick(const struct rooms *r, const char *answer)
{
    uint64_t n;

    if (*answer == 0)
        return r->count > 0 ? &r->list[r->usual] : NULL;
    return text_to_u64(answer, r->count, &n) && n > 0 ? &r->list[n - 1] : NULL;
}

static enum err take_last(void *owner, char *line)
{
    if (strlen(line) >= PINS_PLACE)
        return ERR_BROKEN;
    strcpy(owner, line);
    return ERR_OK;
}

/* It goes into a question: what is not as we write it is not shown. */
static bool is_place(const char *place)
{
    char host[ADDRESS_HOST];
    uint16_t port = 0;

    for (const char *p = place; *p != 0; p++) {
        if (*p <= ' ' || *p > '~')
            return false;
    }
    return address_split(place, host, &port) && host[0] != 0 && port != 0;
}

void rooms_last(char place[static PINS_PLACE], const char *state)
{
    char path[PATHS_MAX];

    *place = 0;
    if (!paths_join(path, state, "last") ||
        listing_read(path, LIMIT_FILE, TITLE, LISTING_WHOLE, take_last, place) != ERR_OK ||
        !is_place(place))
        *place = 0;
}

enum err rooms_remember(const char *place, const char *state)
{
    char path[PATHS_MAX], before[PINS_PLACE];
    struct buf out;

    rooms_last(before, state);
    if (strcmp(before, place) == 0)
        return ERR_OK;
    if (!paths_join(path, state, "last"))
        return ERR_LIMIT;
    listing_begin(&out, LIMIT_FILE, TITLE);
    buf_printf(&out, "%s\n", place);
    return listing_write(path, &out);
}

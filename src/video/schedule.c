#include "video/schedule.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static const struct {
    const char *name;
    enum schedule_kind kind;
} schedule_names[] = {
    {"thirds", SCHEDULE_THIRDS},
    {"alternate", SCHEDULE_ALTERNATE},
    {"auto", SCHEDULE_AUTO},
};

enum err schedule_parse(const char *text, struct schedule *out)
{
    char digits[8] = "";
    size_t len = strlen(text);
    uint64_t height;

    for (size_t i = 0; i < sizeof schedule_names / sizeof *schedule_names; i++) {
        if (strcmp(text, schedule_names[i].name) == 0) {
            *out = (struct schedule){.kind = schedule_names[i].kind};
            return ERR_OK;
        }
    }
    if (len > 0 && text[len - 1] == 'p')
        len--;
    if (len == 0 || len >= sizeof digits)
        return ERR_FORMAT;
    memcpy(digits, text, len);
    if (!text_to_u64(digits, LIMIT_HEIGHT, &height) || height == 0)
        return ERR_FORMAT;
    *out = (struct schedule){SCHEDULE_FIXED, (unsigned)height};
    return ERR_OK;
}

void schedule_format(const struct schedule *s, char out[static SCHEDULE_TEXT])
{
    for (size_t i = 0; i < sizeof schedule_names / sizeof *schedule_names; i++)
        if (schedule_names[i].kind == s->kind)
            snprintf(out, SCHEDULE_TEXT, "%s", schedule_names[i].name);
    if (s->kind == SCHEDULE_FIXED)
        snprintf(out, SCHEDULE_TEXT, "%u", s->height);
}

static void schedule_missing(unsigned height, const unsigned *heights, size_t count,
                             char why[static LIMIT_REASON])
{
    struct buf b;

    buf_init(&b, LIMIT_REASON);
    buf_printf(&b, "there is no %up, only", height);
    for (size_t i = 0; i < count; i++)
        buf_printf(&b, "%s %up", i == 0 ? "" : ",", heights[i]);
    snprintf(why, LIMIT_REASON, "%s", buf_text(&b));
    buf_free(&b);
}

enum err schedule_check(const struct schedule *s, const unsigned *heights, size_t count,
                        char why[static LIMIT_REASON])
{
    if (count == 0) {
        snprintf(why, LIMIT_REASON, "the clip has no rendition");
        return ERR_EMPTY;
    }
    if (s->kind != SCHEDULE_FIXED)
        return ERR_OK;
    for (size_t i = 0; i < count; i++)
        if (heights[i] == s->height)
            return ERR_OK;
    schedule_missing(s->height, heights, count, why);
    return ERR_UNKNOWN;
}

size_t schedule_pick(const struct schedule *s, const unsigned *heights, size_t count, size_t frames,
                     size_t i)
{
    size_t fixed = 0;

    switch (s->kind) {
    case SCHEDULE_ALTERNATE:
        return i % count;
    case SCHEDULE_FIXED:
        while (fixed + 1 < count && heights[fixed] != s->height)
            fixed++;
        return fixed;
    case SCHEDULE_AUTO:
        while (fixed + 1 < count && heights[fixed + 1] <= s->height)
            fixed++;
        return fixed;
    default:
        return (size_t)((uint64_t)i * count / frames);
    }
}

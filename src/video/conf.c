#include "video/conf.h"

#include <stdio.h>
#include <string.h>

#include "base/settings.h"
#include "base/text.h"

struct conf_state {
    conf_warn *warn;
    void *context;
    struct conf *out;
    char *why;
    unsigned seen; /* a bit for each key that was there before */
};

static void conf_say(char why[static LIMIT_REASON], unsigned line, const char *what,
                     const char *value, size_t len)
{
    settings_say(why, LIMIT_REASON, "clip.conf", line, what, value, len);
}

static void conf_odd(const struct conf_state *s, const struct setting *line, const char *what)
{
    char sentence[LIMIT_REASON];

    if (s->warn == NULL)
        return;
    conf_say(sentence, line->line, what, line->name, line->name_len);
    s->warn(s->context, sentence);
}

static enum err conf_fps(struct conf_state *s, const struct setting *line)
{
    char text[32] = "";

    if (line->value_len < sizeof text)
        memcpy(text, line->value, line->value_len);
    if (strlen(text) == line->value_len && fps_parse(text, &s->out->fps))
        return ERR_OK;
    conf_say(s->why, line->line, "fps is a rate as 24, 24000/1001 or 23.976, not", line->value,
             line->value_len);
    return ERR_FORMAT;
}

static enum err conf_title(struct conf_state *s, const struct setting *line)
{
    struct buf clean;
    enum err e = ERR_OK;

    buf_init(&clean, sizeof s->out->title);
    text_clean(&clean, line->value, line->value_len, false);
    if (!text_valid(line->value, line->value_len))
        e = ERR_UTF8;
    else if (clean.failed || clean.len > LIMIT_TITLE)
        e = ERR_LIMIT;
    else
        snprintf(s->out->title, sizeof s->out->title, "%s", buf_text(&clean));
    buf_free(&clean);
    if (e != ERR_OK)
        conf_say(s->why, line->line,
                 e == ERR_UTF8 ? "title is not valid UTF-8:" : "title is over 128 bytes:",
                 line->value, line->value_len);
    return e;
}

static const struct conf_key {
    const char *name;
    enum err (*take)(struct conf_state *s, const struct setting *line);
} conf_keys[] = {
    {"fps", conf_fps},
    {"title", conf_title},
};

static enum err conf_take(void *owner, const struct setting *line)
{
    struct conf_state *s = owner;

    if (line->value == NULL) {
        conf_say(s->why, line->line, "must be key = value, not", line->name, line->name_len);
        return ERR_FORMAT;
    }
    for (unsigned i = 0; i < sizeof conf_keys / sizeof *conf_keys; i++) {
        if (strlen(conf_keys[i].name) != line->name_len ||
            memcmp(conf_keys[i].name, line->name, line->name_len) != 0)
            continue;
        if (s->seen & 1U << i)
            conf_odd(s, line, "the last one counts, there is more than one");
        s->seen |= 1U << i;
        return conf_keys[i].take(s, line);
    }
    conf_odd(s, line, "nobody knows the key");
    return ERR_OK;
}

enum err conf_parse(const void *text, size_t len, conf_warn *warn, void *context, struct conf *out,
                    char why[static LIMIT_REASON])
{
    struct conf_state s = {.warn = warn, .context = context, .out = out, .why = why};
    enum err e;

    *out = (struct conf){.fps = {0, 1}};
    *why = 0;
    if (len > LIMIT_CONF) {
        snprintf(why, LIMIT_REASON, "clip.conf is longer than %d bytes", LIMIT_CONF);
        return ERR_LIMIT;
    }
    e = settings_parse(text, len, conf_take, &s);
    if (e == ERR_OK && out->fps.num == 0) {
        snprintf(why, LIMIT_REASON, "clip.conf has no line fps = RATE");
        e = ERR_FORMAT;
    }
    return e;
}

void conf_write(const struct conf *c, struct buf *out)
{
    char fps[FPS_TEXT];

    fps_format(c->fps, fps);
    buf_printf(out, "fps = %s\n", fps);
    if (*c->title != 0)
        buf_printf(out, "title = %s\n", c->title);
}

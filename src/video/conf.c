#include "video/conf.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define CONF_SHOWN 40 /* bytes of a wrong value that a sentence repeats */

struct conf_line {
    unsigned number;
    const char *key, *value; /* trimmed, inside the file's text */
    size_t key_len, value_len;
};

struct conf_state {
    conf_warn *warn;
    void *context;
    struct conf *out;
    char *why;
};

/* "clip.conf line 3: what 'value'", cleaned. */
static void conf_say(char why[static LIMIT_REASON], unsigned line, const char *what,
                     const char *value, size_t len)
{
    struct buf clean;

    buf_init(&clean, LIMIT_REASON);
    text_clean(&clean, value, len > CONF_SHOWN ? CONF_SHOWN : len, false);
    snprintf(why, LIMIT_REASON, "clip.conf line %u: %s '%s'", line, what, buf_text(&clean));
    buf_free(&clean);
}

static void conf_odd(const struct conf_state *s, const struct conf_line *line, const char *what)
{
    char sentence[LIMIT_REASON];

    if (s->warn == NULL)
        return;
    conf_say(sentence, line->number, what, line->key, line->key_len);
    s->warn(s->context, sentence);
}

static enum err conf_fps(struct conf_state *s, const struct conf_line *line)
{
    char text[32] = "";

    if (line->value_len < sizeof text)
        memcpy(text, line->value, line->value_len);
    if (strlen(text) == line->value_len && fps_parse(text, &s->out->fps))
        return ERR_OK;
    conf_say(s->why, line->number, "fps is a rate as 24, 24000/1001 or 23.976, not", line->value,
             line->value_len);
    return ERR_FORMAT;
}

static enum err conf_title(struct conf_state *s, const struct conf_line *line)
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
        conf_say(s->why, line->number,
                 e == ERR_UTF8 ? "title is not valid UTF-8:" : "title is over 128 bytes:",
                 line->value, line->value_len);
    return e;
}

static const struct conf_key {
    const char *name;
    enum err (*take)(struct conf_state *s, const struct conf_line *line);
} conf_keys[] = {
    {"fps", conf_fps},
    {"title", conf_title},
};

static const char *conf_trim(const char *p, size_t *len)
{
    while (*len > 0 && (*p == ' ' || *p == '\t')) {
        p++;
        --*len;
    }
    while (*len > 0 && (p[*len - 1] == ' ' || p[*len - 1] == '\t' || p[*len - 1] == '\r'))
        --*len;
    return p;
}

/* Takes one line; seen has a bit for each key that was there before. */
static enum err conf_take(struct conf_state *s, unsigned number, const char *p, size_t len,
                          unsigned *seen)
{
    struct conf_line line = {.number = number};
    const char *equals;

    p = conf_trim(p, &len);
    if (len == 0 || *p == '#')
        return ERR_OK;
    equals = memchr(p, '=', len);
    if (equals == NULL) {
        conf_say(s->why, number, "must be key = value, not", p, len);
        return ERR_FORMAT;
    }
    line.key_len = (size_t)(equals - p);
    line.key = conf_trim(p, &line.key_len);
    line.value_len = (size_t)(p + len - equals - 1);
    line.value = conf_trim(equals + 1, &line.value_len);
    for (unsigned i = 0; i < sizeof conf_keys / sizeof *conf_keys; i++) {
        if (strlen(conf_keys[i].name) != line.key_len ||
            memcmp(conf_keys[i].name, line.key, line.key_len) != 0)
            continue;
        if (*seen & 1U << i)
            conf_odd(s, &line, "the last one counts, there is more than one");
        *seen |= 1U << i;
        return conf_keys[i].take(s, &line);
    }
    conf_odd(s, &line, "nobody knows the key");
    return ERR_OK;
}

enum err conf_parse(const void *text, size_t len, conf_warn *warn, void *context, struct conf *out,
                    char why[static LIMIT_REASON])
{
    struct conf_state s = {.warn = warn, .context = context, .why = why};
    const char *p = text;
    unsigned seen = 0;
    enum err e = ERR_OK;

    *out = (struct conf){.fps = {0, 1}};
    s.out = out;
    *why = 0;
    if (len > LIMIT_CONF) {
        snprintf(why, LIMIT_REASON, "clip.conf is longer than %d bytes", LIMIT_CONF);
        return ERR_LIMIT;
    }
    for (unsigned number = 1; e == ERR_OK && len > 0; number++) {
        const char *end = memchr(p, '\n', len);
        size_t n = end == NULL ? len : (size_t)(end - p);

        e = conf_take(&s, number, p, n, &seen);
        n += end != NULL;
        p += n;
        len -= n;
    }
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

/* IRC (RFC 1459), as much of it as says something to all in one channel. A line holds 512 bytes, so one
 * message is three of them, of the same bytes together; it is heard when the last one came. */
#include <stdio.h>
#include <string.h>

#include "tests/bench/crowd/crowd.h"

#define PART 440
#define LAST (CROWD_MESSAGE - 2 * PART)

_Static_assert(LAST<PART && LAST> CROWD_DIGITS, "the last line is told from the others");

static void send_text(struct conn *c, const char *text)
{
    conn_send(c, text, strlen(text));
}

static void begin(struct conn *c)
{
    char text[128];

    snprintf(text, sizeof text, "NICK %s%u\r\nUSER u 0 * :u\r\n", c->crowd->prefix, c->number);
    send_text(c, text);
}

static bool is_command(const char *line, size_t len, const char *command, const char **rest)
{
    const char *space = memchr(line, ' ', len);
    size_t n = strlen(command);

    if (space == NULL || (size_t)(line + len - space - 1) < n || memcmp(space + 1, command, n) != 0)
        return false;
    *rest = space + 1 + n;
    return true;
}

static void on_line(struct conn *c, const char *line, size_t len)
{
    const char *rest;

    if (len > 0 && line[len - 1] == '\r')
        len--;
    if (is_command(line, len, "PRIVMSG #r :", &rest)) {
        if (line + len - rest == LAST)
            crowd_heard(c, (const uint8_t *)line + len - CROWD_DIGITS);
    } else if (is_command(line, len, "001 ", &rest)) {
        send_text(c, "JOIN #r\r\n");
    } else if (is_command(line, len, "366 ", &rest)) {
        crowd_ready(c);
    } else if (len > 5 && memcmp(line, "PING ", 5) == 0) {
        send_text(c, "PONG x\r\n");
    } else if (len > 6 && memcmp(line, "ERROR ", 6) == 0) {
        crowd_fail("the server says: %.*s", (int)len, line);
    }
}

static void take(struct conn *c, const uint8_t *p, size_t len)
{
    const char *at, *end;
    size_t left;

    if (c->partial.len > 0) {
        buf_add(&c->partial, p, len);
        p = c->partial.data;
        len = c->partial.len;
    }
    for (at = (const char *)p, left = len; (end = memchr(at, '\n', left)) != NULL; at = end + 1) {
        on_line(c, at, (size_t)(end - at));
        left -= (size_t)(end + 1 - at);
    }
    if (c->partial.len > 0)
        buf_drop(&c->partial, c->partial.len - left);
    else if (left > 0)
        buf_add(&c->partial, at, left);
}

static void say(struct conn *c, const uint8_t message[static CROWD_MESSAGE])
{
    struct buf out;

    buf_init(&out, 4096);
    for (size_t at = 0; at < CROWD_MESSAGE; at += PART) {
        buf_add_text(&out, "PRIVMSG #r :");
        buf_add(&out, message + at, CROWD_MESSAGE - at < PART ? CROWD_MESSAGE - at : PART);
        buf_add_text(&out, "\r\n");
    }
    conn_send(c, out.data, out.len);
    buf_free(&out);
}

const struct speech speech_irc = {"irc", begin, take, say};

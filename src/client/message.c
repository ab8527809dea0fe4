#include "client/message.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "client/client.h"

void message_read(const char *argument, struct buf *text)
{
    uint8_t *to;
    size_t n;

    buf_init(text, LIMIT_BODY + 8192);
    if (strcmp(argument, "-") != 0) {
        buf_add_text(text, argument);
        return;
    }
    while ((to = buf_reserve(text, 4096)) != NULL && (n = fread(to, 1, 4096, stdin)) > 0)
        buf_grew(text, n);
    /* Without the line's end. */
    if (text->len > 0 && text->data[text->len - 1] == '\n')
        text->len--;
}

static enum client_exit exit_for(enum err e)
{
    if (e == ERR_OK)
        return CLIENT_EXIT_GOOD;
    if (e == ERR_UNKNOWN)
        return CLIENT_EXIT_NO_MEMBER;
    return e == ERR_KEY ? CLIENT_EXIT_REFUSED : CLIENT_EXIT_FAILED;
}

void message_send(struct client *c, const char *to, const struct buf *text)
{
    /* One that did not fit is longer than what mail takes. */
    size_t len = text->failed ? LIMIT_BODY + 1 : text->len;
    enum err e = mail_send(c, to, (struct span){text->data, len});

    if (e != ERR_OK)
        client_quit(c, exit_for(e));
}

#include "client/shell_direct.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/chat.h"
#include "client/client.h"
#include "client/shell.h"
#include "client/shell_parcel.h"

/* From now on lines go to the chat. By the user's own command alone: never while a line is typed
 * that was meant for somebody else. */
static void aim(struct shell *s, const char *name)
{
    snprintf(s->to, sizeof s->to, "%s", name);
    s->direct = true;
    s->to_server = false;
    if (s->prompt != NULL)
        s->prompt(s->owner, "direct", s->to);
}

static bool one_name(struct shell *s, const char *rest, char name[static LIMIT_NAME + 1],
                     bool needed, const char *usage)
{
    if (shell_only_word(rest, name, LIMIT_NAME + 1) != NULL && (name[0] != 0 || !needed))
        return true;
    shell_complain(s, "usage", usage);
    return false;
}

void shell_direct_chat(struct shell *s, const char *rest)
{
    char name[LIMIT_NAME + 1];
    const char *with;

    if (!one_name(s, rest, name, true, "usage: /chat NAME") || !chat_call(s->client, name))
        return;
    with = chat_with(s->client, name);
    if (with != NULL)
        aim(s, with);
}

void shell_direct_accept(struct shell *s, const char *rest)
{
    char name[LIMIT_NAME + 1];
    const char *with;

    if (!one_name(s, rest, name, false, "usage: /accept [NAME|#N]") ||
        shell_parcel_answer(s, name, true))
        return;
    with = chat_accept(s->client, name);
    if (with != NULL)
        aim(s, with);
}

void shell_direct_decline(struct shell *s, const char *rest)
{
    char name[LIMIT_NAME + 1];

    if (one_name(s, rest, name, false, "usage: /decline [NAME|#N]") &&
        !shell_parcel_answer(s, name, false))
        chat_decline(s->client, name);
}

bool shell_direct_to(struct shell *s, const char *name)
{
    const char *with = chat_with(s->client, name);

    if (with == NULL)
        return false;
    aim(s, with);
    report_note(&s->client->report, "What you type goes to %s now, directly.", with);
    return true;
}

void shell_direct_line(struct shell *s, const char *line)
{
    char to[LIMIT_NAME + 1];

    /* What ends it changes s->to. */
    memcpy(to, s->to, sizeof to);
    if (strcmp(line, "EOM") == 0)
        chat_end(s->client, to);
    else
        chat_say(s->client, to, (struct span){(const uint8_t *)line, strlen(line)});
}

void shell_direct_over(struct shell *s, const char *name)
{
    if (!s->direct || !text_name_same(s->to, name))
        return;
    s->direct = false;
    s->to[0] = 0;
    if (s->prompt != NULL)
        s->prompt(s->owner, "to", "");
}

#include "client/invitation.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/wipe.h"
#include "client/entry.h"
#include "platform/file.h"
#include "proto/invitation.h"

#define LIMIT_FILE 256
#define NO_CODE "that is not a code of thirty letters and digits as dend prints it"

static bool read_line(char line[static LIMIT_FILE + 1])
{
    return fgets(line, LIMIT_FILE + 1, stdin) != NULL;
}

static bool read_file(char line[static LIMIT_FILE + 1], const char *path)
{
    struct file_bytes file = {0};
    int failed = file_read(&file, path, LIMIT_FILE, FILE_FOLLOW);
    bool whole = failed == 0 && strlen((const char *)file.data) == file.len;

    if (failed != 0)
        log_error("invitation %s: %s", path, strerror(-failed));
    else
        memcpy(line, whole ? (const char *)file.data : "", whole ? file.len + 1 : 1);
    file_free(&file);
    return failed == 0;
}

static bool read_code(uint8_t out[static SIZE_INVITATION], const char *file)
{
    char line[LIMIT_FILE + 1] = "";
    bool from_input = strcmp(file, "-") == 0;
    bool ok = from_input ? read_line(line) : read_file(line, file);

    if (from_input && !ok)
        log_error("no invitation on standard input");
    if (ok && !invitation_parse(out, line)) {
        log_error("invitation %s: " NO_CODE, from_input ? "on standard input" : file);
        ok = false;
    }
    wipe(line, sizeof line);
    return ok;
}

enum client_exit invitation_take(struct options *o)
{
    if (o->invitation_file == NULL)
        return CLIENT_EXIT_GOOD;
    if (!read_code(o->invitation, o->invitation_file))
        return CLIENT_EXIT_FAILED;
    o->config.invitation = o->invitation;
    return CLIENT_EXIT_GOOD;
}

/* What a ban or a used code gets is the same, so we ask once. */
bool invitation_missing(const struct client *c)
{
    return c->state == CLIENT_PROVING && !c->invited && c->config->interactive &&
           c->hooks.ask_code != NULL;
}

void invitation_ask(struct client *c)
{
    link_close(c->dead_link);
    c->dead_link = c->link;
    c->link = NULL;
    c->patience = INT64_MAX;
    c->state = CLIENT_ASKING;
    c->asking_code = true;
    c->hooks.ask_code(c->hooks.owner, "This room is by invitation, or does not admit you.\n");
}

void invitation_answer(struct client *c, const char *line)
{
    if (line[strspn(line, " \t")] == 0) {
        client_fail(c, CLIENT_EXIT_REFUSED, "refused", "not admitted, and no invitation was given");
        return;
    }
    if (!invitation_parse(c->invitation, line)) {
        c->hooks.ask_code(c->hooks.owner, "No: " NO_CODE ".\n");
        return;
    }
    c->invited = true;
    c->asking_code = false;
    entry_start(c);
}

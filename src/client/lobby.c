#include "client/lobby.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "client/rooms.h"

#define SERVICE "_den._tcp"
#define PATIENCE (INT64_C(3) * 1000000000)
#define LIMIT_LISTED (32 * 1024)

static bool can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* The answer without its line feed; false at the end of input. */
static bool ask(const char *prompt, char line[static 512])
{
    fputs(prompt, stdout);
    fflush(stdout);
    if (fgets(line, 512, stdin) == NULL) {
        putchar('\n');
        return false;
    }
    line[strcspn(line, "\r\n")] = 0;
    return true;
}

static const char *explain(int found)
{
    if (found == -ENOSYS)
        return "this den was built without Avahi and can't look for rooms";
    if (found == -ENOTCONN)
        return "can't look for rooms: no avahi-daemon runs here (apt-get install avahi-daemon)";
    if (found == -ETIMEDOUT)
        return "can't look for rooms: avahi-daemon does not answer";
    return found < 0 ? "can't look for rooms: avahi-daemon has failed"
                     : "no room is heard of on this network";
}

static int look(struct rooms *r, const struct options *o)
{
    struct lan_service heard[ROOMS_MOST];
    char last[PINS_PLACE] = "";
    int found = lan_find(SERVICE, PATIENCE, heard, ROOMS_MOST);

    if (!o->config.ephemeral)
        rooms_last(last, o->config.state);
    rooms_make(r, heard, found > 0 ? (size_t)found : 0, last);
    return found;
}

static void show(const struct rooms *r, bool json, bool numbered)
{
    struct buf out;

    buf_init(&out, LIMIT_LISTED);
    if (json)
        rooms_json(r, &out);
    else
        rooms_list(r, numbered, &out);
    fputs(buf_text(&out), stdout);
    fflush(stdout);
    buf_free(&out);
}

static enum client_exit enter(struct options *o, const struct room_choice *c)
{
    enum client_exit code = options_address(o, c->place);

    /* The name is what its key is kept under; its address was heard just now, also where nothing
     * resolves names that end in .local. */
    if (code == CLIENT_EXIT_GOOD && *c->at != 0)
        strcpy(o->config.host, c->at);
    return code;
}

static enum client_exit choose(struct options *o, const struct rooms *r)
{
    char prompt[64], line[512];

    snprintf(prompt, sizeof prompt, "Which one (a number, or an ADDRESS)? [%zu] ", r->usual + 1);
    while (ask(prompt, line)) {
        const struct room_choice *c = rooms_pick(r, line);

        if (c != NULL)
            return enter(o, c);
        /* A number that is not on the list is no host either. */
        if (strspn(line, "0123456789") < strlen(line) &&
            options_address(o, line) == CLIENT_EXIT_GOOD)
            return CLIENT_EXIT_GOOD;
    }
    return CLIENT_EXIT_USAGE;
}

enum client_exit lobby_room(struct options *o)
{
    struct rooms rooms;
    bool asks = can_ask() && !o->config.json;
    int found;

    if (!o->nowhere)
        return CLIENT_EXIT_GOOD;
    if (asks)
        puts("Looking for rooms on this network...");
    found = look(&rooms, o);
    if (found <= 0 && (asks || rooms.count == 0))
        fprintf(stderr, "den: %s%s\n", explain(found),
                rooms.count == 0 ? ": give an ADDRESS (see den --help)" : "");
    show(&rooms, o->config.json, asks);
    if (rooms.count > 0 && asks)
        return choose(o, &rooms);
    if (rooms.count > 0)
        fprintf(stderr, "den: an ADDRESS is missing, one of these perhaps (see den --help)\n");
    return CLIENT_EXIT_USAGE;
}

enum client_exit lobby_name(struct options *o)
{
    char line[512];

    if (o->config.name[0] != 0)
        return CLIENT_EXIT_GOOD;
    if (!isatty(STDIN_FILENO)) {
        fprintf(stderr, "den: no name: give --name NAME\n");
        return CLIENT_EXIT_USAGE;
    }
    while (ask("Enter your name: ", line)) {
        if (text_name_valid(line, strlen(line))) {
            strcpy(o->config.name, line);
            return CLIENT_EXIT_GOOD;
        }
        puts("A name is 1 to 32 of A-Z a-z 0-9 _ . -");
    }
    return CLIENT_EXIT_USAGE;
}

#include "client/shell_parcel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/chat.h"
#include "client/client.h"
#include "client/parcels_order.h"
#include "client/shell.h"

/* Takes one word off the front: blanks end it, but not in quotes or behind a backslash. `~/` in front is
 * the home. False if there is none, a quote is not closed, or it is too long. */
static bool take_word(const char **at, char out[static PATHS_MAX])
{
    const char *p = *at + strspn(*at, " "), *home = getenv("HOME");
    char quote = 0;
    size_t n = 0;

    if (*p == 0)
        return false;
    if (p[0] == '~' && p[1] == '/' && home != NULL && strlen(home) < PATHS_MAX) {
        n = (size_t)sprintf(out, "%s", home);
        p++;
    }
    for (; *p != 0 && (quote != 0 || *p != ' '); p++) {
        if (quote == 0 && (*p == '\'' || *p == '"')) {
            quote = *p;
        } else if (*p == quote) {
            quote = 0;
        } else {
            if (*p == '\\' && quote != '\'' && p[1] != 0)
                p++;
            if (n + 1 >= PATHS_MAX)
                return false;
            out[n++] = *p;
        }
    }
    out[n] = 0;
    *at = p;
    return quote == 0;
}

void shell_parcel_send(struct shell *s, const char *rest)
{
    char name[PATHS_MAX], path[PATHS_MAX];
    const char *at = rest;
    size_t n = 0;

    if (!take_word(&at, name)) {
        shell_complain(s, "usage", "usage: /send NAME FILE...");
        return;
    }
    while (take_word(&at, path)) {
        n++;
        if (parcels_send(s->client, name, path) != PARCELS_SENT)
            return;
    }
    if (n == 0 || at[strspn(at, " ")] != 0)
        shell_complain(s, "usage", "usage: /send NAME FILE... (a name with blanks in quotes)");
}

void shell_parcel_files(struct shell *s, const char *rest)
{
    if (rest[strspn(rest, " ")] == 0)
        parcels_list(s->client);
    else
        shell_complain(s, "usage", "usage: /files");
}

static bool take_number(const char *word, uint32_t *number)
{
    uint64_t n;

    if (word[0] != '#' || !text_to_u64(word + 1, UINT32_MAX, &n))
        return false;
    *number = (uint32_t)n;
    return true;
}

void shell_parcel_cancel(struct shell *s, const char *rest)
{
    char word[16];
    const char *what = shell_only_word(rest, word, sizeof word);
    uint32_t number;

    if (what != NULL && take_number(what, &number))
        parcels_cancel(s->client, number);
    else
        shell_complain(s, "usage", "usage: /cancel #N (/files shows the numbers)");
}

bool shell_parcel_answer(struct shell *s, const char *word, bool yes)
{
    struct client *c = s->client;
    size_t calls, offers;
    uint32_t number;

    if (word[0] == '#') {
        if (take_number(word, &number))
            parcels_answer_one(c, number, yes);
        else
            shell_complain(s, "usage", "usage: /accept [NAME|#N]");
        return true;
    }
    calls = chat_rings(c, word);
    offers = parcels_offers(c, word);
    if (word[0] == 0 && offers > 0 && calls + offers > 1) {
        shell_complain(s, "usage", "several wait: whose call, or which file (#N)?");
        return true;
    }
    if (calls > 0 || offers == 0)
        return false;
    parcels_answer(c, word, yes);
    return true;
}

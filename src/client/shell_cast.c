#include "client/shell_cast.h"

#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "client/shell.h"

#define SOURCE 1024

/* The next word of *rest; false if there is none, or it does not fit. */
static bool take_word(const char **rest, char *word, size_t size)
{
    const char *after;

    if (!shell_split_word(*rest + strspn(*rest, " "), word, size, &after))
        return false;
    *rest = after + strspn(after, " ");
    return true;
}

static void list(struct client *c)
{
    if (c->castings == NULL)
        report_note(&c->report, "You cast nothing.");
    for (const struct casting *k = c->castings; k != NULL; k = k->next) {
        report_note(&c->report, "%s, %s, who may watch: %s", k->name,
                    k->plain ? "seen by the server" : "sealed", k->plain ? "all" : k->viewers);
        for (const struct keyring_viewer *v = k->keys.viewers; v != NULL; v = v->next)
            report_note(&c->report, "  %s watches", v->name);
    }
}

/* NAME SOURCE [plain|VIEWERS] */
void shell_cast(struct shell *s, const char *rest)
{
    char name[LIMIT_CLIP + 1], source[SOURCE], last[POLICY_TEXT] = "all";
    struct caster_wish w = {.name = name, .source = source, .viewers = last};

    if (rest[strspn(rest, " ")] == 0) {
        list(s->client);
        return;
    }
    if (!take_word(&rest, name, sizeof name) || !take_word(&rest, source, sizeof source) ||
        (*rest != 0 && !take_word(&rest, last, sizeof last)) || *rest != 0 ||
        strcmp(source, "-") == 0) {
        shell_complain(s, "usage", "usage: /cast [NAME FILE [VIEWERS|plain]]");
        return;
    }
    if (strncmp(source, "/dev/video", 10) == 0) {
        w.camera = source;
        w.source = NULL;
    }
    w.plain = strcmp(last, "plain") == 0;
    if (w.plain)
        w.viewers = NULL;
    if (client_has_server(s->client))
        caster_begin(s->client, &w);
}

void shell_uncast(struct shell *s, const char *rest)
{
    char word[LIMIT_CLIP + 1];
    const char *name = shell_only_word(rest, word, sizeof word);
    struct casting *k = name == NULL ? NULL : caster_find(s->client, name);

    if (name == NULL || *name == 0)
        shell_complain(s, "usage", "usage: /uncast NAME");
    else if (k == NULL)
        shell_complain(s, "no-cast", "you cast nothing of that name");
    else
        caster_end(k, "stopped");
}

void shell_viewers(struct shell *s, const char *rest)
{
    char name[LIMIT_CLIP + 1], viewers[POLICY_TEXT];
    struct casting *k;

    if (!take_word(&rest, name, sizeof name) || !take_word(&rest, viewers, sizeof viewers) ||
        *rest != 0 || !policy_valid(viewers)) {
        shell_complain(s, "usage", "usage: /viewers CAST all|NAME,NAME|all,!NAME");
        return;
    }
    k = caster_find(s->client, name);
    if (k == NULL || k->plain)
        shell_complain(s, "no-cast",
                       k == NULL ? "you cast nothing of that name"
                                 : "that one is seen by the server: all may watch it");
    else
        caster_admit(k, viewers);
}

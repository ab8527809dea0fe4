#include "base/optfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/settings.h"
#include "base/text.h"

#define NAME_MOST 32 /* bytes of a long option's name */
#define NEAR 2       /* letters that a name may be wrong in for the right one to be guessed */

struct reading {
    char *text;
    const char *path;
    const struct optfile_list *list;
    char *why;
};

/* How many letters must be put in, left out or changed to make one of the other (Levenshtein). */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned row[NAME_MOST + 1];

    if (a_len > NAME_MOST || b_len > NAME_MOST)
        return NAME_MOST;
    for (unsigned i = 0; i <= b_len; i++)
        row[i] = i;
    for (unsigned i = 1; i <= a_len; i++) {
        unsigned corner = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned change = corner + (a[i - 1] != b[j - 1]), least = row[j] + 1;

            corner = row[j];
            if (row[j - 1] + 1 < least)
                least = row[j - 1] + 1;
            row[j] = change < least ? change : least;
        }
    }
    return row[b_len];
}

static bool allowed(const struct optfile_list *list, const struct option *o)
{
    return o->val > UINT8_MAX || strchr(list->never, o->val) == NULL;
}

static const struct option *find(const struct optfile_list *list, const char *name, size_t len)
{
    for (const struct option *o = list->all; o->name != NULL; o++) {
        if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
            return o;
    }
    return NULL;
}

static const char *nearest(const struct optfile_list *list, const char *name, size_t len)
{
    const char *best = NULL;
    unsigned least = NEAR + 1;

    for (const struct option *o = list->all; o->name != NULL; o++) {
        unsigned d = distance(name, len, o->name, strlen(o->name));

        if (d < least && d < len && allowed(list, o)) {
            best = o->name;
            least = d;
        }
    }
    return best;
}

static enum err say(const struct reading *r, unsigned line, const char *what, const char *value,
                    size_t len)
{
    char path[OPTFILE_WHY - LIMIT_REASON];

    snprintf(path, sizeof path, "%s", r->path);
    settings_say(r->why, OPTFILE_WHY, path, line, what, value, len);
    return ERR_FORMAT;
}

static enum err say_unknown(const struct reading *r, const struct setting *s)
{
    const char *near = nearest(r->list, s->name, s->name_len);
    enum err e = say(r, s->line, "no such option:", s->name, s->name_len);
    size_t len = strlen(r->why);

    if (near != NULL)
        snprintf(r->why + len, OPTFILE_WHY - len, " (is it %s?)", near);
    return e;
}

static enum err take(void *owner, const struct setting *s)
{
    const struct reading *r = owner;
    const struct option *o = find(r->list, s->name, s->name_len);
    const char *wrong;
    char what[LIMIT_REASON / 2];
    char *value;

    if (s->value == NULL)
        return say(r, s->line, "must be name = value, not", s->name, s->name_len);
    if (o == NULL)
        return say_unknown(r, s);
    if (!allowed(r->list, o))
        return say(r, s->line, "only for the command line:", s->name, s->name_len);
    /* Behind it is white space, or the text's own NUL. */
    value = r->text + (s->value - r->text);
    value[s->value_len] = 0;
    wrong = strlen(value) == s->value_len ? r->list->take(r->list->owner, o->val, value)
                                          : "has a NUL in it:";
    if (wrong == NULL)
        return ERR_OK;
    snprintf(what, sizeof what, "%s: %s", o->name, wrong);
    return say(r, s->line, what, value, s->value_len);
}

bool optfile_parse(char *text, size_t len, const char *path, const struct optfile_list *list,
                   char why[static OPTFILE_WHY])
{
    struct reading r = {.text = text, .path = path, .list = list, .why = why};

    return settings_parse(text, len, take, &r) == ERR_OK;
}

bool optfile_read(struct file_bytes *file, const char *path, bool must,
                  const struct optfile_list *list, char why[static OPTFILE_WHY])
{
    int failed = file_read(file, path, LIMIT_CONF, FILE_FOLLOW);

    if (failed == -ENOENT && !must)
        return true;
    if (failed != 0) {
        snprintf(why, OPTFILE_WHY, "%.400s: %s", path, strerror(-failed));
        return false;
    }
    return optfile_parse((char *)file->data, file->len, path, list, why);
}

int optfile_look(const struct optfile_list *list, int argc, char **argv, const char *how,
                 const char **config)
{
    int option;

    optind = 0; /* begin anew */
    while ((option = getopt_long(argc, argv, how, list->all, NULL)) != -1) {
        if (option == OPTFILE_CONFIG && *optarg != 0)
            *config = optarg;
        else if (option == OPTFILE_CONFIG || option == OPTFILE_HELP || option == OPTFILE_VERSION ||
                 option == '?')
            return option;
    }
    return 0;
}

const char *optfile_command_line(const struct optfile_list *list, int argc, char **argv,
                                 const char *how, const char **value)
{
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, how, list->all, NULL)) != -1) {
        const char *wrong =
            option == OPTFILE_CONFIG ? NULL : list->take(list->owner, option, optarg);

        *value = optarg;
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

const char *optfile_switch(bool *on, const char *value)
{
    *on = value == NULL || strcmp(value, "yes") == 0;
    return *on || strcmp(value, "no") == 0 ? NULL : "neither yes nor no:";
}

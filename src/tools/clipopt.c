#include "tools/clipopt.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "video/library.h"

static bool clipopt_number(const char *text, uint64_t least, uint64_t most, unsigned *out)
{
    uint64_t n;

    if (!text_to_u64(text, most, &n) || n < least)
        return false;
    *out = (unsigned)n;
    return true;
}

static bool clipopt_seconds(struct clip_options *o, const char *value)
{
    return clipopt_number(value, 1, 3600, &o->seconds);
}

static bool clipopt_fps(struct clip_options *o, const char *value)
{
    return fps_parse(value, &o->fps);
}

static bool clipopt_add_height(struct clip_options *o, unsigned height)
{
    size_t i = o->count;

    if (o->count == LIMIT_RENDITIONS)
        return false;
    for (; i > 0 && o->heights[i - 1] >= height; i--) {
        if (o->heights[i - 1] == height)
            return false;
        o->heights[i] = o->heights[i - 1];
    }
    o->heights[i] = height;
    o->count++;
    return true;
}

static bool clipopt_heights(struct clip_options *o, const char *value)
{
    o->count = 0;
    while (true) {
        size_t len = strcspn(value, ",");
        char digits[8] = "";
        unsigned height;

        if (len >= sizeof digits)
            return false;
        memcpy(digits, value, len);
        if (!clipopt_number(digits, 16, LIMIT_HEIGHT, &height) || !clipopt_add_height(o, height))
            return false;
        if (value[len] == 0)
            return true;
        value += len + 1;
    }
}

static bool clipopt_quality(struct clip_options *o, const char *value)
{
    return clipopt_number(value, 1, 100, &o->quality);
}

static bool clipopt_title(struct clip_options *o, const char *value)
{
    struct buf clean;
    bool good;

    buf_init(&clean, (size_t)4 * LIMIT_TITLE);
    text_clean(&clean, value, strnlen(value, LIMIT_TITLE + 1), false);
    /* Nothing that would have to be cleaned: what is stored is what was given. */
    good = strcmp(buf_text(&clean), value) == 0 && strlen(value) <= LIMIT_TITLE;
    buf_free(&clean);
    o->title = value;
    return good;
}

static bool clipopt_library(struct clip_options *o, const char *value)
{
    int n = snprintf(o->library, sizeof o->library, "%s", value);

    return n > 0 && (size_t)n < sizeof o->library;
}

static bool clipopt_force(struct clip_options *o, const char *value)
{
    (void)value;
    o->force = true;
    return true;
}

static bool clipopt_all_heights(struct clip_options *o, const char *value)
{
    (void)value;
    o->all_heights = true;
    return true;
}

static const struct clipopt {
    const char *name, *value; /* value NULL: takes none */
    enum clip_option bit;
    bool (*take)(struct clip_options *o, const char *value);
    const char *form; /* what a value must be */
    const char *help;
} clipopts[] = {
    {"--seconds", "S", CLIP_SECONDS, clipopt_seconds, "1 to 3600",
     "how long it lasts (default: 9)"},
    {"--fps", "F", CLIP_FPS, clipopt_fps, "a rate as 24, 24000/1001 or 23.976",
     "frames a second (default: the film's; of a test card: 24)"},
    {"--heights", "H,...", CLIP_HEIGHTS, clipopt_heights, "up to 6 different heights, as 240,720",
     "the renditions (default: 240,720,1440)"},
    {"--all-heights", NULL, CLIP_ALL_HEIGHTS, clipopt_all_heights, "",
     "also those above the film's own height"},
    {"--quality", "Q", CLIP_QUALITY, clipopt_quality, "1 to 100", "of the pictures (default: 85)"},
    {"--title", "TEXT", CLIP_TITLE, clipopt_title, "text of at most 128 bytes",
     "what is shown as its title"},
    {"--force", NULL, CLIP_FORCE, clipopt_force, "", "replace a clip of this name"},
    {"--library", "DIR", CLIP_LIBRARY, clipopt_library, "a directory",
     "where the clips are (default: ~/.local/share/den/clips)"},
};

static const struct clipopt *clipopt_find(const char *word, size_t len, unsigned allowed)
{
    for (size_t i = 0; i < sizeof clipopts / sizeof *clipopts; i++)
        if (clipopts[i].bit & allowed && strlen(clipopts[i].name) == len &&
            memcmp(clipopts[i].name, word, len) == 0)
            return &clipopts[i];
    return NULL;
}

/* Takes the option at argv[*at], and the value behind it where it has one. */
static bool clipopt_one(struct clip_options *o, unsigned allowed, int argc, char *const *argv,
                        int *at)
{
    const char *word = argv[*at], *value = strchr(word, '=');
    size_t len = value == NULL ? strlen(word) : (size_t)(value - word);
    const struct clipopt *option = clipopt_find(word, len, allowed);

    if (option == NULL || (option->value == NULL && value != NULL)) {
        log_error("no such option here: '%s'", word);
        return false;
    }
    if (value != NULL) {
        value++;
    } else if (option->value != NULL) {
        if (++*at == argc) {
            log_error("%s needs a value: %s", option->name, option->form);
            return false;
        }
        value = argv[*at];
    }
    if (option->take(o, value))
        return true;
    log_error("%s must be %s, not '%s'", option->name, option->form, value);
    return false;
}

static bool clipopt_place(struct clip_options *o)
{
    if (*o->library != 0 || paths_data(o->library, "den/clips"))
        return true;
    log_error("there is no home directory: give --library DIR");
    return false;
}

bool clipopt_parse(struct clip_options *o, unsigned allowed, int argc, char *const *argv)
{
    bool only_args = false;

    for (int i = 0; i < argc; i++) {
        if (!only_args && strcmp(argv[i], "--") == 0) {
            only_args = true;
        } else if (!only_args && argv[i][0] == '-' && argv[i][1] != 0) {
            if (!clipopt_one(o, allowed, argc, argv, &i))
                return false;
        } else if (o->arg_count == sizeof o->args / sizeof *o->args) {
            log_error("one word too many: '%s'", argv[i]);
            return false;
        } else {
            o->args[o->arg_count++] = argv[i];
        }
    }
    return clipopt_place(o);
}

void clipopt_help(unsigned allowed)
{
    for (size_t i = 0; i < sizeof clipopts / sizeof *clipopts; i++) {
        char left[32];

        if (!(clipopts[i].bit & allowed))
            continue;
        snprintf(left, sizeof left, "%s%s%s", clipopts[i].name, clipopts[i].value ? " " : "",
                 clipopts[i].value ? clipopts[i].value : "");
        printf("      %-18s  %s\n", left, clipopts[i].help);
    }
}

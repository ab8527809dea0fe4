#include "tools/import.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "tools/child.h"
#include "tools/plan.h"
#include "tools/probe.h"
#include "tools/progress.h"
#include "tools/staging.h"
#include "video/library.h"

#define IMPORT_RESERVE ((uint64_t)64 << 20) /* bytes that stay free */
#define IMPORT_WORDS (16 + 8 * LIMIT_RENDITIONS)

struct import {
    const struct clip_options *options;
    const char *film;
    struct probe probe;
    struct plan plan;
    struct staging staging;
    struct progress progress;
    uint64_t frames; /* made so far */
    bool full;       /* ended for want of room */
};

/* ffmpeg's command line, and the text that its words point into. */
struct import_words {
    const char *argv[IMPORT_WORDS];
    size_t count;
    char url[PATH_MAX + 8];
    char filter[2048];
    char quality[8];
    char labels[LIMIT_RENDITIONS][32];
    char paths[LIMIT_RENDITIONS][PATHS_MAX];
};

static void import_word(struct import_words *w, const char *word)
{
    w->argv[w->count++] = word;
}

/* One reading of the film for all renditions: so frame i is the same moment in each. JPEG is full
 * range with the colours of BT.601. */
static void import_filter(const struct import *m, struct import_words *w)
{
    char fps[FPS_TEXT];
    struct buf f;

    fps_format(m->plan.fps, fps);
    buf_init(&f, sizeof w->filter);
    buf_printf(&f, "[0:%u]fps=%s,split=%zu", m->probe.stream, fps, m->plan.count);
    for (size_t i = 0; i < m->plan.count; i++)
        buf_printf(&f, "[s%zu]", i);
    for (size_t i = 0; i < m->plan.count; i++)
        buf_printf(&f,
                   ";[s%zu]scale=%u:%u:flags=bicubic:out_color_matrix=bt601:out_range=pc,"
                   "setsar=1,format=yuvj420p[r%zu]",
                   i, m->plan.widths[i], m->plan.heights[i], i);
    snprintf(w->filter, sizeof w->filter, "%s", buf_text(&f));
    buf_free(&f);
}

static bool import_output(const struct import *m, struct import_words *w, size_t i)
{
    int n =
        snprintf(w->paths[i], PATHS_MAX, "file:%s/%up.mjpeg", m->staging.path, m->plan.heights[i]);

    snprintf(w->labels[i], sizeof w->labels[i], "[r%zu]", i);
    import_word(w, "-map");
    import_word(w, w->labels[i]);
    import_word(w, "-c:v");
    import_word(w, "mjpeg");
    import_word(w, "-q:v");
    import_word(w, w->quality);
    import_word(w, "-f");
    import_word(w, "mjpeg");
    import_word(w, w->paths[i]);
    return n > 0 && n < PATHS_MAX;
}

static bool import_command(const struct import *m, struct import_words *w)
{
    static const char *const head[] = {
        "ffmpeg", "-nostdin", "-hide_banner",        "-v",        "error", "-nostats", "-progress",
        "pipe:1", "-y",       "-protocol_whitelist", "file,pipe", "-i"};
    bool fits = true;

    w->count = 0;
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        import_word(w, head[i]);
    snprintf(w->url, sizeof w->url, "file:%s", m->film);
    snprintf(w->quality, sizeof w->quality, "%u", m->plan.scale);
    import_filter(m, w);
    import_word(w, w->url);
    import_word(w, "-filter_complex");
    import_word(w, w->filter);
    for (size_t i = 0; i < m->plan.count; i++)
        fits = import_output(m, w, i) && fits;
    w->argv[w->count] = NULL;
    return fits;
}

/* What is on the disk so far tells better than any table how large the rest will be. */
static bool import_has_room(const struct import *m)
{
    uint64_t room = staging_room(&m->staging), made = 0;

    if (room < IMPORT_RESERVE)
        return false;
    if (m->frames < 100 || m->plan.frames <= m->frames)
        return true;
    for (size_t i = 0; i < m->plan.count; i++) {
        char name[32];
        struct stat st;

        snprintf(name, sizeof name, "%up.mjpeg", m->plan.heights[i]);
        if (fstatat(m->staging.dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            made += (uint64_t)st.st_size;
    }
    return made / m->frames * (m->plan.frames - m->frames) / 2 < room;
}

static bool import_line(void *context, char *line)
{
    struct import *m = context;

    if (strncmp(line, "frame=", 6) == 0) {
        m->frames = strtoull(line + 6, NULL, 10);
        progress_show(&m->progress, m->frames, m->plan.frames);
    } else if (strncmp(line, "progress=", 9) == 0 && !import_has_room(m)) {
        m->full = true;
        return false;
    }
    return true;
}

static bool import_end(const struct import *m, enum child_end end, const char *complaint)
{
    if (end == CHILD_DONE && m->frames > 0)
        return true;
    if (end == CHILD_MISSING)
        log_error("ffmpeg is missing: importing needs the package 'ffmpeg'");
    else if (end == CHILD_STOPPED)
        log_error("stopped, and nothing kept");
    else if (m->full)
        log_error("no room for the rest in '%s': nothing kept", m->options->library);
    else
        log_error("can't import '%s': %s", m->film,
                  *complaint != 0 ? complaint : "ffmpeg made no frame of it");
    return false;
}

static bool import_encode(struct import *m)
{
    struct child_watch watch = {.signals = m->options->signals, .take = import_line, .context = m};
    struct import_words *w = malloc(sizeof *w);
    enum child_end end;
    bool good = false;

    if (w == NULL) {
        log_error("out of memory");
        return false;
    }
    if (import_command(m, w)) {
        progress_begin(&m->progress, "importing");
        end = child_run(w->argv, &watch);
        progress_end(&m->progress);
        good = import_end(m, end, watch.complaint);
    } else {
        log_error("the library's path is too long");
    }
    if (good && *watch.complaint != 0)
        log_note("the film is damaged: %s", watch.complaint);
    free(w);
    return good;
}

/* What a person should know before the work begins. */
static void import_say(const struct import *m)
{
    if (m->probe.sound)
        log_note("the film's sound is left out: a clip has pictures only");
    if (m->plan.left_out > 0)
        log_note("the film has %u lines: higher renditions are left out (--all-heights makes them)",
                 m->probe.height);
    if (m->plan.frames == 0)
        log_note("the film's length is not known, so its size can't be forecast");
}

static bool import_forecast(const struct import *m)
{
    uint64_t room = staging_room(&m->staging);

    if (m->plan.bytes + IMPORT_RESERVE <= room)
        return true;
    log_error("the clip will take about %.1f GB, but '%s' has only %.1f GB free",
              (double)m->plan.bytes / 1e9, m->options->library, (double)room / 1e9);
    return false;
}

static void import_title(const struct import *m, struct conf *conf)
{
    const char *base = strrchr(m->film, '/');
    struct buf clean;
    char *dot;

    base = base == NULL ? m->film : base + 1;
    if (m->options->title != NULL)
        base = m->options->title;
    else if (*m->probe.title != 0)
        base = m->probe.title;
    buf_init(&clean, (size_t)4 * PATH_MAX);
    text_clean(&clean, base, strlen(base), false);
    if (clean.len <= LIMIT_TITLE)
        snprintf(conf->title, sizeof conf->title, "%s", buf_text(&clean));
    buf_free(&clean);
    dot = strrchr(conf->title, '.');
    if (m->options->title == NULL && *m->probe.title == 0 && dot != NULL && dot != conf->title)
        *dot = 0;
}

static bool import_make(struct import *m)
{
    struct conf conf = {.fps = m->plan.fps};

    import_title(m, &conf);
    if (!import_forecast(m) || !import_encode(m) ||
        !staging_commit(&m->staging, &conf, m->plan.heights, m->plan.count))
        return false;
    if (m->frames + m->frames / 20 + 2 < m->plan.frames)
        log_note("the film ends early: %" PRIu64 " of about %" PRIu64 " frames", m->frames,
                 m->plan.frames);
    printf("%s: %" PRIu64 " frames, %zu renditions\n", m->staging.name, m->frames, m->plan.count);
    return true;
}

/* Its name as it is given or made from the file's. */
static bool import_name(const struct clip_options *o, char name[static LIMIT_CLIP + 1])
{
    if (o->arg_count < 2) {
        plan_name(name, o->args[0]);
        return true;
    }
    if (!library_name_valid(o->args[1])) {
        log_error("a clip's name is 1 to %d of A-Za-z0-9_.- and begins with no dot, not '%s'",
                  LIMIT_CLIP, o->args[1]);
        return false;
    }
    snprintf(name, LIMIT_CLIP + 1, "%s", o->args[1]);
    return true;
}

int import_run(struct clip_options *o)
{
    struct import m = {.options = o, .film = o->args[0]};
    char name[LIMIT_CLIP + 1];
    bool done;

    if (!import_name(o, name))
        return CLIP_USAGE;
    if (access(m.film, R_OK) != 0) {
        log_error("can't read the film '%s': %s", m.film, strerror(errno));
        return CLIP_FAILED;
    }
    if (!probe_film(&m.probe, m.film, o->signals) || !plan_make(&m.plan, o, &m.probe) ||
        !staging_open(&m.staging, o->library, name, o->force))
        return CLIP_FAILED;
    import_say(&m);
    done = import_make(&m);
    staging_close(&m.staging);
    return done ? CLIP_DONE : CLIP_FAILED;
}

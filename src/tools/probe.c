#include "tools/probe.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "tools/child.h"

/* A stream as ffprobe describes it, line by line. */
struct probe_stream {
    bool inside, video, sound, cover;
    unsigned index, width, height;
    uint64_t sample[2];  /* width and height of a pixel */
    uint64_t average[2]; /* frames a second */
    uint64_t regular[2]; /* the rate that all its times are multiples of */
    int rotation;        /* degrees */
    double seconds;
};

struct probe_state {
    struct probe *out;
    struct probe_stream stream; /* the one that is being read */
    struct probe_stream film;   /* the first that moves */
    bool found;
};

static void probe_pair(const char *text, uint64_t pair[2])
{
    if (sscanf(text, "%" SCNu64 "%*[/:]%" SCNu64, &pair[0], &pair[1]) != 2)
        pair[0] = pair[1] = 0;
}

static void probe_seconds(const char *text, double *seconds)
{
    double value = strtod(text, NULL);

    if (value > *seconds && value < 1e9)
        *seconds = value;
}

static void probe_title(struct probe *p, const char *text)
{
    struct buf clean;

    buf_init(&clean, (size_t)4 * LIMIT_TITLE);
    text_clean(&clean, text, strlen(text), false);
    if (!clean.failed && clean.len <= LIMIT_TITLE)
        snprintf(p->title, sizeof p->title, "%s", buf_text(&clean));
    buf_free(&clean);
}

static void probe_of_stream(struct probe_stream *s, const char *key, const char *value)
{
    if (strcmp(key, "index") == 0)
        s->index = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(key, "codec_type") == 0) {
        s->video = strcmp(value, "video") == 0;
        s->sound = strcmp(value, "audio") == 0;
    } else if (strcmp(key, "width") == 0)
        s->width = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(key, "height") == 0)
        s->height = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(key, "sample_aspect_ratio") == 0)
        probe_pair(value, s->sample);
    else if (strcmp(key, "avg_frame_rate") == 0)
        probe_pair(value, s->average);
    else if (strcmp(key, "r_frame_rate") == 0)
        probe_pair(value, s->regular);
    else if (strcmp(key, "rotation") == 0)
        s->rotation = atoi(value);
    else if (strcmp(key, "duration") == 0)
        probe_seconds(value, &s->seconds);
    else if (strcmp(key, "DISPOSITION:attached_pic") == 0)
        s->cover = strcmp(value, "1") == 0;
}

static bool probe_line(void *context, char *line)
{
    struct probe_state *s = context;
    char *value = strchr(line, '=');

    if (strcmp(line, "[STREAM]") == 0) {
        s->stream = (struct probe_stream){.inside = true};
    } else if (strcmp(line, "[/STREAM]") == 0) {
        if (s->stream.video && !s->stream.cover && !s->found) {
            s->found = true;
            s->film = s->stream;
        }
        s->out->sound = s->out->sound || s->stream.sound;
        s->stream.inside = false;
    } else if (value != NULL) {
        *value++ = 0;
        if (s->stream.inside)
            probe_of_stream(&s->stream, line, value);
        else if (strcmp(line, "duration") == 0)
            probe_seconds(value, &s->out->seconds);
        else if (strcasecmp(line, "TAG:title") == 0)
            probe_title(s->out, value);
    }
    return true;
}

static double probe_rate(const uint64_t pair[2])
{
    return pair[1] == 0 ? 0 : (double)pair[0] / (double)pair[1];
}

/* The regular rate keeps every frame of a film whose times vary. It is not meant where it counts
 * fields (twice the average) or is a mere clock (90000). */
static bool probe_fps(const struct probe_stream *s, struct fraction *fps)
{
    double average = probe_rate(s->average), regular = probe_rate(s->regular);
    bool fields = average > 0 && regular > average * 1.98 && regular < average * 2.02;

    if (regular >= 1 && regular <= 120 && !fields && (regular <= 61 || regular < average * 1.05))
        return fps_near(s->regular[0], s->regular[1], fps);
    if (average >= 1 && average <= 120)
        return fps_near(s->average[0], s->average[1], fps);
    return false;
}

static void probe_shape(const struct probe_stream *s, struct probe *p)
{
    uint64_t width = s->width, height = s->height;

    /* Pixels that are not square: the longer side grows, so that nothing is lost. */
    if (s->sample[0] > s->sample[1] && s->sample[1] > 0 && s->sample[0] < 100000)
        width = width * s->sample[0] / s->sample[1];
    else if (s->sample[0] < s->sample[1] && s->sample[0] > 0 && s->sample[1] < 100000)
        height = height * s->sample[1] / s->sample[0];
    if (s->rotation % 180 != 0) {
        uint64_t swap = width;

        width = height;
        height = swap;
    }
    p->width = width > UINT16_MAX ? UINT16_MAX : (unsigned)width;
    p->height = height > UINT16_MAX ? UINT16_MAX : (unsigned)height;
}

static bool probe_end(enum child_end end, const char *film, const char *complaint)
{
    if (end == CHILD_DONE)
        return true;
    if (end == CHILD_MISSING)
        log_error("ffprobe is missing: importing needs the package 'ffmpeg'");
    else if (end == CHILD_STOPPED)
        log_error("stopped, and nothing kept");
    else
        log_error("can't read the film '%s': %s", film,
                  *complaint != 0 ? complaint : "ffprobe failed");
    return false;
}

bool probe_film(struct probe *p, const char *film, int signals)
{
    char url[PATH_MAX + 8];
    const char *argv[] = {"ffprobe", "-v", "error",         "-protocol_whitelist", "file",
                          "-i",      url,  "-show_streams", "-show_format",        NULL};
    struct probe_state s = {.out = p};
    struct child_watch w = {.signals = signals, .take = probe_line, .context = &s};

    *p = (struct probe){0};
    /* As a file, whatever its name looks like: no list in it leads to the network. */
    if ((size_t)snprintf(url, sizeof url, "file:%s", film) >= sizeof url) {
        log_error("the film's path is too long");
        return false;
    }
    if (!probe_end(child_run(argv, &w), film, w.complaint))
        return false;
    if (!s.found || s.film.width == 0 || s.film.height == 0) {
        log_error("'%s' holds no film", film);
        return false;
    }
    p->stream = s.film.index;
    probe_shape(&s.film, p);
    if (s.film.seconds > 0)
        p->seconds = s.film.seconds;
    if (!probe_fps(&s.film, &p->fps))
        p->fps = (struct fraction){0, 1};
    return true;
}

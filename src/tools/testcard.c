#include "tools/testcard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <turbojpeg.h>

#include "base/log.h"
#include "platform/signals.h"
#include "tools/card.h"
#include "tools/progress.h"
#include "tools/staging.h"
#include "video/library.h"

#define TESTCARD_SECONDS 9
#define TESTCARD_QUALITY 85

struct testcard {
    const struct clip_options *options;
    struct staging staging;
    struct progress progress;
    struct conf conf;
    size_t frames;
    tjhandle jpeg;
};

/* Writes the card as a JPEG behind what is in f. */
static bool testcard_frame(struct testcard *t, const struct card *card, FILE *f)
{
    const unsigned char *planes[3] = {card->planes[0], card->planes[1], card->planes[2]};
    int w = (int)card->width, strides[3] = {w, w / 2, w / 2};
    unsigned char *jpeg = NULL;
    unsigned long size = 0;
    bool done = false;

    /* The accurate DCT gives the same bytes with and without SIMD. */
    if (tjCompressFromYUVPlanes(t->jpeg, planes, w, strides, (int)card->height, TJSAMP_420, &jpeg,
                                &size, (int)t->options->quality, TJFLAG_ACCURATEDCT) != 0)
        log_error("libjpeg-turbo: %s", tjGetErrorStr2(t->jpeg));
    else if (fwrite(jpeg, 1, size, f) != size)
        log_error("can't write the clip: %s", strerror(errno));
    else
        done = true;
    tjFree(jpeg);
    return done;
}

static bool testcard_frames(struct testcard *t, struct card *card, FILE *f, size_t rendition)
{
    for (size_t i = 0; i < t->frames; i++) {
        if (signals_next(t->options->signals) != 0) {
            log_error("stopped, and nothing kept");
            return false;
        }
        card_draw(card, i);
        if (!testcard_frame(t, card, f))
            return false;
        progress_show(&t->progress, rendition * t->frames + i + 1, t->options->count * t->frames);
    }
    return true;
}

static bool testcard_rendition(struct testcard *t, size_t rendition)
{
    unsigned height = t->options->heights[rendition];
    char name[32], fps[FPS_TEXT];
    struct card card;
    int fd;
    FILE *f;
    bool done = false;

    fps_format(t->conf.fps, fps);
    if (card_open(&card, height, t->frames, t->conf.title, fps) != ERR_OK) {
        log_error("out of memory");
        return false;
    }
    snprintf(name, sizeof name, "%up.mjpeg", height);
    fd = openat(t->staging.dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    f = fd < 0 ? NULL : fdopen(fd, "wb");
    if (f != NULL) {
        done = testcard_frames(t, &card, f, rendition);
        if (fclose(f) != 0 && done) {
            log_error("can't write the clip: %s", strerror(errno));
            done = false;
        }
    } else {
        log_error("can't write %s: %s", name, strerror(errno));
    }
    card_close(&card);
    return done;
}

static bool testcard_make(struct testcard *t)
{
    bool done = true;

    t->jpeg = tjInitCompress();
    if (t->jpeg == NULL) {
        log_error("libjpeg-turbo: %s", tjGetErrorStr2(NULL));
        return false;
    }
    progress_begin(&t->progress, "drawing");
    for (size_t i = 0; done && i < t->options->count; i++)
        done = testcard_rendition(t, i);
    progress_end(&t->progress);
    tjDestroy(t->jpeg);
    return done && staging_commit(&t->staging, &t->conf, t->options->heights, t->options->count);
}

/* Fills in what was not given; false after one line. */
static bool testcard_defaults(struct clip_options *o)
{
    static const unsigned heights[] = {240, 720, 1440};

    if (o->count == 0) {
        memcpy(o->heights, heights, sizeof heights);
        o->count = sizeof heights / sizeof *heights;
    }
    for (size_t i = 0; i < o->count; i++) {
        if (o->heights[i] < CARD_LEAST || o->heights[i] > CARD_MOST || o->heights[i] % 2 != 0) {
            log_error("a test card's height must be even, %d to %d, not '%u'", CARD_LEAST,
                      CARD_MOST, o->heights[i]);
            return false;
        }
    }
    if (o->seconds == 0)
        o->seconds = TESTCARD_SECONDS;
    if (o->fps.num == 0)
        o->fps = (struct fraction){24, 1};
    if (o->quality == 0)
        o->quality = TESTCARD_QUALITY;
    if (!library_name_valid(o->args[0])) {
        log_error("a clip's name is 1 to %d of A-Za-z0-9_.- and begins with no dot, not '%s'",
                  LIMIT_CLIP, o->args[0]);
        return false;
    }
    return true;
}

int testcard_run(struct clip_options *o)
{
    struct testcard t = {.options = o};
    bool done;

    if (!testcard_defaults(o))
        return CLIP_USAGE;
    t.conf.fps = o->fps;
    snprintf(t.conf.title, sizeof t.conf.title, "%s", o->title != NULL ? o->title : o->args[0]);
    t.frames = (size_t)((uint64_t)o->seconds * o->fps.num / o->fps.den);
    if (t.frames == 0)
        t.frames = 1;
    if (!staging_open(&t.staging, o->library, o->args[0], o->force))
        return CLIP_FAILED;
    done = testcard_make(&t);
    staging_close(&t.staging);
    return done ? CLIP_DONE : CLIP_FAILED;
}

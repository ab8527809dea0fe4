#include "tools/inspect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <turbojpeg.h>

#include "base/log.h"
#include "platform/signals.h"
#include "tools/progress.h"
#include "video/clip.h"
#include "video/folder.h"

static struct clip *inspect_load(const struct clip_options *o, const char *name)
{
    const struct library lib = {.dir = o->library};
    char why[LIMIT_REASON];
    struct clip *c;

    if (clip_load(&lib, name, &c, why) != ERR_OK)
        log_error("%s", why);
    return c;
}

static void inspect_warn(void *context, const char *sentence)
{
    (void)context;
    log_note("%s", sentence);
}

/* What is odd in clip.conf: loading does without it. */
static void inspect_conf(const struct clip_options *o, const char *name)
{
    char why[LIMIT_REASON];
    struct conf conf;
    struct buf text;
    int top = -1, dir = -1;

    buf_init(&text, LIMIT_CONF);
    if (folder_open(o->library, &top) == ERR_OK && folder_enter(top, name, &dir) == ERR_OK &&
        folder_read(dir, "clip.conf", &text) == ERR_OK)
        conf_parse(text.data, text.len, inspect_warn, NULL, &conf, why);
    buf_free(&text);
    if (dir >= 0)
        close(dir);
    if (top >= 0)
        close(top);
}

static double inspect_seconds(const struct clip *c)
{
    return (double)c->frames * c->fps.den / c->fps.num;
}

static void inspect_rendition(const struct clip *c, size_t i)
{
    const struct clip_rendition *r = &c->renditions[i];
    char size[24];

    snprintf(size, sizeof size, "%ux%u", r->index.width, r->index.height);
    printf("%6up  %-10s %8zu frames %9.1f MB  %7.1f KB a frame  %6.1f Mbit/s", r->height, size,
           r->index.count, (double)r->index.source_size / 1e6,
           (double)r->index.source_size / 1e3 / (double)r->index.count,
           (double)r->index.source_size * 8e-6 / (double)r->index.count * c->fps.num / c->fps.den);
    if (r->index.broken > 0)
        printf("  %" PRIu64 " broken", r->index.broken);
    putchar('\n');
}

int inspect_info(struct clip_options *o)
{
    struct clip *c = inspect_load(o, o->args[0]);
    char fps[FPS_TEXT];
    double seconds;

    if (c == NULL)
        return CLIP_FAILED;
    inspect_conf(o, o->args[0]);
    fps_format(c->fps, fps);
    seconds = inspect_seconds(c);
    printf("name:   %s\ntitle:  %s\nfps:    %s\nframes: %zu\nlength: %u:%02u:%06.3f\n", c->name,
           c->title, fps, c->frames, (unsigned)seconds / 3600, (unsigned)seconds / 60 % 60,
           seconds - (double)((unsigned)seconds / 60 * 60));
    for (size_t i = 0; i < c->count; i++)
        inspect_rendition(c, i);
    clip_free(c);
    return CLIP_DONE;
}

int inspect_list(struct clip_options *o)
{
    const struct library lib = {.dir = o->library};
    struct library_names n;
    enum err e = library_list(&lib, &n);
    int code = CLIP_DONE;

    if (e != ERR_OK) {
        log_error("can't read the library '%s': %s", o->library,
                  e == ERR_UNKNOWN ? "it is not there" : err_text(e));
        return CLIP_FAILED;
    }
    for (size_t i = 0; i < n.count; i++) {
        struct clip *c = inspect_load(o, n.names[i]);
        char fps[FPS_TEXT];

        if (c == NULL) {
            code = CLIP_FAILED;
            continue;
        }
        fps_format(c->fps, fps);
        printf("%-20s %8.1f s  %s fps ", c->name, inspect_seconds(c), fps);
        for (size_t r = 0; r < c->count; r++)
            printf(" %up", c->heights[r]);
        printf("  %s\n", c->title);
        clip_free(c);
    }
    library_names_free(&n);
    return code;
}

/* What verifying one clip needs; planes are large enough for every rendition. */
struct inspect_check {
    const struct clip_options *options;
    const struct clip *clip;
    struct progress progress;
    tjhandle jpeg;
    uint8_t *frame;  /* LIMIT_FRAME bytes; owned */
    uint8_t *pixels; /* of a picture as YUV planes; owned */
    size_t done, all, broken;
    bool stopped;
};

/* NULL if the frame is whole, else what is wrong with it. */
static const char *inspect_decode(struct inspect_check *k, const struct clip_rendition *r,
                                  const struct index_entry *entry)
{
    int width, height, sampling, colours;

    if (entry->length == 0)
        return "its markers are broken";
    if (pread(r->fd, k->frame, entry->length, (off_t)entry->offset) != (ssize_t)entry->length)
        return "it can't be read";
    /* A warning of the library's is damage too: the picture is not what was made. */
    if (tjDecompressHeader3(k->jpeg, k->frame, entry->length, &width, &height, &sampling,
                            &colours) != 0)
        return tjGetErrorStr2(k->jpeg);
    if (width != (int)r->index.width || height != (int)r->index.height)
        return "its size is another";
    if (tjDecompress2(k->jpeg, k->frame, entry->length, k->pixels, width, 0, height, TJPF_GRAY,
                      0) != 0)
        return tjGetErrorStr2(k->jpeg);
    return NULL;
}

static bool inspect_check_rendition(struct inspect_check *k, const struct clip_rendition *r)
{
    uint64_t named = 0;

    k->pixels = malloc((size_t)r->index.width * r->index.height);
    for (size_t i = 0; k->pixels != NULL && !k->stopped && i < r->index.count; i++) {
        const char *wrong = inspect_decode(k, r, &r->index.entries[i]);

        if (wrong != NULL) {
            progress_end(&k->progress);
            printf("%up frame %zu: %s\n", r->height, i, wrong);
            k->broken++;
            named += r->index.entries[i].length == 0;
        }
        progress_show(&k->progress, ++k->done, k->all);
        k->stopped = signals_next(k->options->signals) != 0;
    }
    progress_end(&k->progress);
    if (!k->stopped && r->index.broken > named) {
        printf("%up: %" PRIu64 " places with bytes of no frame, or a cut-off end\n", r->height,
               r->index.broken - named);
        k->broken++;
    }
    free(k->pixels);
    return k->pixels != NULL;
}

static bool inspect_check_clip(struct inspect_check *k)
{
    bool ran = k->jpeg != NULL && k->frame != NULL;

    for (size_t i = 0; i < k->clip->count; i++)
        k->all += k->clip->renditions[i].index.count;
    progress_begin(&k->progress, "verifying");
    for (size_t i = 0; ran && !k->stopped && i < k->clip->count; i++)
        ran = inspect_check_rendition(k, &k->clip->renditions[i]);
    if (!ran)
        log_error("out of memory");
    else if (k->stopped)
        log_error("stopped");
    return ran && !k->stopped;
}

int inspect_verify(struct clip_options *o)
{
    struct clip *c = inspect_load(o, o->args[0]);
    struct inspect_check k = {.options = o, .clip = c};
    bool ran;

    if (c == NULL)
        return CLIP_FAILED;
    k.jpeg = tjInitDecompress();
    k.frame = malloc(LIMIT_FRAME);
    ran = inspect_check_clip(&k);
    if (ran && k.broken == 0)
        printf("%s: %zu renditions, %zu frames, all whole\n", c->name, c->count, k.done);
    else if (ran)
        log_error("%s: %zu broken", c->name, k.broken);
    free(k.frame);
    if (k.jpeg != NULL)
        tjDestroy(k.jpeg);
    clip_free(c);
    return ran && k.broken == 0 ? CLIP_DONE : CLIP_FAILED;
}

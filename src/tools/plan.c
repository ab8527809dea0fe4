#include "tools/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "video/library.h"

#define PLAN_QUALITY 85

/* A film's own height is worth a rendition if it has so much more than the one below. */
static bool plan_worth(unsigned own, unsigned below)
{
    return own >= below + below / 4;
}

static void plan_own(struct plan *p, unsigned own)
{
    own -= own % 2;
    if (own > LIMIT_HEIGHT)
        own = LIMIT_HEIGHT;
    p->heights[p->count++] = own < 2 ? 2 : own;
}

static void plan_heights(struct plan *p, const struct clip_options *o, unsigned own)
{
    static const unsigned usual[] = {240, 720, 1440};
    const unsigned *wanted = o->count > 0 ? o->heights : usual;
    size_t count = o->count > 0 ? o->count : sizeof usual / sizeof *usual;

    for (size_t i = 0; i < count; i++) {
        if (wanted[i] <= own || o->all_heights) {
            p->heights[p->count++] = wanted[i];
        } else if (o->count > 0) {
            p->left_out = wanted[i];
        } else if (p->count > 0 && plan_worth(own, p->heights[p->count - 1])) {
            plan_own(p, own);
            break;
        }
    }
    if (p->count == 0)
        plan_own(p, own);
}

static bool plan_widths(struct plan *p, const struct probe *film)
{
    for (size_t i = 0; i < p->count; i++) {
        uint64_t width = ((uint64_t)film->width * p->heights[i] / film->height + 1) / 2 * 2;

        if (width > LIMIT_WIDTH) {
            log_error("at %u lines the film would be %llu pixels wide, over the limit of %d",
                      p->heights[i], (unsigned long long)width, LIMIT_WIDTH);
            return false;
        }
        p->widths[i] = width < 2 ? 2 : (unsigned)width;
    }
    return true;
}

/* From busy films at scale 6: 12, 65 and 229 kB a frame at 240p, 720p and 1440p. */
static void plan_size(struct plan *p)
{
    uint64_t a_frame = 0;

    for (size_t i = 0; i < p->count; i++)
        a_frame += 6000 + (uint64_t)p->widths[i] * p->heights[i] * 62 / 1000;
    p->bytes = p->frames * a_frame * 6 / p->scale;
}

bool plan_make(struct plan *p, const struct clip_options *o, const struct probe *film)
{
    unsigned quality = o->quality > 0 ? o->quality : PLAN_QUALITY;

    *p = (struct plan){.fps = o->fps.num > 0 ? o->fps : film->fps};
    if (p->fps.num == 0) {
        log_error("the film does not say how many frames a second it has: give --fps F");
        return false;
    }
    p->frames = (uint64_t)(film->seconds * p->fps.num / p->fps.den + 0.5);
    if (p->frames > LIMIT_FRAMES) {
        log_error("the film has about %llu frames, over the limit of %d",
                  (unsigned long long)p->frames, LIMIT_FRAMES);
        return false;
    }
    p->scale = 2 + (100 - quality) * 29 / 99;
    plan_heights(p, o, film->height);
    if (!plan_widths(p, film))
        return false;
    plan_size(p);
    return true;
}

void plan_name(char out[static LIMIT_CLIP + 1], const char *film)
{
    const char *base = strrchr(film, '/'), *dot;
    size_t len, n = 0;

    base = base == NULL ? film : base + 1;
    dot = strrchr(base, '.');
    len = dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base);
    for (size_t i = 0; i < len && n < LIMIT_CLIP; i++) {
        char one[] = {base[i], 0};
        bool keep = n > 0 ? library_name_valid(one) || base[i] == '.'
                          : library_name_valid(one) && base[i] != '-';

        if (keep)
            out[n++] = base[i];
        else if (n > 0 && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n > 0 && (out[n - 1] == '-' || out[n - 1] == '.'))
        n--;
    out[n] = 0;
    if (n == 0)
        snprintf(out, LIMIT_CLIP + 1, "film");
}

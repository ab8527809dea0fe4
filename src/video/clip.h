/* A clip: one film in several renditions. Loading blocks and is meant for a worker thread; what is
 * loaded never changes again and may be read from any thread. */
#ifndef DEN_VIDEO_CLIP_H
#define DEN_VIDEO_CLIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "video/conf.h"
#include "video/index.h"
#include "video/library.h"
#include "video/schedule.h"

struct clip_rendition {
    unsigned height;    /* from the file's name: 720 for 720p.mjpeg */
    int fd;             /* owned, for pread */
    struct index index; /* frames' places, size of the pictures in pixels */
};

struct clip {
    char name[LIMIT_CLIP + 1];
    char title[LIMIT_TITLE + 1]; /* the name if clip.conf gives none */
    struct fraction fps;
    size_t frames;                      /* the smallest count of all renditions, at least 1 */
    size_t count;                       /* of renditions, at least 1 */
    unsigned heights[LIMIT_RENDITIONS]; /* rising; the same as in renditions */
    struct clip_rendition renditions[LIMIT_RENDITIONS];
};

/* Opens NAME in the library; an index that is missing or stale is made anew and saved beside its
 * rendition, else in the cache, else not at all. On failure *out is NULL and why is a sentence that
 * may be shown to a viewer (no paths of the host):
 *   ERR_UNKNOWN  no such clip, also for names that are none
 *   ERR_EMPTY    no rendition in it, or one without a frame
 *   ERR_FORMAT   clip.conf is missing or wrong
 *   ERR_LIMIT    too many renditions or frames
 *   ERR_STATE    stopped;  ERR_IO, ERR_MEMORY */
enum err clip_load(const struct library *lib, const char *name, struct clip **out,
                   char why[static LIMIT_REASON]);
/* Closes and frees; NULL is fine. */
void clip_free(struct clip *c);

/* Where frame i of that rendition lies. ERR_UNKNOWN: no such frame; ERR_BROKEN: it is damaged. */
enum err clip_frame(const struct clip *c, size_t rendition, size_t i, int64_t *offset,
                    size_t *length);
/* When frame i is due, in ns from the clip's start, rounded down; exact for every i up to
 * LIMIT_FRAMES. */
int64_t clip_pts_ns(const struct clip *c, size_t i);
/* The first frame that is due at or after that time; frames if none is. */
size_t clip_frame_at(const struct clip *c, int64_t pts_ns);

#endif

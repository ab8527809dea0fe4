/* Decoded pictures: a few buffers that are used again and again. Whoever owns the set guards it. */
#ifndef DEN_PLAYER_PICTURE_H
#define DEN_PLAYER_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "video/paint.h"

#define PICTURE_COUNT 5 /* decoded ahead, one that is shown, one that was just taken back */

struct picture {
    struct paint_planes planes;       /* of its decoded size, in memory */
    uint8_t *memory;                  /* owned */
    size_t capacity;                  /* bytes of it */
    unsigned full_width, full_height; /* of the JPEG: the shape to show */
    unsigned users;                   /* 0: free */
};

struct picture_set {
    struct picture all[PICTURE_COUNT];
};

/* A free one with users 1, or NULL. */
struct picture *picture_take(struct picture_set *set);
void picture_share(struct picture *p);
/* p may be NULL. */
void picture_release(struct picture *p);
/* Makes room for planes of that size and sampling (see struct paint_planes), each of which holds whole
 * samples of chroma; only while the caller alone uses it. */
enum err picture_size(struct picture *p, unsigned width, unsigned height, unsigned across,
                      unsigned down);
/* The plane's samples, to be written. */
uint8_t *picture_plane(const struct picture *p, size_t plane);
void picture_free_all(struct picture_set *set);

#endif
